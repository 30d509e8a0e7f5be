//! What a person must know of a step, beyond that it is done or under way.

use fieldkey_core::{Language, Step};
use serde_json::{Map, Value};

use super::either;

pub(crate) fn caution(step: Step, detail: &Map<String, Value>, language: Language) -> Vec<&'static str> {
    let of_step = match (step, detail.get("release").and_then(Value::as_str)) {
        (Step::Release, Some("ejected" | "closed")) => {
            Some(either(language, "Safe to unplug.", "安全に取り外せます。"))
        }
        (Step::Release, Some("folder")) => Some(either(
            language,
            "A folder: there is nothing to unplug.",
            "フォルダーのため、取り外すものはありません。",
        )),
        (Step::Release, Some("gone")) => Some(either(
            language,
            "The device went before it was released. What was on it had been read back and compared.",
            "取り外しの準備が終わる前にデバイスが外れました。書き込んだ内容の照合は済んでいます。",
        )),
        (Step::Release, Some("flushed")) => Some(either(
            language,
            "Everything is written, but the system still has the drive mounted: eject it before you unplug it.",
            "書き込みは完了しましたが、ドライブはまだマウントされています。ドライブの「取り出し」操作をしてから、取り外してください。",
        )),
        (Step::Verify, _) if is_false(detail, "pastCache") => Some(either(
            language,
            "This file system offers no way past its cache: the comparison is weaker here.",
            "このファイルシステムではキャッシュを経由せずに読み取れないため、照合の確実性が下がります。",
        )),
        (Step::Read, _) if detail.get("practice") == Some(&Value::Bool(true)) => Some(either(
            language,
            "This claim is for practice: it comes from the site Practise, and no real device can register with it.",
            "練習用のクレームです。練習用サイトで書き出されたもので、実際のデバイスの登録には使えません。",
        )),
        _ => None,
    };
    let left_behind = (step == Step::Release && is_false(detail, "cleared")).then(|| {
        either(
            language,
            "What was replaced could not be removed: an old private key may still be on the device. Delete it there.",
            "置き換え前のファイルを削除できませんでした。古い秘密鍵がデバイスに残っている可能性があります。デバイス上で削除してください。",
        )
    });
    let of_device = detail.get("cautions").and_then(Value::as_array).into_iter().flatten();
    let of_device = of_device.filter_map(|word| about_device(word.as_str()?, language));
    left_behind.into_iter().chain(of_step).chain(of_device).collect()
}

/// What the device itself makes of a key.
pub(crate) fn about_device(word: &str, language: Language) -> Option<&'static str> {
    Some(match word {
        "volatile-storage" => either(
            language,
            "This device forgets what was written when it loses its power.",
            "このデバイスは、電源が切れると書き込んだ内容を失います。",
        ),
        "readable-key" => either(
            language,
            "Whoever gets at this device can read the private key back.",
            "このデバイスに接続できる人なら、誰でも秘密鍵を読み出せます。",
        ),
        "weak-proof" => either(
            language,
            "This device shows only what is there by name: its content could not be compared.",
            "このデバイスは名前しか返さないため、内容を照合できませんでした。",
        ),
        _ => return None,
    })
}

/// That AWS has asked for patience, if it has.
pub(crate) fn patience(detail: &Map<String, Value>, language: Language) -> Option<String> {
    detail.get("throttled").filter(|throttled| **throttled == Value::Bool(true))?;
    let seconds = detail.get("againInMs").and_then(Value::as_u64).unwrap_or_default().div_ceil(1_000);
    Some(match language {
        Language::English => format!("AWS asks for patience, trying again in {seconds} s"),
        Language::Japanese => format!("AWS へのリクエストが集中しています。{seconds} 秒後に再試行します"),
    })
}

fn is_false(detail: &Map<String, Value>, key: &str) -> bool {
    detail.get(key) == Some(&Value::Bool(false))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said(step: Step, detail: Value) -> String {
        let Value::Object(detail) = detail else { panic!("an object") };
        caution(step, &detail, Language::English).join(" ")
    }

    #[test]
    fn safe_to_unplug_is_said_only_after_an_eject() {
        assert!(said(Step::Release, json!({"release": "ejected"})).contains("Safe to unplug"));
        assert!(said(Step::Release, json!({"release": "flushed"})).contains("eject it before"));
        assert!(said(Step::Release, json!({"release": "folder"})).contains("nothing to unplug"));
    }

    #[test]
    fn a_claim_for_practice_is_said_to_be_one_before_anything_is_written() {
        assert!(said(Step::Read, json!({"practice": true})).contains("for practice"));
        assert_eq!(said(Step::Read, json!({"certificateId": "c1"})), "", "nothing is said of a real one");
    }

    #[test]
    fn an_old_key_that_stayed_is_named_beside_the_release() {
        let both = said(Step::Release, json!({"release": "ejected", "cleared": false}));
        assert!(both.contains("old private key") && both.contains("Safe to unplug"), "{both}");
        assert!(!said(Step::Release, json!({"release": "ejected", "cleared": true})).contains("old private key"));
    }

    #[test]
    fn a_wait_for_aws_is_told_in_whole_seconds() {
        let Value::Object(detail) = json!({"throttled": true, "againInMs": 1_400}) else { panic!("an object") };
        let words = patience(&detail, Language::English).expect("a remark");
        assert!(words.ends_with("in 2 s"), "rounded up, so that nobody waits longer than was said: {words}");
        assert!(patience(&detail, Language::Japanese).expect("a remark").contains("2 秒後"));
        assert_eq!(patience(&Map::new(), Language::English), None);
    }
}
