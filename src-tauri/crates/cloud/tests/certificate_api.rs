//! The site's certificate API: what it answers, what it refuses, and what gets lost on the way.

use fieldkey_cloud::Aws;
use fieldkey_core::ports::CertificateStatus;
use fieldkey_core::{Cloud, Code, Failure, Language, Site};
use rcgen::{CertificateParams, KeyPair};
use serde_json::{Value, json};

use crate::support::api::{Api, Fate, gateway, problem};
use crate::support::aws::Double;
use crate::support::http::Reply;
use crate::support::pool::{Settings, User};
use crate::support::registry::id_of;
use crate::support::{expect_failure, issue, signed_in};

const THING: &str = "Fleet_Index_SN-1";

fn csr() -> String {
    CertificateParams::default().serialize_request(&KeyPair::generate().unwrap()).unwrap().pem().unwrap()
}

fn pem() -> String {
    CertificateParams::default().self_signed(&KeyPair::generate().unwrap()).unwrap().pem()
}

fn lost() -> Reply {
    Reply::Cut(b"{".to_vec())
}

async fn ready() -> (Double, Api, Aws) {
    let double = Double::plain();
    let api = Api::new(&double);
    let aws = api.aws(&double);
    signed_in(&aws).await;
    (double, api, aws)
}

fn paths(api: &Api) -> Vec<String> {
    api.calls().into_iter().map(|(path, _)| path).collect()
}

#[tokio::test]
async fn a_csr_becomes_a_certificate_and_gives_the_same_one_again() {
    let (_double, api, aws) = ready().await;
    let csr = csr();
    let issued = issue(&aws, THING, &csr).await.expect("issued");
    assert_eq!(id_of(&issued.certificate_pem), issued.certificate_id);
    let calls = api.calls();
    assert_eq!(calls, [(format!("POST /things/{THING}/certificates"), json!({ "csr": csr }))]);
    assert_eq!(issue(&aws, THING, &csr).await.expect("again"), issued);
}

#[tokio::test]
async fn no_aws_credentials_are_fetched_for_it() {
    let (double, _api, aws) = ready().await;
    double.forget_calls();
    issue(&aws, THING, &csr()).await.expect("issued");
    assert!(double.calls().is_empty(), "the ID token is all it takes: {:?}", double.calls());
}

#[tokio::test]
async fn a_certificate_is_registered_switched_and_deleted() {
    let (_double, api, aws) = ready().await;
    let pem = pem();
    let id = id_of(&pem);
    aws.register(THING, &pem, CertificateStatus::Inactive).await.expect("registered");
    assert_eq!(api.calls()[0].1, json!({ "certificatePem": pem, "status": "INACTIVE" }));
    aws.set_status(THING, &id, CertificateStatus::Active).await.expect("switched");
    let path = format!("/things/{THING}/certificates/{id}");
    assert_eq!(api.calls(), [(format!("PATCH {path}"), json!({ "status": "ACTIVE" }))]);
    aws.delete(THING, &id).await.expect("deleted");
    assert_eq!(api.calls(), [(format!("DELETE {path}"), Value::Null)], "the help desk shows nothing");
    expect_failure(aws.delete(THING, &id).await, Code::CertificateNotFound);
}

#[tokio::test]
async fn whoever_asked_takes_it_back_with_the_csr() {
    let (_double, api, aws) = ready().await;
    let csr = csr();
    let made = aws.issue(THING, &csr).await.expect("issued");
    let path = format!("DELETE /things/{THING}/certificates/{}", made.issued().certificate_id);
    api.calls();
    made.take_back().await.expect("taken back");
    assert_eq!(api.calls(), [(path, json!({ "csr": csr }))]);
}

#[tokio::test]
async fn what_nobody_keeps_is_taken_back_even_if_nobody_waits() {
    let (_double, api, aws) = ready().await;
    let deletions = || api.calls().iter().filter(|(call, _)| call.starts_with("DELETE")).count();
    drop(aws.issue(THING, &csr()).await.expect("issued"));
    fieldkey_cloud::settled().await;
    assert_eq!(deletions(), 1, "an interrupted run drops it");
    let mut kept = aws.issue(THING, &csr()).await.expect("issued");
    kept.keep();
    drop(kept);
    fieldkey_cloud::settled().await;
    assert_eq!(deletions(), 0, "a device holds its key");
}

