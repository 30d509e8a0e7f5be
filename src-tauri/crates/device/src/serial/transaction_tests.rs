//! The transactions, over devices of which every single act can fail.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use fieldkey_core::ports::Kind;
use fieldkey_core::{Bundle, Code, Failure, Identity, Target, x509};
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::target::Connect;
use super::{Line, Serial, Wire};
use crate::drivers::{Driver, Files, Held, Listed, Slots, Store};
use crate::layout::tests::{bundle, greengrass, identity};
use crate::layout::{self, Content, IDENTITY, Layout, PRIVATE_KEY, Part, SETTINGS};

/// What a device holds; its acts are counted, and from one of them on, or at one of them, it fails.
#[derive(Default)]
struct Memory {
    held: BTreeMap<String, Vec<u8>>,
    acts: usize,
    fails_at: Option<usize>,
    /// Gone for good, or one refusal.
    gone: bool,
    keys_readable: bool,
    /// Refuses to remove a key until told otherwise.
    guards_key: bool,
    left: usize,
}

#[derive(Clone)]
struct Device(Arc<Mutex<Memory>>);

impl Device {
    fn act<T>(&self, line: &Line, work: impl FnOnce(&mut Memory) -> T) -> Result<T, Failure> {
        let mut memory = self.0.lock().expect("memory");
        memory.acts += 1;
        match memory.fails_at {
            Some(at) if memory.acts == at || (memory.gone && memory.acts > at) => {
                Err(line.failure(if memory.gone { Code::TargetGone } else { Code::DeviceRejected }))
            }
            _ => Ok(work(&mut memory)),
        }
    }

    fn held(&self) -> BTreeMap<String, Vec<u8>> {
        self.0.lock().expect("memory").held.clone()
    }
}

struct Nothing;

impl Wire for Nothing {
    fn now(&self) -> Instant {
        Instant::now()
    }
    fn send(&mut self, bytes: &[u8], _: Instant) -> io::Result<usize> {
        Ok(bytes.len())
    }
    fn receive(&mut self, _: &mut [u8], _: Instant) -> io::Result<usize> {
        Ok(0)
    }
}

impl Connect for Nothing {
    fn connect(&self) -> Result<Box<dyn Wire>, Failure> {
        Ok(Box::new(Self))
    }
}

struct KeyStore(Device);
struct Folder(Device);

impl Driver for KeyStore {
    fn name(&self) -> &str {
        "key-store"
    }
    fn greet(&mut self, _: &mut Line) -> Result<Option<String>, Failure> {
        Ok(None)
    }
    fn leave(&mut self, _: &mut Line) {
        self.0.0.lock().expect("memory").left += 1;
    }
    fn store(&mut self) -> Store<'_> {
        Store::Slots(self)
    }
}

impl Slots for KeyStore {
    fn place(&self, part: Part) -> Option<String> {
        (part != Part::Settings).then(|| format!("{part:?}"))
    }
    fn held(&mut self, line: &mut Line) -> Result<Vec<Held>, Failure> {
        self.0.act(line, |memory| {
            let parts = [Part::Ca, Part::Certificate, Part::PrivateKey].into_iter();
            let there = parts.filter(|part| memory.held.contains_key(&format!("{part:?}")));
            there.map(|part| Held { part, bytes: None, digest: None }).collect()
        })
    }
    fn room(&mut self, line: &mut Line, sizes: &[(Part, usize)]) -> Result<(), Failure> {
        if sizes.iter().any(|(_, size)| *size > 2_000) { Err(line.failure(Code::TargetFull)) } else { Ok(()) }
    }
    fn read(&mut self, line: &mut Line, part: Part) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
        self.0.act(line, |memory| {
            let readable = part != Part::PrivateKey || memory.keys_readable;
            memory.held.get(&format!("{part:?}")).filter(|_| readable).cloned().map(Zeroizing::new)
        })
    }
    fn remove(&mut self, line: &mut Line, part: Part) -> Result<(), Failure> {
        if self.0.0.lock().expect("memory").guards_key && part == Part::PrivateKey {
            return Err(line.failure(Code::DeviceRejected));
        }
        self.0.act(line, |memory| drop(memory.held.remove(&format!("{part:?}"))))
    }
    fn write(&mut self, line: &mut Line, content: &Content) -> Result<(), Failure> {
        self.0.act(line, |memory| {
            let before = memory.held.insert(format!("{:?}", content.part), content.bytes.to_vec());
            assert!(before.is_none(), "a key store refuses to overwrite");
        })
    }
    fn verify(&mut self, line: &mut Line, content: &Content) -> Result<(), Failure> {
        let same = self.0.act(line, |memory| {
            memory.held.get(&format!("{:?}", content.part)).is_some_and(|bytes| *bytes == *content.bytes)
        })?;
        if same { Ok(()) } else { Err(line.failure(Code::VerifyMismatch)) }
    }
}

