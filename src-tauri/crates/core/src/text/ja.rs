//! 日本語

use crate::{Code, Step};

pub(super) fn text(code: Code) -> (&'static str, &'static str) {
    match code {
        Code::Usage => ("コマンドの指定に誤りがあります: {about}", "--help を付けて実行し、使い方を確認してください。"),
        Code::SiteInvalid => (
            "サイトファイル `{about}` に誤りがあります",
            "ファイルを修正するか、サイトの管理者から新しいファイルを受け取ってください。`fieldkey site check` ですべての誤りを確認できます。",
        ),
        Code::SerialNumberInvalid => (
            "シリアル番号 `{about}` はこのサイトでは使えません",
            "デバイスのラベルと見比べて、もう一度入力してください。",
        ),
        Code::CertificateInvalid => (
            "「{about}」は証明書または鍵として読み取れません",
            "PEM、DER(.cer)、PKCS#12(.p12、.pfx)のいずれかの証明書を指定してください。必要ならもう一度書き出してください。",
        ),
        Code::CertificateUnsupported => (
            "AWS IoT で使えない証明書です: {about}",
            "2048 ビット以上の RSA 鍵、または P-256・P-384・P-521 の ECDSA 鍵で、SHA-256・SHA-384・SHA-512 で署名された証明書を用意してください。",
        ),
        Code::KeyMismatch => (
            "秘密鍵が証明書と一致しません: {about}",
            "証明書と秘密鍵を一緒に書き出すか、証明書の作成に使った鍵を指定してください。",
        ),
        Code::P12Password => (
            "「{about}」のパスワードが違うか、指定されていません",
            "書き出したときに決めたパスワードを入力してください。空のパスワードも指定できます。",
        ),
        Code::ThingNameInvalid => (
            "「{about}」はこのサイトで使えるモノの名前ではありません",
            "サイトの接頭辞とデバイスのシリアル番号を確認してください。",
        ),
        Code::NotOffered => (
            "このサイトでは利用できません: {about}",
            "別の方法を使うか、サイトの管理者に追加を依頼し、新しいサイトファイルを受け取ってください。",
        ),
        Code::RecipeInvalid => (
            "ドライバーファイル `{about}` が正しくありません",
            "示された行を修正してください。書き方は docs/drivers.md にあります。",
        ),
        Code::SignInRequired => (
            "サインインしていません",
            "メールアドレスとパスワードでサインインしてください。スクリプトでは FIELDKEY_PASSWORD を設定します。エンジニアは AWS プロファイルでログインしてください。",
        ),
        Code::WrongPassword => (
            "メールアドレスまたはパスワードが違います",
            "もう一度お試しください。パスワードを忘れた場合は、再設定するか管理者に連絡してください。",
        ),
        Code::TooManyAttempts => (
            "試行回数が上限を超えました",
            "最長 15 分待ってから、もう一度お試しください。それより早く試すと、待ち時間が延びます。",
        ),
        Code::AccountDisabled => ("このアカウントは無効になっています", "管理者に有効化を依頼してください。"),
        Code::InvitationExpired => ("仮パスワードの有効期限が切れています", "管理者に新しい招待を依頼してください。"),
        Code::UserUnconfirmed => ("このアカウントはまだ確認されていません", "管理者に確認を依頼してください。"),
        Code::PasswordResetRequired => (
            "このアカウントはパスワードの再設定が必要です",
            "ウィンドウで「パスワードを忘れた場合」を選び、手順に従ってください。",
        ),
        Code::PasswordResetForbidden => {
            ("このサイトでは、ご自身でパスワードを再設定できません", "管理者に新しい仮パスワードを依頼してください。")
        }
        Code::NewPasswordRequired => (
            "初回のサインインでは新しいパスワードの設定が必要です",
            "ターミナルまたはウィンドウからサインインするか、FIELDKEY_NEW_PASSWORD を設定してください。",
        ),
        Code::PasswordPolicy => (
            "新しいパスワードがこのサイトの条件を満たしていません",
            "条件を満たすパスワードを選び、もう一度お試しください。",
        ),
        Code::MfaRequired => (
            "このアカウントには二段階認証が必要です: {about}",
            "ターミナルまたはウィンドウからサインインしてください。認証アプリの場合は FIELDKEY_TOTP でも指定できます。",
        ),
        Code::WrongCode => (
            "コードが違うか、古くなっています",
            "最新のコードを入力してください。続けて失敗する場合は、このパソコンとスマートフォンの時計を確認してください。",
        ),
        Code::SessionExpired => ("サインインの有効期限が切れました", "もう一度サインインしてください。"),
        Code::SignInRefused => {
            ("サイト独自のルールによりサインインが拒否されました", "かっこ内の内容を管理者に伝えてください。")
        }
        Code::UserPoolNotFound => (
            "ユーザープール `{about}` が見つかりません",
            "サイトファイルの `userPoolId` と `region` を確認するか、サイトの管理者に連絡してください。",
        ),
        Code::ClientNotFound => (
            "アプリクライアント `{about}` がユーザープールにないか、クライアントシークレットが違います",
            "サイトファイルの `userPoolClientId` を確認してください。シークレットがある場合は FIELDKEY_CLIENT_SECRET も確認してください。",
        ),
        Code::SrpDisabled => (
            "アプリクライアント `{about}` ではパスワード (SRP) によるサインインが許可されていません",
            "サイトの管理者に ALLOW_USER_SRP_AUTH の有効化を依頼してください。",
        ),
        Code::IdentityPoolNotFound => (
            "ID プール `{about}` が見つからないか、このサインインを受け付けません",
            "サイトファイルの `identityPoolId` を確認するか、サイトの管理者に連絡してください。",
        ),
        Code::NotAllowed => ("この操作の権限がありません: {about}", "管理者に権限の付与を依頼してください。"),
        Code::TemplateNotFound => (
            "プロビジョニングテンプレート `{about}` が存在しないか、無効になっています",
            "サイトファイルの `provisioningTemplateName` と `region` を確認するか、サイトの管理者に連絡してください。",
        ),
        Code::Throttled => ("AWS へのリクエストが集中しています", "1 分ほど待ってから、もう一度お試しください。"),
        Code::Offline => {
            ("{about} に接続できません", "ネットワーク、VPN、プロキシを確認してから、もう一度お試しください。")
        }
        Code::TlsUntrusted => (
            "{about} の証明書を信頼できません",
            "社内で通信を検査している場合は、IT 部門から証明書を受け取り、サイトファイルの `caFile` に指定してください。そうでなければ、このネットワークでは続行しないでください。",
        ),
        Code::ClockSkew => (
            "このパソコンの時計がずれています: {about}",
            "日付、時刻、タイムゾーンを直してから、もう一度お試しください。",
        ),
        Code::ServiceError => (
            "{about} から正しい応答がありません",
            "もう一度お試しください。続く場合は、プロキシと、サイトのリージョンの AWS Health Dashboard を確認してください。",
        ),
        Code::ClaimExpired => (
            "デバイスに書き込む前に、クレームの有効期限 (5 分) が切れました",
            "もう一度お試しください。新しいクレームを作成します。",
        ),
        Code::ThingNotFound => (
            "このサイトにモノ「{about}」はありません",
            "シリアル番号と、サイトが正しいかを確認してください。モノはリージョンとアカウントごとに別です。",
        ),
        Code::CertificateNotFound => (
            "証明書「{about}」はこのモノにアタッチされていないか、削除されています",
            "モノを検索して、証明書を確認してください。",
        ),
        Code::CertificateDuplicate => (
            "証明書「{about}」はすでに登録されています",
            "モノを検索して確認してください。別のモノで使う場合は、先に元のモノから失効させてください。",
        ),
        Code::CertificateShared => (
            "この証明書は次のモノでも使われています: {about}",
            "先にそちらで失効させるか、AWS の管理者に依頼してください。無効化するとすべてのモノが接続できなくなります。",
        ),
        Code::RegistrationRefused => (
            "サイトが「{about}」の登録を拒否しました",
            "シリアル番号を確認してください。正しい場合は、サイトの管理者に問い合わせてください。テンプレートまたはサイト独自の確認で拒否されています。",
        ),
        Code::IdentityRefused => (
            "{about} がこのデバイス証明書での接続を切断しました",
            "モノを検索してください。証明書がこのリージョンとアカウントで有効で、モノとポリシーにアタッチされている必要があります。",
        ),
        Code::RoleAliasRefused => (
            "認証情報エンドポイントがこのデバイス証明書を拒否しました: {about}",
            "証明書が有効でモノにアタッチされていること、ポリシーがロールエイリアスへの iot:AssumeRoleWithCertificate を許可していることを確認してください。",
        ),
        Code::WrongEndpoint => (
            "{about} は必要なエンドポイントではありません",
            "サイトファイルの dataEndpoint と credentialsEndpoint を確認してください。データ用と認証情報用は別です。",
        ),
        Code::EchoMissing => (
            "「{about}」に送信したメッセージが戻ってきません",
            "デバイスのポリシーで、このトピックのサブスクライブと受信を許可する必要があります。",
        ),
        Code::StackFailed => (
            "スタック「{about}」をデプロイできませんでした",
            "かっこ内の原因を取り除いてから、もう一度デプロイしてください。一度も作成できていないスタックは、先に削除してください。",
        ),
        Code::TargetGone => (
            "`{about}` が見つかりません",
            "デバイスを接続し直し、表示されるまで待ってください。書き込みは完了していません。",
        ),
        Code::TargetFull => (
            "`{about}` に認証情報を書き込む空きがありません",
            "デバイスの空き容量を増やしてから、もう一度お試しください。",
        ),
        Code::TargetReadOnly => (
            "`{about}` は書き込み禁止です",
            "ロックスイッチを確認してください。スイッチがない場合は故障の可能性があります。別のドライブをお試しください。",
        ),
        Code::TargetDamaged => (
            "`{about}` のファイルシステムが壊れています。書き込みの途中で取り外されたためです",
            "ドライブを修復するか、フォーマットしてから、もう一度お試しください。Windows では接続時に表示される案内に従い、Mac ではディスクユーティリティの First Aid を使い、Linux ではマウントを解除して `fsck.vfat -a` を実行すると修復できます。",
        ),
        Code::TargetPermission => {
            ("`{about}` に書き込む権限がありません", "別のフォルダーを選ぶか、書き込み権限を依頼してください。")
        }
        Code::TargetRefused => ("`{about}` は使用できません", "デバイスのドライブか、空のフォルダーを選んでください。"),
        Code::IdentityPresent => (
            "`{about}` にはすでに認証情報があります",
            "このデバイスで間違いなく、置き換えてよい場合は、置き換えてください。",
        ),
        Code::VerifyMismatch => (
            "`{about}` から読み戻した内容が、書き込んだ内容と一致しません",
            "ドライブかケーブルの不良の可能性があります。別のポート、次に別のドライブをお試しください。",
        ),
        Code::IdentityInvalid => {
            ("「{about}」のデバイス証明書一式がそろっていません", "もう一度登録し、既存のものを置き換えてください。")
        }
        Code::CertificateExpired => (
            "証明書の有効期間外です: {about}",
            "このコンピューターの時計を確認してください。正しい場合は、証明書を再発行してください。",
        ),
        Code::PortBusy => (
            "`{about}` は別のプログラムが使用中です",
            "ポートを開いているターミナルソフトなどを閉じてから、もう一度お試しください。",
        ),
        Code::PortPermission => (
            "シリアルポート `{about}` を使う権限がありません",
            "Linux では、ポートを所有するグループ (多くは `dialout`) に追加してもらい、サインインし直してください。",
        ),
        Code::DeviceSilent => (
            "`{about}` のデバイスが応答しません",
            "電源、データ通信対応のケーブル、ポートの速度、ドライバーの指定を確認して、もう一度お試しください。",
        ),
        Code::DeviceRejected => (
            "`{about}` のデバイスに拒否されました",
            "ドライバーがデバイスとファームウェアに合っているか、空き容量があるかを確認してください。",
        ),
        Code::NotRegistered => (
            "認証情報は書き込みましたが、`{about}` が時間内に登録されませんでした",
            "デバイスの電源が入り、プロビジョニングを開始し、ネットワークに接続できているか確認してください。クレームの 5 分が過ぎたら、もう一度プロビジョニングしてください。新しいクレームが必要です。",
        ),
        Code::Interrupted => (
            "完了する前に中止しました",
            "書きかけのファイルは残っていません。書き込みが完了していれば、書き込んだ内容はデバイスに残り、有効になる場合があります。モノを検索するか、もう一度実行してください。",
        ),
    }
}

