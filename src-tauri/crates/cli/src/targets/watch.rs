//! `fieldkey targets --watch`: what is attached, then each change, until somebody has had enough of it.

use std::io::Write;

use fieldkey_core::Language;
use fieldkey_device::Attached;
use serde::Serialize;
use tokio::sync::mpsc;

use super::row::row;
use crate::Ended;
use crate::words::{self, Phrase, either};

/// One line of the watch. What was there at its start was attached, too.
#[derive(Debug, PartialEq, Serialize)]
struct Change<'a> {
    event: Event,
    #[serde(flatten)]
    target: &'a Attached,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Event {
    Attached,
    Detached,
    /// The same target: its label, or why it cannot be chosen.
    Changed,
}

/// Ends well when nobody reads any more.
pub(super) async fn run(json: bool, language: Language) -> Result<(), Ended> {
    let (sender, mut lists) = mpsc::unbounded_channel();
    let _watch = fieldkey_device::watch(move |list| drop(sender.send(list)));
    let mut closed = std::pin::pin!(closed());
    let mut known: Option<Vec<Attached>> = None;
    loop {
        let list = tokio::select! {
            () = &mut closed => return Ok(()),
            list = lists.recv() => list,
        };
        let Some(list) = list else { return Ok(()) };
        let changes = changes(known.as_deref().unwrap_or_default(), &list);
        let line = |change: &Change<'_>| match (json, known.is_some()) {
            (true, _) => serde_json::to_string(change).unwrap_or_default(),
            (false, false) => row(change.target, language),
            (false, true) => format!("{}  {}", name(change.event, language), row(change.target, language)),
        };
        let mut lines: Vec<String> = changes.iter().map(line).collect();
        if known.is_none() && list.is_empty() && !json {
            lines.push(words::say(Phrase::NoTarget, "", language));
        }
        let mut out = std::io::stdout();
        if lines.iter().try_for_each(|line| writeln!(out, "{line}")).and_then(|()| out.flush()).is_err() {
            return Ok(());
        }
        known = Some(list);
    }
}

/// What went, then what came or changed.
fn changes<'a>(before: &'a [Attached], now: &'a [Attached]) -> Vec<Change<'a>> {
    let find = |list: &'a [Attached], target: &Attached| list.iter().find(|other| other.target == target.target);
    let gone = before.iter().filter(|target| find(now, target).is_none());
    let gone = gone.map(|target| Change { event: Event::Detached, target });
    let here = now.iter().filter_map(|target| match find(before, target) {
        None => Some(Change { event: Event::Attached, target }),
        Some(other) => (other != target).then_some(Change { event: Event::Changed, target }),
    });
    gone.chain(here).collect()
}

fn name(event: Event, language: Language) -> &'static str {
    match event {
        Event::Attached => either(language, "attached", "接続"),
        Event::Detached => either(language, "detached", "取り外し"),
        Event::Changed => either(language, "changed", "変更"),
    }
}

/// Returns when whoever reads the output has closed it, which a write would find out only at the next change.
/// macOS tells that only to those who ask for more, which other things would wake; there it is the next change.
#[cfg(unix)]
async fn closed() {
    use rustix::event::{PollFd, PollFlags, poll};
    let (sender, closed) = tokio::sync::oneshot::channel();
    let wait = move || {
        let out = std::io::stdout();
        // Nothing is waited for but what is always told: an error, or nobody at the other end.
        while poll(&mut [PollFd::new(&out, PollFlags::empty())], None) == Err(rustix::io::Errno::INTR) {}
        let _ = sender.send(());
    };
    let started = std::thread::Builder::new().name("output".into()).spawn(wait);
    if started.is_err() || closed.await.is_err() {
        std::future::pending().await
    }
}

#[cfg(not(unix))]
async fn closed() {
    std::future::pending().await
}

#[cfg(test)]
mod tests {
    use fieldkey_core::Code;
    use fieldkey_device::Kind;

    use super::*;

    fn target(name: &str) -> Attached {
        Attached {
            target: name.into(),
            kind: Kind::Serial,
            label: None,
            serial_number: None,
            driver: None,
            refused: None,
            size_bytes: None,
            file_system: None,
            usb: None,
            device: None,
        }
    }

    fn seen(before: &[Attached], now: &[Attached]) -> Vec<(Event, String)> {
        changes(before, now).iter().map(|change| (change.event, change.target.target.clone())).collect()
    }

    #[test]
    fn each_target_that_came_went_or_changed_is_told_once() {
        let before = [target("serial:a"), target("serial:b"), target("serial:c")];
        let busy = Attached { refused: Some(Code::PortBusy), ..target("serial:b") };
        let now = [busy, target("serial:c"), target("serial:d")];
        let expected = [(Event::Detached, "serial:a"), (Event::Changed, "serial:b"), (Event::Attached, "serial:d")];
        assert_eq!(seen(&before, &now), expected.map(|(event, name)| (event, name.to_owned())));
        assert_eq!(seen(&now, &now), [], "nothing happened");
    }

    #[test]
    fn another_device_on_the_same_port_is_a_change() {
        let other = Attached { device: Some("1209:0001:B".into()), ..target("serial:a") };
        assert_eq!(seen(&[target("serial:a")], &[other]), [(Event::Changed, "serial:a".to_owned())]);
    }

    #[test]
    fn a_script_reads_the_event_before_the_target_s_own_keys() {
        let target = target("serial:a");
        let line = serde_json::to_string(&Change { event: Event::Attached, target: &target }).expect("JSON");
        let begin = r#"{"event":"attached","target":"serial:a","kind":"serial","label":null,"serialNumber":null,"#;
        assert!(line.starts_with(begin), "{line}");
    }
}