impl Driver for Folder {
    fn name(&self) -> &str {
        "folder"
    }
    fn greet(&mut self, _: &mut Line) -> Result<Option<String>, Failure> {
        Ok(None)
    }
    fn leave(&mut self, _: &mut Line) {
        self.0.0.lock().expect("memory").left += 1;
    }
    fn store(&mut self) -> Store<'_> {
        Store::Files(self)
    }
}

impl Files for Folder {
    fn list(&mut self, line: &mut Line) -> Result<Vec<Listed>, Failure> {
        self.0.act(line, |m| m.held.keys().map(|name| Listed { name: name.clone(), bytes: None }).collect())
    }
    fn room(&mut self, _: &mut Line) -> Result<Option<u64>, Failure> {
        Ok(None)
    }
    fn read(&mut self, line: &mut Line, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
        let is_key = name.contains("private") || name.contains("-key");
        assert!(!is_key || self.0.0.lock().expect("memory").keys_readable, "{name} crosses the wire");
        self.0.act(line, |m| m.held.get(name).cloned().map(Zeroizing::new))
    }
    fn write(&mut self, line: &mut Line, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        self.0.act(line, |m| drop(m.held.insert(name.into(), bytes.to_vec())))
    }
    fn sha256(&mut self, line: &mut Line, name: &str) -> Result<Option<String>, Failure> {
        self.0.act(line, |m| m.held.get(name).map(|bytes| layout::sha256(bytes)))
    }
    fn rename(&mut self, line: &mut Line, from: &str, to: &str) -> Result<(), Failure> {
        self.0.act(line, |m| {
            let bytes = m.held.remove(from).expect("a file that is there");
            m.held.insert(to.into(), bytes);
        })
    }
    fn remove(&mut self, line: &mut Line, name: &str) -> Result<(), Failure> {
        self.0.act(line, |m| drop(m.held.remove(name)))
    }
    fn sync(&mut self, line: &mut Line) -> Result<(), Failure> {
        self.0.act(line, |_| ())
    }
}

fn device() -> Device {
    Device(Arc::new(Mutex::new(Memory { keys_readable: true, ..Memory::default() })))
}

fn key_store(device: &Device) -> Serial {
    let device = device.clone();
    Serial::new(
        "serial:x".into(),
        Box::new(Nothing),
        Box::new(move |_| Ok(Box::new(KeyStore(device.clone())))),
        Layout::Drive,
        false,
    )
}

fn folder(device: &Device) -> Serial {
    folder_of(device, Layout::Drive)
}

fn folder_of(device: &Device, layout: Layout) -> Serial {
    let device = device.clone();
    let driver = Box::new(move |_: &mut Line| Ok(Box::new(Folder(device.clone())) as Box<dyn Driver>));
    Serial::new("serial:x".into(), Box::new(Nothing), driver, layout, false)
}

