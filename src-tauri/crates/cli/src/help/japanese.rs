//! 日本語: `--help` の説明

/// What a command does. `path`: `site check`.
pub(super) fn command(path: &str) -> Option<&'static str> {
    COMMANDS.iter().find(|(name, _)| *name == path).map(|(_, help)| *help)
}

/// What an argument is for.
pub(super) fn argument(path: &str, id: &str) -> Option<&'static str> {
    row(path, id).map(|index| ARGUMENTS[index].2)
}

/// The row of one command goes before that of all.
pub(super) fn row(path: &str, id: &str) -> Option<usize> {
    let of = |owner: &str| ARGUMENTS.iter().position(|(command, name, _)| *name == id && *command == owner);
    of(path).or_else(|| of(ANY))
}

const COMMANDS: &[(&str, &str)] = &[
    ("", "手元のデバイスに AWS IoT の認証情報を書き込みます"),
    (
        "provision",
        "新しいクレームをデバイスに書き込み、読み戻して照合します。--wait を付けると、デバイスの登録を見届けます",
    ),
    ("enroll", "デバイスに代わって鍵を作成し、証明書を取得して書き込み、動作を確認します"),
    ("register", "既存の証明書を CA なしで登録します"),
    ("verify", "デバイス証明書が正しく働くか、項目ごとに確認します"),
    ("inspect", "モノとその証明書を表示します"),
    ("reissue", "デバイスに新しい証明書を発行し、古い証明書を無効化します"),
    ("activate", "無効の状態で登録した証明書、または無効化した証明書を有効化します"),
    ("revoke", "モノの証明書を削除または無効化します"),
    ("targets", "現在接続されているドライブとシリアルポートを一覧表示します"),
    ("sign-out", "オペレーターのサインインを、このパソコンとユーザープールから消去します"),
    ("history", "これまでの実行を新しい順に表示します"),
    ("claim", "離れた場所の設置担当者に、暗号化したファイルでクレームを渡します"),
    ("claim export", "新しいクレームを、離れた場所の設置担当者向けに暗号化してファイルに書き出します"),
    ("claim open", "受け取ったファイルのクレームをデバイスに書き込みます。アカウントもネットワークも不要です"),
    ("claim help", "このヘルプ、または指定したコマンドのヘルプを表示します"),
    ("device", "手元のデバイスが保持している認証情報を扱います"),
    ("device inspect", "デバイスの情報と、保持している認証情報を表示します"),
    ("device remove", "Fieldkey が書き込む認証情報をデバイスから削除します"),
    ("device help", "このヘルプ、または指定したコマンドのヘルプを表示します"),
    ("site", "サイトファイルを扱います"),
    ("site list", "組織がこのパソコンに用意したサイトを一覧表示します"),
    ("site check", "サイトファイルの誤りをすべて表示します"),
    ("site from-outputs", "スタックの出力からサイトファイルを作成します"),
    ("policy", "このパソコンで組織が許可している機能を扱います"),
    ("policy show", "このパソコンで使えない機能と、それを定めるファイルを表示します"),
    ("policy check", "ポリシーファイルの誤りをすべて表示します"),
    ("policy help", "このヘルプ、または指定したコマンドのヘルプを表示します"),
    ("stack", "サイトの AWS 側であるスタックを扱います"),
    ("stack deploy", "サイトのスタックをデプロイまたは更新し、出力を表示します"),
    ("stack outputs", "スタックの出力を、`site from-outputs` が読み取れる形式で表示します"),
    ("help", "このヘルプ、または指定したコマンドのヘルプを表示します"),
    ("site help", "このヘルプ、または指定したコマンドのヘルプを表示します"),
    ("stack help", "このヘルプ、または指定したコマンドのヘルプを表示します"),
];

const ANY: &str = "*";

