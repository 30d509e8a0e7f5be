//! `fieldkey sign-out`.

use crate::{Ended, args, opened};

pub(crate) async fn run(args: args::SignOut) -> Result<(), Ended> {
    let (_, aws) = opened::open(&args.site).await?;
    aws.sign_out(Some(&args.user)).await?;
    Ok(())
}
