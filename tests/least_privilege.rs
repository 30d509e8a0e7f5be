//! The operator's role does what Fieldkey needs, and is refused one step more.

use serde_json::{Value, json};

use crate::support::answers_of;
use crate::support::cloud::cloud;
use crate::support::command::Desk;

/// The answers to these calls, made with an operator's credentials: `null` if allowed, else the error's code.
fn as_operator(calls: &Value) -> Vec<Value> {
    let (desk, operator) = (Desk::new(), cloud().operator());
    answers_of("operator_calls.py", &desk.path("site.json"), &operator, calls, &[])
}

#[test]
fn the_operator_may_do_what_fieldkey_does() {
    let template = cloud().site()["provisioningTemplateName"].clone();
    let (certificate, arn) = certificate_of_nobody();
    let answers = as_operator(&json!([
        ["iot", "create_provisioning_claim", {"templateName": template}],
        ["iot", "describe_endpoint", {"endpointType": "iot:Data-ATS"}],
        ["iot", "describe_thing", {"thingName": "Fleet_Index_NONE"}],
        ["iot", "list_thing_principals", {"thingName": "Fleet_Index_NONE"}],
        ["iot", "describe_certificate", {"certificateId": certificate}],
        ["iot", "list_attached_policies", {"target": arn}],
        ["iot", "list_principal_things", {"principal": arn}],
    ]));
    assert_eq!(answers[..2], [Value::Null, Value::Null]);
    for answer in &answers[2..] {
        let allowed = answer.is_null() || answer == "ResourceNotFoundException";
        assert!(allowed, "allowed to look, whether there is something or not: {answer}");
    }
}

fn certificate_of_nobody() -> (String, String) {
    let id = "a".repeat(64);
    let arn = format!("arn:aws:iot:ap-northeast-1:000000000000:cert/{id}");
    (id, arn)
}

#[test]
fn the_operator_is_refused_one_step_more() {
    let (certificate, arn) = certificate_of_nobody();
    let calls = json!([
        ["iot", "create_provisioning_claim", {"templateName": "another"}],
        ["iot", "create_keys_and_certificate", {}],
        ["iot", "attach_policy", {"policyName": "any", "target": arn}],
        ["iot", "create_thing", {"thingName": "Fleet_Index_X"}],
        ["iot", "delete_thing", {"thingName": "Fleet_Index_X"}],
        ["iot", "list_things", {}],
        ["iot", "describe_thing", {"thingName": "Another_X"}],
        ["iot", "list_thing_principals", {"thingName": "Another_X"}],
        ["iot", "update_certificate", {"certificateId": certificate, "newStatus": "INACTIVE"}],
        ["iot", "delete_certificate", {"certificateId": certificate}],
        ["iot", "register_certificate_without_ca", {"certificatePem": "-----BEGIN CERTIFICATE-----"}],
        ["iot", "attach_thing_principal", {"thingName": "Fleet_Index_X", "principal": arn}],
        ["iot", "list_certificates", {}],
        ["iot", "describe_provisioning_template", {"templateName": "another"}],
        ["iam", "list_roles", {}],
        ["s3", "list_buckets", {}],
        ["cognito-idp", "list_users", {"UserPoolId": cloud().user_pool()["UserPoolId"]}],
    ]);
    for (call, answer) in calls.as_array().expect("a list").iter().zip(as_operator(&calls)) {
        let code = answer.as_str().unwrap_or("allowed");
        assert!(
            code.contains("AccessDenied") || code.contains("Unauthorized") || code == "NotAuthorizedException",
            "{call}: {code}"
        );
    }
}
