//! How a job ended that went well, in a line or two.

use fieldkey_core::ports::CertificateStatus;
use fieldkey_core::{
    Act, Enrolled, ExportedClaim, Language, Outcome, Provisioned, Registered, Reissued, Revoked, Verdict, Verified,
    text,
};

use super::{either, moment, status};

pub(crate) fn conclusion(outcome: &Outcome, language: Language) -> Vec<String> {
    match outcome {
        Outcome::Provisioned(done) => vec![provisioned(done, language)],
        Outcome::Enrolled(done) => vec![enrolled(done, language)],
        Outcome::Registered(done) => registered(done, language),
        Outcome::Verified(done) => vec![verified(done, language)],
        // Its page says it all.
        Outcome::Inspected(_) => vec![],
        Outcome::Reissued(done) => reissued(done, language),
        Outcome::Revoked(done) => revoked(done, language),
        Outcome::Exported(done) => exported(done, language),
    }
}

fn provisioned(done: &Provisioned, language: Language) -> String {
    let (thing, expires) = (&done.thing_name, moment(done.expires));
    match (done.registered, language) {
        (_, Language::English) if done.practice => {
            format!("{thing}: a claim for practice is on the device; it cannot register with it")
        }
        (_, Language::Japanese) if done.practice => {
            format!("{thing}: 練習用のクレームを書き込みました。デバイスの登録には使えません")
        }
        (Some(registered), _) => format!("{thing}: {}", text::conclusion(registered, language)),
        (None, Language::English) => {
            format!("{thing}: the claim is on the device, which has to register itself by {expires}")
        }
        (None, Language::Japanese) => {
            format!("{thing}: クレームを書き込みました。デバイスは {expires} までに登録を済ませる必要があります")
        }
    }
}

fn enrolled(done: &Enrolled, language: Language) -> String {
    let Enrolled { thing_name, certificate_id, issued, .. } = done;
    let expires = moment(done.expires);
    match (language, issued) {
        (Language::English, true) => {
            format!("{thing_name}: enrolled with certificate {certificate_id}, valid until {expires}")
        }
        (Language::English, false) => {
            format!(
                "{thing_name}: the device has its identity already, and it works: {certificate_id}, until {expires}"
            )
        }
        (Language::Japanese, true) => {
            format!("{thing_name}: 証明書 {certificate_id} を登録しました (有効期限: {expires})")
        }
        (Language::Japanese, false) => {
            format!(
                "{thing_name}: デバイスにはすでに証明書 {certificate_id} があり、正しく動作しています (有効期限: {expires})"
            )
        }
    }
}

fn registered(done: &Registered, language: Language) -> Vec<String> {
    let (thing, id, now) = (&done.thing_name, &done.certificate.certificate_id, status(done.status, language));
    let mut lines = vec![match language {
        Language::English => format!("{thing}: certificate {id} is registered, {now}"),
        Language::Japanese => format!("{thing}: 証明書 {id} を登録しました (状態: {now})"),
    }];
    if done.status == CertificateStatus::Inactive {
        let caution = either(
            language,
            "No device can connect with it until it is activated.",
            "有効化するまで、デバイスはこの証明書で接続できません。",
        );
        lines.push(format!("  {caution}"));
    }
    lines
}

/// How many checks were made stands there, too: what was not asked for was not proved.
fn verified(done: &Verified, language: Language) -> String {
    let (thing, all) = (&done.thing_name, done.checks.len());
    let passed = done.checks.iter().filter(|check| check.verdict == Verdict::Passed).count();
    match language {
        Language::English => format!("{thing}: the identity passed the {passed} checks made, of {all}"),
        Language::Japanese => format!("{thing}: {all} 項目中 {passed} 項目を確認し、すべて合格しました"),
    }
}

fn reissued(done: &Reissued, language: Language) -> Vec<String> {
    let (thing, id) = (&done.thing_name, &done.certificate_id);
    let mut lines = vec![match language {
        Language::English => format!("{thing}: has a new identity, certificate {id}"),
        Language::Japanese => format!("{thing}: 新しい証明書 {id} を発行しました"),
    }];
    let deactivated = either(language, "deactivated", "無効化した証明書");
    let shared = either(
        language,
        "left active, because other things use it too",
        "ほかのモノでも使用中のため、有効のまま残した証明書",
    );
    lines.extend(done.deactivated.iter().map(|id| format!("  {deactivated}: {id}")));
    lines.extend(done.shared.iter().map(|id| format!("  {shared}: {id}")));
    lines
}

