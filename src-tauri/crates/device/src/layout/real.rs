//! Bundles as large as AWS's, with keys and certificates that parse: what simulated devices are given.

use fieldkey_core::{Bundle, ClaimBundle, Identity};
use sha2::{Digest, Sha256};

use super::tests::{bundle, identity};

const CA: &str = include_str!("../../tests-data/ca.pem");

pub(crate) fn real_claim() -> Bundle {
    let Bundle::Claim(claim) = bundle() else { unreachable!("it is a claim") };
    Bundle::Claim(ClaimBundle {
        certificate_pem: include_str!("../../tests-data/claim.pem").into(),
        private_key_pem: include_str!("../../tests-data/claim.key.pem").into(),
        ca_pem: CA.into(),
        ..claim
    })
}

/// The first or the second one.
pub(crate) fn real_identity(number: u8) -> Identity {
    let (certificate_pem, private_key_pem) = match number {
        1 => (include_str!("../../tests-data/identity-1.pem"), include_str!("../../tests-data/identity-1.key.pem")),
        _ => (include_str!("../../tests-data/identity-2.pem"), include_str!("../../tests-data/identity-2.key.pem")),
    };
    Identity {
        certificate_id: hex::encode(Sha256::digest(certificate_pem)),
        certificate_pem: certificate_pem.into(),
        private_key_pem: Some(private_key_pem.into()),
        ca_pem: CA.into(),
        ..identity(number)
    }
}
