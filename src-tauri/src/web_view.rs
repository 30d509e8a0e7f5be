//! WebView2, which draws the window on Windows. Old or bare systems lack it.

use std::io::Write;

use fieldkey_core::Language;
use rfd::{MessageDialog, MessageLevel};

/// Is it there? If not, the person is told: Windows shows nobody what a program without a console writes.
pub(crate) fn is_there() -> bool {
    let Err(error) = tauri::webview_version() else { return true };
    tracing::error!(%error, "no WebView2");
    let words = missing(Language::from_locale(&sys_locale::get_locale().unwrap_or_default()));
    let _ = std::io::stderr().write_all(format!("fieldkey-window: {words}\n").as_bytes());
    MessageDialog::new().set_level(MessageLevel::Error).set_title("Fieldkey").set_description(words).show();
    false
}

fn missing(language: Language) -> &'static str {
    match language {
        Language::English => {
            "Microsoft Edge WebView2, which draws Fieldkey's window, is missing on this computer. Install its Evergreen \
             Runtime from https://developer.microsoft.com/microsoft-edge/webview2/, then start Fieldkey again. The \
             command fieldkey works without it."
        }
        Language::Japanese => {
            "Fieldkey のウィンドウの表示に必要な Microsoft Edge WebView2 が、このパソコンにありません。\
             https://developer.microsoft.com/microsoft-edge/webview2/ から Evergreen ランタイムをインストールし、\
             もう一度 Fieldkey を起動してください。fieldkey コマンドは WebView2 なしで使えます。"
        }
    }
}
