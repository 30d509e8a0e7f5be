//! What the shell says when it does not do something, as failures.

use fieldkey_core::{Code, Failure, Why};

use crate::serial::Line;

/// What the shell's words about a place mean.
const REFUSALS: [(&str, Code, &str, &str); 8] = [
    ("already exists", Code::IdentityPresent, "there is something already", "すでに何かが保存されています"),
    ("Not enough room", Code::TargetFull, "the shell's buffer is too small", "シェルのバッファーが小さすぎます"),
    (
        "No reference slot",
        Code::TargetFull,
        "all places for credentials are taken; CONFIG_TLS_MAX_CREDENTIALS_NUMBER must be larger",
        "認証情報の保存枠がすべて使われています。CONFIG_TLS_MAX_CREDENTIALS_NUMBER を大きくしてください",
    ),
    ("Not enough heap", Code::TargetFull, "its memory is full", "メモリがいっぱいです"),
    (
        "Could not decode",
        Code::DeviceRejected,
        "bytes were lost or changed on the line",
        "通信中にデータが失われたか、変化しました",
    ),
    ("Please provide", Code::DeviceRejected, "its buffer was empty", "バッファーが空でした"),
    ("wrong parameter count", Code::DeviceRejected, "it does not know the command", "このコマンドに対応していません"),
    ("command not found", Code::DeviceRejected, "it does not know the command", "このコマンドに対応していません"),
];

/// `ENOMEM` and `ENOSPC`.
const FULL: [&str; 2] = ["Error: -12", "Error: -28"];

pub(super) fn refusal(line: &Line, place: &str, said: &str) -> Failure {
    if let Some((_, code, en, ja)) = REFUSALS.into_iter().find(|(words, ..)| said.contains(words)) {
        let why = Why::new(format!("{place}: {en}"), format!("{place}: {ja}"));
        return line.failure(code).because_of(why);
    }
    let code = if FULL.iter().any(|number| said.contains(number)) { Code::TargetFull } else { Code::DeviceRejected };
    // Only what it says of the failure: anything else might be an echo.
    let words = said.lines().map(str::trim).find(|line| line.contains("rror") && line.len() < 160).unwrap_or_default();
    line.failure(code).because_of(Why::new(format!("{place}: {words}"), format!("{place}: {words}")))
}
