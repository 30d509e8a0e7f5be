'use strict';
// The site's certificate API. What it promises is written in docs/certificate-api.md.

const { AsyncLocalStorage } = require('node:async_hooks');
const { X509Certificate, createHash, createPublicKey, verify } = require('node:crypto');
const { setTimeout: pause } = require('node:timers/promises');
const { IoT } = require('@aws-sdk/client-iot');

const { POLICY_NAME, SERIAL_NUMBER_PATTERN, THING_NAME_PREFIX } = process.env;
const serialNumbers = new RegExp(`^(?:${SERIAL_NUMBER_PATTERN})$`);
const TAKE_BACK_WITHIN = 60 * 60 * 1000;

const [REQUEST_TAKES, UNDOING_TAKES, ANSWERING_TAKES] = [30_000, 12_000, 1000];
const clock = new AsyncLocalStorage();

const client = (maxAttempts, requestTimeout) =>
  new IoT({ maxAttempts, requestHandler: { connectionTimeout: 1000, requestTimeout, throwOnRequestTimeout: true } });
const iot = client(2, 4000);
// Asked twice, AWS IoT makes a second certificate, or finds the first one in its way.
const iotOnce = client(1, 8000);

const routes = {
  'POST /things/{thingName}/certificates': create,
  'PATCH /things/{thingName}/certificates/{certificateId}': setStatus,
  'DELETE /things/{thingName}/certificates/{certificateId}': remove,
};

exports.handler = async (event, context) => {
  const { claims } = event.requestContext.authorizer.jwt;
  const { thingName, certificateId } = event.pathParameters;
  const log = {
    time: new Date().toISOString(),
    requestId: event.requestContext.requestId,
    sub: claims.sub,
    email: claims.email,
    change: event.routeKey.split(' ')[0],
    thingName,
    certificateId,
  };
  let answer;
  try {
    const groups = groupsIn(claims);
    const helpdesk = groups.includes('helpdesk');
    if (!helpdesk && !groups.includes('installers')) {
      throw new Problem('not-allowed', 'You are in no group that may change certificates');
    }
    if (!isThingName(thingName)) {
      throw new Problem('thing-name-invalid', `A thing of this site is named ${THING_NAME_PREFIX} and a serial number`);
    }
    const request = { event, thingName, certificateId, helpdesk, log };
    answer = await clock.run({ context, reserve: ANSWERING_TAKES }, () => routes[event.routeKey](request));
    log.outcome = 'done';
  } catch (error) {
    const problem = problemOf(error, log);
    answer = problem.answer();
    log.outcome ??= problem.status < 429 ? 'refused' : 'failed';
    log.code = problem.code;
  }
  log.status = answer.statusCode;
  // Not by console.log, which would make a string inside of a JSON object of it.
  process.stdout.write(`${JSON.stringify(log)}\n`);
  return answer;
};

// API Gateway writes a claim that is a list as `[installers helpdesk]`. The names of groups hold no blanks.
function groupsIn(claims) {
  const groups = claims['cognito:groups'] ?? [];
  if (claims.token_use !== 'id') throw new Problem('not-allowed', 'Send the ID token');
  return Array.isArray(groups) ? groups : groups.replace(/^\[(.*)\]$/, '$1').split(' ');
}

function isThingName(name) {
  return (
    /^[a-zA-Z0-9:_-]{1,128}$/.test(name) &&
    name.startsWith(THING_NAME_PREFIX) &&
    serialNumbers.test(name.slice(THING_NAME_PREFIX.length))
  );
}

// ---- The changes ----

function create(request) {
  const body = bodyOf(request.event, ['csr', 'certificatePem', 'status']);
  if ((body.csr === undefined) === (body.certificatePem === undefined)) {
    throw new Problem('usage', 'Send either csr or certificatePem');
  }
  return body.csr === undefined ? register(request, body) : issue(request, body);
}

