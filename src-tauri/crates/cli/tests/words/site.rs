//! Site files out of outputs.

use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::{command, fieldkey};

fn outputs() -> Value {
    let output = |key: &str, value: &str| json!({"OutputKey": key, "OutputValue": value});
    json!({"Stacks": [{"StackName": "fieldkey", "Outputs": [
        output("Region", "ap-northeast-1"),
        output("UserPoolId", "ap-northeast-1_AbCdEf123"),
        output("UserPoolClientId", "1h57kf5cpq17m0eml12EXAMPLE"),
        output("IdentityPoolId", "ap-northeast-1:0a1b2c3d-0000-4000-8000-0123456789ab"),
        output("ProvisioningTemplateName", "fieldkey"),
        output("ThingNamePrefix", "Fleet_Index_"),
        output("SerialNumberPattern", "^[A-Za-z0-9_-]{1,64}$"),
    ]}]})
}

#[test]
fn outputs_become_a_site_file_that_is_right() {
    let home = tempfile::tempdir().expect("a folder");
    let path = |name: &str| home.path().join(name).display().to_string();
    std::fs::write(path("outputs.json"), outputs().to_string()).expect("writable");
    let words = ["site", "from-outputs", &path("outputs.json"), "--name", "Tokyo plant", "--set", "roleAlias=r"];
    let printed = fieldkey(home.path(), &words);
    assert_eq!(printed.status.code(), Some(0), "{printed:?}");
    let site: Value = serde_json::from_slice(&printed.stdout).expect("JSON");
    assert_eq!((&site["name"], &site["roleAlias"]), (&json!("Tokyo plant"), &json!("r")));

    let written = fieldkey(home.path(), &[&words[..], &["--output", &path("site.json")]].concat());
    assert_eq!((written.status.code(), written.stdout.len()), (Some(0), 0), "{written:?}");
    assert_eq!(std::fs::read(path("site.json")).expect("written"), printed.stdout);
    assert_eq!(fieldkey(home.path(), &["site", "check", &path("site.json")]).status.code(), Some(0));
}

#[test]
fn a_site_file_that_is_there_is_replaced_only_where_the_call_says_so() {
    let home = tempfile::tempdir().expect("a folder");
    let path = |name: &str| home.path().join(name).display().to_string();
    std::fs::write(path("outputs.json"), outputs().to_string()).expect("writable");
    std::fs::write(path("site.json"), "by hand").expect("writable");
    let words = ["site", "from-outputs", &path("outputs.json"), "--output", &path("site.json")];
    let refused = fieldkey(home.path(), &words);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(said.contains("[usage]") && said.contains("site.json") && said.contains("--replace"), "{said}");
    assert_eq!(std::fs::read(path("site.json")).expect("there"), b"by hand");

    let replaced = fieldkey(home.path(), &[&words[..], &["--replace"]].concat());
    assert_eq!(replaced.status.code(), Some(0), "{replaced:?}");
    let site: Value = serde_json::from_slice(&std::fs::read(path("site.json")).expect("there")).expect("JSON");
    assert_eq!(site["name"], "fieldkey");
}

#[test]
fn outputs_may_come_down_a_pipe() {
    let home = tempfile::tempdir().expect("a folder");
    let mut command = command(home.path(), &["site", "from-outputs", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
    child.stdin.take().expect("piped").write_all(outputs().to_string().as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    let site: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(site["name"], "fieldkey", "without a name it has the stack's");
}

#[test]
fn outputs_may_be_as_powershell_redirects_them() {
    let home = tempfile::tempdir().expect("a folder");
    let path = home.path().join("outputs.json").display().to_string();
    let text = format!("\u{feff}{}\r\n", outputs());
    std::fs::write(&path, text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()).expect("writable");
    let output = fieldkey(home.path(), &["site", "from-outputs", &path, "--name", "東京工場"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let site: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((&site["name"], &site["region"]), (&json!("東京工場"), &json!("ap-northeast-1")));
}

#[test]
fn amplify_s_outputs_need_the_rest_said() {
    let home = tempfile::tempdir().expect("a folder");
    let path = home.path().join("amplify_outputs.json").display().to_string();
    let auth = json!({
        "aws_region": "ap-northeast-1", "user_pool_id": "ap-northeast-1_AbCdEf123",
        "user_pool_client_id": "1h57kf5cpq17m0eml12EXAMPLE",
        "identity_pool_id": "ap-northeast-1:0a1b2c3d-0000-4000-8000-0123456789ab",
    });
    std::fs::write(&path, json!({"version": "1", "auth": auth}).to_string()).expect("writable");
    let words = ["site", "from-outputs", &path, "--name", "Tokyo plant"];
    let output = fieldkey(home.path(), &words);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("amplify_outputs.json: `provisioningTemplateName`: missing"), "{said}");
    let rest = ["provisioningTemplateName=fieldkey", "thingNamePrefix=Fleet_", "serialNumberPattern=^[0-9]+$"];
    let sets: Vec<&str> = rest.iter().flat_map(|set| ["--set", *set]).collect();
    let output = fieldkey(home.path(), &[&words[..], &sets].concat());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn what_cannot_be_read_or_written_ends_with_2_and_the_reason() {
    let home = tempfile::tempdir().expect("a folder");
    let good = home.path().join("outputs.json").display().to_string();
    std::fs::write(&good, outputs().to_string()).expect("writable");
    let garbage = home.path().join("garbage.json").display().to_string();
    std::fs::write(&garbage, "{").expect("writable");
    for (words, reason) in [
        (vec!["/no/such/file"], "there is no such file"),
        #[cfg(unix)]
        (vec!["/dev/zero"], "it is not a file"),
        (vec![garbage.as_str()], "not JSON"),
        (vec![good.as_str(), "--stack", "other"], "fieldkey"),
        (vec![good.as_str(), "--set", "regoin=x"], "`regoin`: unknown key; did you mean `region`?"),
        (vec![good.as_str(), "--output", "/no/such/folder/site.json"], "/no/such/folder/site.json"),
    ] {
        let output = fieldkey(home.path(), &[&["site", "from-outputs"][..], &words].concat());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{words:?}: {said}");
        assert!(output.stdout.is_empty() && said.contains(reason), "{words:?}: {reason} is missing in: {said}");
    }
}

#[test]
fn a_command_that_is_no_job_fails_in_one_json_line() {
    let home = tempfile::tempdir().expect("a folder");
    for words in [
        &["sign-out", "--site", "/no/such/site.json", "--user", "a@example.com", "--json"][..],
        &["stack", "outputs", "--aws-profile", "nobody", "--region", "ap-northeast-1", "--name", "n", "--json"],
    ] {
        let output = fieldkey(home.path(), words);
        let events = crate::events(&output);
        assert_ne!(output.status.code(), Some(0), "{words:?}");
        assert_eq!(events.len(), 1, "{words:?}: {output:?}");
        assert_eq!((&events[0]["event"], events[0].get("run")), (&json!("failed"), None), "there was no run");
        for key in ["step", "code", "message", "help"] {
            assert!(events[0].get(key).is_some(), "{key}: {}", events[0]);
        }
    }
}
