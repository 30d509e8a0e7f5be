//! `fieldkey sign-out`.

use fieldkey_cloud::{Keychain, SiteFile};
use fieldkey_core::Language;

use crate::output::line_to;
use crate::words::{self, Phrase};
use crate::{Ended, args, organisation};

pub(crate) async fn run(args: args::SignOut, language: Language) -> Result<(), Ended> {
    // Out of the keychain it may go whatever the policy says.
    let path = organisation::path(&args.site)?;
    let aws = SiteFile::read(&path)?.connect(Keychain::open_beside().await)?;
    aws.sign_out(Some(&args.user)).await?;
    let mut out = std::io::stdout();
    if args.json {
        line_to(&mut out, r#"{"signedOut":true}"#);
    } else {
        line_to(&mut out, &words::say(Phrase::SignedOut, &args.user, language));
    }
    Ok(())
}
