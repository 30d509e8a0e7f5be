//! `fieldkey inspect`.

use fieldkey_core::{Inspect, Job, Language, Ports};

use crate::job::Call;
use crate::opened::Opened;
use crate::{Ended, args};

pub(crate) async fn run(args: args::Inspect, language: Language) -> Result<(), Ended> {
    let prepare = async |_: &_| {
        let opened = Opened::at(&args.who.site, &args.who.signer, None).await?;
        let thing_name = opened.thing_name(&args.named)?;
        Ok((opened, thing_name))
    };
    let work = async |run, opened: &Opened, thing_name: String, ports: Ports<'_>| {
        fieldkey_core::inspect(&Inspect { run, thing_name }, opened.site(), ports).await.map(drop)
    };
    Call::new(Job::Inspect, args.json, language).carry_out(prepare, work).await
}