/// Names that only a site's own layout knows, and DER.
fn of_site() -> Layout {
    let json = serde_json::json!({
        "encoding": "der",
        "identity": {"certificate": "device.crt", "privateKey": "device.key", "ca": "ca.crt"},
    });
    Layout::Site(Arc::new(serde_json::from_value(json).expect("a layout")))
}

/// One whose forms can be changed.
fn real() -> Identity {
    let certificate_pem = include_str!("../../../core/tests-data/x509/p256.pem").to_owned();
    let key = include_str!("../../../core/tests-data/x509/p256-key.pem");
    let ca_pem = include_str!("../../../core/tests-data/x509/ca.pem").to_owned();
    Identity { certificate_pem, private_key_pem: Some(key.into()), ca_pem, ..identity(1) }
}

/// All that a job does with a target.
async fn put(target: &Serial, bundle: &Bundle, kind: Kind, replace: bool) -> Result<(), Failure> {
    target.check(kind, replace).await?;
    let in_force = target.stage(bundle).await?.commit().await?;
    if let Err(failure) = target.verify(bundle).await {
        in_force.withdraw().await?;
        return Err(failure);
    }
    in_force.settle().await
}

fn fail_at(device: &Device, act: usize, gone: bool) {
    let mut memory = device.0.lock().expect("memory");
    (memory.acts, memory.fails_at, memory.gone) = (0, Some(act), gone);
}

#[tokio::test]
async fn a_bundle_arrives_and_the_device_is_left_as_it_was_found() {
    let device = device();
    let target = key_store(&device);
    put(&target, &bundle(), Kind::Claim, false).await.expect("written");
    assert_eq!(device.held().keys().collect::<Vec<_>>(), ["Ca", "Certificate", "PrivateKey"]);
    assert_eq!(device.0.lock().expect("memory").left, 0, "the conversation goes on");
    target.release().await.expect("closed");
    assert_eq!(device.0.lock().expect("memory").left, 1);
    let refused = put(&target, &bundle(), Kind::Claim, false).await.expect_err("it holds something");
    assert_eq!(refused.code, Code::IdentityPresent);
}

#[tokio::test]
async fn a_refusal_at_any_act_leaves_a_key_store_with_what_it_had() {
    let old = Bundle::Identity(identity(1));
    let new = Bundle::Identity(identity(2));
    let mut refused = 0;
    for act in 1.. {
        let device = device();
        put(&key_store(&device), &old, Kind::Identity, false).await.expect("the old one");
        let before = device.held();
        fail_at(&device, act, false);
        match put(&key_store(&device), &new, Kind::Identity, true).await {
            Ok(()) => break,
            Err(failure) => {
                assert_eq!(device.held(), before, "act {act}: {failure}");
                refused += 1;
            }
        }
    }
    assert!(refused > 8, "every act was refused once: {refused}");
}

#[tokio::test]
async fn a_key_that_cannot_come_back_is_said_to_be_lost() {
    let device = device();
    put(&key_store(&device), &Bundle::Identity(identity(1)), Kind::Identity, false).await.expect("the old one");
    let before = device.held();
    device.0.lock().expect("memory").keys_readable = false;
    let (mut intact, mut lost) = (0, 0);
    for act in 1.. {
        device.0.lock().expect("memory").held.clone_from(&before);
        fail_at(&device, act, false);
        match put(&key_store(&device), &Bundle::Identity(identity(2)), Kind::Identity, true).await {
            Ok(()) => break,
            Err(_) if device.held() == before => intact += 1,
            Err(failure) => {
                assert!(failure.reason.contains("PrivateKey before is gone"), "act {act}: {failure}");
                lost += 1;
            }
        }
    }
    assert!(intact > lost && lost > 0, "only once the key itself is touched: {intact} {lost}");
}

