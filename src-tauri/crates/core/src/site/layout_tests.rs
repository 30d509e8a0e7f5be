use super::*;
use crate::Language;
use crate::site::tests::TEXT;
use crate::site::{Problem, parse};

const LAYOUT: &str = r#""layout": {
    "encoding": "der",
    "privateKeyFormat": "pkcs1",
    "claim": {"certificate": "claim.crt", "privateKey": "claim.key", "ca": "ca.crt"},
    "identity": {
      "certificate": "{thingName}.crt", "privateKey": "{thingName}.key", "ca": "ca.crt",
      "config": {
        "name": "device.json",
        "format": "json",
        "template": "{\"host\": \"{endpoint}\", \"port\": {port}, \"key\": \"{privateKeyFile}\", \"tags\": {}}"
      }
    }
  },"#;

fn with(layout: &str) -> String {
    TEXT.replacen('{', &format!("{{\n  {layout}"), 1)
}

fn problems(from: &str, to: &str) -> Vec<Problem> {
    assert!(LAYOUT.contains(from), "{from}");
    parse(&with(&LAYOUT.replacen(from, to, 1))).expect_err(to)
}

fn layout() -> SiteLayout {
    parse(&with(LAYOUT)).expect("a valid site").layout.expect("its layout")
}

fn values() -> Values<'static> {
    Values {
        thing_name: "Plant:7_SN-1",
        serial_number: "SN-1",
        certificate_id: "a1",
        endpoint: "x.example.com",
        port: 8883,
        private_key_file: "Plant_7_SN-1.key",
        ..Values::default()
    }
}

#[test]
fn names_and_texts_are_filled_with_the_device_s_own() {
    let layout = layout();
    let identity = layout.files(Kind::Identity).expect("named");
    assert_eq!(FileNames::called(&identity.private_key, &values()), "Plant_7_SN-1.key", "no FAT takes a colon");
    assert_eq!(FileNames::called("{certificateId}-{serialNumber}.pem", &values()), "a1-SN-1.pem");
    let text = identity.config.as_ref().expect("settings").text(&values());
    let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let expected = serde_json::json!({
        "host": "x.example.com", "port": 8883, "key": "Plant_7_SN-1.key", "tags": {},
    });
    assert_eq!(json, expected);
}

#[test]
fn a_value_breaks_no_text_that_it_stands_in() {
    let evil = "a\"b\\c\n{port}\u{85}\u{2028}";
    let config = |format| ConfigFile { name: "c".into(), format, template: "\"{thingName}\"".into() };
    let text = config(ConfigFormat::Json).text(&Values { thing_name: evil, ..values() });
    assert_eq!(serde_json::from_str::<String>(&text).expect("JSON"), evil, "and nothing in a value is filled again");
    assert!(!text.contains(['\u{85}', '\u{2028}']), "YAML would end the line there: {text}");
    let plain = config(ConfigFormat::Plain).text(&values());
    assert_eq!(plain, "\"Plant:7_SN-1\"");
}

#[test]
fn names_that_no_drive_should_have_are_refused_with_key_and_line() {
    let long = "x{thingName}{serialNumber}";
    for name in [
        "../key",
        "a/b",
        r"a\\b",
        ".key",
        "key.",
        "NUL.key",
        "com1",
        "k\u{e9}y",
        "a:b",
        "IDENTITY.JSON",
        "Fieldkey-old-key",
        long,
    ] {
        let found = problems("\"claim.key\"", &format!("\"{name}\""));
        assert_eq!((found[0].key.as_str(), found[0].line), ("layout.claim.privateKey", Some(5)), "{name}");
        assert_ne!(found[0].words(Language::Japanese), found[0].to_string(), "{name}");
    }
    let found = problems("{thingName}.key", "{name}.key");
    assert_eq!((found[0].key.as_str(), found[0].line), ("layout.identity.privateKey", Some(7)));
    assert!(found[0].what.contains("{thingName}"), "what would be right is said: {}", found[0]);
}

#[test]
fn no_two_files_have_one_name() {
    assert_eq!(problems("\"claim.key\"", "\"CLAIM.crt\"")[0].key, "layout.claim.privateKey");
    assert_eq!(problems("\"device.json\"", "\"CA.crt\"")[0].key, "layout.identity.config.name");
    let found = problems("\"{thingName}.key\"", "\"claim.key\"");
    assert_eq!(found[0].key, "layout.claim.privateKey", "a claim must not write over an identity's key: {}", found[0]);
    assert!(parse(&with(LAYOUT)).is_ok(), "both may have one CA");
}

#[test]
fn a_template_is_tried_before_a_device_is() {
    let found = problems("{endpoint}", "{endpiont}");
    assert_eq!((found[0].key.as_str(), found[0].line), ("layout.identity.config.template", Some(11)));
    let found = problems("{port},", "{port}");
    assert!(found[0].what.starts_with("makes no JSON"), "{}", found[0]);
    let found = problems("{endpoint}", "{templateName}");
    assert!(found[0].what.contains("no `{templateName}`"), "an identity has no template: {}", found[0]);
    let found = problems("{endpoint}", "{roleAlias}");
    assert!(found[0].what.contains("`roleAlias`"), "{}", found[0]);
    let text = with(&LAYOUT.replacen("{endpoint}", "{roleAlias}", 1)).replacen('{', "{\"roleAlias\": \"a\",", 1);
    assert!(parse(&text).expect("with a role alias").layout.expect("layout").names_credentials());
}

#[test]
fn what_the_schema_says_is_said_of_layouts_too() {
    assert_eq!(problems("\"der\"", "\"p12\"")[0].key, "layout.encoding");
    assert_eq!(problems("\"ca\": \"ca.crt\"}", "\"cafile\": \"ca.crt\"}")[0].key, "layout.claim.cafile");
    let found = parse(&with("\"layout\": {},")).expect_err("it says nothing");
    assert_eq!(found[0].key, "layout");
}