pub(super) fn step(step: Step) -> &'static str {
    match step {
        Step::Site => "サイトとシリアル番号",
        Step::Target => "デバイスの確認",
        Step::SignIn => "サインイン",
        Step::Credentials => "AWS への接続",
        Step::Claim => "クレームの取得",
        Step::Write => "書き込み",
        Step::Verify => "検証",
        Step::Release => "取り外しの準備",
        Step::Register => "登録",
        Step::Key => "鍵の作成",
        Step::Certificate => "証明書の取得",
        Step::Prove => "動作確認",
        Step::TakeBack => "取り消し",
        Step::Read => "読み取り",
        Step::LookUp => "検索",
        Step::Status => "状態の変更",
        Step::Delete => "削除",
        Step::KeyMatch => "証明書と鍵の一致",
        Step::Validity => "有効期間",
        Step::Chain => "発行者",
        Step::Connect => "接続",
        Step::Subscribe => "サブスクライブ",
        Step::Echo => "送受信",
        Step::TemporaryCredentials => "一時認証情報",
        Step::Caller => "一時認証情報の確認",
        Step::S3List => "バケットの一覧",
        Step::S3Get => "オブジェクトの読み取り",
    }
}

pub(super) fn conclusion(registered: Option<bool>) -> &'static str {
    match registered {
        Some(true) => "登録されました",
        Some(false) => "登録されていません",
        None => "クレームを書き込みました。デバイスは 5 分以内に登録を済ませる必要があります",
    }
}
