use super::*;
use crate::Language;
use crate::site::tests::TEXT;

fn problems(text: &str) -> Vec<Problem> {
    parse(text).expect_err("a broken site file is refused")
}

#[test]
fn a_typo_is_named_with_its_line_and_what_was_meant() {
    let found = problems(&TEXT.replace("\"userPoolId\"", "\"userPoolID\""));
    assert_eq!(found[0].key, "userPoolID");
    assert_eq!(found[0].line, Some(4));
    assert!(found[0].what.contains("`userPoolId`"), "{}", found[0]);
    assert_eq!((found[1].key.as_str(), found[1].what.as_str()), ("userPoolId", "missing"));
}

#[test]
fn all_mistakes_are_named_at_once() {
    let text = TEXT.replace("ap-northeast-1\",", "Tokyo\",").replace("\"fieldkey\"", "7").replace("^[A-Z", "^([A-Z");
    let keys: Vec<String> = problems(&text).into_iter().map(|p| p.key).collect();
    for key in ["region", "provisioningTemplateName", "serialNumberPattern"] {
        assert!(keys.iter().any(|k| k == key), "{key} is wrong and must be named: {keys:?}");
    }
}

#[test]
fn text_that_is_not_json_is_refused_with_its_line() {
    let found = problems("{\n  \"name\": \"x\",\n  oops\n}");
    assert_eq!(found[0].line, Some(3), "{}", found[0]);
    assert!(found[0].what.starts_with("not JSON"), "{}", found[0]);
    assert!(problems("[]")[0].what.contains("object"));
    assert!(!problems("").is_empty());
}

#[test]
fn nested_keys_are_checked_too() {
    let with = |endpoints: &str| TEXT.replacen('{', &format!("{{ \"endpoints\": {endpoints},"), 1);
    assert_eq!(problems(&with(r#"{"iott": "http://x"}"#))[0].key, "endpoints.iott");
    assert_eq!(problems(&with(r#"{"iot": "localhost:4566"}"#))[0].key, "endpoints.iot", "a URL needs its scheme");
    assert_eq!(problems(&with(r#"{"mqttPort": 70000}"#))[0].key, "endpoints.mqttPort");
    assert!(parse(&with(r#"{"iot": "http://localhost:4566", "mqttPort": 1}"#)).is_ok());
}

#[test]
fn a_key_given_twice_is_a_mistake_at_its_second_line() {
    let found = problems(&TEXT.replacen('{', "{\n\"name\": \"other\",", 1));
    assert_eq!(found[0].key, "name", "which of them was meant, nobody knows: {found:?}");
    assert!(found[0].what.contains("twice") && found[0].line > Some(2), "{found:?}");
}

#[test]
fn a_pool_of_another_region_is_noticed() {
    let found = problems(&TEXT.replace("ap-northeast-1_AbC", "eu-west-1_AbC"));
    assert_eq!(found[0].key, "userPoolId");
    assert!(found[0].what.contains("eu-west-1"), "{}", found[0]);
}

#[test]
fn a_ca_file_elsewhere_is_refused() {
    let text = TEXT.replacen('{', "{ \"caFile\": \"../../etc/passwd\",", 1);
    assert_eq!(problems(&text)[0].key, "caFile");
}

#[test]
fn a_byte_order_mark_is_no_mistake() {
    assert!(parse(&format!("\u{feff}{TEXT}")).is_ok());
}

#[test]
fn only_this_computer_may_be_spoken_to_in_the_clear() {
    let with = |url: &str| TEXT.replacen('{', &format!("{{ \"endpoints\": {{\"cognitoIdp\": \"{url}\"}},"), 1);
    for url in
        ["http://example.com", "http://localhost.evil.example", "http://localhost@evil.example", "http://10.0.0.1"]
    {
        assert_eq!(problems(&with(url))[0].key, "endpoints.cognitoIdp", "{url} would show tokens to the network");
    }
    for url in
        ["https://example.com", "http://localhost:4566", "http://127.0.0.1:1/", "http://[::1]:4566", "http://[::1]"]
    {
        assert!(parse(&with(url)).is_ok(), "{url}");
    }
}

#[test]
fn a_file_that_is_quite_another_one_is_refused_quickly() {
    let keys: Vec<String> = (0..20_000).map(|n| format!("\"{n}{}\": 1", "x".repeat(20))).collect();
    let found = problems(&format!("{{{}}}", keys.join(",\n")));
    assert!(found.len() <= 50, "nobody reads {} problems", found.len());
}

#[test]
fn mistakes_are_named_in_japanese_too() {
    let found = problems(&TEXT.replace("\"region\"", "\"regoin\""));
    let words = found[0].words(Language::Japanese);
    assert_eq!(words, "3 行目: `regoin`: 不明なキーです。`region` の誤りではありませんか?");
}

#[test]
fn what_keys_and_csrs_are_made_with_is_checked() {
    let with = |more: &str| TEXT.replacen('{', &format!("{{ {more},"), 1);
    let good = r#""keyType": "rsa-2048", "certificateSubject": {"country": "JP", "organization": "Example K.K."}"#;
    assert!(parse(&with(good)).is_ok());
    let found = problems(&with(r#""keyType": "rsa-1024""#));
    assert_eq!(found[0].key, "keyType");
    assert!(found[0].words(Language::English).contains("p-256, rsa-2048"), "what would be right is said");
    let found = problems(&with(r#""certificateSubject": {"country": "Japan", "commonName": "x"}"#));
    let keys: Vec<&str> = found.iter().map(|problem| problem.key.as_str()).collect();
    assert!(
        keys.contains(&"certificateSubject.country") && keys.contains(&"certificateSubject.commonName"),
        "{keys:?}"
    );
}
