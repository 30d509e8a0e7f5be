//! What the command says beside the events, in both languages.

pub(crate) mod breach;
mod caution;
mod conclusion;
mod label;

use fieldkey_core::Language;
use time::OffsetDateTime;
use time::macros::format_description;

pub(crate) use caution::{about_device, caution, patience};
pub(crate) use conclusion::conclusion;
pub(crate) use label::{Label, label, status};

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
    NotKeptByPolicy,
    NoPolicy,
    NoSites,
    NoTarget,
    SignedOut,
    CodeSentToYou,
    FilePassword,
    FilePassphrase,
    WillDelete,
    WillDeactivate,
    AllCertificates,
    TheCertificate,
    GoOn,
    NothingChanged,
    StackGoesOn,
    HoldsNothing,
    DevicePassword,
    WillRemove,
    Removed,
    NewPassphrase,
    SuggestedPassphrase,
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
        Phrase::SecondFactor => ("Second factor (1-{}): ", "多要素認証の方法 (1-{}): "),
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
        Phrase::NotKeptByPolicy => (
            "Your organisation does not let sign-ins be kept: this one lasts as long as this command.",
            "組織のポリシーにより、サインインはこのコマンドの間だけ有効です。",
        ),
        Phrase::NoPolicy => (
            "No policy: everything is allowed on this computer.",
            "ポリシーはありません。このパソコンではすべての機能を使用できます。",
        ),
        Phrase::NoSites => ("Your organisation put no site into {}.", "{} にサイトファイルはありません。"),
        Phrase::SignedOut => ("{} is signed out.", "{} をサインアウトしました。"),
        Phrase::CodeSentToYou => ("Code that was sent to you: ", "送られたコード: "),
        Phrase::NoTarget => (
            "No drive and no serial port is attached. A folder can be a target, too: drive:PATH",
            "ドライブもシリアルポートも接続されていません。フォルダーも書き込み先にできます: drive:PATH",
        ),
        Phrase::FilePassword => ("Password of `{}`: ", "「{}」のパスワード: "),
        Phrase::FilePassphrase => ("Passphrase of `{}`: ", "「{}」のパスフレーズ: "),
        Phrase::WillDelete => (
            "Certificates of the thing `{}` will be deactivated, detached and deleted. This cannot be undone.",
            "モノ「{}」の証明書を無効化し、デタッチして削除します。元に戻すことはできません。",
        ),
        Phrase::WillDeactivate => (
            "Certificates of the thing `{}` will be deactivated. Devices that use them are cut off.",
            "モノ「{}」の証明書を無効化します。使用中のデバイスは接続できなくなります。",
        ),
        Phrase::AllCertificates => ("Which: all of them", "対象: すべての証明書"),
        Phrase::TheCertificate => ("Which: {}", "対象: {}"),
        Phrase::NothingChanged => ("Nothing was changed.", "何も変更していません。"),
        Phrase::StackGoesOn => (
            "Nobody watches any more, but AWS carries on with the stack.",
            "表示を終了しましたが、AWS でのスタックの処理は続いています。",
        ),
        Phrase::HoldsNothing => ("It holds no credentials of Fieldkey's.", "Fieldkey の認証情報はありません。"),
        Phrase::DevicePassword => ("Password of {} on the device: ", "デバイスのユーザー {} のパスワード: "),
        Phrase::WillRemove => (
            "These go from `{}`. A private key that is removed cannot be brought back.",
            "「{}」から次のものを削除します。削除した秘密鍵は元に戻せません。",
        ),
        Phrase::Removed => ("Removed.", "削除しました。"),
        Phrase::NewPassphrase => {
            ("Passphrase for the file (empty: Fieldkey suggests one): ", "ファイルのパスフレーズ (空欄で自動生成): ")
        }
        Phrase::SuggestedPassphrase => (
            "Passphrase: {}\nTell it to the installer by another way than the file.",
            "パスフレーズ: {}\nファイルとは別の方法で設置担当者に伝えてください。",
        ),
        Phrase::GoOn => ("Go on? (y/N): ", "実行しますか? (y/N): "),
    };
    either(language, english, japanese).replace("{}", about)
}

pub(crate) fn either<'a>(language: Language, english: &'a str, japanese: &'a str) -> &'a str {
    match language {
        Language::English => english,
        Language::Japanese => japanese,
    }
}

/// `2026-11-21 10:05:00 UTC`
pub(crate) fn moment(at: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second] UTC");
    // Formatting a date with four digits of a year cannot fail.
    at.to_offset(time::UtcOffset::UTC).format(&format).unwrap_or_default()
}
