//! An engineer's AWS profile, and what is changed with it.

use fieldkey_cloud::{Account, Profile};
use fieldkey_core::ports::{CertificateStatus, Groups};
use fieldkey_core::{Cloud, Code, Language, Operator};
use rcgen::{CertificateParams, KeyPair};

use crate::support::aws::refusal;
use crate::support::engineer::{Bench, Done, Profiles, SECRET};
use crate::support::http::Reply;
use crate::support::registry::{POLICY, id_of};
use crate::support::{expect_failure, issue, site_at};

const THING: &str = "Fleet_Index_SN-1";

fn csr() -> String {
    CertificateParams::default().serialize_request(&KeyPair::generate().unwrap()).unwrap().pem().unwrap()
}

fn pem() -> String {
    CertificateParams::default().self_signed(&KeyPair::generate().unwrap()).unwrap().pem()
}

#[tokio::test]
async fn whoever_has_a_profile_is_signed_in() {
    let bench = Bench::new();
    let signed_in = bench.account().sign_in().await.expect("keys in the profile");
    assert_eq!((signed_in.name.as_str(), signed_in.groups), ("bench", Groups::Account));
}

#[tokio::test]
async fn a_certificate_is_made_in_aws_s_order() {
    let bench = Bench::new();
    let issued = issue(&bench.account(), THING, &csr()).await.expect("issued");
    assert_eq!(
        bench.calls(),
        [
            "ListThingPrincipals",
            "CreateCertificateFromCsr",
            "AttachPolicy",
            "DescribeThing",
            "CreateThing",
            "AttachThingPrincipal",
            "UpdateCertificate"
        ]
    );
    let state = bench.registry().state();
    let made = &state.certificates[&issued.certificate_id];
    assert_eq!((made.status.as_str(), &made.pem), ("ACTIVE", &issued.certificate_pem));
    assert!(made.policies.contains(POLICY) && made.things.contains(THING), "{made:?}");
}

#[tokio::test]
async fn the_same_csr_gives_the_same_certificate() {
    let bench = Bench::new();
    let (account, csr) = (bench.account(), csr());
    let first = issue(&account, THING, &csr).await.expect("issued");
    bench.calls();
    assert_eq!(issue(&account, THING, &csr).await.expect("again"), first);
    let calls = bench.calls();
    assert!(!calls.iter().any(|call| call.starts_with("Create") || call.starts_with("Update")), "{calls:?}");

    bench.registry().state().certificates.get_mut(&first.certificate_id).unwrap().status = "INACTIVE".into();
    let failure = expect_failure(issue(&account, THING, &csr).await, Code::CertificateDuplicate);
    assert_eq!(failure.reason, format!("INACTIVE, attached to: {THING}"), "somebody switched it off");

    for status in ["INACTIVE", "ACTIVE"] {
        {
            let mut state = bench.registry().state();
            let certificate = state.certificates.get_mut(&first.certificate_id).unwrap();
            certificate.status = status.into();
            certificate.policies.clear();
        }
        expect_failure(issue(&account, THING, &csr).await, Code::CertificateDuplicate);
        let found = bench.registry().state().certificates[&first.certificate_id].clone();
        assert!(found.status == status && found.policies.is_empty(), "somebody took its policy away: {found:?}");
    }
}

#[tokio::test]
async fn what_failed_half_way_is_undone_in_reverse() {
    let undoing = ["UpdateCertificate", "DetachThingPrincipal", "DeleteThing", "DetachPolicy", "DeleteCertificate"];
    for (step, undone) in
        [("AttachPolicy", 2), ("CreateThing", 3), ("AttachThingPrincipal", 4), ("UpdateCertificate", 5)]
    {
        for done in [Done::Yes, Done::No] {
            let bench = Bench::new();
            let denied = refusal(403, "AccessDeniedException", "User is not authorized");
            bench.answer(step, done, denied);
            let failure = expect_failure(issue(&bench.account(), THING, &csr()).await, Code::NotAllowed);
            assert!(failure.about.starts_with(&format!("iot:{step}, ")), "{failure}");
            let calls = bench.calls();
            let after = calls.iter().position(|call| call == step).unwrap() + 1;
            // A thing that was not made leaves nothing to delete, which AWS says no error about.
            assert_eq!(calls[after..], undoing[5 - undone..], "{step} failed, done: {done:?}");
            let state = bench.registry().state();
            assert!(state.certificates.is_empty() && state.things.is_empty(), "{step}, done: {done:?}");
        }
    }
}