#[tokio::test]
async fn a_site_without_the_api_does_not_offer_it() {
    let double = Double::plain();
    let aws = double.aws();
    signed_in(&aws).await;
    expect_failure(issue(&aws, THING, &csr()).await, Code::NotOffered);
    expect_failure(aws.register(THING, &pem(), CertificateStatus::Active).await, Code::NotOffered);
    expect_failure(aws.set_status(THING, "x", CertificateStatus::Active).await, Code::NotOffered);
    expect_failure(aws.delete(THING, "x").await, Code::NotOffered);
}

#[tokio::test]
async fn nobody_signed_in_means_no_call() {
    let double = Double::plain();
    let api = Api::new(&double);
    expect_failure(issue(&api.aws(&double), THING, &csr()).await, Code::SignInRequired);
    assert!(api.calls().is_empty());
}

#[tokio::test]
async fn a_slash_at_the_end_of_the_address_is_no_mistake() {
    let double = Double::plain();
    let api = Api::new(&double);
    for more in ["/", ""] {
        let url = api.site(&double).certificate_api_url.map(|url| url + more);
        let aws = Aws::new(&Site { certificate_api_url: url, ..double.site() }, None, None, None).unwrap();
        signed_in(&aws).await;
        issue(&aws, THING, &csr()).await.expect("issued");
        assert_eq!(paths(&api), [format!("POST /things/{THING}/certificates")]);
    }
}

