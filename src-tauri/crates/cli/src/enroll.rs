//! `fieldkey enroll`.

use fieldkey_core::{Job, Language, Ports, Target};

use crate::device::NewIdentity;
use crate::job::Call;
use crate::opened::Opened;
use crate::output::Output;
use crate::{Ended, args, device};

pub(crate) async fn run(args: args::Enroll, language: Language) -> Result<(), Ended> {
    let args::Enroll { who, device: words, via, key, key_type, replace, policy, json } = args;
    let wanted = NewIdentity { device: &words, via, key, key_type, replace };
    let prepare = async |output: &Output| {
        wanted.check(&who.signer)?;
        let opened = Opened::at(&who.site, &who.signer, policy.as_deref()).await?;
        let target = device::open(&words, &opened, output).await?;
        Ok((opened, target))
    };
    let work = async |run, opened: &Opened, target: Box<dyn Target>, ports: Ports<'_>| {
        let (request, side) = (wanted.request(run), opened.device_side());
        fieldkey_core::enroll(&request, opened.site(), opened.ca_pem(), target.as_ref(), side, ports).await.map(drop)
    };
    Call::new(Job::Enroll, json, language).carry_out(prepare, work).await
}
