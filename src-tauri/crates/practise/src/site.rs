//! The built-in site file. Its addresses are of `.example` (RFC 2606), its region is none of AWS's: nothing of it can
//! be reached.

use fieldkey_core::{Code, Failure, Language, Site, Why, site};

const TEXT: &str = r#"{
  "name": "Practise / 練習",
  "region": "xx-practise-1",
  "userPoolId": "xx-practise-1_PRACTISE",
  "userPoolClientId": "practise",
  "identityPoolId": "xx-practise-1:00000000-0000-4000-8000-000000000000",
  "provisioningTemplateName": "practise",
  "thingNamePrefix": "Practise_",
  "serialNumberPattern": "^[A-Za-z0-9_-]{1,64}$",
  "certificateApiUrl": "https://certificates.practise.example",
  "roleAlias": "practise",
  "dataEndpoint": "iot.practise.example",
  "credentialsEndpoint": "credentials.practise.example"
}"#;

/// The policy on every certificate of this site.
pub(crate) const POLICY: &str = "practise-device";

/// # Errors
/// `site-invalid` if the text above does not fit core's rules any more.
pub(crate) fn site() -> Result<Site, Failure> {
    site::parse(TEXT).map_err(|problems| {
        let words = |language| problems.first().map(|problem| problem.words(language)).unwrap_or_default();
        let why = Why::new(words(Language::English), words(Language::Japanese));
        Failure::new(Code::SiteInvalid).about("Practise").because_of(why)
    })
}
