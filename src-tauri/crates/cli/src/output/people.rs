//! Steps and results, as people read them.

use fieldkey_core::{FileRecord, Language, Outcome, Step, text};
use serde_json::{Map, Value};

use crate::words;

use super::page;

/// A step that is done: a line, and under it what a person must know.
pub(super) fn done(step: Step, detail: &Map<String, Value>, ms: Option<u64>, language: Language) -> Vec<String> {
    let mark = match text_of(detail, "verdict") {
        Some("failed") => '✗',
        Some("skipped") => '–',
        _ => '✓',
    };
    let code = text_of(detail, "code").map(|code| format!(" [{code}]")).unwrap_or_default();
    let time = match (mark, ms) {
        ('–', _) | (_, None) => String::new(),
        (_, Some(ms)) => format!(" ({ms} ms)"),
    };
    let mut lines = vec![format!("{mark} {}{}{code}{time}", text::step(step, language), remark(step, detail))];
    let why = detail.get("why").and_then(|why| why[words::either(language, "en", "ja")].as_str());
    lines.extend(why.filter(|why| !why.is_empty()).map(|why| format!("  {why}")));
    lines.extend(words::caution(step, detail, language).into_iter().map(|words| format!("  {words}")));
    lines
}

/// The result, for whoever has watched the steps.
pub(super) fn finished(outcome: &Outcome, language: Language) -> Vec<String> {
    let mut lines: Vec<String> = files(outcome).iter().map(|file| file_line(file, language)).collect();
    if let Outcome::Inspected(thing) = outcome {
        lines.extend(page::thing(thing, language));
    }
    lines.extend(words::conclusion(outcome, language));
    lines
}

fn files(outcome: &Outcome) -> &[FileRecord] {
    match outcome {
        Outcome::Provisioned(done) => &done.files,
        Outcome::Enrolled(done) => &done.files,
        Outcome::Reissued(done) => &done.files,
        Outcome::Exported(done) => std::slice::from_ref(&done.file),
        Outcome::Registered(_) | Outcome::Verified(_) | Outcome::Inspected(_) | Outcome::Revoked(_) => &[],
    }
}

fn file_line(file: &FileRecord, language: Language) -> String {
    let bytes = words::either(language, "bytes", "バイト");
    format!("  {} {} {bytes} sha256 {}", file.name, file.bytes, file.sha256)
}

/// What a person wants to see of a finished step, in its own line.
fn remark(step: Step, detail: &Map<String, Value>) -> String {
    let key = match step {
        Step::SignIn => "operator",
        Step::Target => "target",
        Step::Key => "keyType",
        Step::LookUp => "certificates",
        Step::Claim
        | Step::Register
        | Step::Certificate
        | Step::Prove
        | Step::TakeBack
        | Step::Read
        | Step::Status
        | Step::Delete => "certificateId",
        Step::KeyMatch
        | Step::Validity
        | Step::Chain
        | Step::Connect
        | Step::Subscribe
        | Step::Echo
        | Step::TemporaryCredentials
        | Step::Caller
        | Step::S3List
        | Step::S3Get => "seen",
        Step::Site | Step::Credentials | Step::Write | Step::Verify | Step::Release => return String::new(),
    };
    match detail.get(key) {
        Some(Value::String(text)) => format!(" {text}"),
        Some(Value::Number(number)) => format!(" {number}"),
        _ => String::new(),
    }
}

fn text_of<'a>(detail: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    detail.get(key).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn lines(step: Step, detail: Value, language: Language) -> Vec<String> {
        let Value::Object(detail) = detail else { panic!("an object") };
        done(step, &detail, Some(7), language)
    }

    #[test]
    fn each_check_is_a_line_with_its_cause_under_it() {
        let passed = json!({"verdict": "passed", "seen": "localhost:8883"});
        assert_eq!(lines(Step::Connect, passed, Language::English), ["✓ Connect localhost:8883 (7 ms)"]);
        let why = json!({"en": "it is inactive", "ja": "無効です"});
        let failed = json!({"verdict": "failed", "code": "identity-refused", "why": why});
        let said = lines(Step::Connect, failed.clone(), Language::English);
        assert_eq!(said, ["✗ Connect [identity-refused] (7 ms)", "  it is inactive"]);
        assert_eq!(lines(Step::Connect, failed, Language::Japanese)[1], "  無効です");
        let skipped = json!({"verdict": "skipped", "why": {"en": "not asked for", "ja": "指定されていません"}});
        assert_eq!(lines(Step::Echo, skipped, Language::English), ["– Publish and receive", "  not asked for"]);
    }

    #[test]
    fn a_step_shows_what_it_is_about() {
        let said = lines(Step::SignIn, json!({"operator": "a@example.com"}), Language::English);
        assert_eq!(said, ["✓ Sign-in a@example.com (7 ms)"]);
        let said = lines(Step::LookUp, json!({"certificates": 2}), Language::English);
        assert_eq!(said, ["✓ Look up 2 (7 ms)"]);
    }
}