#[tokio::test]
async fn names_that_cannot_be_are_not_asked_for() {
    let (_double, api, aws) = ready().await;
    let long = "x".repeat(129);
    for name in ["", "..", "a/b", "a b", "a?b", "名", &long] {
        assert_eq!(expect_failure(issue(&aws, name, &csr()).await, Code::ThingNameInvalid).about, name);
    }
    for id in ["", "..", "../x", &"A".repeat(64), &"0".repeat(63)] {
        assert_eq!(expect_failure(aws.delete(THING, id).await, Code::CertificateNotFound).about, id);
    }
    assert!(api.calls().is_empty());
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_with_the_same_csr() {
    let (_double, api, aws) = ready().await;
    api.next(Fate::DoneBut(lost()));
    let issued = issue(&aws, THING, &csr()).await.expect("the second answer");
    let state = api.registry().state();
    assert_eq!(state.certificates.keys().collect::<Vec<_>>(), [&issued.certificate_id], "one certificate, not two");
    drop(state);
    let calls = api.calls();
    assert!(calls.len() == 2 && calls[0] == calls[1], "{calls:?}");
}

#[tokio::test]
async fn a_gateway_that_gave_up_is_asked_again() {
    for reply in [gateway(503, "Service Unavailable"), gateway(500, "Internal Server Error"), Reply::new(504, "<html>")]
    {
        let (_double, api, aws) = ready().await;
        api.next(Fate::DoneBut(reply));
        issue(&aws, THING, &csr()).await.expect("the second answer");
        assert_eq!((api.calls().len(), api.registry().state().certificates.len()), (2, 1));
    }
}

#[tokio::test]
async fn what_stays_lost_is_named() {
    let (_double, api, aws) = ready().await;
    for _ in 0..3 {
        api.next(Fate::DoneBut(lost()));
    }
    let failure = expect_failure(issue(&aws, THING, &csr()).await, Code::Offline);
    assert_eq!(failure.about, api.host());
    assert!(failure.message(Language::Japanese).contains("応答の途中"), "{failure:?}");
    assert_eq!(api.calls().len(), 3);
    for _ in 0..3 {
        api.next(Fate::Answered(gateway(503, "Service Unavailable")));
    }
    let failure = expect_failure(issue(&aws, THING, &csr()).await, Code::ServiceError);
    assert_eq!((failure.about, failure.reason), (api.host(), "Service Unavailable".into()));
}

#[tokio::test]
async fn changes_whose_answer_got_lost_count_as_done() {
    let (_double, api, aws) = ready().await;
    let pem = pem();
    let id = id_of(&pem);
    api.next(Fate::DoneBut(lost()));
    aws.register(THING, &pem, CertificateStatus::Active).await.expect("it is registered as was asked");
    api.next(Fate::DoneBut(lost()));
    aws.set_status(THING, &id, CertificateStatus::Inactive).await.expect("it is inactive");
    api.next(Fate::DoneBut(lost()));
    aws.delete(THING, &id).await.expect("it is gone");
    assert_eq!(api.calls().len(), 6);
}

#[tokio::test]
async fn a_duplicate_of_somebody_else_is_one_even_after_a_lost_answer() {
    let (_double, api, aws) = ready().await;
    let pem = pem();
    let id = api.registry().put(pem.clone(), "ACTIVE", 0, &["Fleet_Index_2", "other-1", "other-2"]);
    api.next(Fate::DoneBut(lost()));
    let failure =
        expect_failure(aws.register(THING, &pem, CertificateStatus::Active).await, Code::CertificateDuplicate);
    assert_eq!(failure.about, id);
    assert_eq!(failure.reason, "ACTIVE, attached to: Fleet_Index_2, 2 more things");
    let mine = self::pem();
    api.registry().put(mine.clone(), "ACTIVE", 0, &[THING]);
    let failure = aws.register(THING, &mine, CertificateStatus::Active).await;
    expect_failure(failure, Code::CertificateDuplicate);
    api.next(Fate::DoneBut(lost()));
    let failure = aws.register(THING, &mine, CertificateStatus::Inactive).await;
    expect_failure(failure, Code::CertificateDuplicate);
}

#[tokio::test]
async fn a_refused_token_is_renewed_once() {
    let (double, api, aws) = ready().await;
    double.pool().expire_id_tokens();
    double.forget_calls();
    issue(&aws, THING, &csr()).await.expect("with another token");
    assert_eq!(double.calls(), ["GetTokensFromRefreshToken"]);
    assert_eq!((api.calls().len(), api.tokens().len()), (2, 2));
    issue(&aws, THING, &csr()).await.expect("with the same");
    assert_eq!((api.calls().len(), api.tokens().len()), (1, 2));

    api.next(Fate::Answered(gateway(401, "Unauthorized")));
    api.next(Fate::Answered(gateway(401, "Unauthorized")));
    let failure = expect_failure(issue(&aws, THING, &csr()).await, Code::SessionExpired);
    assert_eq!(failure.reason, "Unauthorized");
    assert_eq!(api.calls().len(), 2, "a third token would not be taken either");
}

#[tokio::test]
async fn a_session_that_is_over_is_named() {
    let (double, _api, aws) = ready().await;
    double.pool().expire_id_tokens();
    double.pool().revoke_all();
    expect_failure(issue(&aws, THING, &csr()).await, Code::SessionExpired);
    assert_eq!(aws.who().await, None, "the next thing to do is to sign in");
}

#[tokio::test]
async fn a_token_about_to_end_is_renewed_first_and_by_one_for_all() {
    let double = Double::new(Settings { token_seconds: 100, ..Settings::default() }, User::default());
    let api = Api::new(&double);
    let aws = api.aws(&double);
    signed_in(&aws).await;
    double.forget_calls();
    issue(&aws, THING, &csr()).await.expect("issued");
    assert_eq!(double.calls(), ["GetTokensFromRefreshToken"]);

    let double = Double::plain();
    let api = Api::new(&double);
    let aws = std::sync::Arc::new(api.aws(&double));
    signed_in(&aws).await;
    double.pool().expire_id_tokens();
    double.forget_calls();
    let clicks: Vec<_> = (0..6)
        .map(|n| {
            let aws = std::sync::Arc::clone(&aws);
            tokio::spawn(async move { issue(aws.as_ref(), &format!("Fleet_Index_{n}"), &csr()).await.map(drop) })
        })
        .collect();
    for click in clicks {
        click.await.unwrap().expect("issued");
    }
    assert_eq!(double.calls(), ["GetTokensFromRefreshToken"], "six refusals, one renewal");
}

async fn refused_with(reply: Reply) -> (Failure, Api) {
    let (_double, api, aws) = ready().await;
    for _ in 0..3 {
        api.next(Fate::Answered(reply.clone()));
    }
    (issue(&aws, THING, &csr()).await.expect_err("refused"), api)
}

#[tokio::test]
async fn the_api_s_codes_are_ours() {
    let asked = format!("POST /things/{THING}/certificates");
    for (status, code, about) in [
        (400, Code::ThingNameInvalid, THING),
        (400, Code::CertificateInvalid, "CSR"),
        (400, Code::CertificateUnsupported, "CSR"),
        (403, Code::NotAllowed, &asked),
        (429, Code::Throttled, &asked),
    ] {
        let (failure, api) = refused_with(problem(status, &code.to_string(), &json!({}))).await;
        assert_eq!((failure.code, failure.about.as_str(), failure.reason.as_str()), (code, about, "not now"));
        assert_eq!(api.calls().len(), 1, "{code} is not asked for again");
    }
    for (status, code) in [(400, Code::Usage), (502, Code::ServiceError)] {
        let (failure, api) = refused_with(problem(status, &code.to_string(), &json!({}))).await;
        assert_eq!((failure.code, failure.about, failure.reason.as_str()), (code, api.host(), "not now"));
        assert_eq!(api.calls().len(), 1, "{code} is not asked for again");
    }
    let (failure, _) = refused_with(problem(404, "certificate-not-found", &json!({}))).await;
    assert_eq!(failure.code, Code::CertificateNotFound);
    let others = json!({ "thingNames": ["Fleet_Index_2"], "otherThings": 1 });
    let (failure, _) = refused_with(problem(409, "certificate-shared", &others)).await;
    assert_eq!((failure.code, failure.about.as_str()), (Code::CertificateShared, "Fleet_Index_2, +1"));
}

#[tokio::test]
async fn codes_that_the_api_does_not_have_are_service_errors() {
    for code in ["moon-phase", "wrong-password", "interrupted", "target-full", ""] {
        let (failure, _) = refused_with(problem(400, code, &json!({}))).await;
        assert_eq!((failure.code, failure.reason.as_str()), (Code::ServiceError, "not now"), "{code}");
    }
}

#[tokio::test]
async fn the_gateway_s_own_answers_have_codes_too() {
    for (reply, code) in [
        (gateway(403, "Forbidden"), Code::NotAllowed),
        (gateway(404, "Not Found"), Code::NotOffered),
        (gateway(429, "Too Many Requests"), Code::Throttled),
        (Reply::new(403, "<html>Hotel Wi-Fi</html>"), Code::ServiceError),
        (Reply::new(302, "").with("location", "http://login.example/"), Code::ServiceError),
        (Reply::new(404, "not here"), Code::ServiceError),
    ] {
        let (failure, _) = refused_with(reply.clone()).await;
        assert_eq!(failure.code, code, "{reply:?}: {failure}");
        assert!(!failure.reason.is_empty() && !failure.reason.contains("Wi-Fi"), "{failure}");
    }
}

#[tokio::test]
async fn an_answer_that_is_not_quite_one_is_refused() {
    let pem = pem();
    let id = id_of(&pem);
    let whole = json!({ "thingName": THING, "certificateId": id, "certificatePem": pem, "status": "ACTIVE" });
    let with = |key: &str, value: Value| {
        let mut answer = whole.clone();
        answer[key] = value;
        answer.to_string()
    };
    for body in [
        String::new(),
        "null".into(),
        "<html>".into(),
        with("thingName", json!("Fleet_Index_other")),
        with("certificateId", json!("../x")),
        with("certificateId", Value::Null),
        with("certificatePem", json!("-----BEGIN CERTIFICATE-----")),
        with("certificatePem", Value::Null),
        with("status", json!("INACTIVE")),
        with("status", json!("SLEEPING")),
    ] {
        let (failure, _) = refused_with(Reply::new(201, body.clone())).await;
        assert_eq!(failure.code, Code::ServiceError, "{body}");
        assert!(failure.reason_ja.is_some(), "{failure:?}");
    }
    let (failure, _) = refused_with(Reply::new(201, vec![b' '; 2 << 20])).await;
    assert_eq!(failure.code, Code::ServiceError, "more than anybody needs to read");
}

#[tokio::test]
async fn nothing_secret_is_shown_or_said() {
    let (_double, api, aws) = ready().await;
    let csr = csr();
    api.next(Fate::Answered(gateway(403, "Forbidden")));
    let failure = issue(&aws, THING, &csr).await.expect_err("refused");
    let shown = format!("{aws:?} {failure:?}");
    for token in api.tokens() {
        assert!(token.len() > 20 && !shown.contains(&token), "{shown}");
    }
    assert!(!shown.contains("BEGIN"), "{shown}");
}
