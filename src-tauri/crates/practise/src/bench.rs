//! The devices on the bench: plugged in, pulled, and plugged in again.

use std::sync::{Arc, Condvar, Mutex};

use fieldkey_core::ports::CertificateStatus;
use fieldkey_core::{Code, Endpoint, Failure, Identity, Target, Why};
use fieldkey_device::{Attached, Kind};
use time::OffsetDateTime;

use crate::authority::END_OF_IDENTITIES;
use crate::device::{Device, Fault, Own, Pretended};
use crate::registry::Described;
use crate::target::Pretence;
use crate::{Practise, World, held};

/// More than a bench has room for.
const MOST: usize = 200;

#[derive(Default)]
pub(crate) struct Bench {
    devices: Mutex<Devices>,
    pub(crate) changed: Condvar,
}

#[derive(Default)]
pub(crate) struct Devices {
    all: Vec<Arc<Device>>,
    /// Counts the changes.
    pub(crate) version: u64,
}

impl Bench {
    pub(crate) fn devices(&self) -> std::sync::MutexGuard<'_, Devices> {
        held(&self.devices)
    }

    pub(crate) fn find(&self, target: &str) -> Option<Arc<Device>> {
        self.devices().all.iter().find(|device| device.attached.target == target).map(Arc::clone)
    }

    pub(crate) fn plugged(&self, device: &Device, plugged: bool) -> bool {
        let mut devices = self.devices();
        let changed = device.set_plugged(plugged);
        if changed {
            devices.version += 1;
            self.changed.notify_all();
        }
        changed
    }
}

impl Devices {
    /// Those that are plugged in, in the order of their names.
    pub(crate) fn attached(&self) -> Vec<Attached> {
        let plugged = self.all.iter().filter(|device| device.is_plugged());
        let mut attached: Vec<Attached> = plugged.map(|device| device.attached.clone()).collect();
        attached.sort_by(|a, b| a.target.cmp(&b.target));
        attached
    }
}

impl Practise {
    /// What is on the bench at first: three drives and a modem that are in order, and one drive with each fault.
    pub(crate) fn lay_out(&self) -> Result<(), Failure> {
        for kind in [Kind::Drive, Kind::Drive, Kind::Drive, Kind::Serial] {
            self.plug(kind, None)?;
        }
        let faults = [
            Fault::ReadOnly,
            Fault::Full,
            Fault::HasIdentity,
            Fault::BadCable,
            Fault::LoosePlug,
            Fault::NeverRegisters,
        ];
        faults.into_iter().try_for_each(|fault| self.plug(Kind::Drive, Some(fault)).map(drop))
    }

    /// What is attached now, as `fieldkey_device::attached` lists it.
    pub fn attached(&self) -> Vec<Attached> {
        self.0.bench.devices().attached()
    }

    /// Every device, also those that were pulled, in the order in which they came.
    pub fn devices(&self) -> Vec<Pretended> {
        self.0.bench.devices().all.iter().map(|device| device.view()).collect()
    }

    /// Plugs in a device that nobody has used yet.
    ///
    /// # Errors
    /// `usage` when the bench is full; this computer could not make a key.
    pub fn plug(&self, kind: Kind, fault: Option<Fault>) -> Result<Attached, Failure> {
        let mut devices = self.0.bench.devices();
        let number = devices.all.len() + 1;
        if number > MOST {
            let why = Why::new("there is no room for more devices", "これ以上デバイスを追加できません");
            return Err(Failure::new(Code::Usage).about("Practise").because_of(why));
        }
        let device = Device::new(looks(kind, fault, number), fault);
        if fault == Some(Fault::HasIdentity) {
            device.held().identity = Some(self.0.in_service(&device.attached)?);
        }
        let attached = device.attached.clone();
        devices.all.push(Arc::new(device));
        devices.version += 1;
        self.0.bench.changed.notify_all();
        Ok(attached)
    }

    /// Pulls a device, whatever goes on with it. False if there is nothing to pull.
    pub fn pull(&self, target: &str) -> bool {
        self.0.bench.find(target).is_some_and(|device| self.0.bench.plugged(&device, false))
    }

    /// Plugs a device in again that was pulled, as it is. False if there is none.
    pub fn plug_back(&self, target: &str) -> bool {
        self.0.bench.find(target).is_some_and(|device| self.0.bench.plugged(&device, true))
    }

    /// A device as a target, as `fieldkey_device::open` opens real ones. Nothing is touched yet.
    ///
    /// # Errors
    /// `target-gone` if there never was one of that name.
    pub fn open(&self, target: &str) -> Result<Box<dyn Target>, Failure> {
        let device = self.0.bench.find(target).ok_or_else(|| Failure::new(Code::TargetGone).about(target))?;
        Ok(Box::new(Pretence { world: Arc::clone(&self.0), device }))
    }
}

/// The label says what is wrong, as somebody would who keeps drives to practise with.
fn looks(kind: Kind, fault: Option<Fault>, number: usize) -> Attached {
    let is_drive = kind == Kind::Drive;
    let label = match fault {
        None => format!("PRACTISE {number:02}"),
        Some(Fault::ReadOnly) => "READ ONLY".into(),
        Some(Fault::Full) => "FULL".into(),
        Some(Fault::HasIdentity) => "IN SERVICE".into(),
        Some(Fault::BadCable) => "BAD CABLE".into(),
        Some(Fault::LoosePlug) => "LOOSE PLUG".into(),
        Some(Fault::NeverRegisters) => "SILENT".into(),
    };
    let serial_number = format!("PR-{number:04}");
    Attached {
        target: format!("{}:/practise/{number:02}", if is_drive { "drive" } else { "serial" }),
        kind,
        label: Some(label),
        driver: Some(if is_drive { "drive" } else { "nrf91" }.into()),
        refused: (fault == Some(Fault::ReadOnly)).then_some(Code::TargetReadOnly),
        size_bytes: is_drive.then_some(4_000_000_000),
        file_system: is_drive.then(|| "vfat".into()),
        // pid.codes keeps this number for tests.
        usb: Some("1209:0001".into()),
        device: Some(format!("1209:0001:{serial_number}")),
        serial_number: Some(serial_number),
    }
}

impl World {
    /// An identity for a device that has been in service, and its thing.
    fn in_service(&self, attached: &Attached) -> Result<Own, Failure> {
        let serial_number = attached.serial_number.clone().unwrap_or_default();
        let thing_name = format!("{}{serial_number}", self.site.thing_name_prefix);
        let (issued, key) = self.authority.make(&thing_name, END_OF_IDENTITIES)?;
        let mut registry = self.registry();
        registry.describe(&thing_name, Described::default());
        registry.add(&issued, CertificateStatus::Active, OffsetDateTime::now_utc() - time::Duration::days(200));
        registry.attach(&issued.certificate_id, &thing_name, CertificateStatus::Active);
        let identity = Identity {
            certificate_id: issued.certificate_id,
            certificate_pem: issued.certificate_pem,
            private_key_pem: Some(key),
            ca_pem: self.authority.pem().to_owned(),
            thing_name,
            serial_number,
            region: self.site.region.clone(),
            endpoint: self.endpoint(),
            role_alias: None,
        };
        Own::new(identity)
    }

    pub(crate) fn endpoint(&self) -> Endpoint {
        Endpoint { host: self.site.data_endpoint.clone().unwrap_or_default(), port: self.site.mqtt_port() }
    }
}
