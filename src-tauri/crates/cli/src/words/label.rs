//! What stands before a value on a page.

use fieldkey_core::Language;
use fieldkey_core::ports::CertificateStatus;

use super::either;

#[derive(Clone, Copy)]
pub(crate) enum Label {
    CertificateId,
    Subject,
    Issuer,
    Valid,
    Key,
    Signature,
    PrivateKey,
    AwsIot,
    Thing,
    ThingType,
    Attribute,
    Certificates,
    Status,
    Created,
    Expires,
    Policies,
    OtherThings,
}

pub(crate) fn label(label: Label, language: Language) -> &'static str {
    let (english, japanese) = match label {
        Label::CertificateId => ("Certificate ID", "証明書 ID"),
        Label::Subject => ("Subject", "サブジェクト"),
        Label::Issuer => ("Issuer", "発行者"),
        Label::Valid => ("Valid", "有効期間"),
        Label::Key => ("Key", "鍵"),
        Label::Signature => ("Signature", "署名"),
        Label::PrivateKey => ("Private key", "秘密鍵"),
        Label::AwsIot => ("AWS IoT", "AWS IoT"),
        Label::Thing => ("Thing", "モノ"),
        Label::ThingType => ("Thing type", "モノのタイプ"),
        Label::Attribute => ("Attribute", "属性"),
        Label::Certificates => ("Certificates", "証明書"),
        Label::Status => ("Status", "状態"),
        Label::Created => ("Created", "作成日時"),
        Label::Expires => ("Expires", "有効期限"),
        Label::Policies => ("Policies", "ポリシー"),
        Label::OtherThings => ("Also used by", "この証明書を使うほかのモノ"),
    };
    either(language, english, japanese)
}

pub(crate) fn status(status: CertificateStatus, language: Language) -> &'static str {
    let (english, japanese) = match status {
        CertificateStatus::Active => ("active", "有効"),
        CertificateStatus::Inactive => ("inactive", "無効"),
        CertificateStatus::Revoked => ("revoked", "失効"),
        CertificateStatus::PendingTransfer => ("pending transfer", "転送待ち"),
        CertificateStatus::RegisterInactive => ("register inactive", "登録済み (無効)"),
        CertificateStatus::PendingActivation => ("pending activation", "有効化待ち"),
    };
    either(language, english, japanese)
}
