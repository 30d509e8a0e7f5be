//! Stopped at any step, a folder holds the old identity whole or the new one whole.

use std::collections::BTreeMap;
use std::path::Path;

use fieldkey_core::ports::InForce;
use tempfile::TempDir;

use super::identity_tests::{elsewhere, lay_claim, parts, put, seen, snapshot};
use super::steps::stop::{self, Then};
use super::temporary::replaced;
use super::tests::{drive, names};
use super::*;
use crate::layout::tests::{bundle, identity as made};
use crate::layout::{CA, CERTIFICATE, PRIVATE_KEY, Record, SETTINGS};

type Files = BTreeMap<String, Vec<u8>>;

/// A folder before, with its old identity if it has one, and the new one.
struct Case {
    folder: TempDir,
    old: Option<Identity>,
    new: Identity,
    before: Files,
}

/// A folder whose every sync costs nothing, where there is one: thousands are made here.
fn memory() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("folder")
}

const CASES: usize = 4;

/// What is replaced by what: nothing, another certificate, with another CA, a certificate by itself.
async fn case(which: usize) -> Case {
    let (old, new) = match which {
        0 => (None, made(2)),
        1 => (Some(made(1)), made(2)),
        2 => (Some(made(1)), elsewhere(2)),
        _ => (Some(made(1)), again()),
    };
    let folder = memory();
    if let Some(old) = &old {
        drop(put(folder.path(), old.clone()).await);
    }
    lay_claim(folder.path(), -60);
    let before = snapshot(folder.path());
    Case { folder, old, new, before }
}

/// The same certificate ID with other bytes in every file.
fn again() -> Identity {
    let key = "-----BEGIN EC PRIVATE KEY-----\nMIIsame\n-----END EC PRIVATE KEY-----";
    let certificate_pem = format!("{}\n# the same\n", made(1).certificate_pem.trim());
    Identity { certificate_pem, private_key_pem: Some(key.into()), ..elsewhere(1) }
}

impl Case {
    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Stages and commits, as far as it is let.
    async fn write(&self) -> Result<Box<dyn InForce>, Failure> {
        drive(self.path()).stage_over(&Bundle::Identity(self.new.clone())).await?.commit().await
    }

    /// Is the new one in force? If not, the old one must be.
    async fn is_new(&self, when: &str) -> bool {
        let seen = seen(self.path()).await;
        let is_new = seen == Some(parts(&self.new));
        assert!(is_new || seen == self.old.as_ref().map(parts), "{when}: neither, or a mixture: {seen:?}");
        is_new
    }

    /// A next run begins: it changes nothing of what is in force, and leaves only what belongs there.
    async fn check(&self, when: &str) {
        let is_new = self.is_new(when).await;
        drive(self.path()).check(Kind::Identity, true).await.expect(when);
        assert_eq!(self.is_new(when).await, is_new, "{when}: the check changed what is in force");
        let now = snapshot(self.path());
        let hidden: Vec<&String> = now.keys().filter(|name| name.starts_with('.')).collect();
        let aside = self.old.as_ref().map(|old| replaced(&old.certificate_id)).filter(|_| is_new);
        assert!(hidden.iter().all(|name| Some(*name) == aside.as_ref()), "{when}: {hidden:?}");
        if is_new {
            // As long as the replaced key lies there, its record does: the next run to be settled clears both.
            let old = self.old.iter().filter(|old| old.certificate_id != self.new.certificate_id);
            let keys = old.flat_map(|old| Record::names(&old.certificate_id)).filter(|name| now.contains_key(name));
            assert_eq!(keys.count() > 0, !hidden.is_empty(), "{when}: {:?}", now.keys());
            return;
        }
        let mut expected = self.before.clone();
        if self.old.is_none()
            && let Some(ca) = now.get(CA)
        {
            // It is public, and in nobody's way.
            expected.insert(CA.into(), ca.clone());
        }
        assert!(now == expected, "{when}: {:?}", now.keys());
    }
}

impl Drive {
    async fn stage_over(&self, bundle: &Bundle) -> Result<Box<dyn Staged>, Failure> {
        let folder = Folder::find(&self.given)?;
        *self.checked.lock().expect("checked") = Some(Checked { folder, replace: true });
        self.stage(bundle).await
    }
}

