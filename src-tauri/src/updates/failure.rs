//! Why there is no update, in words.

use fieldkey_core::{Code, Failure, Why};
use tauri_plugin_updater::Error;

/// `from`: the host that was asked.
pub(super) fn of(error: &Error, from: &str) -> Failure {
    // For whoever looks after it; it quotes what a server said.
    tracing::warn!(%error, "no update");
    let (code, why) = match error {
        Error::Minisign(_) | Error::Base64(_) | Error::SignatureUtf8(_) => (
            Code::UpdateRefused,
            Why::new("it was changed, or signed by somebody else", "署名後に変更されたか、別の鍵で署名されています"),
        ),
        Error::SignedVersionMismatch { .. } | Error::MissingSignedVersion => {
            (Code::UpdateRefused, Why::new("it was signed as another version", "別のバージョンとして署名されています"))
        }
        Error::Reqwest(error) => (Code::UpdateUnavailable, network(error)),
        Error::ReleaseNotFound | Error::Network(_) => (Code::UpdateUnavailable, refused()),
        Error::TargetNotFound(_) | Error::TargetsNotFound(_) | Error::UnsupportedArch | Error::UnsupportedOs => (
            Code::UpdateUnavailable,
            Why::new(
                "it has a new version, but not for this kind of computer",
                "新しいバージョンはありますが、このパソコンの種類には対応していません",
            ),
        ),
        _ => (Code::UpdateUnavailable, unreadable()),
    };
    Failure::new(code).about(from).because_of(why)
}

fn network(error: &reqwest::Error) -> Why {
    if error.is_timeout() {
        Why::new("it did not answer in time", "時間内に応答がありませんでした")
    } else if error.is_decode() {
        unreadable()
    } else if error.url().is_some_and(|url| url.scheme() != "https") {
        Why::new("it leads to an address without HTTPS", "HTTPS ではないアドレスへ誘導されました")
    } else if error.is_connect() || error.is_request() {
        Why::new("it cannot be reached, or is not trusted", "接続できないか、信頼できる接続先ではありません")
    } else {
        Why::new("the connection broke off", "接続が途中で切れました")
    }
}

fn refused() -> Why {
    Why::new("it refused", "要求が拒否されました")
}

fn unreadable() -> Why {
    Why::new("what it said cannot be read", "応答を読み取れません")
}

/// Why what was got is not in its place.
#[cfg(not(target_os = "linux"))]
pub(super) fn of_putting(error: Error) -> Why {
    match error {
        Error::Io(error) => Why::of_system(&error),
        Error::PreviousAppNotRestored(path) => Why::new(
            format!("the version that you had is now in `{}`", path.display()),
            format!("これまでのバージョンは `{}` にあります", path.display()),
        ),
        Error::InvalidUpdaterFormat | Error::BinaryNotFoundInArchive => {
            Why::new("it is no package for this computer", "このパソコン用のパッケージではありません")
        }
        error => Why::new(error.to_string(), error.to_string()),
    }
}

/// Windows writes over no program that runs.
#[cfg(windows)]
pub(super) fn if_running(command: &std::path::Path) -> Result<(), Why> {
    const SHARING_VIOLATION: i32 = 32;
    match std::fs::OpenOptions::new().append(true).open(command) {
        Err(error) if error.raw_os_error() == Some(SHARING_VIOLATION) => {
            Err(Why::new("a terminal still runs fieldkey", "ターミナルで fieldkey が実行中です"))
        }
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Why::of_system(&error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use fieldkey_core::Language;

    use super::*;

    #[test]
    fn what_is_not_as_it_was_signed_is_told_from_what_nobody_gives() {
        let mismatch = Error::SignedVersionMismatch { signed: "1.0.0".into(), announced: "2.0.0".into() };
        for (error, code) in [
            (mismatch, Code::UpdateRefused),
            (Error::MissingSignedVersion, Code::UpdateRefused),
            (Error::SignatureUtf8("x".into()), Code::UpdateRefused),
            (Error::ReleaseNotFound, Code::UpdateUnavailable),
            (Error::TargetsNotFound(vec!["linux-riscv64".into()]), Code::UpdateUnavailable),
            (Error::Network("Download request failed with status: 404 Not Found".into()), Code::UpdateUnavailable),
        ] {
            let failure = of(&error, "updates.example.com");
            assert_eq!((failure.code, failure.about.as_str()), (code, "updates.example.com"), "{error}");
            assert!(failure.reason_ja.is_some(), "{error}: in Japanese, too");
            let said = failure.message(Language::English);
            assert!(!said.contains(&error.to_string()), "in our own words: {said}");
        }
    }
}