fn revoked(done: &Revoked, language: Language) -> Vec<String> {
    let what = match done.act {
        Act::Activate => either(language, "certificate activated", "証明書を有効化しました"),
        Act::Deactivate => either(language, "certificate deactivated", "証明書を無効化しました"),
        Act::Delete => either(language, "certificate deleted", "証明書を削除しました"),
    };
    done.certificates.iter().map(|id| format!("{}: {what}: {id}", done.thing_name)).collect()
}

fn exported(done: &ExportedClaim, language: Language) -> Vec<String> {
    let (thing, path, expires) = (&done.thing_name, &done.path, moment(done.expires));
    match language {
        Language::English => vec![
            format!("{thing}: the claim is in {path}"),
            format!("  It works until {expires}. Send the file and the passphrase by two different ways."),
        ],
        Language::Japanese => vec![
            format!("{thing}: クレームを {path} に書き出しました"),
            format!("  有効期限は {expires} です。ファイルとパスフレーズは別々の方法で送ってください。"),
        ],
    }
}

#[cfg(test)]
mod tests {
    use fieldkey_core::{Check, Step};

    use super::*;

    #[test]
    fn nobody_is_told_to_wait_for_a_device_with_a_claim_for_practice() {
        let outcome = |practice| {
            let (serial_number, thing_name, certificate_id) = ("SN".into(), "T".into(), "c".into());
            let expires = time::OffsetDateTime::UNIX_EPOCH;
            let (target, files, registered) = ("drive:/x".into(), vec![], None);
            Outcome::Provisioned(Provisioned {
                serial_number,
                thing_name,
                certificate_id,
                expires,
                target,
                files,
                registered,
                practice,
            })
        };
        let said = |practice, language| conclusion(&outcome(practice), language).join(" ");
        assert!(said(false, Language::English).contains("has to register itself by"));
        assert_eq!(
            said(true, Language::English),
            "T: a claim for practice is on the device; it cannot register with it"
        );
        assert!(said(true, Language::Japanese).contains("練習用のクレーム"));
        let json = |practice| serde_json::to_value(outcome(practice)).expect("JSON");
        assert_eq!(json(true)["practice"], true);
        assert_eq!(json(false).get("practice"), None, "the contract's keys, and no more");
    }

    #[test]
    fn verified_says_how_much_was_proved() {
        let check = |verdict| Check { check: Step::Connect, verdict, failure: None, seen: String::new() };
        let checks = vec![check(Verdict::Passed), check(Verdict::Skipped)];
        let outcome = Outcome::Verified(Verified { thing_name: "T".into(), certificate_id: "c".into(), checks });
        assert_eq!(conclusion(&outcome, Language::English), ["T: the identity passed the 1 checks made, of 2"]);
        assert_eq!(conclusion(&outcome, Language::Japanese), ["T: 2 項目中 1 項目を確認し、すべて合格しました"]);
    }

    #[test]
    fn what_stays_active_after_a_reissue_is_named() {
        let outcome = Outcome::Reissued(Reissued {
            serial_number: "SN".into(),
            thing_name: "T".into(),
            certificate_id: "new".into(),
            target: "drive:/x".into(),
            files: vec![],
            deactivated: vec!["old".into()],
            shared: vec!["shared".into()],
        });
        let lines = conclusion(&outcome, Language::English);
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert!(lines[1].contains("deactivated: old") && lines[2].contains("left active"), "{lines:?}");
    }

    #[test]
    fn deleted_and_deactivated_are_told_apart() {
        let outcome = |act| Outcome::Revoked(Revoked { thing_name: "T".into(), certificates: vec!["c1".into()], act });
        assert_eq!(conclusion(&outcome(Act::Activate), Language::English), ["T: certificate activated: c1"]);
        assert_eq!(conclusion(&outcome(Act::Delete), Language::English), ["T: certificate deleted: c1"]);
        assert_eq!(conclusion(&outcome(Act::Deactivate), Language::Japanese), ["T: 証明書を無効化しました: c1"]);
    }
}
