'use strict';
const pattern = new RegExp(`^(?:${process.env.SERIAL_NUMBER_PATTERN})$`);

// Your own rule goes here: is this a device you built, and not one reported stolen?
async function isOurs(serialNumber) {
  return true;
}

exports.handler = async ({ parameters, claimCertificateId, certificateId }) => {
  const serialNumber = parameters?.SerialNumber;
  const allowProvisioning =
    typeof serialNumber === 'string' && pattern.test(serialNumber) && (await isOurs(serialNumber));
  console.log({ allowProvisioning, serialNumber, claimCertificateId, certificateId });
  return { allowProvisioning };
};
