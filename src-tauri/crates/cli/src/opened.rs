//! A site, opened from its file: parsed, checked, with the CA beside it and the keychain.

use std::path::Path;

use fieldkey_cloud::{Aws, Keychain, SiteFile};
use fieldkey_core::Failure;

/// Does the site's CA file hold certificates that can be trusted?
pub(crate) fn check(file: &SiteFile) -> Result<(), Failure> {
    Aws::new(&file.site, file.extra_ca.as_deref(), None, None).map(drop)
}

/// # Errors
/// `site-invalid` with the first mistake.
pub(crate) async fn open(path: &Path) -> Result<(SiteFile, Aws), Failure> {
    let file = SiteFile::read(path)?;
    let secret = std::env::var("FIELDKEY_CLIENT_SECRET").ok().filter(|secret| !secret.is_empty());
    let keychain = tokio::task::spawn_blocking(Keychain::open).await.ok().flatten();
    let aws = Aws::new(&file.site, file.extra_ca.as_deref(), secret.map(Into::into), keychain)?;
    Ok((file, aws))
}
