//! A site, opened from its file, with the keychain.

use std::path::Path;

use fieldkey_cloud::{Aws, Keychain, SiteFile};
use fieldkey_core::Failure;

/// # Errors
/// `site-invalid` with the first mistake.
pub(crate) async fn open(path: &Path) -> Result<(SiteFile, Aws), Failure> {
    let file = SiteFile::read(path)?;
    let aws = file.connect(Keychain::open_beside().await)?;
    Ok((file, aws))
}
