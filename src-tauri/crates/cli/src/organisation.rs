//! What the organisation put on this computer, for the command.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use fieldkey_cloud::{Keychain, SiteFile};
use fieldkey_core::{Code, Failure, Feature, Step, Why};
use fieldkey_machine::Machine;

/// Its policy is read once.
pub(crate) fn here() -> &'static Machine {
    static HERE: OnceLock<Machine> = OnceLock::new();
    HERE.get_or_init(Machine::here)
}

/// The site file that a word means, if it may be opened here. A folder on the network may make a process wait, and
/// Ctrl-C is not to wait with it.
///
/// # Errors
/// `not-allowed-by-policy`, `policy-invalid`, `site-invalid`; `usage` for a name that several sites have.
pub(crate) async fn site_file(word: &Path) -> Result<SiteFile, Failure> {
    let word = word.to_owned();
    let read = tokio::task::spawn_blocking(move || {
        let path = here().settled(path(&word)?);
        here().allow_site(&path)?;
        SiteFile::read(&path)
    });
    read.await.unwrap_or_else(|error| Err(Failure::broken_off(&error)))
}

/// The path that a word means.
///
/// # Errors
/// `site-invalid` where it means nothing; `usage` for a name that several sites have.
pub(crate) fn path(word: &Path) -> Result<PathBuf, Failure> {
    let path = here().chosen(word)?;
    // Whatever else is wrong with it is said when it is read.
    if !matches!(path.try_exists(), Ok(false)) {
        return Ok(path);
    }
    let why = Why::new(
        "there is no such file, and no site of this computer is called so; `fieldkey site list` shows those that there are",
        "その名前のファイルも、このパソコンのサイトも見つかりません。サイトは `fieldkey site list` で確認できます",
    );
    Err(Failure::new(Code::SiteInvalid).about(word.display().to_string()).because_of(why).at(Step::Site))
}

/// The keychain, where a sign-in may be kept. What was kept before the policy came goes.
pub(crate) async fn keychain(file: &SiteFile, user: Option<&str>) -> Option<Keychain> {
    let rules = here().rules();
    if rules.allows(Feature::StaySignedIn) {
        return Keychain::open_beside().await;
    }
    // Not opened for nothing: a keychain may ask the person for its password.
    let user = user.filter(|_| rules.forbids(Feature::StaySignedIn))?;
    if let Ok(aws) = file.connect(Some(Keychain::open_beside().await?))
        && let Err(failure) = aws.sign_out(Some(user)).await
    {
        // It is gone from this computer, even if the user pool cannot be told now.
        tracing::warn!(%failure, "a session that was kept");
    }
    None
}
