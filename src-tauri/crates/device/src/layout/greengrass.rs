//! AWS IoT Greengrass v2: a claim as its fleet provisioning plug-in takes it, an identity as its installation with
//! manual provisioning does. Where AWS's pages put a file into a folder below the root, here all lie in the root.
//! <https://docs.aws.amazon.com/greengrass/v2/developerguide/fleet-provisioning-configuration.html>
//! <https://docs.aws.amazon.com/greengrass/v2/developerguide/manual-installation.html>

use std::fmt::Write;

use fieldkey_core::ports::Kind;
use fieldkey_core::site::quoted;
use fieldkey_core::{Bundle, ClaimBundle, Failure, Identity};

use super::{Files, Root, without_role_alias};

/// Where the nucleus is installed if nothing else is said.
pub(crate) const ROOT: &str = "/greengrass/v2";

/// MQTT's port, which need not be said.
const PORT: u16 = 8883;

pub(super) fn files(kind: Kind) -> Files {
    match kind {
        Kind::Claim => Files::plain("claim.pem.crt", "claim.private.pem.key", "config.yaml"),
        Kind::Identity => Files::plain("device.pem.crt", "private.pem.key", "config.yaml"),
    }
}

pub(super) fn config(bundle: &Bundle, files: &Files, root: &Root) -> Result<String, Failure> {
    match bundle {
        Bundle::Claim(claim) => of_claim(claim, files, root),
        Bundle::Identity(identity) => of_identity(identity, files, root),
    }
}

/// The nucleus's version is left to the one that is installed.
fn of_claim(claim: &ClaimBundle, files: &Files, root: &Root) -> Result<String, Failure> {
    let alias = claim.role_alias.as_ref().ok_or_else(without_role_alias)?;
    let mut yaml = Yaml::new();
    yaml.open(0, "services").open(1, "aws.greengrass.Nucleus").open(2, "configuration");
    yaml.text(3, "awsRegion", &claim.region);
    yaml.text(3, "iotRoleAlias", &alias.name);
    yaml.open(1, "aws.greengrass.FleetProvisioningByClaim").open(2, "configuration");
    yaml.text(3, "rootPath", root.path());
    yaml.text(3, "awsRegion", &claim.region);
    yaml.text(3, "iotDataEndpoint", &claim.endpoint.host);
    yaml.text(3, "iotCredentialEndpoint", &alias.host);
    yaml.text(3, "iotRoleAlias", &alias.name);
    yaml.text(3, "provisioningTemplate", &claim.template_name);
    yaml.text(3, "claimCertificatePath", &root.join(&files.certificate));
    yaml.text(3, "claimCertificatePrivateKeyPath", &root.join(files.key()));
    yaml.text(3, "rootCaPath", &root.join(&files.ca));
    if claim.endpoint.port != PORT {
        yaml.number(3, "mqttPort", claim.endpoint.port);
    }
    yaml.open(3, "templateParameters");
    for (name, value) in &claim.parameters {
        yaml.text(4, &quoted(name), value);
    }
    Ok(yaml.0)
}

fn of_identity(identity: &Identity, files: &Files, root: &Root) -> Result<String, Failure> {
    let alias = identity.role_alias.as_ref().ok_or_else(without_role_alias)?;
    let mut yaml = Yaml::new();
    yaml.open(0, "system");
    yaml.text(1, "certificateFilePath", &root.join(&files.certificate));
    yaml.text(1, "privateKeyPath", &root.join(files.key()));
    yaml.text(1, "rootCaPath", &root.join(&files.ca));
    yaml.text(1, "rootpath", root.path());
    yaml.text(1, "thingName", &identity.thing_name);
    yaml.open(0, "services").open(1, "aws.greengrass.Nucleus");
    yaml.text(2, "componentType", "NUCLEUS");
    yaml.open(2, "configuration");
    yaml.text(3, "awsRegion", &identity.region);
    yaml.text(3, "iotRoleAlias", &alias.name);
    yaml.text(3, "iotDataEndpoint", &identity.endpoint.host);
    yaml.text(3, "iotCredEndpoint", &alias.host);
    if identity.endpoint.port != PORT {
        yaml.open(3, "mqtt").number(4, "port", identity.endpoint.port);
    }
    Ok(yaml.0)
}

/// Mappings of mappings, which is all that is written here. A JSON string is a YAML scalar.
struct Yaml(String);

impl Yaml {
    fn new() -> Self {
        Self("---\n".into())
    }

    fn line(&mut self, depth: usize, key: &str, value: &str) -> &mut Self {
        // Writing into a string cannot fail.
        let _ = writeln!(self.0, "{:1$}{key}:{value}", "", 2 * depth);
        self
    }

    fn open(&mut self, depth: usize, key: &str) -> &mut Self {
        self.line(depth, key, "")
    }

    fn text(&mut self, depth: usize, key: &str, value: &str) -> &mut Self {
        self.line(depth, key, &format!(" {}", quoted(value)))
    }

    fn number(&mut self, depth: usize, key: &str, value: u16) -> &mut Self {
        self.line(depth, key, &format!(" {value}"))
    }
}
