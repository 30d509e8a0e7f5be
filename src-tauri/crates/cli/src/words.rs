//! What the command says beside the events, in both languages.

use fieldkey_core::{Language, Step};
use serde_json::{Map, Value};

/// Questions and remarks. `{}` stands for what they are about.
#[derive(Clone, Copy)]
pub(crate) enum Phrase {
    Email,
    Password,
    NewPassword,
    OnceMore,
    NotTheSame,
    CodeOfApp,
    CodeSent,
    ScanOrType,
    SecondFactor,
    FirstFactor,
    ByApp,
    BySms,
    ByEmail,
    ByPassword,
    ANumber,
    NotKept,
    NoDrive,
    SignedOut,
    CodeSentToYou,
}

pub(crate) fn say(phrase: Phrase, about: &str, language: Language) -> String {
    let (english, japanese) = match phrase {
        Phrase::Email => ("E-mail: ", "メールアドレス: "),
        Phrase::Password => ("Password of {}: ", "{} のパスワード: "),
        Phrase::NewPassword => ("New password: ", "新しいパスワード: "),
        Phrase::OnceMore => ("Once more: ", "もう一度: "),
        Phrase::NotTheSame => ("The two are not the same.", "2 回の入力が一致しません。"),
        Phrase::CodeOfApp => ("Code of the authenticator app: ", "認証アプリのコード: "),
        Phrase::CodeSent => ("Code sent to {}: ", "{} に送られたコード: "),
        Phrase::ScanOrType => (
            "Scan this with an authenticator app, or type: {}",
            "認証アプリで読み取るか、次の文字列を入力してください: {}",
        ),
        Phrase::SecondFactor => ("Second factor (1-{}): ", "二段階認証の方法 (1-{}): "),
        Phrase::FirstFactor => ("Sign in with (1-{}): ", "サインインの方法 (1-{}): "),
        Phrase::ByApp => ("authenticator app", "認証アプリ"),
        Phrase::BySms => ("SMS", "SMS"),
        Phrase::ByEmail => ("e-mail", "メール"),
        Phrase::ByPassword => ("password", "パスワード"),
        Phrase::ANumber => ("One of the numbers, please.", "番号で答えてください。"),
        Phrase::NotKept => (
            "No keychain here: the sign-in lasts as long as this command.",
            "キーチェーンがないため、サインインはこのコマンドの間だけ有効です。",
        ),
        Phrase::SignedOut => ("{} is signed out.", "{} をサインアウトしました。"),
        Phrase::CodeSentToYou => ("Code that was sent to you: ", "送られたコード: "),
        Phrase::NoDrive => (
            "No drive is attached. A folder can be a target, too: drive:PATH",
            "ドライブが接続されていません。フォルダーも書き込み先にできます: drive:PATH",
        ),
    };
    let words = match language {
        Language::English => english,
        Language::Japanese => japanese,
    };
    words.replace("{}", about)
}

/// What a person must know of a step that is done, beyond that it is.
pub(crate) fn caution(step: Step, detail: &Map<String, Value>, language: Language) -> Option<&'static str> {
    let (english, japanese) = match (step, detail.get("release").and_then(Value::as_str)) {
        (Step::Release, Some("ejected")) => ("Safe to unplug.", "安全に取り外せます。"),
        (Step::Release, Some("folder")) => {
            ("A folder: there is nothing to unplug.", "フォルダーのため、取り外すものはありません。")
        }
        (Step::Release, Some("gone")) => (
            "The drive went before it was released. What was on it had been read back and compared.",
            "取り外しの準備の前にドライブが外れました。書き込んだ内容の照合は済んでいます。",
        ),
        (Step::Release, Some("flushed")) => (
            "Everything is written, but the system still has the drive mounted: eject it before you unplug it.",
            "書き込みは完了しましたが、ドライブはまだマウントされています。取り外す前に取り出し操作をしてください。",
        ),
        (Step::Verify, _) if detail.get("pastCache") == Some(&Value::Bool(false)) => (
            "This file system offers no way past its cache: the comparison is weaker here.",
            "このファイルシステムではキャッシュを避けて読めないため、照合の確実さが下がります。",
        ),
        _ => return None,
    };
    Some(match language {
        Language::English => english,
        Language::Japanese => japanese,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn safe_to_unplug_is_said_only_after_an_eject() {
        let detail = |release: &str| Map::from_iter([("release".to_owned(), Value::from(release))]);
        let said = |release| caution(Step::Release, &detail(release), Language::English).unwrap_or_default();
        assert!(said("ejected").contains("Safe to unplug"));
        assert!(said("flushed").contains("eject it before"));
        assert!(said("folder").contains("nothing to unplug"));
    }
}
