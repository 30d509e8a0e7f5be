//! AWS IoT Device Client: `aws-iot-device-client.conf` and what it names.
//! <https://github.com/awslabs/aws-iot-device-client/blob/main/docs/CONFIG.md>,
//! `source/config/Config.h` for the keys, `docs/PERMISSIONS.md` for who may read what.

use fieldkey_core::ports::Kind;
use fieldkey_core::{Bundle, Code, Failure};
use serde::Serialize;

use super::{Files, Part, Root};

/// Where the client looks for its settings when it runs as a service.
pub(crate) const ROOT: &str = "/etc/.aws-iot-device-client";

const CONFIG: &str = "aws-iot-device-client.conf";

pub(super) fn files(kind: Kind) -> Files {
    match kind {
        Kind::Claim => Files::plain("claim.pem.crt", "claim.private.pem.key", CONFIG),
        Kind::Identity => Files::plain("device.pem.crt", "private.pem.key", CONFIG),
    }
}

/// The client refuses a key that others may read, and a certificate that they may not.
pub(super) fn mode(part: Part) -> u32 {
    match part {
        Part::PrivateKey => 0o600,
        Part::Certificate | Part::Ca => 0o644,
        Part::Settings => 0o640,
    }
}

/// What the client leaves out has its own defaults. It has no key for the port.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Config<'a> {
    endpoint: &'a str,
    cert: String,
    key: String,
    root_ca: String,
    thing_name: &'a str,
    fleet_provisioning: FleetProvisioning<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct FleetProvisioning<'a> {
    enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    template_name: Option<&'a str>,
    /// A JSON object, written as a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    template_parameters: Option<String>,
}

pub(super) fn config(bundle: &Bundle, files: &Files, root: &Root) -> Result<String, Failure> {
    let written = |error: serde_json::Error| Failure::new(Code::ServiceError).about(CONFIG).because(error.to_string());
    let (endpoint, thing_name, fleet_provisioning) = match bundle {
        Bundle::Claim(claim) => {
            let parameters = serde_json::to_string(&claim.parameters).map_err(written)?;
            let fleet_provisioning = FleetProvisioning {
                enabled: true,
                template_name: Some(&claim.template_name),
                template_parameters: Some(parameters),
            };
            (&claim.endpoint, &claim.thing_name, fleet_provisioning)
        }
        Bundle::Identity(identity) => {
            let none = FleetProvisioning { enabled: false, template_name: None, template_parameters: None };
            (&identity.endpoint, &identity.thing_name, none)
        }
    };
    let config = Config {
        endpoint: &endpoint.host,
        cert: root.join(&files.certificate),
        key: root.join(files.key()),
        root_ca: root.join(&files.ca),
        thing_name,
        fleet_provisioning,
    };
    serde_json::to_string_pretty(&config).map_err(written)
}
