//! The certificate API, called by others than Fieldkey: who may do what, and that nothing is left half made.

use serde_json::{Value, json};

use crate::support::answers_of;
use crate::support::cloud::{Cloud, Operator, cloud};
use crate::support::openssl::openssl;
use crate::support::temporary;

/// The answers to these calls: status and body.
fn answers(site: &Value, operator: &Operator, token: &str, calls: &Value) -> Vec<(u64, Value)> {
    let folder = temporary::folder("keys-");
    let file = folder.path().join("site.json");
    std::fs::write(&file, site.to_string()).expect("writable");
    answers_of("api_calls.py", &file, operator, calls, &[("TOKEN", token)])
}

/// A CSR made by openssl.
fn csr() -> String {
    let folder = temporary::folder("keys-");
    openssl(
        folder.path(),
        "req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out csr.pem -subj /CN=x",
    );
    std::fs::read_to_string(folder.path().join("csr.pem")).expect("a CSR")
}

fn code(answer: &(u64, Value)) -> (u64, &str) {
    (answer.0, answer.1["code"].as_str().unwrap_or_default())
}

/// What the registry holds: certificates and things.
fn registry(cloud: &Cloud) -> (Value, Value) {
    let list = |operation: &str| cloud.call("iot", operation, json!({}));
    (list("list-certificates")["certificates"].clone(), list("list-things")["things"].clone())
}

#[test]
fn installers_ask_and_the_help_desk_decides() {
    let (site, installer, helpdesk) = (cloud().site(), cloud().operator(), cloud().helpdesk());
    let path = "/things/Fleet_Index_API-1/certificates";
    let made = &answers(&site, &installer, "id", &json!([["POST", path, {"csr": csr()}]]))[0];
    assert_eq!(made.0, 201, "{made:?}");
    let one = format!("{path}/{}", made.1["certificateId"].as_str().expect("an ID"));
    let changes = json!([["PATCH", one, {"status": "INACTIVE"}], ["DELETE", one, null]]);
    for refused in answers(&site, &installer, "id", &changes) {
        assert_eq!(code(&refused), (403, "not-allowed"));
    }
    let allowed = answers(&site, &helpdesk, "id", &changes);
    assert_eq!((allowed[0].0, allowed[1].0), (200, 204), "{allowed:?}");
    assert_eq!(cloud().registry("Fleet_Index_API-1")["certificates"], json!([]));
}

#[test]
fn whoever_asked_for_a_certificate_may_take_it_back_and_nobody_else() {
    let (site, installer) = (cloud().site(), cloud().operator());
    let (own, path) = (csr(), "/things/Fleet_Index_API-2/certificates");
    let made = &answers(&site, &installer, "id", &json!([["POST", path, {"csr": own}]]))[0];
    let one = format!("{path}/{}", made.1["certificateId"].as_str().expect("an ID"));
    let calls = json!([["DELETE", one, {"csr": csr()}], ["DELETE", one, {"csr": own}], ["DELETE", one, {"csr": own}]]);
    let said = answers(&site, &installer, "id", &calls);
    assert_eq!(code(&said[0]), (403, "not-allowed"), "another's CSR proves nothing");
    assert_eq!(said[1].0, 204, "{said:?}");
    assert_eq!(code(&said[2]), (404, "certificate-not-found"));
}

#[test]
fn without_a_token_a_group_or_this_site_s_prefix_nothing_is_made() {
    let (site, installer) = (cloud().site(), cloud().operator());
    let before = registry(cloud());
    let ask = |thing: &str| json!([["POST", format!("/things/{thing}/certificates"), {"csr": csr()}]]);
    assert_eq!(answers(&site, &installer, "none", &ask("Fleet_Index_API-3"))[0].0, 401);
    let nobody = cloud().of_groups(&["--no-group"]);
    assert_eq!(code(&answers(&site, &nobody, "id", &ask("Fleet_Index_API-3"))[0]), (403, "not-allowed"));
    assert_eq!(code(&answers(&site, &installer, "access", &ask("Fleet_Index_API-3"))[0]), (403, "not-allowed"));
    for thing in ["Other_API-3", "Fleet_Index_a%20b"] {
        assert_eq!(code(&answers(&site, &installer, "id", &ask(thing))[0]), (400, "thing-name-invalid"), "{thing}");
    }
    // Other tests share this account: only what these calls could have made counts.
    let (_, things) = registry(cloud());
    let made = |things: &Value| things.to_string().matches("API-3").count();
    assert_eq!(made(&things), made(&before.1));
}

#[test]
fn two_sites_in_one_account_do_not_touch_each_other_s_things() {
    let (first, installer) = (cloud().site(), cloud().operator());
    let second = cloud().another_site("second", &["ThingNamePrefix=Second_"]);
    let helpdesk = cloud().of_groups(&["--site", "second", "--group", "helpdesk"]);
    let path = "/things/Fleet_Index_API-4/certificates";
    let made = &answers(&first, &installer, "id", &json!([["POST", path, {"csr": csr()}]]))[0];
    let id = made.1["certificateId"].as_str().expect("an ID");
    let foreign = json!([
        ["POST", path, {"csr": csr()}],
        ["PATCH", format!("{path}/{id}"), {"status": "INACTIVE"}],
        ["DELETE", format!("{path}/{id}"), null],
        ["DELETE", format!("/things/Second_API-4/certificates/{id}"), null],
    ]);
    let said = answers(&second, &helpdesk, "id", &foreign);
    for answer in &said[..3] {
        assert_eq!(code(answer), (400, "thing-name-invalid"));
    }
    assert_eq!(code(&said[3]), (404, "certificate-not-found"));
    let token_of_the_other = answers(
        &Value::from_iter(mixed(&second, &first)),
        &helpdesk,
        "id",
        &json!([
            ["POST", path, {"csr": csr()}],
        ]),
    );
    assert_eq!(token_of_the_other[0].0, 401, "the other site's operators are strangers");
    assert_eq!(cloud().registry("Fleet_Index_API-4")["certificates"][0]["status"], "ACTIVE");
}

/// Signs in at one site and calls the API of the other.
fn mixed(sign_in: &Value, api: &Value) -> serde_json::Map<String, Value> {
    let mut site = sign_in.as_object().expect("a site").clone();
    site.insert("certificateApiUrl".into(), api["certificateApiUrl"].clone());
    site
}

#[test]
fn a_step_that_fails_undoes_those_before_it() {
    // In an account of its own: everything there is of this one site.
    let cloud = Cloud::start();
    let (site, operator) = (cloud.site(), cloud.operator());
    let policies = cloud.call("iot", "list-policies", json!({}));
    let name = policies["policies"][0]["policyName"].clone();
    cloud.call("iot", "delete-policy", json!({"policyName": name}));
    let path = "/things/Fleet_Index_BROKEN/certificates";
    let said = answers(&site, &operator, "id", &json!([["POST", path, {"csr": csr()}]]));
    assert_eq!(code(&said[0]), (502, "service-error"), "{said:?}");
    assert_eq!(registry(&cloud), (json!([]), json!([])), "no certificate and no thing is left");
}