async function issue({ thingName, log }, { csr, status }) {
  log.change = 'issue';
  if (status !== undefined) throw new Problem('usage', 'What is made from a CSR is ACTIVE: send no status');
  const asked = certificateRequest(csr);
  const there = await certificatesOf(thingName);
  const before = there.filter(({ certificatePem }) => new X509Certificate(certificatePem).publicKey.equals(asked.key));
  // The answer to the same CSR was lost. What somebody switched off is not for the device to switch on.
  const working = before.find((one) => one.status === 'ACTIVE' && isOurs(one));
  if (working) {
    const { certificateId, certificatePem } = working;
    log.certificateId = certificateId;
    return json(200, { thingName, certificateId, certificatePem, status: 'ACTIVE' });
  }
  if (before.length > 0) throw await duplicate(before[0]);
  checkThing(there);

  const made = await make(thingName, 'ACTIVE', log, async (undo) => {
    const input = { certificateSigningRequest: asked.pem, setAsActive: false };
    const certificate = await call('createCertificateFromCsr', input, iotOnce);
    undo.push(() => deleteCertificate(certificate.certificateId));
    return certificate;
  });
  const { certificateId, certificatePem } = made;
  return json(201, { thingName, certificateId, certificatePem, status: 'ACTIVE' });
}

async function register({ thingName, log }, { certificatePem, status = 'INACTIVE' }) {
  log.change = 'register';
  checkStatus(status);
  const { pem, certificateId } = certificate(certificatePem);
  log.certificateId = certificateId;
  const before = await describe(certificateId);
  // So a registration that was cut leaves it; a younger one another request may be at.
  const cut = before && Date.now() - before.creationDate > REQUEST_TAKES && (await isBare(before));
  if (before && !cut) throw await duplicate(before);
  checkThing(await certificatesOf(thingName));

  const input = { certificatePem: pem, status: 'INACTIVE' };
  await make(thingName, status, log, cut ? before : async (undo) => {
    const made = await call('registerCertificateWithoutCA', input, iotOnce).catch(async (error) => {
      const there = error.name === 'ResourceAlreadyExistsException' && (await describe(certificateId));
      if (there) throw await duplicate(there);
      // Refused is not made. Without an answer it may be ours, or another request's.
      if (!(error.$metadata?.httpStatusCode < 500)) {
        undo.push(async () => {
          const left = await describe(certificateId);
          if (left && (await isBare(left))) await deleteCertificate(certificateId);
        });
      }
      throw error;
    });
    undo.push(() => deleteCertificate(certificateId));
    return made;
  });
  return json(201, { thingName, certificateId, status });
}

// Whether a thing of this prefix is this site's: another site's prefix might begin with this one.
function checkThing(certificates) {
  if (certificates.length > 0 && !certificates.some(isOurs)) {
    throw new Problem('not-allowed', 'The thing has certificates, and none of them has the policy of this site');
  }
}

// A step that failed may have been done all the same, so it is undone with those before it.
// `creation` makes the certificate, or is one that is kept.
async function make(thingName, status, log, creation) {
  const undo = [];
  const kept = typeof creation === 'object';
  // Of one that is deleted, the deletion tells whether it is detached and inactive again.
  const undoBy = (...step) => undo.push(() => (kept ? call(...step) : call(...step).catch(() => {})));
  const time = clock.getStore();
  time.reserve = UNDOING_TAKES;
  try {
    const made = kept ? creation : await creation(undo);
    const { certificateId, certificateArn } = made;
    log.certificateId = certificateId;
    const attached = { policyName: POLICY_NAME, target: certificateArn };
    if (kept) undoBy('detachPolicy', attached);
    await call('attachPolicy', attached);
    if (!(await unlessMissing(call('describeThing', { thingName })))) {
      undo.push(() => deleteUnused(thingName, certificateArn));
      await call('createThing', { thingName }).catch((error) => {
        if (error.name !== 'ResourceAlreadyExistsException') throw error;
        undo.pop();
      });
    }
    undoBy('detachThingPrincipal', { thingName, principal: certificateArn });
    await call('attachThingPrincipal', { thingName, principal: certificateArn });
    if (status === 'ACTIVE') {
      undoBy('updateCertificate', { certificateId, newStatus: 'INACTIVE' });
      await call('updateCertificate', { certificateId, newStatus: 'ACTIVE' });
    }
    return made;
  } catch (error) {
    time.reserve = ANSWERING_TAKES;
    if (undo.length > 0) log.outcome = 'undone';
    for (const step of undo.reverse()) {
      await unlessMissing(step()).catch((left) => {
        log.outcome = 'left';
        log.left = [...(log.left ?? []), `${left.operation}: ${left.name}`];
      });
    }
    throw error;
  }
}