#[tokio::test]
async fn a_folder_holds_old_or_new_whatever_act_fails_and_never_half_of_one() {
    let old = Bundle::Identity(identity(1));
    let new = Bundle::Identity(identity(2));
    for gone in [false, true] {
        for act in 1.. {
            let device = device();
            put(&folder(&device), &old, Kind::Identity, false).await.expect("the old one");
            let before = device.held();
            fail_at(&device, act, gone);
            let outcome = put(&folder(&device), &new, Kind::Identity, true).await;
            device.0.lock().expect("memory").fails_at = None;
            let now = folder(&device).identity().await.expect("whole, or none").expect("one of them");
            match outcome {
                Ok(()) => {
                    assert_eq!(now.certificate_id, identity(2).certificate_id);
                    assert_eq!(device.held().len(), before.len(), "nothing of the old one is left");
                    break;
                }
                Err(failure) if gone => {
                    let ids = [1, 2].map(|number| identity(number).certificate_id);
                    assert!(ids.contains(&now.certificate_id), "act {act}: {failure}");
                }
                Err(failure) => {
                    // The record, and all that it names. Settling is past the point of no return.
                    let settled = now.certificate_id == identity(2).certificate_id;
                    assert!(settled || device.held() == before, "act {act}: {failure} {:?}", device.held().keys());
                }
            }
        }
    }
}

/// Names that are the same for every identity, so that the new key takes the old one's place.
#[tokio::test]
async fn a_key_of_the_same_name_waits_aside_and_comes_back_without_crossing_the_wire() {
    for gone in [false, true] {
        for act in 1.. {
            let device = device();
            let target = || folder_of(&device, greengrass());
            put(&target(), &Bundle::Identity(identity(1)), Kind::Identity, false).await.expect("the old one");
            device.0.lock().expect("memory").keys_readable = false;
            let before = device.held();
            fail_at(&device, act, gone);
            let outcome = put(&target(), &Bundle::Identity(identity(2)), Kind::Identity, true).await;
            device.0.lock().expect("memory").fails_at = None;
            if outcome.is_ok() {
                assert_eq!(device.held().len(), before.len(), "{:?}", device.held().keys());
                break;
            }
            target().check(Kind::Identity, true).await.expect("what was left is swept");
            let now = device.held();
            // Cut off between two renames, the folder is whole again once the next run has come to its end.
            let settled = now.get("identity.json") != before.get("identity.json");
            assert!(settled || gone || now == before, "act {act}: {:?}", now.keys());
            let keys = |held: &BTreeMap<String, Vec<u8>>| held.iter().filter(|(name, _)| name.contains("key")).count();
            assert_eq!(keys(&now), 1, "act {act}: neither lost nor left behind: {:?}", now.keys());
        }
    }
}

#[tokio::test]
async fn a_claim_s_settings_are_there_only_when_all_of_it_is() {
    for act in 1.. {
        let device = device();
        put(&folder(&device), &Bundle::Identity(identity(1)), Kind::Identity, false).await.expect("an identity");
        fail_at(&device, act, true);
        let outcome = put(&folder(&device), &bundle(), Kind::Claim, true).await;
        device.0.lock().expect("memory").fails_at = None;
        if device.held().contains_key(SETTINGS) {
            assert!(folder(&device).verify(&bundle()).await.is_ok(), "act {act}: its settings say that it is whole");
            assert!(!device.held().contains_key(IDENTITY), "the device would carry on with the identity");
        } else if outcome.is_ok() {
            panic!("act {act}: finished without settings");
        }
        if outcome.is_ok() {
            break;
        }
    }
}

#[tokio::test]
async fn what_an_interrupted_run_left_is_swept_before_the_next() {
    let device = device();
    fail_at(&device, 8, true);
    put(&folder(&device), &bundle(), Kind::Claim, false).await.expect_err("gone");
    device.0.lock().expect("memory").fails_at = None;
    assert!(device.held().keys().any(|name| name.starts_with("fieldkey-new-")), "{:?}", device.held().keys());
    put(&folder(&device), &bundle(), Kind::Claim, false).await.expect("again");
    assert_eq!(device.held().len(), 4, "{:?}", device.held().keys());
}

