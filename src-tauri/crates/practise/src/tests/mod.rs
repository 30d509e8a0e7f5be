//! Core's own jobs at the practise site. Time is paused: what is waited for passes in no time.

mod enroll;
mod faults;
mod help_desk;
mod plugging;
mod provision;
mod side_by_side;
mod sign_in;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use fieldkey_core::ports::{Entry, Thing};
use fieldkey_core::{
    Cloud, Code, Event, Failure, Journal, Ports, Progress, Provision, Provisioned, Status, Step, Why, provision,
};
use fieldkey_device::Kind;

use crate::{Fault, Practise, Reply};

/// What a job told.
#[derive(Default)]
struct Told(Mutex<Vec<Event>>);

impl Progress for Told {
    fn event(&self, event: &Event) {
        self.0.lock().expect("events").push(event.clone());
    }
}

impl Journal for Told {
    fn append(&self, _: &Entry) -> Result<(), Why> {
        Ok(())
    }
}

impl Told {
    fn ports<'a>(&'a self, practise: &'a Practise) -> Ports<'a> {
        Ports { operator: practise, cloud: practise, journal: self, progress: self }
    }

    /// The steps that were done, in order.
    fn done(&self) -> Vec<Step> {
        let done = |event: &Event| match event {
            Event::Step { step, status: Status::Done, .. } => Some(*step),
            _ => None,
        };
        self.0.lock().expect("events").iter().filter_map(done).collect()
    }

    fn was_throttled(&self) -> bool {
        let throttled = |event: &Event| matches!(event, Event::Step { detail, .. } if detail.contains_key("throttled"));
        self.0.lock().expect("events").iter().any(throttled)
    }
}

/// The site, with somebody of the help desk signed in.
async fn signed_in() -> Practise {
    let practise = Practise::new().expect("a site");
    let reply = practise.sign_in("mori@example.com", &"eight888".into()).await.expect("signed in");
    assert_eq!(reply, Reply::SignedIn);
    practise
}

fn provision_of(serial_number: &str) -> Provision {
    Provision {
        run: format!("run-{serial_number}"),
        serial_number: serial_number.into(),
        parameters: BTreeMap::new(),
        replace: false,
        wait: Some(Duration::from_secs(600)),
    }
}

async fn carry_out(practise: &Practise, target: &str, request: &Provision) -> (Result<Provisioned, Failure>, Told) {
    let told = Told::default();
    let target = practise.open(target).expect("it is on the bench");
    let (site, ca_pem) = (practise.site(), practise.device_ca());
    let outcome = provision(request, site, ca_pem, target.as_ref(), told.ports(practise)).await;
    (outcome, told)
}

/// The name of a device with this fault, just plugged in.
fn faulty(practise: &Practise, fault: Fault) -> String {
    practise.plug(Kind::Drive, Some(fault)).expect("plugged").target
}

fn sound(practise: &Practise, kind: Kind) -> String {
    practise.plug(kind, None).expect("plugged").target
}

fn failed<T: std::fmt::Debug>(outcome: Result<T, Failure>, at: Step) -> Code {
    let failure = outcome.expect_err("it must fail");
    assert_eq!(failure.step, Some(at), "{failure}");
    failure.code
}

async fn thing(practise: &Practise, name: &str) -> Thing {
    practise.thing(name).await.expect("an answer").expect("a thing")
}