async function setStatus({ event, thingName, certificateId, helpdesk, log }) {
  if (!helpdesk) throw new Problem('not-allowed', 'Only the help desk switches certificates on and off');
  const { status } = bodyOf(event, ['status']);
  checkStatus(status);
  log.change = status === 'ACTIVE' ? 'activate' : 'deactivate';
  const principal = (await principalsOf(thingName)).find((arn) => arn.endsWith(`:cert/${certificateId}`));
  if (!principal || !(await policiesOf(principal)).includes(POLICY_NAME)) throw notFound();
  if (status === 'INACTIVE') checkShared(await thingsOf(principal), thingName);
  await call('updateCertificate', { certificateId, newStatus: status });
  return json(200, { thingName, certificateId, status });
}

async function remove({ event, thingName, certificateId, helpdesk, log }) {
  log.change = 'delete';
  const { csr } = bodyOf(event, ['csr']);
  if (!helpdesk && csr === undefined) {
    throw new Problem('not-allowed', 'Only the help desk deletes certificates; with their CSR new ones are taken back');
  }
  const asked = csr === undefined ? undefined : certificateRequest(csr);

  const found = /^[0-9a-f]{64}$/.test(certificateId) ? await describe(certificateId) : undefined;
  if (!found) throw notFound();
  const principal = found.certificateArn;
  const things = await thingsOf(principal);
  const policies = await policiesOf(principal);
  // So a deletion that was cut leaves it, and the making of a certificate that was cut.
  const halfDeleted = things.length === 0 && found.status === 'INACTIVE';
  if (!policies.includes(POLICY_NAME) || !(things.includes(thingName) || halfDeleted)) throw notFound();
  if (asked && !new X509Certificate(found.certificatePem).publicKey.equals(asked.key)) {
    throw new Problem('not-allowed', 'The certificate was not made for this CSR');
  }
  if (!helpdesk && !(Date.now() - found.creationDate < TAKE_BACK_WITHIN)) {
    throw new Problem('not-allowed', 'The certificate is too old to be taken back; the help desk can delete it');
  }
  checkShared(things, thingName);

  if (found.status === 'ACTIVE') await call('updateCertificate', { certificateId, newStatus: 'INACTIVE' });
  for (const policyName of policies.filter((name) => name !== POLICY_NAME)) {
    await unlessMissing(call('detachPolicy', { policyName, target: principal }));
  }
  if (!halfDeleted) await call('detachThingPrincipal', { thingName, principal });
  await unlessMissing(deleteCertificate(certificateId));
  return { statusCode: 204 };
}

function checkShared(things, thingName) {
  const others = things.filter((name) => name !== thingName);
  if (others.length > 0) throw new Problem('certificate-shared', 'Other things use this certificate', namesOf(others));
}

// ---- The registry ----

function timeLeft() {
  const time = clock.getStore();
  return time.context.getRemainingTimeInMillis() - time.reserve;
}

async function call(operation, input, client = iot) {
  try {
    const left = timeLeft();
    if (left <= 0) throw Object.assign(new Error(), { name: 'TimeoutError' });
    return await client[operation](input, { abortSignal: AbortSignal.timeout(left) });
  } catch (error) {
    error.operation = operation;
    throw error;
  }
}

function unlessMissing(answer) {
  return answer.catch((error) => {
    if (error.name !== 'ResourceNotFoundException') throw error;
  });
}

async function all(operation, input, member) {
  const found = [];
  let nextToken;
  do {
    const page = await call(operation, { ...input, nextToken });
    found.push(...page[member]);
    nextToken = page.nextToken;
  } while (nextToken);
  return found;
}

const thingsOf = (principal) => all('listPrincipalThings', { principal }, 'things');

const principalsOf = async (thingName) =>
  (await unlessMissing(all('listThingPrincipals', { thingName }, 'principals'))) ?? [];

const describe = async (certificateId) =>
  (await unlessMissing(call('describeCertificate', { certificateId })))?.certificateDescription;

// There are ten at most.
const policiesOf = async (target) =>
  (await call('listAttachedPolicies', { target })).policies.map(({ policyName }) => policyName);

// Takes the policies that are still attached with it.
const deleteCertificate = (certificateId) => whenDetached('deleteCertificate', { certificateId, forceDelete: true });

// Another request may have attached its certificate to the thing that this one made.
async function deleteUnused(thingName, own) {
  const isUsed = async () => (await principalsOf(thingName)).some((arn) => arn !== own);
  if (await isUsed()) return;
  await whenDetached('deleteThing', { thingName }, 1000).catch(async (error) => {
    if (error.name !== 'InvalidRequestException' || !(await isUsed())) throw error;
  });
}

