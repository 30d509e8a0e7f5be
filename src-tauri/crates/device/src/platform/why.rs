//! Reasons that every platform has for refusing a folder.

use fieldkey_core::Why;

pub(super) fn home() -> Why {
    Why::new(
        "it is your home folder: name a folder in it",
        "ホームフォルダーです。その中のフォルダーを指定してください",
    )
}

pub(super) fn system_folder() -> Why {
    Why::new("it is a system folder", "システムのフォルダーです")
}
