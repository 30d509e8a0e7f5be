//! Why a profile gave no credentials, and what AWS says against an engineer's.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::result::ConnectorError;
use fieldkey_core::{Code, Failure, Why};

use crate::http::seen_from_here;
use crate::refusal::{causes, unreachable_host};

pub(super) fn usage(profile: &str) -> Failure {
    Failure::new(Code::Usage).about(format!("--aws-profile {profile}"))
}

pub(super) fn policy(name: &str) -> Failure {
    Failure::new(Code::Usage).about(format!("--policy {name}"))
}

/// What to run before trying again.
pub(crate) fn sign_in_required(profile: &str, sso: bool, words: &str) -> Failure {
    let (en, ja) = if sso {
        (
            format!("run `aws sso login --profile {profile}`"),
            format!("`aws sso login --profile {profile}` を実行してください"),
        )
    } else {
        let command = format!("aws sts get-caller-identity --profile {profile}");
        (format!("see what `{command}` says"), format!("`{command}` の出力を確認してください"))
    };
    let why = match words {
        "" => Why::new(en, ja),
        words => Why::new(format!("{en}: {words}"), format!("{ja}: {words}")),
    };
    Failure::new(Code::SignInRequired).because_of(why)
}

pub(super) fn no_credentials(profile: &str, error: &CredentialsError, sso: bool) -> Failure {
    if let Some(ours) = causes(error).find_map(|cause| cause.downcast_ref::<Failure>()) {
        return ours.clone().about(usage(profile).about);
    }
    if let Some(broken) = causes(error).find(|cause| cause.is::<ConnectorError>()) {
        return seen_from_here(unreachable_host(broken, "AWS")).about("AWS");
    }
    let words = words(error);
    if words.contains("AccessDenied") {
        return Failure::new(Code::NotAllowed).about("sts:AssumeRole").because(words);
    }
    match innermost(error) {
        CredentialsError::CredentialsNotLoaded(_) => {
            usage(profile).because_of(Why::new("the profile holds no credentials", "プロファイルに認証情報がありません"))
        }
        CredentialsError::InvalidConfiguration(_) if words.contains("feature") => usage(profile).because_of(Why::new(
            "this kind of profile cannot be used; make one with keys, a role, IAM Identity Center or credential_process",
            "この種類のプロファイルは使用できません。キー、ロール、IAM Identity Center、credential_process のいずれかのプロファイルを用意してください",
        )),
        CredentialsError::InvalidConfiguration(_) => usage(profile).because(words),
        CredentialsError::ProviderTimedOut(_) => sign_in_required(profile, sso, ""),
        _ => sign_in_required(profile, sso, if sso { "" } else { &words }),
    }
}

/// The reason that lies deepest, on one line. What a credential process wrote may hold anything, and is left out.
fn words(error: &CredentialsError) -> String {
    let deepest = causes(error).last().map(ToString::to_string).unwrap_or_default();
    let own = deepest.split(" Stderr:").next().unwrap_or_default();
    own.trim_start_matches("ProfileFile provider could not be built: ").trim_end_matches(['.', ' ']).to_owned()
}

/// Providers wrap each other's errors.
fn innermost(error: &CredentialsError) -> &CredentialsError {
    let all = causes(error as &(dyn Error + 'static)).filter_map(|cause| cause.downcast_ref::<CredentialsError>());
    all.last().unwrap_or(error)
}
