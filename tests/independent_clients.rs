//! Software that we did not write agrees with what Fieldkey did.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::support::cloud::{Operator, cloud};
use crate::support::command::{Desk, Said};
use crate::support::{clients_python, root, support};

const NEW_PASSWORD: &str = "Gloves-0n-the-ladder";

/// An operator whose password Fieldkey set at the first sign-in.
fn operator_of_fieldkey() -> Operator {
    let (desk, invited) = (Desk::new(), cloud().invited());
    let mut command = desk.provision(&invited, "PEER-1", &[]);
    Said::by(command.env("FIELDKEY_NEW_PASSWORD", NEW_PASSWORD)).result();
    Operator { password: NEW_PASSWORD.into(), ..invited }
}

fn sign_in(mut client: Command, operator: &Operator) -> Output {
    let site = cloud().site();
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    client
        .env("POOL", text(&site["userPoolId"]))
        .env("CLIENT", text(&site["userPoolClientId"]))
        .env("ENDPOINT", text(&site["endpoints"]["cognitoIdp"]))
        .env("EMAIL", &operator.email)
        .env("FIELDKEY_PASSWORD", &operator.password)
        .output()
        .expect("the client runs")
}

fn agrees(client: impl Fn() -> Command) {
    let operator = operator_of_fieldkey();
    let output = sign_in(client(), &operator);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success() && said.contains(&operator.email),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let wrong = Operator { password: "Not-the-Passw0rd".into(), ..operator };
    assert!(!sign_in(client(), &wrong).status.success(), "a client that takes any password proves nothing");
}

#[test]
fn pycognito_signs_in_with_the_password_that_fieldkey_set() {
    agrees(|| {
        let mut client = Command::new(clients_python());
        client.arg(support("pycognito_sign_in.py"));
        client
    });
}

#[test]
fn amazon_cognito_identity_js_signs_in_with_the_password_that_fieldkey_set() {
    agrees(|| {
        let mut client = Command::new("node");
        client.arg(support("npm-clients/sign_in.mjs"));
        client
    });
}

#[test]
fn mosquitto_completes_provisioning_with_the_files_that_fieldkey_wrote() {
    let (desk, operator) = (Desk::new(), cloud().operator());
    Said::by(&mut desk.provision(&operator, "PEER-2", &[])).result();
    let output = Command::new(support("mosquitto_provision.sh"))
        .arg(desk.path("drive"))
        .env("TMPDIR", desk.path("tmp"))
        .output()
        .expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let registry = cloud().registry("Fleet_Index_PEER-2");
    assert_eq!(registry["certificates"][0]["status"], "ACTIVE", "{registry}");
}

#[test]
fn the_published_schema_accepts_the_deployed_site() {
    let (desk, schema) = (Desk::new(), root().join("docs/site.schema.json"));
    let validate = "import json, sys, jsonschema
site, schema = (json.load(open(path, encoding='utf-8')) for path in sys.argv[1:])
jsonschema.Draft202012Validator.check_schema(schema)
jsonschema.validate(site, schema)";
    let accepts = |site: &Path| {
        let output = Command::new(clients_python()).args(["-c", validate]).args([site, &schema]).output();
        output.expect("python runs").status.success()
    };
    let good = desk.path("site.json");
    assert!(accepts(&good), "the stack's own site file is valid");
    let wrong = desk.path("wrong.json");
    for (key, value) in
        [("region", json!("Tokyo")), ("endpoints", json!({"iott": "http://localhost"})), ("caFile", json!(null))]
    {
        let mut site = cloud().site();
        site[key] = value;
        std::fs::write(&wrong, site.to_string()).expect("writable");
        assert!(!accepts(&wrong), "the schema refuses this {key}");
        let output = desk.fieldkey(&["site", "check", &wrong.display().to_string()]).output().expect("it runs");
        assert_eq!(output.status.code(), Some(2), "and so does Fieldkey: {key}");
    }
}