#[tokio::test]
async fn removing_leaves_nothing_of_ours_and_all_of_others() {
    let device = device();
    put(&folder(&device), &bundle(), Kind::Claim, false).await.expect("written");
    device.0.lock().expect("memory").held.insert("main.py".into(), b"print()".to_vec());
    let gone = folder(&device).remove().await.expect("removed");
    let order: Vec<&str> = gone.iter().map(|stored| stored.name.as_str()).take(2).collect();
    assert_eq!(
        (gone.len(), order),
        (4, vec![PRIVATE_KEY, SETTINGS]),
        "the key first, and then what the rest is found by"
    );
    assert_eq!(device.held().keys().collect::<Vec<_>>(), ["main.py"]);
}

#[tokio::test]
async fn a_removal_that_is_cut_off_is_finished_by_the_next() {
    for act in 1.. {
        let device = device();
        put(&folder_of(&device, of_site()), &Bundle::Identity(real()), Kind::Identity, false).await.expect("written");
        fail_at(&device, act, true);
        let outcome = folder_of(&device, of_site()).remove().await;
        device.0.lock().expect("memory").fails_at = None;
        if outcome.is_ok() {
            break;
        }
        folder_of(&device, of_site()).remove().await.expect("again");
        assert!(!device.held().contains_key("device.key"), "act {act}: {:?}", device.held().keys());
    }
}

#[tokio::test]
async fn a_site_s_own_names_are_not_lost_by_removing_the_record_alone() {
    let device = device();
    put(&folder_of(&device, of_site()), &Bundle::Identity(real()), Kind::Identity, false).await.expect("written");
    let before = device.held();
    let refused = folder(&device).remove().await.expect_err("no layout at hand");
    assert_eq!(refused.code, Code::Usage);
    assert!(refused.reason.contains("`device.crt`") && refused.reason.contains("--site"), "{refused}");
    assert_eq!(device.held(), before, "the record is how the key is found");
    let gone = folder_of(&device, of_site()).remove().await.expect("removed");
    assert_eq!((gone.len(), device.held().len()), (4, 0), "{:?}", device.held().keys());
}

#[tokio::test]
async fn an_identity_in_der_is_read_as_one_in_pem() {
    let device = device();
    let target = folder_of(&device, of_site());
    put(&target, &Bundle::Identity(real()), Kind::Identity, false).await.expect("written");
    let read = target.identity().await.expect("whole").expect("there");
    assert_eq!(x509::certificate_der(&read.certificate_pem), x509::certificate_der(&real().certificate_pem));
    assert!(read.private_key_pem.is_some());
}

#[tokio::test]
async fn files_of_a_site_s_names_that_nobody_here_wrote_are_not_written_over_unasked() {
    let device = device();
    device.0.lock().expect("memory").held.insert("device.key".into(), b"theirs".to_vec());
    let refused = folder_of(&device, of_site()).check(Kind::Identity, false).await.expect_err("somebody's");
    assert_eq!(refused.code, Code::IdentityPresent);
    assert!(refused.reason.contains("`device.key`"), "{refused}");
    folder_of(&device, of_site()).check(Kind::Identity, true).await.expect("asked");
    folder(&device).check(Kind::Identity, false).await.expect("it writes no such file");
}

/// A refusal tells whether the key is gone.
#[tokio::test]
async fn a_key_whose_removal_was_refused_stays() {
    let device = device();
    put(&key_store(&device), &Bundle::Identity(identity(1)), Kind::Identity, false).await.expect("the old one");
    device.0.lock().expect("memory").keys_readable = false;
    device.0.lock().expect("memory").guards_key = true;
    put(&key_store(&device), &Bundle::Identity(identity(2)), Kind::Identity, true).await.expect_err("guarded");
    device.0.lock().expect("memory").guards_key = false;
    let key = device.held().remove("PrivateKey").expect("the key is there");
    let old = identity(1).private_key_pem.expect("a key");
    assert!(key.starts_with(old.expose_secret().trim().as_bytes()), "and it is the old one");
}