#[tokio::test]
async fn a_thing_that_was_there_stays() {
    let bench = Bench::new();
    bench.registry().thing(THING);
    bench.refuse("AttachThingPrincipal", "InvalidRequestException", "no");
    expect_failure(issue(&bench.account(), THING, &csr()).await, Code::ServiceError);
    let state = bench.registry().state();
    assert!(state.things.contains_key(THING) && state.certificates.is_empty());
}

#[tokio::test]
async fn what_could_not_be_undone_is_named() {
    let bench = Bench::new();
    bench.refuse("UpdateCertificate", "InvalidRequestException", "first");
    for _ in 0..8 {
        bench.refuse("DetachPolicy", "InvalidRequestException", "no");
    }
    let failure = expect_failure(issue(&bench.account(), THING, &csr()).await, Code::ServiceError);
    assert_eq!(failure.reason, format!("first; left behind at AWS: policy/{POLICY} on it"));
    assert!(failure.message(Language::Japanese).contains("AWS に残ったもの"), "{failure:?}");
    assert!(bench.registry().state().certificates.is_empty(), "the certificate went all the same");
}

#[tokio::test]
async fn making_is_never_repeated_blindly() {
    let bench = Bench::new();
    let (account, csr) = (bench.account(), csr());
    bench.answer("CreateCertificateFromCsr", Done::Yes, Reply::Cut(b"{".to_vec()));
    expect_failure(issue(&account, THING, &csr).await, Code::Offline);
    let calls = bench.calls();
    let made = calls.iter().filter(|call| *call == "CreateCertificateFromCsr").count();
    assert_eq!(made, 1, "a second certificate would have nobody who knows of it: {calls:?}");
}

#[tokio::test]
async fn a_csr_that_cannot_be_read_is_refused_before_aws_is_asked() {
    let bench = Bench::new();
    let failure = expect_failure(issue(&bench.account(), THING, "garbage").await, Code::CertificateInvalid);
    assert_eq!(failure.about, "CSR");
    assert!(bench.calls().is_empty());
}

#[tokio::test]
async fn a_policy_must_be_named_and_must_exist() {
    let bench = Bench::new();
    let failure = expect_failure(issue(&bench.account_of("bench", None), THING, &csr()).await, Code::Usage);
    assert!(!failure.reason.is_empty() && failure.reason_ja.is_some(), "{failure}");
    assert!(bench.calls().is_empty());
    let outcome = issue(&bench.account_of("bench", Some("Typo")), THING, &csr()).await;
    assert_eq!(expect_failure(outcome, Code::Usage).about, "--policy Typo");
    assert!(bench.registry().state().certificates.is_empty(), "nothing stays behind");
}

#[tokio::test]
async fn a_certificate_that_exists_is_registered_in_either_status() {
    for (status, wire) in [(CertificateStatus::Active, "ACTIVE"), (CertificateStatus::Inactive, "INACTIVE")] {
        let (bench, pem) = (Bench::new(), pem());
        bench.account().register(THING, &pem, status).await.expect("registered");
        let made = bench.registry().state().certificates[&id_of(&pem)].clone();
        assert_eq!(made.status, wire);
        assert!(made.policies.contains(POLICY) && made.things.contains(THING), "{made:?}");
    }
}

#[tokio::test]
async fn a_duplicate_is_named_with_its_state_and_not_changed() {
    let (bench, pem) = (Bench::new(), pem());
    let id = bench.registry().put(pem.clone(), "ACTIVE", 0, &["Fleet_Index_other"]);
    let outcome = bench.account().register(THING, &pem, CertificateStatus::Inactive).await;
    let failure = expect_failure(outcome, Code::CertificateDuplicate);
    assert_eq!((failure.about, failure.reason), (id.clone(), "ACTIVE, attached to: Fleet_Index_other".into()));
    let state = bench.registry().state();
    assert_eq!(state.certificates[&id].status, "ACTIVE");
    assert!(!state.things.contains_key(THING));
}

