//! Whatever a file or a modem says, nothing breaks and nothing goes on for ever. Time-boxed.

use std::io;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

use super::*;
use crate::drivers::Store;
use crate::drivers::at::load::parse;
use crate::drivers::at::template::{Template, Words};
use crate::layout::Part;
use crate::layout::real::real_claim;
use crate::serial::Wire;

/// Each of these takes at most so long.
const BOX: Duration = Duration::from_secs(4);

fn fuzz<S: Strategy>(cases: u32, strategy: &S, fact: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let begun = Instant::now();
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let outcome =
        TestRunner::new(config).run(strategy, |value| if begun.elapsed() > BOX { Ok(()) } else { fact(value) });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn the_recipe_loader_takes_any_text() {
    fuzz(2_000, &".{0,400}", |text| {
        let _ = parse("x.toml", &text);
        Ok(())
    });
    // Our own, with a piece of it replaced.
    let recipe = include_str!("../../../../drivers/simcom-fs.toml");
    let piece = (0..recipe.len(), 0_usize..60, "[-a-z{}\"'=\\[\\],\r\n0-9 ]{0,12}");
    fuzz(3_000, &piece, |(at, count, new)| {
        let text = format!("{}{new}{}", &recipe[..at], recipe.get(at + count..).unwrap_or_default());
        if let Err(failure) = parse("x.toml", &text) {
            prop_assert_eq!(failure.code, fieldkey_core::Code::RecipeInvalid);
            prop_assert!(!failure.reason.is_empty());
        }
        Ok(())
    });
}

#[test]
fn a_pattern_finds_what_was_filled_in() {
    let text = ("[ -z|~]{0,12}", "[ -z|~]{1,12}", "[A-Za-z0-9._-]{1,30}", 0_u32..1_000_000);
    fuzz(2_000, &text, |(before, between, name, len)| {
        let template = Template::parse(&format!("{before}{{name}}{between},{{len}}"));
        let template = template.map_err(|why| TestCaseError::fail(why.en))?;
        let known = Words::from([("name", name.clone().into())]);
        let mut all = known.clone();
        all.insert("len", len.to_string().into());
        let line = template.fill(&all);
        let pattern = template.line(&known).ok_or_else(|| TestCaseError::fail("an expression"))?;
        prop_assert!(pattern.is_match(line.as_bytes()), "{line:?}");
        Ok(())
    });
}

/// A modem that gives these answers, one to each line sent, and then says nothing.
struct Scripted {
    answers: Vec<Vec<u8>>,
    coming: Vec<u8>,
    now: Instant,
}

impl Wire for Scripted {
    fn now(&self) -> Instant {
        self.now
    }
    fn send(&mut self, bytes: &[u8], _: Instant) -> io::Result<usize> {
        if bytes.ends_with(b"\r") || bytes.ends_with(b"\r\n") {
            self.coming.extend(self.answers.pop().unwrap_or_default());
        }
        Ok(bytes.len())
    }
    fn receive(&mut self, buffer: &mut [u8], until: Instant) -> io::Result<usize> {
        let count = self.coming.len().min(buffer.len());
        buffer[..count].copy_from_slice(&self.coming[..count]);
        self.coming.drain(..count);
        self.now = if count == 0 { until } else { self.now + Duration::from_micros(87 * count as u64) };
        Ok(count)
    }
}

#[test]
fn the_engine_takes_any_answer_and_takes_none_for_proof() {
    let usual = prop_oneof![
        3 => Just(b"\r\nOK\r\n".to_vec()),
        1 => Just(b"\r\nERROR\r\n".to_vec()),
        1 => Just(b"\r\n+CME ERROR: 22\r\n".to_vec()),
        1 => Just(b"\r\n>".to_vec()),
        1 => Just(b"\r\nCONNECT\r\n".to_vec()),
        1 => Just(b"\r\nu-blox Quectel SIM7600 SIM7080 AT version:\r\n\r\nOK\r\n".to_vec()),
        1 => Just(b"\r\n+CFSRFILE: 99999999\r\nx".to_vec()),
        1 => Just(b"\r\n+QFLST: \"UFS:ca.pem\",000000000\r\nOK\r\n".to_vec()),
        1 => Just(b"\r\n+USECMNG: 4,0,\"ca\",\"00\"\r\nOK\r\n".to_vec()),
        2 => proptest::collection::vec(any::<u8>(), 0..60),
    ];
    let name = prop_oneof![Just("ublox"), Just("quectel"), Just("simcom-fs"), Just("esp-at")];
    let contents = crate::layout::Layout::Drive.contents(&real_claim()).expect("contents");
    let ca = contents.iter().find(|content| content.part == Part::Ca).expect("a CA");
    fuzz(400, &(name, proptest::collection::vec(usual, 0..40)), |(name, answers)| {
        let begun = Instant::now();
        let wire = Scripted { answers, coming: vec![], now: begun };
        let mut line = Line::new(Box::new(wire), "serial:scripted", Arc::new(AtomicBool::new(false)));
        let mut modem = modem(name);
        let _ = modem.greet(&mut line);
        let Store::Slots(store) = modem.store() else { return Ok(()) };
        let _ = store.held(&mut line);
        let _ = store.read(&mut line, Part::Ca);
        let _ = store.remove(&mut line, Part::Ca);
        let _ = store.write(&mut line, ca);
        prop_assert!(store.verify(&mut line, ca).is_err(), "nothing of this is what was written");
        modem.leave(&mut line);
        prop_assert!(line.now() - begun < Duration::from_secs(300), "{:?}", line.now() - begun);
        Ok(())
    });
}
