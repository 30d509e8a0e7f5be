//! `reissue`: a device gets a new identity, and its old certificates are deactivated.

use std::collections::BTreeSet;

use serde_json::json;

use crate::enroll::{Work, refuse_what_cannot_be};
use crate::inspect::look_up;
use crate::permission::sign_in;
use crate::ports::{Certificate, CertificateStatus, Thing};
use crate::revoke::set_status;
use crate::run::{Run, at_device};
use crate::{
    Code, DeviceSide, Enroll, Failure, Job, Ports, Provision, Reissued, SerialNumber, Site, Step, Target, Why,
    provision,
};

#[derive(Clone, Debug)]
pub struct Reissue {
    pub again: Again,
    /// Somebody else may have the old key: the old certificates are deactivated before anything else. Otherwise
    /// the device keeps working until the new identity is proved.
    pub compromised: bool,
}

/// How the device gets its new identity. What is on the target is replaced.
#[derive(Clone, Debug)]
pub enum Again {
    /// With a claim, which the device uses itself. It must be waited for.
    Provision(Provision),
    Enroll(Enroll),
}

/// # Errors
/// Any failure of its steps. Before the new identity is proved the old certificates stay as they were, unless the
/// key is `compromised`.
pub async fn reissue(
    request: &Reissue,
    site: &Site,
    ca_pem: &str,
    target: &dyn Target,
    device_side: &dyn DeviceSide,
    ports: Ports<'_>,
) -> Result<Reissued, Failure> {
    let (run_id, text) = match &request.again {
        Again::Provision(again) => (&again.run, &again.serial_number),
        Again::Enroll(again) => (&again.run, &again.serial_number),
    };
    let serial = SerialNumber::parse(text, site);
    let run = Run::start(at_device((run_id, Job::Reissue), (text, serial.as_ref().ok()), site, target), ports);
    let outcome = match &serial {
        Ok(serial) => steps(request, serial, site, ca_pem, (target, device_side), ports, &run).await,
        Err(failure) => Err(failure.clone()),
    };
    run.conclude(outcome)
}

async fn steps(
    request: &Reissue,
    serial: &SerialNumber,
    site: &Site,
    ca_pem: &str,
    (target, device_side): (&dyn Target, &dyn DeviceSide),
    ports: Ports<'_>,
    run: &Run<'_>,
) -> Result<Reissued, Failure> {
    // What is there is to be replaced: that is what the operator asked for.
    let again = match &request.again {
        Again::Provision(again) if again.wait.is_none() => {
            let why = Why::new("re-issuing waits for the device", "再発行ではデバイスの登録を待つ必要があります");
            return Err(Failure::new(Code::Usage).about("--wait").because_of(why).at(Step::Site));
        }
        Again::Provision(again) => Again::Provision(Provision { replace: true, ..again.clone() }),
        Again::Enroll(again) => {
            refuse_what_cannot_be(again, target).map_err(|failure| failure.at(Step::Site))?;
            Again::Enroll(Enroll { replace: true, ..again.clone() })
        }
    };
    provision::refuse_without_role_alias(site, target)?;
    refuse_another_s(serial, target).await?;
    let work = |request| Work { request, serial, site, ca_pem, target, device_side, ports, run };
    match &again {
        Again::Provision(again) => provision::check(again, target, run).await?,
        Again::Enroll(again) => work(again).check().await?,
    }
    sign_in(run, ports.operator, Job::Reissue).await?;
    run.step(Step::Credentials, ports.cloud.credentials(), |()| vec![]).await?;
    let before = Old::of(&look_up(run, serial.thing_name(), ports).await?);
    if request.compromised {
        before.deactivate(serial, ports, run).await?;
    }
    let (certificate_id, files) = match &again {
        Again::Provision(again) => {
            let done = provision::carry_out(again, serial, site, ca_pem, target, ports, run).await?;
            (new_certificate(serial, &before, ports, run).await?, done.files)
        }
        Again::Enroll(again) => {
            let done = work(again).carry_out().await?;
            (done.certificate_id, done.files)
        }
    };
    run.certificate(&certificate_id);
    if !request.compromised {
        before.deactivate(serial, ports, run).await?;
    } else if !before.shared.is_empty() {
        // Somebody may have its key, and it still works.
        return Err(Failure::new(Code::CertificateShared).about(before.shared.join(", ")).at(Step::Status));
    }
    Ok(Reissued {
        serial_number: serial.as_str().to_owned(),
        thing_name: serial.thing_name().to_owned(),
        certificate_id,
        target: target.name(),
        files,
        deactivated: before.to_deactivate,
        shared: before.shared,
    })
}

/// A wrong drive in hand must not cost another device its identity.
async fn refuse_another_s(serial: &SerialNumber, target: &dyn Target) -> Result<(), Failure> {
    // What is not whole, or cannot be read, is looked at by the target's own check.
    match target.identity().await {
        Ok(Some(identity)) if identity.thing_name != serial.thing_name() => {
            let name = identity.thing_name;
            let why = Why::new(format!("of {name}"), format!("{name} のもの"));
            Err(Failure::new(Code::IdentityPresent).about(target.name()).because_of(why).at(Step::Target))
        }
        _ => Ok(()),
    }
}

/// The certificates that the thing had.
struct Old {
    all: BTreeSet<String>,
    to_deactivate: Vec<String>,
    shared: Vec<String>,
}

impl Old {
    fn of(thing: &Thing) -> Self {
        let active = || thing.certificates.iter().filter(|c| c.status == CertificateStatus::Active);
        let ids = |shared: bool| {
            active().filter(|c| c.other_things.is_empty() != shared).map(|c| c.id.clone()).collect::<Vec<_>>()
        };
        let all = thing.certificates.iter().map(|certificate| certificate.id.clone()).collect();
        Self { all, to_deactivate: ids(false), shared: ids(true) }
    }

    async fn deactivate(&self, serial: &SerialNumber, ports: Ports<'_>, run: &Run<'_>) -> Result<(), Failure> {
        for id in &self.to_deactivate {
            set_status(run, serial.thing_name(), id, CertificateStatus::Inactive, ports).await?;
        }
        if !self.shared.is_empty() {
            run.always(Step::Status, async {}, |()| vec![("shared", json!(self.shared))]).await;
        }
        Ok(())
    }
}

/// The certificate that the device registered, which must be active: only then may the old ones go.
async fn new_certificate(
    serial: &SerialNumber,
    before: &Old,
    ports: Ports<'_>,
    run: &Run<'_>,
) -> Result<String, Failure> {
    let thing = look_up(run, serial.thing_name(), ports).await?;
    let is_new = |c: &&Certificate| c.status == CertificateStatus::Active && !before.all.contains(&c.id);
    match thing.certificates.iter().find(is_new) {
        Some(certificate) => Ok(certificate.id.clone()),
        None => {
            let why = Why::new("its new certificate is not active", "新しい証明書が有効になっていません");
            Err(Failure::new(Code::NotRegistered).about(serial.thing_name()).because_of(why).at(Step::Register))
        }
    }
}