/// Command, argument, help.
pub(super) const ARGUMENTS: &[(&str, &str, &str)] = &[
    (ANY, "help", "ヘルプを表示します"),
    (ANY, "version", "バージョンを表示します"),
    (ANY, "json", "1 行に 1 つの JSON オブジェクトだけを出力します"),
    (ANY, "site", "サイトファイル、またはこのパソコンにあるサイトの名前"),
    ("site check", "site", "サイトファイル"),
    (
        ANY,
        "user",
        "サインインする人のメールアドレス。パスワードは入力を求めるか、FIELDKEY_PASSWORD から取得します。\
         初回サインインの新しいパスワードは FIELDKEY_NEW_PASSWORD、認証アプリのコードは FIELDKEY_TOTP でも指定できます",
    ),
    ("verify", "user", "サインインする人のメールアドレス。サイトファイルにエンドポイントの記載がない場合に必要です"),
    ("sign-out", "user", "サインアウトする人のメールアドレス"),
    (ANY, "aws_profile", "サインインの代わりに AWS 設定ファイルのこのプロファイルを使用します (エンジニア向け)"),
    ("stack deploy", "aws_profile", "使用する AWS 設定ファイルのプロファイル"),
    ("stack outputs", "aws_profile", "使用する AWS 設定ファイルのプロファイル"),
    (ANY, "serial_number", "デバイスのシリアル番号"),
    ("inspect", "serial_number", "デバイスのシリアル番号。モノの名前はサイトの規則に従って決まります"),
    ("activate", "serial_number", "デバイスのシリアル番号。モノの名前はサイトの規則に従って決まります"),
    ("revoke", "serial_number", "デバイスのシリアル番号。モノの名前はサイトの規則に従って決まります"),
    ("history", "serial_number", "このデバイスの実行だけを表示します"),
    (ANY, "target", "デバイスの場所: `drive:PATH` または `serial:PORT`。後ろに `?key=value` で設定を付けられます"),
    (
        ANY,
        "driver",
        "デバイスとの通信方式。ドライブでは `drive`、`greengrass`、`device-client`、`site`。\
         シリアルポートでは、指定しなければ自動で判別します",
    ),
    ("device inspect", "site", "サイト独自のファイル名を使っている場合に、そのサイトファイルまたはサイトの名前"),
    ("device remove", "site", "サイト独自のファイル名を使っている場合に、そのサイトファイルまたはサイトの名前"),
    ("device remove", "yes", "確認せずに実行します"),
    (ANY, "param", "プロビジョニングテンプレートに渡す追加のパラメーター。複数回指定できます"),
    ("provision", "replace", "書き込み先にある証明書や有効なクレームを上書きします"),
    ("claim open", "replace", "書き込み先にある証明書や有効なクレームを上書きします"),
    ("claim open", "file", "クレームファイル。パスフレーズは入力を求めるか、FIELDKEY_PASSPHRASE から取得します"),
    (
        "claim export",
        "output",
        "ファイルを置くフォルダー。ファイル名はクレームの有効期限を示します。パスフレーズは入力を求めるか、\
         FIELDKEY_PASSPHRASE から取得します",
    ),
    ("enroll", "replace", "書き込み先に別の証明書があれば置き換えます"),
    ("provision", "wait", "デバイスの登録を待つ秒数。指定しなければ待ちません。クレームの有効期限より長くは待ちません"),
    ("reissue", "wait", "--via provision でデバイスの登録を待つ秒数。クレームの有効期限より長くは待ちません"),
    (
        "enroll",
        "via",
        "証明書の取得方法: クレームを使った MQTT (claim)、サイトの証明書 API (api)、--aws-profile による AWS への直接の要求 (direct)",
    ),
    (
        "reissue",
        "via",
        "新しい証明書の発行方法: `enroll` と同じ方法、またはデバイス自身が使うクレームの書き込み (provision)",
    ),
    (ANY, "key", "鍵を作成する場所: デバイス (device)、このパソコン (host)、AWS (aws)"),
    (ANY, "key_type", "鍵の種類。指定しなければサイトの設定に従います"),
    (ANY, "policy", "--aws-profile を使う場合に、証明書にアタッチするポリシー"),
    ("reissue", "compromised", "古い鍵が他人の手に渡った可能性がある場合に、最初に古い証明書を無効化します"),
    ("register", "thing", "証明書を登録するモノの名前。モノがなければ作成します"),
    (ANY, "thing", "モノの名前"),
    ("register", "certificate", "証明書ファイル。PEM、DER、PKCS#12 は内容から判別します"),
    ("register", "private_key", "証明書と対になる秘密鍵のファイル。一致の確認だけに使い、どこにも送信しません"),
    (
        "register",
        "password_env",
        "ファイルのパスワードを取得する環境変数の名前。指定しなければ、必要なときに入力を求めます",
    ),
    ("register", "status", "登録後の証明書の状態: 有効 (active)、無効 (inactive)"),
    ("register", "preview", "ファイルの内容と、AWS IoT で使えるかどうかだけを表示します"),
    ("verify", "identity", "デバイス証明書一式のあるフォルダー"),
    ("verify", "mqtt", "MQTT で接続し、サブスクライブと送受信を確認します"),
    ("verify", "direct", "ロールエイリアスから一時認証情報を取得し、だれのものかを確認します"),
    (
        "verify",
        "s3",
        "一時認証情報でこのバケットを一覧表示し、オブジェクトを 1 つ読み取ります。--direct も指定したことになります",
    ),
    (
        "activate",
        "certificate",
        "この ID の証明書、またはこの文字列で始まる ID の証明書。モノの古い証明書が一緒に有効にならないよう、必ず指定します",
    ),
    (
        "revoke",
        "certificate",
        "この ID の証明書、またはこの文字列で始まる ID の証明書だけを対象にします。指定しなければ、モノのすべての証明書が対象です",
    ),
    ("revoke", "deactivate", "無効化だけを行います。`activate` で元に戻せます"),
    ("revoke", "yes", "確認せずに実行します"),
    ("targets", "watch", "終了せずに、接続、取り外し、変更のたびに 1 行を表示します。Ctrl-C で終了します"),
    ("history", "limit", "表示する件数の上限"),
    (
        "history",
        "search",
        "シリアル番号、モノ、オペレーター、サイト、デバイスにこれらの語を含む実行、または証明書 ID がこの語で始まる実行だけを表示します",
    ),
    ("history", "outcome", "この結果で終わった実行だけを表示します"),
    ("history", "since", "この日時以降に始まった実行だけを表示します: YYYY-MM-DD (UTC) または RFC 3339 の日時"),
    ("history", "until", "この日時より前に始まった実行だけを表示します"),
    ("history", "csv", "該当するすべての実行を、表計算ソフト用の CSV で出力します"),
    (
        "history",
        "check",
        "表示の代わりに、記録が変更も削除もされていないことを確認します。問題があれば終了コードは 1 です",
    ),
    ("site check", "file", "サイトファイル"),
    (
        "policy check",
        "file",
        "これから配布するポリシーファイル。指定しなければ、このパソコンのポリシーと、その書き込み権限を確認します",
    ),
    (
        "site from-outputs",
        "file",
        "`aws cloudformation describe-stacks` または `fieldkey stack outputs` の出力、もしくは amplify_outputs.json。\
         `-` は標準入力です",
    ),
    ("site from-outputs", "stack", "ファイルに複数のスタックがある場合に、使用するスタックの名前"),
    ("site from-outputs", "name", "サイトの呼び名"),
    ("site from-outputs", "set", "出力にない、または出力と異なるサイトファイルのキーと値。複数回指定できます"),
    ("site from-outputs", "output", "表示する代わりに、サイトファイルをここに書き込みます"),
    ("site from-outputs", "replace", "--output のファイルがすでにあれば上書きします"),
    (ANY, "parameter", "スタックのパラメーター。複数回指定できます"),
    (ANY, "region", "スタックの AWS リージョン"),
    (ANY, "name", "スタックの名前"),
    (ANY, "endpoint_url", "CloudFormation のアドレス。AWS 以外 (ローカルのクラウド) の場合に指定します"),
];