#[tokio::test]
async fn a_status_is_changed_only_for_the_thing_s_own_certificates() {
    let bench = Bench::new();
    bench.registry().thing(THING);
    let its = bench.registry().certificate("ACTIVE", 0, &[THING]);
    let other = bench.registry().certificate("ACTIVE", 0, &["Fleet_Index_2"]);
    let account = bench.account();
    account.set_status(THING, &its, CertificateStatus::Inactive).await.expect("its own");
    assert_eq!(bench.registry().state().certificates[&its].status, "INACTIVE");
    for id in [other.as_str(), "x"] {
        let outcome = account.set_status(THING, id, CertificateStatus::Inactive).await;
        assert_eq!(expect_failure(outcome, Code::CertificateNotFound).about, id);
    }
    assert_eq!(bench.registry().state().certificates[&other].status, "ACTIVE");
    expect_failure(account.set_status(THING, &its, CertificateStatus::Revoked).await, Code::Usage);
}

#[tokio::test]
async fn a_registration_that_was_cut_is_carried_on_with() {
    let bench = Bench::new();
    let id = bench.registry().certificate("INACTIVE", 0, &[]);
    let pem = {
        let mut state = bench.registry().state();
        let certificate = state.certificates.get_mut(&id).unwrap();
        certificate.policies.clear();
        certificate.pem.clone()
    };
    bench.account().register(THING, &pem, CertificateStatus::Active).await.expect("carried on with");
    let found = bench.registry().state().certificates[&id].clone();
    assert!(found.status == "ACTIVE" && found.policies.contains(POLICY) && found.things.contains(THING), "{found:?}");
}

#[tokio::test]
async fn a_certificate_is_deleted_in_the_order_that_aws_demands() {
    let bench = Bench::new();
    bench.registry().thing(THING);
    let id = bench.registry().certificate("ACTIVE", 0, &[THING]);
    bench.registry().state().slow_detaching = 1;
    let account = bench.account();
    account.delete(THING, &id).await.expect("deleted");
    assert_eq!(
        bench.calls(),
        [
            "DescribeCertificate",
            "ListPrincipalThings",
            "UpdateCertificate",
            "ListAttachedPolicies",
            "DetachPolicy",
            "DetachThingPrincipal",
            "DeleteCertificate",
            "DeleteCertificate"
        ],
        "AWS says that it has detached before it has"
    );
    expect_failure(account.delete(THING, &id).await, Code::CertificateNotFound);
}

#[tokio::test]
async fn a_deletion_that_was_cut_off_goes_on() {
    for cut in ["UpdateCertificate", "DetachPolicy", "DetachThingPrincipal", "DeleteCertificate"] {
        for done in [Done::Yes, Done::No] {
            let bench = Bench::new();
            bench.registry().thing(THING);
            let id = bench.registry().certificate("ACTIVE", 0, &[THING]);
            bench.answer(cut, done, refusal(403, "AccessDeniedException", "no"));
            let account = bench.account();
            expect_failure(account.delete(THING, &id).await, Code::NotAllowed);
            match account.delete(THING, &id).await {
                Ok(()) => {}
                Err(failure) => assert_eq!(failure.code, Code::CertificateNotFound, "{cut} {done:?}: it was gone"),
            }
            assert!(bench.registry().state().certificates.is_empty(), "{cut} {done:?}");
        }
    }
}

#[tokio::test]
async fn a_certificate_of_others_is_not_deleted() {
    let bench = Bench::new();
    let shared = bench.registry().certificate("ACTIVE", 0, &[THING, "Fleet_Index_2"]);
    let foreign = bench.registry().certificate("INACTIVE", 0, &["Fleet_Index_2"]);
    let loose = bench.registry().certificate("ACTIVE", 0, &[]);
    let account = bench.account();
    let failure = expect_failure(account.delete(THING, &shared).await, Code::CertificateShared);
    assert_eq!(failure.about, "Fleet_Index_2");
    expect_failure(account.delete(THING, &foreign).await, Code::CertificateNotFound);
    expect_failure(account.delete(THING, &loose).await, Code::CertificateNotFound);
    assert_eq!(bench.registry().state().certificates.len(), 3);
    let changes = bench.calls().into_iter().filter(|call| !call.starts_with("Describe") && !call.starts_with("List"));
    assert_eq!(changes.count(), 0, "nothing was touched");
}