// AWS IoT answers that it has detached a thing before it has.
async function whenDetached(operation, input, longest = 4000) {
  for (let wait = 250; ; wait *= 2) {
    try {
      return await call(operation, input);
    } catch (error) {
      const conflict = ['DeleteConflictException', 'InvalidRequestException'].includes(error.name);
      if (!conflict || wait > Math.min(longest, timeLeft())) throw error;
    }
    await pause(wait);
  }
}

async function certificatesOf(thingName) {
  const found = [];
  for (const arn of await principalsOf(thingName)) {
    const one = arn.includes(':cert/') && (await describe(arn.split(':cert/')[1]));
    if (one) found.push({ ...one, policies: await policiesOf(arn) });
  }
  return found;
}

const isOurs = ({ policies }) => policies.includes(POLICY_NAME);

const isBare = async ({ certificateArn, status }) =>
  status === 'INACTIVE' &&
  (await thingsOf(certificateArn)).length === 0 &&
  (await policiesOf(certificateArn)).length === 0;

// ---- What is sent ----

function bodyOf(event, members) {
  let body;
  try {
    body = JSON.parse(event.isBase64Encoded ? Buffer.from(event.body, 'base64').toString() : event.body || '{}');
  } catch {
    throw new Problem('usage', 'The body is not JSON');
  }
  if (typeof body !== 'object' || body === null || Object.keys(body).some((name) => !members.includes(name))) {
    throw new Problem('usage', `The body is a JSON object of ${members.join(', ')}`);
  }
  return body;
}

function checkStatus(status) {
  if (!['ACTIVE', 'INACTIVE'].includes(status)) throw new Problem('usage', 'The status is ACTIVE or INACTIVE');
}

function certificateRequest(text) {
  const der = fromPem(text, '(?:NEW )?CERTIFICATE REQUEST', 4096);
  const { signed, algorithm, signature, key } = readable(() => {
    const { signed, algorithm, signature } = signedObject(der);
    const version = element(signed.content, INTEGER);
    const subject = element(version.rest, SEQUENCE);
    const key = createPublicKey({ key: element(subject.rest, SEQUENCE).whole, format: 'der', type: 'spki' });
    return { signed, algorithm, signature, key };
  });
  checkKey(key);
  const [type, hash] = algorithmOf(algorithm);
  if (type !== key.asymmetricKeyType || !verify(hash, signed.whole, key, signature)) {
    throw new Problem('certificate-invalid', 'The CSR is not signed with its own key');
  }
  return { key, pem: toPem(der, 'CERTIFICATE REQUEST') };
}

function certificate(text) {
  const der = fromPem(text, 'CERTIFICATE', 65536);
  checkKey(readable(() => new X509Certificate(der).publicKey));
  algorithmOf(readable(() => signedObject(der)).algorithm);
  const certificateId = createHash('sha256').update(der).digest('hex');
  return { pem: toPem(der, 'CERTIFICATE'), certificateId };
}

function checkKey(key) {
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails;
  const curves = ['prime256v1', 'secp384r1', 'secp521r1'];
  if (key.asymmetricKeyType === 'rsa' ? modulusLength < 2048 : !curves.includes(namedCurve)) {
    const supported = 'RSA of 2048 bits or more, or EC P-256, P-384 or P-521';
    throw new Problem('certificate-unsupported', `The key must be ${supported}`);
  }
}

// By the object identifiers, as DER writes them: the RSA ones of RFC 8017, and ECDSA of RFC 5758.
const algorithms = {
  '2a864886f70d01010b': ['rsa', 'sha256'],
  '2a864886f70d01010c': ['rsa', 'sha384'],
  '2a864886f70d01010d': ['rsa', 'sha512'],
  '2a8648ce3d040302': ['ec', 'sha256'],
  '2a8648ce3d040303': ['ec', 'sha384'],
  '2a8648ce3d040304': ['ec', 'sha512'],
};

function algorithmOf(identifier) {
  const found = algorithms[identifier];
  if (!found) {
    throw new Problem('certificate-unsupported', 'It must be signed by RSA or ECDSA with SHA-256, SHA-384 or SHA-512');
  }
  return found;
}

function readable(read) {
  try {
    return read();
  } catch {
    throw new Problem('certificate-invalid', 'It cannot be read');
  }
}

function fromPem(text, label, longest) {
  if (typeof text !== 'string') throw new Problem('usage', 'A PEM is a string');
  const block = new RegExp(`-----BEGIN ${label}-----([A-Za-z0-9+/=\\s]+)-----END ${label}-----`, 'g');
  const blocks = text.length > longest ? [] : [...text.matchAll(block)];
  if (blocks.length !== 1) {
    throw new Problem('certificate-invalid', `Send one PEM of at most ${longest} characters`);
  }
  return Buffer.from(blocks[0][1], 'base64');
}

