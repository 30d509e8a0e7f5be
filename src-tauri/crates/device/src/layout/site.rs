//! A site's own layout: its names, its forms of certificates and keys, its file of settings.

use fieldkey_core::site::{Encoding, FileNames, SiteLayout, Values};
use fieldkey_core::{Bundle, Endpoint, Failure, RoleAlias, x509};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::{About, Content, Files, Part};

/// `None` where the site says nothing of this kind of bundle.
pub(super) fn files(layout: &SiteLayout, about: &About<'_>) -> Option<Files> {
    let names = layout.files(about.kind)?;
    let values = Values {
        thing_name: about.thing_name,
        serial_number: about.serial_number,
        certificate_id: about.certificate_id,
        ..Values::default()
    };
    let called = |name: &str| FileNames::called(name, &values);
    Some(Files {
        certificate: called(&names.certificate),
        private_key: Some(called(&names.private_key)),
        ca: called(&names.ca),
        config: names.config.as_ref().map(|config| called(&config.name)),
    })
}

/// Certificate, key and CA in the site's forms.
pub(super) fn credentials(layout: &SiteLayout, bundle: &Bundle, files: &Files) -> Result<Vec<Content>, Failure> {
    if layout.files(About::of(bundle).kind).is_none() {
        return super::credentials(bundle, files);
    }
    let encoding = layout.encoding.unwrap_or_default();
    let (certificate_pem, private_key_pem, ca_pem) = parts(bundle)?;
    let certificate = |part, name: &String, pem: &str| match encoding {
        Encoding::Pem => Ok(Content::pem(part, name.clone(), pem)),
        Encoding::Der => {
            let der = x509::certificate_der(pem).map_err(|failure| failure.about(name))?;
            Ok(Content::bytes(part, name.clone(), Zeroizing::new(der)))
        }
    };
    let form = layout.private_key_format.unwrap_or_default();
    let key = x509::private_key_as(private_key_pem.expose_secret().as_bytes(), Some(certificate_pem), form);
    let key = key.and_then(|key| match encoding {
        Encoding::Der => Ok(key.der),
        Encoding::Pem => Ok(Zeroizing::new(key.to_pem()?.expose_secret().as_bytes().to_vec())),
    });
    let key = key.map_err(|failure| failure.about(files.key()))?;
    Ok(vec![
        certificate(Part::Certificate, &files.certificate, certificate_pem)?,
        Content::bytes(Part::PrivateKey, files.key().to_owned(), key),
        certificate(Part::Ca, &files.ca, ca_pem)?,
    ])
}

fn parts(bundle: &Bundle) -> Result<(&str, &SecretString, &str), Failure> {
    Ok(match bundle {
        Bundle::Claim(claim) => (&claim.certificate_pem, &claim.private_key_pem, &claim.ca_pem),
        Bundle::Identity(identity) => (&identity.certificate_pem, identity.private_key()?, &identity.ca_pem),
    })
}

/// The file of settings; empty where the site has none.
pub(super) fn config(layout: &SiteLayout, bundle: &Bundle, files: &Files) -> String {
    let about = About::of(bundle);
    let Some(config) = layout.files(about.kind).and_then(|names| names.config.as_ref()) else { return String::new() };
    let (endpoint, region, role_alias, template_name): (&Endpoint, _, &Option<RoleAlias>, _) = match bundle {
        Bundle::Claim(claim) => (&claim.endpoint, &claim.region, &claim.role_alias, claim.template_name.as_str()),
        Bundle::Identity(identity) => (&identity.endpoint, &identity.region, &identity.role_alias, ""),
    };
    let role_alias = role_alias.as_ref();
    config.text(&Values {
        thing_name: about.thing_name,
        serial_number: about.serial_number,
        certificate_id: about.certificate_id,
        endpoint: &endpoint.host,
        port: endpoint.port,
        region,
        template_name,
        role_alias: role_alias.map_or("", |alias| &alias.name),
        credentials_endpoint: role_alias.map_or("", |alias| &alias.host),
        certificate_file: &files.certificate,
        private_key_file: files.key(),
        ca_file: &files.ca,
    })
}
