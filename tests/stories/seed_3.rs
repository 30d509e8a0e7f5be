//! A device certificate becomes temporary AWS credentials, and reads from S3.

use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::support::cloud::cloud;
use crate::support::command::{Desk, Said};
use crate::support::credentials_endpoint::CredentialsEndpoint;
use crate::support::identity::Identity;

const BUCKET: &str = "investigate-aws-iot";
const OBJECT: &str = "file_needs_retrieving.txt";

/// A site with a role alias, whose devices may read one bucket.
fn site() -> &'static Value {
    static SITE: OnceLock<Value> = OnceLock::new();
    SITE.get_or_init(|| {
        cloud().call(
            "s3",
            "create-bucket",
            json!({
                "Bucket": BUCKET,
                "CreateBucketConfiguration": {"LocationConstraint": "ap-northeast-1"},
            }),
        );
        cloud().call("s3", "put-object", json!({"Bucket": BUCKET, "Key": OBJECT, "Body": "retrieved\n"}));
        let bucket = format!("DeviceBucket={BUCKET}");
        cloud().another_site("direct", &[&bucket, "ThingNamePrefix=Direct_"])
    })
}

/// A desk at that site, whose credentials endpoint is here.
fn desk(endpoint: &CredentialsEndpoint) -> Desk {
    let mut site = site().clone();
    site["credentialsEndpoint"] = json!(format!("localhost:{}", endpoint.port()));
    let desk = Desk::with_site(&site);
    std::fs::write(desk.path("ca.pem"), cloud().ca() + &endpoint.ca()).expect("writable");
    desk
}

#[test]
fn seed_3_an_identity_reaches_s3_with_temporary_credentials() {
    let endpoint = CredentialsEndpoint::start();
    let (desk, operator) = (desk(&endpoint), cloud().of_groups(&["--site", "direct"]));
    Said::by(&mut desk.enroll(&operator, "SEED3-1", &["--via", "api"])).result();
    let identity = Identity::on(&desk.path("drive"));

    let said = Said::by(&mut desk.verify(&["--direct", "--s3", BUCKET]));
    assert_eq!(said.result()["certificateId"], identity.id());
    for check in ["temporary-credentials", "caller", "s3-list", "s3-get"] {
        assert_eq!(said.verdict(check), "passed", "{check}");
    }
    let caller = said.step("caller").expect("a caller")["detail"]["seen"].as_str().expect("an ARN").to_owned();
    assert!(caller.ends_with(&format!("/{}", identity.id())), "the session is named after the certificate: {caller}");
    assert_eq!(said.step("s3-get").expect("an object")["detail"]["seen"], format!("{OBJECT}, 10 bytes"));

    assert_eq!(endpoint.seen()[0]["thing"], "Direct_SEED3-1", "x-amzn-iot-thingname");

    let alias = site()["roleAlias"].as_str().expect("a role alias");
    let url = format!("{}/role-aliases/{alias}/credentials", endpoint.url());
    let answer = identity.credentials_by_curl(&url, &desk.path("ca.pem"));
    assert!(answer["credentials"]["sessionToken"].is_string(), "curl gets them, too: {answer}");

    // Nothing but that bucket.
    let said = Said::by(&mut desk.verify(&["--s3", "another-bucket"]));
    assert_eq!(said.failure(), (4, "not-allowed", "s3-list"));
}

#[test]
fn what_keeps_the_credentials_away_is_named() {
    let endpoint = CredentialsEndpoint::start();
    let (desk, operator) = (desk(&endpoint), cloud().of_groups(&["--site", "direct"]));
    Said::by(&mut desk.enroll(&operator, "SEED3-2", &["--via", "api"])).result();
    let id = Identity::on(&desk.path("drive")).id().to_owned();
    let direct = |expected: (i32, &str, &str)| {
        let said = Said::by(&mut desk.verify(&["--direct"]));
        assert_eq!(said.failure(), expected, "{:?}", said.last());
        assert_eq!(said.verdict("caller"), "skipped");
    };
    endpoint.answer(403, &json!({"message": "Access Denied"}));
    direct((4, "role-alias-refused", "temporary-credentials"));
    endpoint.cut();
    direct((4, "offline", "temporary-credentials"));
    endpoint.answer(200, &json!({"unexpected": true}));
    direct((4, "service-error", "temporary-credentials"));
    cloud().call("iot", "update-certificate", json!({"certificateId": id, "newStatus": "INACTIVE"}));
    direct((4, "role-alias-refused", "temporary-credentials"));
    endpoint.be_the_data_endpoint();
    direct((4, "wrong-endpoint", "temporary-credentials"));
}
