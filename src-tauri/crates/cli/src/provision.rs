//! `fieldkey provision`.

use std::time::Duration;

use fieldkey_core::{Job, Language, Provision};

use crate::job::Call;
use crate::opened::Opened;
use crate::output::Output;
use crate::{Ended, args, device};

pub(crate) async fn run(args: args::Provision, language: Language) -> Result<(), Ended> {
    let prepare = async |output: &Output| {
        let opened = Opened::at(&args.who.site, &args.who.signer, None).await?;
        let target = device::open(&args.device, &opened, output).await?;
        Ok((opened, target))
    };
    let call = Call::new(Job::Provision, args.json, language);
    let work = async |run, opened: &Opened, target: Box<dyn fieldkey_core::Target>, ports: fieldkey_core::Ports<'_>| {
        let request = Provision {
            run,
            serial_number: args.device.serial_number.clone(),
            parameters: args.device.param.iter().cloned().collect(),
            replace: args.replace,
            wait: args.wait.map(Duration::from_secs),
        };
        fieldkey_core::provision(&request, opened.site(), opened.ca_pem(), target.as_ref(), ports).await.map(drop)
    };
    call.carry_out(prepare, work).await
}
