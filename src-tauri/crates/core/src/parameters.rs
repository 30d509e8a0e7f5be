//! The parameters of a provisioning template.

use std::collections::BTreeMap;

use crate::{Code, Failure, SerialNumber, Step, Why};

/// The parameter that names the device.
const SERIAL_NUMBER: &str = "SerialNumber";

/// What is given, and the serial number.
///
/// # Errors
/// `usage` for parameters that AWS IoT sets itself, and for a second serial number.
pub(crate) fn of_template(
    given: &BTreeMap<String, String>,
    serial: &SerialNumber,
) -> Result<BTreeMap<String, String>, Failure> {
    let mut parameters = given.clone();
    if let Some(reserved) = parameters.keys().find(|key| key.starts_with("AWS::")) {
        let why = Why::new("AWS IoT sets it itself", "AWS IoT が設定するパラメーターです");
        return Err(Failure::new(Code::Usage).about(reserved).because_of(why).at(Step::Site));
    }
    match parameters.insert(SERIAL_NUMBER.into(), serial.as_str().into()) {
        Some(other) if other != serial.as_str() => Err(Failure::new(Code::Usage)
            .about(SERIAL_NUMBER)
            .because_of(Why::new("given twice, with two values", "異なる値で 2 回指定されています"))
            .at(Step::Site)),
        _ => Ok(parameters),
    }
}
