use serde_json::json;

use super::*;
use crate::Language;

const TEMPLATE: &str = include_str!("../../../../../stack/fieldkey.yaml");

fn output(key: &str, value: &str) -> Value {
    json!({ "OutputKey": key, "OutputValue": value })
}

fn stack(name: &str) -> Value {
    json!({ "StackName": name, "StackStatus": "CREATE_COMPLETE", "Outputs": [
        output("Region", "ap-northeast-1"),
        output("UserPoolId", "ap-northeast-1_AbCdEf123"),
        output("UserPoolClientId", "1h57kf5cpq17m0eml12EXAMPLE"),
        output("IdentityPoolId", "ap-northeast-1:0a1b2c3d-0000-4000-8000-0123456789ab"),
        output("ProvisioningTemplateName", name),
        output("ThingNamePrefix", "Fleet_Index_"),
        output("SerialNumberPattern", "^[A-Za-z0-9_-]{1,64}$"),
        output("CertificateApiUrl", "https://a1b2c3.execute-api.ap-northeast-1.amazonaws.com"),
        output("HookLogGroup", "/aws/lambda/whatever"),
    ]})
}

fn stacks(names: &[&str]) -> String {
    json!({ "Stacks": names.iter().map(|name| stack(name)).collect::<Vec<_>>() }).to_string()
}

fn settings(pairs: &[(&str, &str)]) -> Settings {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn words(problems: &[Problem]) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn the_stack_s_outputs_are_a_site() {
    let site = from_stacks(&stacks(&["fieldkey"]), None, &Settings::new()).expect("all that is needed");
    assert_eq!((site.name.as_str(), site.region.as_str()), ("fieldkey", "ap-northeast-1"));
    let url = "https://a1b2c3.execute-api.ap-northeast-1.amazonaws.com";
    assert_eq!(site.certificate_api_url.as_deref(), Some(url));
    assert_eq!(site.role_alias, None, "the stack has none, and its log group is no part of a site");
}

#[test]
fn every_output_of_the_template_is_a_key_of_the_site_file() {
    let root = schema();
    let keys: Vec<String> = root["properties"].as_object().expect("keys").keys().map(|key| capitalised(key)).collect();
    let section = TEMPLATE.lines().skip_while(|line| *line != "Outputs:").skip(1);
    let section = section.take_while(|line| line.is_empty() || line.starts_with([' ', '#']));
    let outputs: Vec<&str> = section.filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':')).collect();
    let outputs: Vec<&str> = outputs.into_iter().filter(|line| !line.starts_with([' ', '#'])).collect();
    assert!(outputs.len() >= 7, "{outputs:?}");
    // What an engineer names with --policy; a site file has no use for it.
    for output in outputs.into_iter().filter(|output| *output != "DevicePolicyName") {
        assert!(keys.iter().any(|key| key == output), "{output} is none of {keys:?}");
    }
}

#[test]
fn one_of_several_stacks_is_chosen_by_name() {
    let text = stacks(&["tokyo", "osaka"]);
    let site = from_stacks(&text, Some("osaka"), &settings(&[("name", "Osaka plant")])).expect("it is there");
    assert_eq!((site.name.as_str(), site.provisioning_template_name.as_str()), ("Osaka plant", "osaka"));
    let undecided = words(&from_stacks(&text, None, &Settings::new()).expect_err("which?"));
    assert!(undecided[0].contains("tokyo, osaka"), "what can be named: {undecided:?}");
    let typo = words(&from_stacks(&text, Some("kyoto"), &Settings::new()).expect_err("not there"));
    assert!(typo[0].contains("`kyoto`") && typo[0].contains("tokyo, osaka"), "{typo:?}");
}

#[test]
fn outputs_that_are_missing_are_named_all_at_once() {
    let mut one = stack("fieldkey");
    one["Outputs"].as_array_mut().expect("outputs").retain(|output| {
        !["UserPoolId", "ThingNamePrefix"].contains(&output["OutputKey"].as_str().unwrap_or_default())
    });
    let problems = from_stacks(&json!({ "Stacks": [one] }).to_string(), None, &Settings::new()).expect_err("two less");
    assert_eq!(problems.iter().map(|p| p.key.as_str()).collect::<Vec<_>>(), ["userPoolId", "thingNamePrefix"]);
    assert!(words(&problems)[0].contains("`UserPoolId`"), "as the stack calls it: {problems:?}");
    assert!(problems[0].words(Language::Japanese).contains("userPoolId=…"), "what to do in Japanese");
    assert!(problems.iter().all(|problem| problem.line.is_none()), "there is no file with lines");
}

