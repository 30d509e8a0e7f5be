//! `fieldkey device …`: what the device in hand holds.

use fieldkey_core::ports::{Holds, Stored};
use fieldkey_core::{Code, Failure, Language, Step, Target, Why};
use fieldkey_device::Means;
use serde_json::json;

use crate::args::{DeviceInspect, DeviceRemove, InHand};
use crate::device::usage;
use crate::output::{Output, line_to};
use crate::prompt::{self, Prompt};
use crate::words::{self, Phrase};
use crate::{Ended, device, organisation};

pub(crate) async fn inspect(args: DeviceInspect, language: Language) -> Result<(), Ended> {
    let output = Output::new(args.json, language);
    let target = open(&args.in_hand, &output).await?;
    let held = held(target.as_ref()).await?;
    let mut out = std::io::stdout();
    if args.json {
        line_to(&mut out, &said(target.as_ref(), &held));
        return Ok(());
    }
    line_to(&mut out, &format!("{}  {}  {}", target.name(), held.driver, held.device.as_deref().unwrap_or("-")));
    if held.stored.is_empty() {
        line_to(&mut out, &words::say(Phrase::HoldsNothing, "", language));
    }
    held.stored.iter().for_each(|stored| line_to(&mut out, &format!("  {}", line(stored))));
    for caution in &held.cautions {
        let word = serde_json::to_value(caution).unwrap_or_default();
        let caution = words::about_device(word.as_str().unwrap_or_default(), language);
        line_to(&mut out, caution.unwrap_or_default());
    }
    Ok(())
}

pub(crate) async fn remove(args: DeviceRemove, language: Language) -> Result<(), Ended> {
    if !args.yes && !prompt::can_ask() {
        let why = Why::new("nobody can be asked here", "確認を求める相手がいません");
        return Err(usage("--yes", why).into());
    }
    let output = Output::new(args.json, language);
    let target = open(&args.in_hand, &output).await?;
    let there = held(target.as_ref()).await?;
    if !args.yes && !there.stored.is_empty() {
        confirm(target.as_ref(), &there, &output).await?;
    }
    let removed = target.remove().await.map_err(|failure| failure.at(Step::Write));
    let released = target.release().await;
    let removed = removed?;
    released.map_err(|failure| failure.at(Step::Release))?;
    let mut out = std::io::stdout();
    if args.json {
        line_to(&mut out, &json!({ "target": target.name(), "removed": removed }).to_string());
        return Ok(());
    }
    removed.iter().for_each(|stored| line_to(&mut out, &format!("  {}", line(stored))));
    let phrase = if removed.is_empty() { Phrase::HoldsNothing } else { Phrase::Removed };
    line_to(&mut out, &words::say(phrase, "", language));
    Ok(())
}

async fn open(in_hand: &InHand, output: &Output) -> Result<Box<dyn Target>, Failure> {
    let site = match &in_hand.site {
        None => None,
        Some(site) => Some(organisation::site_file(site).await.map_err(|failure| failure.at(Step::Site))?),
    };
    let means = site.as_ref().map_or(Means::default(), |file| {
        let layout = file.site.layout.as_ref();
        Means { layout, ca_pem: Some(file.device_ca()), ..Means::default() }
    });
    device::at(&in_hand.target, in_hand.driver.as_deref(), means, output).await
}

async fn held(target: &dyn Target) -> Result<Holds, Failure> {
    target.holds().await.map_err(|failure| failure.at(Step::Read))
}

fn said(target: &dyn Target, held: &Holds) -> String {
    let Holds { driver, device, stored, cautions } = held;
    let name = target.name();
    json!({ "target": name, "driver": driver, "device": device, "stored": stored, "cautions": cautions }).to_string()
}

/// `claimCert.pem  1224  sha256:…`
fn line(Stored { name, bytes, digest }: &Stored) -> String {
    let bytes = bytes.map(|bytes| bytes.to_string());
    [Some(name.as_str()), bytes.as_deref(), digest.as_deref()].into_iter().flatten().collect::<Vec<_>>().join("  ")
}

/// Shows what is about to go, and asks.
async fn confirm(target: &dyn Target, there: &Holds, output: &Output) -> Result<(), Failure> {
    let prompt = Prompt { output };
    output.say(&prompt.words(Phrase::WillRemove, &target.name()));
    there.stored.iter().for_each(|stored| output.say(&format!("  {}", line(stored))));
    if prompt.confirm(Phrase::GoOn).await {
        return Ok(());
    }
    let why = Why::new("not confirmed", "確認されませんでした");
    Err(Failure::new(Code::Interrupted).because_of(why).at(Step::Site))
}