function toPem(der, label) {
  return `-----BEGIN ${label}-----\n${der.toString('base64').replace(/.{1,64}/g, '$&\n')}-----END ${label}-----\n`;
}

const [INTEGER, BIT_STRING, OBJECT_IDENTIFIER, SEQUENCE] = [0x02, 0x03, 0x06, 0x30];

// A certificate and a CSR alike: what is signed, the algorithm, the signature.
function signedObject(der) {
  const outer = element(der, SEQUENCE);
  const signed = element(outer.content, SEQUENCE);
  const algorithm = element(signed.rest, SEQUENCE);
  const signature = element(algorithm.rest, BIT_STRING);
  if (outer.rest.length > 0 || signature.rest.length > 0 || signature.content[0] !== 0) throw new Error('not DER');
  return {
    signed,
    algorithm: element(algorithm.content, OBJECT_IDENTIFIER).content.toString('hex'),
    signature: signature.content.subarray(1),
  };
}

function element(bytes, tag) {
  const long = bytes[1] >= 0x80;
  const start = long ? 2 + bytes[1] - 0x80 : 2;
  const end = start + (long ? bytes.readUIntBE(2, start - 2) : bytes[1]);
  if (bytes[0] !== tag || !(end <= bytes.length)) throw new Error('not DER');
  return { whole: bytes.subarray(0, end), content: bytes.subarray(start, end), rest: bytes.subarray(end) };
}

// ---- What is answered ----

const problems = {
  usage: [400, 'The request cannot be read'],
  'thing-name-invalid': [400, 'Not a thing of this site'],
  'certificate-invalid': [400, 'The certificate or CSR cannot be read'],
  'certificate-unsupported': [400, 'AWS IoT does not take this key or signature'],
  'not-allowed': [403, 'Not allowed'],
  'certificate-not-found': [404, 'The thing has no such certificate'],
  'certificate-duplicate': [409, 'The certificate is registered already'],
  'certificate-shared': [409, 'The certificate is not of this thing alone'],
  throttled: [429, 'Too many requests'],
  'service-error': [502, 'AWS IoT did not do it'],
};

class Problem extends Error {
  constructor(code, detail, members) {
    super(code);
    [this.status, this.title] = problems[code];
    Object.assign(this, { code, detail, members });
  }

  answer() {
    const { status, title, detail, code, members } = this;
    const answer = json(status, { type: 'about:blank', title, status, detail, code, ...members });
    answer.headers['content-type'] = 'application/problem+json';
    if (code === 'throttled') answer.headers['retry-after'] = '2';
    return answer;
  }
}

function json(statusCode, body) {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };
  return { statusCode, headers, body: JSON.stringify(body) };
}

const notFound = () => new Problem('certificate-not-found', 'No such certificate is attached to this thing');

async function duplicate({ certificateId, certificateArn, status }) {
  const names = namesOf(await thingsOf(certificateArn));
  // In a problem, `status` is that of HTTP.
  const members = { certificateId, certificateStatus: status, ...names };
  return new Problem('certificate-duplicate', `It is registered already and ${status}`, members);
}

// Another site's things are counted, not named.
function namesOf(things) {
  const thingNames = things.filter((name) => name.startsWith(THING_NAME_PREFIX));
  return { thingNames, otherThings: things.length - thingNames.length };
}

// Messages of AWS, and of mistakes in here, are for nobody: they may quote what was sent.
function problemOf(error, log) {
  if (error instanceof Problem) return error;
  const { operation, name } = error;
  Object.assign(log, { operation, error: name });
  if (!operation) log.at = error.stack?.split('\n').find((line) => line.startsWith('    at '))?.trim();
  const after = { undone: '; all was undone', left: '; something was left behind, see the log' }[log.outcome] ?? '';
  if (name === 'ThrottlingException' || error.$metadata?.httpStatusCode === 429) {
    return new Problem('throttled', `AWS IoT does no more at once${after}`);
  }
  const making = ['createCertificateFromCsr', 'registerCertificateWithoutCA'].includes(operation);
  if (making && ['InvalidRequestException', 'CertificateValidationException'].includes(name)) {
    return new Problem('certificate-unsupported', 'AWS IoT refused it');
  }
  return new Problem('service-error', `${operation ?? 'The API'} failed with ${name}${after}`);
}
