//! A modem's error numbers, as failures.

use fieldkey_core::{Code, Failure, Why};

use crate::serial::Line;

/// `number`: of `+CME ERROR`. `AT%CMNG` and `AT%KEYGEN` in Nordic's AT commands reference.
pub(super) fn refusal(line: &Line, place: &str, number: Option<u16>) -> Failure {
    let (code, en, ja) = match number {
        Some(0) => (
            Code::DeviceRejected,
            "the modem's firmware does not know the command".into(),
            "モデムのファームウェアがこのコマンドに対応していません".into(),
        ),
        Some(513) => {
            (Code::DeviceRejected, format!("there is nothing in {place}"), format!("{place} には何もありません"))
        }
        Some(514) => (
            Code::DeviceRejected,
            format!("the modem gives no access to {place}"),
            format!("モデムが {place} へのアクセスを拒否しました"),
        ),
        Some(515) => (Code::TargetFull, "the modem's memory is full".into(), "モデムのメモリがいっぱいです".into()),
        Some(518) => (
            Code::DeviceRejected,
            "the modem is active, and did not let itself be switched off".into(),
            "モデムが動作中で、停止できませんでした".into(),
        ),
        Some(519) => (
            Code::IdentityPresent,
            format!("there is something in {place} already"),
            format!("{place} にはすでに何かが保存されています"),
        ),
        Some(520) => (
            Code::DeviceRejected,
            "the modem's credential store is locked".into(),
            "モデムの認証情報ストアがロックされています".into(),
        ),
        Some(523) => (Code::DeviceRejected, "the modem made no key".into(), "モデムが鍵を作成できませんでした".into()),
        Some(527) => (
            Code::DeviceRejected,
            format!(
                "the modem does not take the content for {place}: bytes were lost on the line, or it wants another key type"
            ),
            format!("モデムが {place} の内容を受け付けません。通信中にデータが失われたか、対応していない鍵の種類です"),
        ),
        Some(528) => (
            Code::DeviceRejected,
            "the modem's supply voltage is too low".into(),
            "モデムの電源電圧が低すぎます".into(),
        ),
        Some(number) => (
            Code::DeviceRejected,
            format!("+CME ERROR: {number} about {place}"),
            format!("{place}: +CME ERROR: {number}"),
        ),
        None => (
            Code::DeviceRejected,
            format!("the modem answers ERROR about {place}"),
            format!("{place}: モデムが ERROR を返しました"),
        ),
    };
    line.failure(code).because_of(Why::new(en, ja))
}
