//! `fieldkey reissue`.

use std::time::Duration;

use fieldkey_core::{Again, Failure, Job, Language, Ports, Provision, Reissue, Target, Why};

use crate::device::{NewIdentity, usage};
use crate::job::Call;
use crate::opened::Opened;
use crate::output::Output;
use crate::{Ended, args, device};

pub(crate) async fn run(args: args::Reissue, language: Language) -> Result<(), Ended> {
    let prepare = async |output: &Output| {
        check(&args)?;
        let opened = Opened::at(&args.who.site, &args.who.signer, args.policy.as_deref()).await?;
        let target = device::open(&args.device, &opened, output).await?;
        Ok((opened, target))
    };
    let work = async |run, opened: &Opened, target: Box<dyn Target>, ports: Ports<'_>| {
        let request = Reissue { again: again(&args, run), compromised: args.compromised };
        let (site, ca_pem, side) = (opened.site(), opened.ca_pem(), opened.device_side());
        fieldkey_core::reissue(&request, site, ca_pem, target.as_ref(), side, ports).await.map(drop)
    };
    Call::new(Job::Reissue, args.json, language).carry_out(prepare, work).await
}

fn check(args: &args::Reissue) -> Result<(), Failure> {
    let Some(wanted) = new_identity(args) else { return Ok(()) };
    if args.wait.is_some() {
        let why = Why::new("only with --via provision", "--via provision でのみ指定できます");
        return Err(usage("--wait", why));
    }
    wanted.check(&args.who.signer)
}

/// `None` where the device does its part itself.
fn new_identity(args: &args::Reissue) -> Option<NewIdentity<'_>> {
    let via = args.via.via()?;
    Some(NewIdentity { device: &args.device, via, key: args.key, key_type: args.key_type, replace: true })
}

fn again(args: &args::Reissue, run: String) -> Again {
    match new_identity(args) {
        Some(wanted) => Again::Enroll(wanted.request(run)),
        None => Again::Provision(Provision {
            run,
            serial_number: args.device.serial_number.clone(),
            parameters: args.device.param.iter().cloned().collect(),
            replace: true,
            wait: args.wait.map(Duration::from_secs),
        }),
    }
}
