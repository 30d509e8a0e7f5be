//! The claims that still live.

use std::collections::BTreeMap;
use std::time::Duration;

use fieldkey_core::{Claim, Code, Failure, x509};
use time::OffsetDateTime;
use tokio::time::Instant;

use crate::authority::Authority;

/// AWS's claims live so long.
const LIFETIME: Duration = Duration::from_secs(300);

/// By certificate ID, when each is over.
#[derive(Default)]
pub(crate) struct Claims(BTreeMap<String, Instant>);

impl Claims {
    pub(crate) fn make(&mut self, authority: &Authority) -> Result<Claim, Failure> {
        let now = Instant::now();
        self.0.retain(|_, over| *over > now);
        let expires = OffsetDateTime::now_utc() + LIFETIME;
        let (issued, private_key_pem) = authority.make("Provisioning claim", expires)?;
        self.0.insert(issued.certificate_id.clone(), now + LIFETIME);
        Ok(Claim {
            certificate_id: issued.certificate_id,
            certificate_pem: issued.certificate_pem,
            private_key_pem,
            expires,
            lifetime: LIFETIME,
        })
    }

    /// When a claim is over; `None` if it is not one of those that live.
    pub(crate) fn over(&self, certificate_id: &str) -> Option<Instant> {
        self.0.get(certificate_id).copied()
    }

    /// Until when a claim serves.
    ///
    /// # Errors
    /// `claim-expired`; `identity-refused` for one that was never made here, or whose key is another's.
    pub(crate) fn check(&self, claim: &Claim, host: &str) -> Result<Instant, Failure> {
        let is_whole = x509::key_matches(&claim.certificate_pem, &claim.private_key_pem).unwrap_or(false)
            && x509::preview(&claim.certificate_pem).is_ok_and(|seen| seen.certificate_id == claim.certificate_id);
        match self.over(&claim.certificate_id) {
            _ if !is_whole => Err(Failure::new(Code::IdentityRefused).about(host)),
            Some(over) if over > Instant::now() => Ok(over),
            _ => Err(Failure::new(Code::ClaimExpired)),
        }
    }
}
