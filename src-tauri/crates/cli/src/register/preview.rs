//! `fieldkey register --preview`: what is in the file. Nothing is asked of AWS.

use fieldkey_core::x509::Preview;
use fieldkey_core::{Failure, Language};
use serde::Serialize;

use crate::args;
use crate::output::{Output, Rows, Said, line_to};
use crate::words::{self, Label};

use super::Files;

/// What is printed, its keys in this order.
#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    preview: &'a Preview,
    /// Whether AWS IoT takes it.
    supported: bool,
    /// Why not.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    refused: Option<Said>,
}

pub(super) async fn run(args: &args::Register, language: Language) -> Result<(), Failure> {
    let files = Files::read(args, &Output::new(args.json, language)).await?;
    let (_, opened) = files.open().await?;
    let opened = opened?;
    let refused = fieldkey_core::check_registrable(&opened).err();
    let mut out = std::io::stdout();
    if args.json {
        let refused = refused.as_ref().map(|failure| Said::of(failure, language));
        let shown = Shown { preview: &opened.preview, supported: refused.is_none(), refused };
        line_to(&mut out, &serde_json::to_string(&shown).unwrap_or_default());
    } else {
        for line in page(&opened.preview, refused.as_ref(), language) {
            line_to(&mut out, &line);
        }
    }
    Ok(())
}

fn page(preview: &Preview, refused: Option<&Failure>, language: Language) -> Vec<String> {
    let mut rows = Rows::new(language);
    rows.row(Label::CertificateId, &preview.certificate_id);
    rows.row(Label::Subject, &preview.subject);
    rows.row(Label::Issuer, &preview.issuer);
    rows.row(Label::Valid, &format!("{} – {}", words::moment(preview.not_before), words::moment(preview.not_after)));
    rows.row(Label::Key, &preview.key);
    rows.row(Label::Signature, &preview.signature);
    rows.row(
        Label::PrivateKey,
        match preview.key_matches {
            Some(true) => words::either(language, "✓ belongs to the certificate", "✓ 証明書と一致します"),
            Some(false) => words::either(language, "✗ does not belong to the certificate", "✗ 証明書と一致しません"),
            None => words::either(language, "none in the file", "ファイルにありません"),
        },
    );
    match refused {
        None => rows.row(Label::AwsIot, words::either(language, "✓ takes it", "✓ 使用できます")),
        Some(failure) => rows.row(Label::AwsIot, &format!("✗ {}", failure.message(language))),
    }
    rows.lines()
}

#[cfg(test)]
mod tests {
    use fieldkey_core::Code;
    use time::macros::datetime;

    use super::*;

    fn preview() -> Preview {
        Preview {
            certificate_id: "ab".repeat(32),
            subject: "CN=SN-1".into(),
            issuer: "CN=Plant CA".into(),
            not_before: datetime!(2026-01-02 03:04:05 UTC),
            not_after: datetime!(2036-01-02 03:04:05 UTC),
            key: "P-256".into(),
            signature: "ECDSA-SHA256".into(),
            key_matches: Some(true),
        }
    }

    #[test]
    fn a_script_reads_the_preview_s_keys_and_whether_aws_takes_it() {
        let (preview, refused) = (preview(), Failure::new(Code::CertificateUnsupported).about("Ed25519"));
        let shown = Shown { preview: &preview, supported: true, refused: None };
        let line = serde_json::to_string(&shown).expect("JSON");
        assert!(
            line.starts_with(&format!(r#"{{"certificateId":"{}","subject":"CN=SN-1","#, "ab".repeat(32))),
            "{line}"
        );
        assert!(line.ends_with(r#""keyMatches":true,"supported":true}"#), "{line}");
        let refused = Some(Said::of(&refused, Language::English));
        let line = serde_json::to_string(&Shown { preview: &preview, supported: false, refused }).expect("JSON");
        assert!(line.contains(r#""supported":false,"code":"certificate-unsupported","message":"#), "{line}");
    }

    #[test]
    fn people_see_every_part_in_their_language() {
        let english = page(&preview(), None, Language::English).join("\n");
        for part in ["CN=SN-1", "CN=Plant CA", "2026-01-02 03:04:05 UTC – 2036-01-02", "P-256", "belongs to"] {
            assert!(english.contains(part), "{part} in: {english}");
        }
        let refused = Failure::new(Code::CertificateUnsupported).about("Ed25519");
        let japanese = page(&preview(), Some(&refused), Language::Japanese).join("\n");
        assert!(japanese.contains("証明書 ID") && japanese.contains("✗ AWS IoT で使えない証明書"), "{japanese}");
    }
}
