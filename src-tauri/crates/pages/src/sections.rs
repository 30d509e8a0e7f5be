//! What the manual says beside the grammar, in both languages.

use clap::{Command, CommandFactory};
use clap_mangen::roff::{Roff, bold, roman};
use fieldkey_core::Language;

use crate::window::Args;

/// A word, and what it means.
type Row = (&'static str, &'static str, &'static str);

const ENVIRONMENT: &[Row] = &[
    ("FIELDKEY_PASSWORD", "The operator's password", "オペレーターのパスワード"),
    (
        "FIELDKEY_NEW_PASSWORD",
        "The password that replaces a temporary one at the first sign-in",
        "初回サインインで仮のパスワードに代えて設定する新しいパスワード",
    ),
    ("FIELDKEY_TOTP", "The code of an authenticator app", "認証アプリのコード"),
    (
        "FIELDKEY_DEVICE_PASSWORD",
        "A device's own password, for the driver `console`",
        "デバイス自体のパスワード (ドライバー `console` 用)",
    ),
    (
        "FIELDKEY_PASSPHRASE",
        "What a claim file is, or was, encrypted with",
        "クレームファイルの暗号化に使用するパスフレーズ",
    ),
    (
        "FIELDKEY_DRIVERS",
        "A folder with driver files, in the place of ~/.config/fieldkey/drivers",
        "ドライバーファイルを置いたフォルダー。~/.config/fieldkey/drivers の代わりに使用します",
    ),
    (
        "FIELDKEY_CLIENT_SECRET",
        "The secret of the user pool's app client, if it has one",
        "ユーザープールのアプリクライアントにシークレットがある場合、そのシークレット",
    ),
    (
        "FIELDKEY_KEYCHAIN",
        "With `off`, the system's keychain is not used: a session lasts as long as the program",
        "`off` を指定すると、システムのキーチェーンを使用しません。サインインはプログラムの終了までしか保持されません",
    ),
    (
        "FIELDKEY_LOG",
        "How much is logged to standard error, such as `debug`; warnings only if unset",
        "標準エラーに出力するログの詳しさ (`debug` など)。指定しなければ警告だけを出力します",
    ),
    (
        "HTTPS_PROXY, ALL_PROXY, NO_PROXY",
        "The way to AWS through a proxy, also in small letters",
        "AWS への接続に使用するプロキシ。小文字でも指定できます",
    ),
    (
        "LC_ALL, LC_MESSAGES, LANG",
        "The language of the messages: Japanese for `ja…`, else English",
        "メッセージの言語。`ja…` なら日本語、それ以外は英語です",
    ),
];

const EXIT_STATUS: &[Row] = &[
    ("0", "Finished", "正常に終了しました"),
    ("1", "`history --check` found that the journal was changed", "`history --check` で記録の変更が見つかりました"),
    ("2", "The call's words or the site file", "引数またはサイトファイルに誤りがあります"),
    ("3", "Sign-in", "サインインできませんでした"),
    ("4", "AWS said no, or did not answer", "AWS に拒否されたか、AWS から応答がありませんでした"),
    ("5", "The device", "デバイスに問題がありました"),
    ("6", "Written, but not registered in time", "書き込みは完了しましたが、時間内に登録されませんでした"),
    ("101", "A fault of Fieldkey's own", "Fieldkey 内部の問題です"),
    ("130", "Interrupted", "中断されました"),
];

const JOURNAL: Row = (
    "~/.local/share/fieldkey/journal",
    "The journal of runs, of window and command",
    "実行の記録。ウィンドウとコマンドで共通です",
);

const ORGANISATION: [Row; 2] = [
    (
        "/etc/fieldkey/sites",
        "The organisation's site files, for everybody on this computer",
        "組織が用意したサイトファイル。このパソコンの全員が使用できます",
    ),
    (
        "/etc/fieldkey/policy.json",
        "What the organisation allows on this computer; without it, everything is allowed",
        "組織のポリシー。なければ、このパソコンですべての機能を使用できます",
    ),
];

const FILES: &[Row] = &[
    JOURNAL,
    ("~/.config/fieldkey/drivers", "Driver files of one's own", "自分用のドライバーファイル"),
    (
        "/usr/share/fieldkey/drivers",
        "Driver files for everybody on this computer",
        "このパソコンの全員が使うドライバーファイル",
    ),
    ORGANISATION[0],
    ORGANISATION[1],
];

const FILES_OF_THE_WINDOW: &[Row] = &[
    (
        "~/.config/fieldkey/window.json",
        "The sites that were opened, and the settings",
        "開いたことのあるサイトと、ウィンドウの設定",
    ),
    JOURNAL,
    (
        "~/.local/share/fieldkey/bench",
        "Batches of the bench that are not cleared yet, one file for each site",
        "消去していないベンチのバッチ。サイトごとに 1 つのファイルです",
    ),
    ("~/.local/share/fieldkey/logs", "The log of the last seven days", "直近 7 日分のログ"),
    (
        "~/.local/share/fieldkey/crashes/last.txt",
        "The report of the last crash, until it is dismissed",
        "最後のクラッシュレポート。ウィンドウで閉じるまで残ります",
    ),
    ORGANISATION[0],
    ORGANISATION[1],
];

/// A section's heading in both languages, and what it lists.
type Section = (&'static str, &'static str, &'static [Row]);

/// The further sections of `fieldkey`'s own page.
pub(crate) fn of_the_command(language: Language) -> String {
    let lists = [
        ("ENVIRONMENT", "環境変数", ENVIRONMENT),
        ("EXIT STATUS", "終了コード", EXIT_STATUS),
        ("FILES", "ファイル", FILES),
    ];
    sections(&lists, "fieldkey-window", language)
}

/// Those of the window's.
pub(crate) fn of_the_window(language: Language) -> String {
    sections(&[("FILES", "ファイル", FILES_OF_THE_WINDOW)], "fieldkey", language)
}

fn sections(lists: &[Section], see: &str, language: Language) -> String {
    let mut roff = Roff::new();
    let japanese = language == Language::Japanese;
    for (english, in_japanese, rows) in lists {
        roff.control("SH", [if japanese { *in_japanese } else { *english }]);
        for (word, en, ja) in *rows {
            roff.control("TP", []).text([bold(*word)]).text([roman(if japanese { *ja } else { *en })]);
        }
    }
    roff.control("SH", [if japanese { "関連項目" } else { "SEE ALSO" }]).text([bold(see), roman("(1)")]);
    roff.to_roff()
}

/// The window's few words. It shows no help of its own in Japanese: nobody starts it from a terminal.
pub(crate) fn window(language: Language) -> Command {
    let command = Args::command();
    if language == Language::English {
        return command;
    }
    command
        .about("Fieldkey のウィンドウ: 手元のデバイスに AWS IoT の認証情報を書き込みます")
        .mut_arg("site", |arg| arg.help("最後に開いたものの代わりに開くサイトファイル"))
        .mut_arg("handed", |arg| {
            arg.help("サイトファイル、またはサイトファイルへのリンク。ダブルクリックしたときにシステムから渡されます")
        })
        .mut_arg("targets", |arg| {
            arg.help(
                "一覧に表示されない書き込み先を選択肢に加えます: `drive:PATH` または `serial:PORT`。\
                 複数回指定できます。1 つだけ指定した場合は、選択された状態になります",
            )
        })
        .disable_help_flag(true)
        .disable_version_flag(true)
        .arg(flag("help", 'h', "ヘルプを表示します"))
        .arg(flag("version", 'V', "バージョンを表示します"))
}

fn flag(name: &'static str, short: char, help: &'static str) -> clap::Arg {
    clap::Arg::new(name).long(name).short(short).action(clap::ArgAction::SetTrue).help(help)
}
