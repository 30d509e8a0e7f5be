//! `fieldkey revoke` and `fieldkey activate`.

use fieldkey_core::{Act, Code, Failure, Job, Language, Ports, Revoke, Step, Why};

use crate::device::usage;
use crate::job::Call;
use crate::opened::Opened;
use crate::output::Output;
use crate::prompt::{self, Prompt};
use crate::words::Phrase;
use crate::{Ended, args};

pub(crate) async fn run(args: args::Revoke, language: Language) -> Result<(), Ended> {
    let prepare = async |output: &Output| {
        if !args.yes && !prompt::can_ask() {
            let why = Why::new("nobody can be asked here", "確認を求める相手がいません");
            return Err(usage("--yes", why));
        }
        let opened = Opened::at(&args.who.site, &args.who.signer, None).await?;
        let thing_name = opened.thing_name(&args.named)?;
        if !args.yes {
            confirm(&args, &thing_name, output).await?;
        }
        Ok((opened, thing_name))
    };
    let work = async |run, opened: &Opened, thing_name: String, ports: Ports<'_>| {
        let act = if args.deactivate { Act::Deactivate } else { Act::Delete };
        let request = Revoke { run, thing_name, certificate: args.certificate.clone(), act };
        fieldkey_core::revoke(&request, opened.site(), ports).await.map(drop)
    };
    Call::new(Job::Revoke, args.json, language).carry_out(prepare, work).await
}

pub(crate) async fn activate(args: args::Activate, language: Language) -> Result<(), Ended> {
    let prepare = async |_: &_| {
        let opened = Opened::at(&args.who.site, &args.who.signer, None).await?;
        let thing_name = opened.thing_name(&args.named)?;
        Ok((opened, thing_name))
    };
    let work = async |run, opened: &Opened, thing_name: String, ports: Ports<'_>| {
        let request = Revoke { run, thing_name, certificate: Some(args.certificate.clone()), act: Act::Activate };
        fieldkey_core::revoke(&request, opened.site(), ports).await.map(drop)
    };
    Call::new(Job::Activate, args.json, language).carry_out(prepare, work).await
}

/// Shows what is about to happen, and asks.
async fn confirm(args: &args::Revoke, thing_name: &str, output: &Output) -> Result<(), Failure> {
    let prompt = Prompt { output };
    output.say(&prompt.words(if args.deactivate { Phrase::WillDeactivate } else { Phrase::WillDelete }, thing_name));
    match &args.certificate {
        Some(id) => output.say(&prompt.words(Phrase::TheCertificate, id)),
        None => output.say(&prompt.words(Phrase::AllCertificates, "")),
    }
    if prompt.confirm(Phrase::GoOn).await {
        return Ok(());
    }
    let why = Why::new("not confirmed", "確認されませんでした");
    Err(Failure::new(Code::Interrupted).because_of(why).at(Step::Site))
}
