use std::sync::Mutex;

use async_trait::async_trait;

use super::*;
use crate::fakes::{FakeCloud, Seen};
use crate::ports::Entry;
use crate::site::tests::site;
use crate::{Why, unseal};

const PASSPHRASE: &str = "k7fw-2m9x-t3qh-8vbn";

#[derive(Default)]
struct Folder {
    refuse: Option<Code>,
    /// What is read back differs.
    faulty: bool,
    put: Mutex<Vec<(String, Vec<u8>)>>,
}

#[async_trait]
impl ClaimFiles for Folder {
    fn name(&self) -> String {
        "folder:/claims".into()
    }
    async fn check(&self) -> Result<(), Failure> {
        self.refuse.map_or(Ok(()), |code| Err(Failure::new(code)))
    }
    async fn put(&self, name: &str, bytes: &[u8]) -> Result<String, Failure> {
        self.put.lock().expect("files").push((name.to_owned(), bytes.to_vec()));
        Ok(format!("/claims/{name}"))
    }
    async fn read_back(&self, _: &str) -> Result<Vec<u8>, Failure> {
        let files = self.put.lock().expect("files");
        let (_, bytes) = files.last().expect("a file");
        Ok(if self.faulty { vec![] } else { bytes.clone() })
    }
}

fn request(passphrase: &str) -> ExportClaim {
    let (run, serial_number) = ("r1".into(), "SN-1".into());
    ExportClaim { run, serial_number, parameters: BTreeMap::new(), passphrase: passphrase.into() }
}

async fn exported(passphrase: &str, folder: &Folder, cloud: &FakeCloud) -> (Result<ExportedClaim, Failure>, Seen) {
    let seen = Seen::default();
    let outcome = export_claim(&request(passphrase), &site(), "ca", folder, &Rules::None, seen.ports(cloud)).await;
    (outcome, seen)
}

#[tokio::test]
async fn a_claim_becomes_a_file_that_its_passphrase_opens() {
    let folder = Folder::default();
    let (outcome, seen) = exported(PASSPHRASE, &folder, &FakeCloud::default()).await;
    let done = outcome.expect("exported");
    let files = folder.put.lock().expect("files");
    let [(name, bytes)] = files.as_slice() else { panic!("one file: {files:?}") };
    assert_eq!((&done.file.name, done.file.bytes), (name, bytes.len() as u64));
    let opened = unseal(name, bytes, &PASSPHRASE.into()).expect("opened");
    assert_eq!((opened.bundle.thing_name.as_str(), opened.bundle.certificate_id.as_str()), (THING, "c1a1"));
    assert_eq!(opened.bundle.expires, done.expires);
    assert_eq!(seen.words().last().map(String::as_str), Some("finished"));
    let told = format!("{:?} {done:?}", seen.entries());
    assert!(!told.contains(PASSPHRASE) && !told.contains("\"key\""), "a secret was told: {told}");
}

const THING: &str = "Fleet_Index_SN-1";

#[tokio::test]
async fn no_claim_is_spent_on_a_folder_that_cannot_take_it_or_on_a_weak_passphrase() {
    let full = Folder { refuse: Some(Code::TargetFull), ..Folder::default() };
    let open = Folder::default();
    for (passphrase, folder, code) in [(PASSPHRASE, &full, Code::TargetFull), ("short", &open, Code::PassphraseShort)] {
        let cloud = FakeCloud::default();
        let (outcome, _) = exported(passphrase, folder, &cloud).await;
        assert_eq!(outcome.expect_err("refused").code, code);
        assert!(cloud.calls().is_empty(), "{code}: AWS must not have been asked");
    }
}

#[tokio::test]
async fn success_is_never_said_of_a_file_that_reads_back_wrong() {
    let folder = Folder { faulty: true, ..Folder::default() };
    let (outcome, seen) = exported(PASSPHRASE, &folder, &FakeCloud::default()).await;
    let failure = outcome.expect_err("mismatch");
    assert_eq!((failure.code, failure.step), (Code::VerifyMismatch, Some(Step::Verify)));
    assert!(!seen.words().contains(&"finished".to_owned()));
}

#[tokio::test]
async fn whoever_puts_no_devices_into_service_exports_no_claim() {
    let nobody = FakeCloud { groups: Some(vec![]), ..FakeCloud::default() };
    let (outcome, seen) = exported(PASSPHRASE, &Folder::default(), &nobody).await;
    assert_eq!(outcome.expect_err("not allowed").code, Code::NotAllowed);
    assert!(!nobody.calls().contains(&"claim".to_owned()), "{:?}", nobody.calls());
    let [Entry::Started(start), Entry::Ended(end)] = &seen.entries()[..] else { panic!("two lines") };
    assert_eq!((start.target.as_str(), start.thing_name.as_str()), ("folder:/claims", THING));
    assert_eq!(end.failed, Some((Code::NotAllowed, Some(Step::SignIn))), "an attempt is on record, too");
}

#[test]
fn the_file_s_name_says_whose_it_is_and_until_when() {
    let expires = time::macros::datetime!(2026-11-21 23:05:10 +9);
    let serial = SerialNumber::parse("SN-0042", &site()).expect("valid");
    assert_eq!(name(&serial, expires), "claim-SN-0042-until-1405Z.age");
}

#[tokio::test]
async fn what_the_policy_forbids_asks_nobody_and_makes_no_claim() {
    let (cloud, folder, seen) = (FakeCloud::default(), Folder::default(), Seen::default());
    let broken = Rules::broken("policy.json", Why::new("not JSON", "JSON ではありません"));
    let outcome = export_claim(&request(PASSPHRASE), &site(), "ca", &folder, &broken, seen.ports(&cloud)).await;
    assert_eq!(outcome.expect_err("fails closed").code, Code::PolicyInvalid);
    assert!(cloud.calls().is_empty(), "{:?}", cloud.calls());
    assert!(folder.put.lock().expect("files").is_empty());
}