#[test]
fn settings_go_before_outputs_and_reach_inside() {
    let over = settings(&[
        ("thingNamePrefix", "Plant7_"),
        ("endpoints.iot", "http://localhost:4566"),
        ("endpoints.mqttPort", "18883"),
        ("certificateSubject.country", "JP"),
        ("keyType", "rsa-2048"),
    ]);
    let site = from_stacks(&stacks(&["fieldkey"]), None, &over).expect("settings of every kind");
    assert_eq!(site.thing_name_prefix, "Plant7_");
    assert_eq!(site.mqtt_port(), 18_883, "a number is written as one");
    assert_eq!(site.endpoints.and_then(|e| e.iot).as_deref(), Some("http://localhost:4566"));
    assert_eq!(site.certificate_subject.and_then(|s| s.country).as_deref(), Some("JP"));
}

#[test]
fn settings_are_checked_as_a_site_file_is() {
    let wrong = |key: &str, value: &str| {
        let found = from_stacks(&stacks(&["fieldkey"]), None, &settings(&[(key, value)])).expect_err("wrong");
        assert!(!words(&found)[0].contains("missing"), "{key} was given: {found:?}");
        found[0].key.clone()
    };
    assert_eq!(wrong("regoin", "x"), "regoin");
    assert_eq!(wrong("endpoints.iott", "http://localhost"), "endpoints.iott");
    assert_eq!(wrong("endpoints.mqttPort", "many"), "endpoints.mqttPort");
    assert_eq!(wrong("certificateApiUrl", "http://example.com"), "certificateApiUrl", "tokens would be seen");
    assert_eq!(wrong("region", "eu-west-1"), "userPoolId", "the pool is of another region");
    assert_eq!(wrong("name.first", "x"), "name.first", "a name has no parts");
}

#[test]
fn amplify_gives_the_sign_in_and_settings_the_rest() {
    let text = json!({ "version": "1.4", "storage": {}, "auth": {
        "aws_region": "ap-northeast-1",
        "user_pool_id": "ap-northeast-1_AbCdEf123",
        "user_pool_client_id": "1h57kf5cpq17m0eml12EXAMPLE",
        "identity_pool_id": "ap-northeast-1:0a1b2c3d-0000-4000-8000-0123456789ab",
        "password_policy": { "min_length": 8 },
    }});
    let rest = settings(&[
        ("name", "Tokyo"),
        ("provisioningTemplateName", "fieldkey"),
        ("thingNamePrefix", ""),
        ("serialNumberPattern", "^.+$"),
    ]);
    let site = from_amplify(&text.to_string(), &rest).expect("both halves");
    assert_eq!(site.user_pool_client_id, "1h57kf5cpq17m0eml12EXAMPLE");
    assert_eq!(site.thing_name_prefix, "", "an empty prefix is one, too");
    let unnamed = from_amplify(&text.to_string(), &Settings::new()).expect_err("half a site");
    assert!(words(&unnamed)[0].contains("name=…"), "how to give it: {unnamed:?}");
    let mut without = text.clone();
    without["auth"].as_object_mut().expect("auth").remove("identity_pool_id");
    let problems = from_amplify(&without.to_string(), &rest).expect_err("half a sign-in");
    assert!(words(&problems)[0].contains("`auth.identity_pool_id`"), "as Amplify calls it: {problems:?}");
}

#[test]
fn other_files_are_refused_in_words() {
    for (text, key) in [("[]", ""), ("{}", "Stacks"), ("{\"Stacks\": []}", "Stacks"), ("oops", "")] {
        assert_eq!(from_stacks(text, None, &Settings::new()).expect_err(text)[0].key, key, "{text}");
    }
    assert_eq!(from_amplify("{}", &Settings::new()).expect_err("no auth")[0].key, "auth");
    assert!(from_stacks("{\"Stacks\": [7]}", None, &Settings::new()).is_err(), "nothing of a stack in it");
}