#[tokio::test]
async fn a_write_that_is_killed_leaves_the_old_identity_or_the_new_one() {
    for which in 0..CASES {
        for steps in 0.. {
            let case = case(which).await;
            stop::after(steps, case.path(), Then::End);
            let committed = case.write().await.map(drop).is_ok();
            let stopped = stop::lift(case.path());
            let when = format!("case {which}, killed after {steps} steps");
            let is_new = case.is_new(&when).await;
            assert!(is_new || !committed, "{when}: success was said");
            case.check(&when).await;
            if !stopped {
                assert!(committed && is_new && steps > 20, "{when}: no step is left");
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_write_that_fails_is_undone() {
    for which in 0..CASES {
        for steps in 0.. {
            let case = case(which).await;
            stop::after(steps, case.path(), Then::GoOn);
            let committed = case.write().await.map(drop);
            let stopped = stop::lift(case.path());
            let when = format!("case {which}, failed after {steps} steps");
            assert_eq!(case.is_new(&when).await, committed.is_ok(), "{when}");
            if let Err(failure) = committed {
                assert_eq!(failure.code, Code::TargetGone, "{when}");
                assert!(snapshot(case.path()) == case.before, "{when}: {:?}", names(case.path()));
            }
            case.check(&when).await;
            if !stopped {
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_withdrawal_that_is_killed_leaves_the_new_identity_or_the_old_one() {
    for which in 0..CASES {
        for steps in 0.. {
            let case = case(which).await;
            let in_force = case.write().await.expect("committed");
            stop::after(steps, case.path(), Then::End);
            let withdrawn = in_force.withdraw().await.is_ok();
            let stopped = stop::lift(case.path());
            let when = format!("case {which}, killed after {steps} steps");
            let is_new = case.is_new(&when).await;
            assert!(!(is_new && withdrawn), "{when}: success was said");
            case.check(&when).await;
            if !stopped {
                assert!(withdrawn && steps > 4, "{when}: no step is left");
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_settling_that_is_killed_leaves_the_new_identity() {
    for which in 0..CASES {
        for steps in 0.. {
            let case = case(which).await;
            let in_force = case.write().await.expect("committed");
            stop::after(steps, case.path(), Then::End);
            let settled = in_force.settle().await.is_ok();
            let stopped = stop::lift(case.path());
            let when = format!("case {which}, killed after {steps} steps");
            assert!(case.is_new(&when).await, "{when}");
            case.check(&when).await;
            if settled {
                let left = names(case.path());
                assert_eq!(left.len(), 4, "{when}: {left:?}");
            }
            if !stopped {
                assert!(settled && steps > 4, "{when}: no step is left");
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_check_that_is_killed_is_made_good_by_the_next_one() {
    for which in 0..CASES {
        for steps in (0..).step_by(2) {
            let mut written = false;
            for more in 0.. {
                let case = case(which).await;
                stop::after(steps, case.path(), Then::End);
                let _ = case.write().await.map(drop);
                written = !stop::lift(case.path());
                let when = format!("case {which}, killed after {steps} steps, and then after {more}");
                let is_new = case.is_new(&when).await;
                stop::after(more, case.path(), Then::End);
                let _ = drive(case.path()).check(Kind::Identity, true).await;
                let stopped = stop::lift(case.path());
                assert_eq!(case.is_new(&when).await, is_new, "{when}");
                case.check(&when).await;
                // The probe's own steps are not what this is about.
                if !stopped || more > 12 {
                    break;
                }
            }
            if written {
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_claim_that_is_killed_leaves_the_identity_or_comes_into_force() {
    for steps in 0.. {
        let folder = memory();
        drop(put(folder.path(), elsewhere(1)).await);
        let before = snapshot(folder.path());
        stop::after(steps, folder.path(), Then::End);
        let committed = match drive(folder.path()).stage_over(&bundle()).await {
            Ok(staged) => staged.commit().await.is_ok(),
            Err(_) => false,
        };
        let stopped = stop::lift(folder.path());
        let claimed = folder.path().join(SETTINGS).exists();
        let when = format!("killed after {steps} steps");
        assert!(claimed || !committed, "{when}");
        assert_eq!(seen_or_claimed(folder.path(), claimed).await, Some(parts(&elsewhere(1))), "{when}");
        drive(folder.path()).check(Kind::Claim, true).await.expect(&when);
        let mut now = snapshot(folder.path());
        if !claimed {
            // Without settings they are no claim; the next one overwrites them.
            now.remove(CERTIFICATE);
            now.remove(PRIVATE_KEY);
            assert!(now == before, "{when}: {:?}", now.keys());
        }
        assert!(!now.keys().any(|name| name.starts_with('.')), "{when}: {:?}", now.keys());
        if !stopped {
            assert!(committed && steps > 20, "{when}: no step is left");
            break;
        }
    }
}

/// The identity, or if a claim has taken its place what it was.
async fn seen_or_claimed(folder: &Path, claimed: bool) -> Option<[String; 3]> {
    if claimed { Some(parts(&elsewhere(1))) } else { seen(folder).await }
}
