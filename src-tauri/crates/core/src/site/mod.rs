//! The site file: one deployment of the stack, as JSON without secrets.

mod check;
mod layout;
pub mod outputs;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use check::parse;
pub use layout::{ConfigFile, ConfigFormat, Encoding, FileNames, KeyForm, SiteLayout, Values, quoted};

pub use crate::mistakes::Problem;
use crate::x509::{KeyType, Subject};

/// One deployment of the stack in one AWS account and region.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(title = "Fieldkey site file")]
pub struct Site {
    /// What operators call the site.
    #[schemars(length(min = 1, max = 100))]
    pub name: String,
    /// AWS region, such as `ap-northeast-1`.
    #[schemars(regex(pattern = r"^[a-z]{2,4}(-[a-z]+)+-[0-9]$"))]
    pub region: String,
    /// Cognito user pool, such as `ap-northeast-1_AbCdEf123`.
    #[schemars(regex(pattern = r"^[0-9A-Za-z_-]+_[0-9a-zA-Z]+$"))]
    pub user_pool_id: String,
    /// App client of the user pool, with USER_SRP_AUTH on.
    #[schemars(regex(pattern = r"^[0-9A-Za-z_+]{1,128}$"))]
    pub user_pool_client_id: String,
    /// Cognito identity pool, such as `ap-northeast-1:0a1b2c3d-…`.
    #[schemars(regex(pattern = r"^[0-9A-Za-z_-]+:[0-9a-fA-F-]+$"))]
    pub identity_pool_id: String,
    /// Provisioning template of AWS IoT.
    #[schemars(regex(pattern = r"^[0-9A-Za-z_-]{1,36}$"))]
    pub provisioning_template_name: String,
    /// What the template puts before the serial number to name the thing.
    #[schemars(regex(pattern = r"^[a-zA-Z0-9:_-]{0,127}$"))]
    pub thing_name_prefix: String,
    /// Regular expression that a serial number must match.
    pub serial_number_pattern: String,
    /// The site's certificate API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    #[schemars(url)]
    pub certificate_api_url: Option<String>,
    /// What kind of key is made for an identity; P-256 if it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "KeyType")]
    pub key_type: Option<KeyType>,
    /// The subject of the CSRs made for this site; the common name is always the thing's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Subject")]
    pub certificate_subject: Option<Subject>,
    /// Role alias for temporary AWS credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    #[schemars(regex(pattern = r"^[0-9A-Za-z_=,@-]{1,128}$"))]
    pub role_alias: Option<String>,
    /// Where devices connect; DescribeEndpoint is asked if it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    #[schemars(regex(pattern = r"^[A-Za-z0-9.-]{1,253}$"))]
    pub data_endpoint: Option<String>,
    /// Where devices fetch temporary credentials; DescribeEndpoint is asked if it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    #[schemars(regex(pattern = r"^[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?$"))]
    pub credentials_endpoint: Option<String>,
    /// A PEM file beside the site file, trusted besides the Amazon roots.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    #[schemars(length(min = 1, max = 255))]
    pub ca_file: Option<String>,
    /// How this site's devices want their files on a drive; as the driver `drive` writes them if it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "SiteLayout")]
    pub layout: Option<SiteLayout>,
    /// Other addresses than AWS's own, for a local cloud.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Endpoints")]
    pub endpoints: Option<Endpoints>,
}

/// Addresses of a local cloud.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Endpoints {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    #[schemars(url)]
    pub cognito_idp: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    #[schemars(url)]
    pub cognito_identity: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    #[schemars(url)]
    pub iot: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    #[schemars(url)]
    pub sts: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    #[schemars(url)]
    pub s3: Option<String>,
    /// Where devices speak MQTT; 8883 if it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u16")]
    #[schemars(range(min = 1))]
    pub mqtt_port: Option<u16>,
    /// Where they find MQTT by ALPN when that port is blocked; 443 if it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u16")]
    #[schemars(range(min = 1))]
    pub mqtt_alpn_port: Option<u16>,
}

impl Site {
    /// The port on which devices speak MQTT with TLS.
    pub fn mqtt_port(&self) -> u16 {
        self.endpoints.as_ref().and_then(|e| e.mqtt_port).unwrap_or(8883)
    }

    /// The port that also serves MQTT, to those who ask for it by ALPN.
    pub fn mqtt_alpn_port(&self) -> u16 {
        self.endpoints.as_ref().and_then(|e| e.mqtt_alpn_port).unwrap_or(443)
    }
}

/// The JSON Schema that `docs/site.schema.json` publishes.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Site).to_value()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) const TEXT: &str = r#"{
  "name": "Tokyo plant",
  "region": "ap-northeast-1",
  "userPoolId": "ap-northeast-1_AbCdEf123",
  "userPoolClientId": "1h57kf5cpq17m0eml12EXAMPLE",
  "identityPoolId": "ap-northeast-1:0a1b2c3d-0000-4000-8000-0123456789ab",
  "provisioningTemplateName": "fieldkey",
  "thingNamePrefix": "Fleet_Index_",
  "serialNumberPattern": "^[A-Za-z0-9_-]{1,64}$"
}"#;

    pub(crate) fn site() -> Site {
        parse(TEXT).expect("the example of the contract is valid")
    }

    #[test]
    fn the_published_schema_is_the_code_s() {
        crate::mistakes::is_published("site.schema.json", &schema());
    }

    #[test]
    fn a_site_survives_being_written_and_read() {
        let written = serde_json::to_string(&site()).expect("JSON");
        assert_eq!(parse(&written).expect("our own output"), site());
    }
}
