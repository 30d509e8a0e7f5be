//! `inspect`: a thing, and all that hangs on it.

use serde_json::json;
use time::OffsetDateTime;

use crate::patience::ride_out;
use crate::permission::sign_in;
use crate::ports::{RunStart, Thing};
use crate::run::Run;
use crate::{Code, Failure, Job, Ports, Site, Step, serial_number_in};

#[derive(Clone, Debug)]
pub struct Inspect {
    /// The run's ID, unique in the journal.
    pub run: String,
    pub thing_name: String,
}

/// # Errors
/// `thing-not-found`, or any failure of its steps.
pub async fn inspect(request: &Inspect, site: &Site, ports: Ports<'_>) -> Result<Thing, Failure> {
    let run = Run::start(start(&request.run, Job::Inspect, &request.thing_name, site), ports);
    let steps = async {
        let serial = serial_number_in(&request.thing_name, site)?;
        sign_in(&run, ports.operator, Job::Inspect).await?;
        run.step(Step::Credentials, ports.cloud.credentials(), |()| vec![]).await?;
        look_up(&run, serial.thing_name(), ports).await
    };
    let outcome = steps.await;
    run.conclude(outcome)
}

/// A run about a thing, without a device in hand.
pub(crate) fn start(run: &str, job: Job, thing_name: &str, site: &Site) -> RunStart {
    let serial = serial_number_in(thing_name, site);
    RunStart {
        run: run.to_owned(),
        job,
        at: OffsetDateTime::now_utc(),
        site: site.name.clone(),
        serial_number: serial.map(|serial| serial.as_str().to_owned()).unwrap_or_default(),
        thing_name: thing_name.trim().to_owned(),
        target: String::new(),
        device: None,
    }
}

/// The step `look-up`.
pub(crate) async fn look_up(run: &Run<'_>, thing_name: &str, ports: Ports<'_>) -> Result<Thing, Failure> {
    let look = async {
        let thing = ride_out(run, Step::LookUp, || ports.cloud.thing(thing_name)).await?;
        thing.ok_or_else(|| Failure::new(Code::ThingNotFound).about(thing_name))
    };
    run.step(Step::LookUp, look, |thing| vec![("certificates", json!(thing.certificates.len()))]).await
}