#[tokio::test]
async fn keys_that_aws_does_not_know_need_a_sign_in() {
    let bench = Bench::new();
    bench.refuse("DescribeEndpoint", "UnrecognizedClientException", "The security token is invalid.");
    let failure = expect_failure(bench.account().endpoint().await, Code::SignInRequired);
    assert!(failure.reason.contains("aws sts get-caller-identity --profile bench"), "{failure}");
}

fn account(profiles: &Profiles, name: &str) -> Account {
    Account::new(&site_at("http://127.0.0.1:9"), None, profiles.profile(name), None).unwrap()
}

#[tokio::test]
async fn a_profile_that_there_is_not_is_named_beside_those_that_there_are() {
    let profiles = Profiles::new("[profile dev]\nregion = eu-west-1\n[profile prod]\nregion = eu-west-1\n");
    let failure = expect_failure(account(&profiles, "prd").sign_in().await, Code::Usage);
    assert_eq!(failure.about, "--aws-profile prd");
    assert!(failure.reason.contains("dev, prod"), "{failure}");
    let empty = expect_failure(account(&Profiles::new(""), "dev").sign_in().await, Code::Usage);
    assert!(empty.reason_ja.is_some(), "{empty}");
    let nothing = expect_failure(account(&profiles, "dev").sign_in().await, Code::Usage);
    assert!(nothing.reason.contains("no credentials"), "{nothing}");
}

#[tokio::test]
async fn a_profile_of_identity_center_says_which_command_signs_in() {
    let sso = "sso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Admin\n";
    let session = "sso_start_url = https://corp.awsapps.com/start\nsso_region = ap-northeast-1\n";
    let session = format!("[sso-session corp]\n{session}sso_registration_scopes = sso:account:access\n");
    let role = "role_arn = arn:aws:iam::123456789012:role/Admin\nsource_profile = corp\n";
    let profiles = Profiles::new(&format!("[profile corp]\n{sso}{session}[profile over]\n{role}"));
    for name in ["corp", "over"] {
        let failure = expect_failure(account(&profiles, name).sign_in().await, Code::SignInRequired);
        assert_eq!(failure.reason, format!("run `aws sso login --profile {name}`"));
        assert!(failure.message(Language::Japanese).contains(&format!("aws sso login --profile {name}")));
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_process_behind_a_profile_gives_credentials_or_a_reason() {
    let keys = r#"{"Version": 1, "AccessKeyId": "AKIAPROCESS", "SecretAccessKey": "s"}"#;
    let fails = "sh -c 'echo hunter2 >&2; exit 7'";
    let text =
        format!("[profile good]\ncredential_process = echo '{keys}'\n[profile bad]\ncredential_process = {fails}\n");
    let profiles = Profiles::new(&text);
    account(&profiles, "good").sign_in().await.expect("keys from the process");
    let failure = expect_failure(account(&profiles, "bad").sign_in().await, Code::SignInRequired);
    assert!(failure.reason.contains("aws sts get-caller-identity --profile bad"), "{failure}");
    assert!(!format!("{failure:?}").contains("hunter2"), "what a process writes may be anything: {failure:?}");
}

#[tokio::test]
async fn what_a_machine_is_given_is_never_used() {
    let role = "role_arn = arn:aws:iam::123456789012:role/Admin\n";
    for source in ["Ec2InstanceMetadata", "EcsContainer"] {
        let profiles = Profiles::new(&format!("[profile machine]\n{role}credential_source = {source}\n"));
        let failure = expect_failure(account(&profiles, "machine").sign_in().await, Code::Usage);
        assert_eq!(failure.about, "--aws-profile machine", "{source}");
    }
}

#[tokio::test]
async fn nothing_secret_is_shown() {
    let bench = Bench::new();
    let account = bench.account();
    account.sign_in().await.expect("keys");
    let shown = format!("{account:?} {:?}", Profile::named("bench"));
    assert!(shown.contains("bench") && !shown.contains(SECRET), "{shown}");
}
