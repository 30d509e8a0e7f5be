//! What a board is and what it can do.

use std::fmt;

use fieldkey_core::Failure;

use super::raw_repl::RawRepl;
use super::{garbled, refusal, routines};
use crate::serial::Line;

#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Features {
    /// `micropython`, `circuitpython`.
    pub(super) implementation: String,
    /// `1.27.0`
    pub(super) version: String,
    pub(super) machine: String,
    /// Memory, in bytes, where the board says.
    pub(super) free: Option<usize>,
    pub(super) stat: bool,
    pub(super) rename: bool,
    pub(super) sync: bool,
    pub(super) statvfs: bool,
    pub(super) sha256: bool,
}

impl Features {
    /// How long a statement may be. It lies in memory as text and as what the text says, while others grow: bytes.
    pub(super) fn statement(&self) -> usize {
        self.free.map_or(1024, |free| (free / 16).clamp(128, 2048))
    }

    pub(super) fn is_circuit_python(&self) -> bool {
        self.implementation == "circuitpython"
    }
}

impl fmt::Display for Features {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.implementation.as_str() {
            "micropython" => "MicroPython",
            "circuitpython" => "CircuitPython",
            other => other,
        };
        write!(out, "{name} {}", self.version)?;
        if self.machine.is_empty() { Ok(()) } else { write!(out, ", {}", self.machine) }
    }
}

pub(super) fn probe(line: &mut Line, repl: &mut RawRepl) -> Result<Features, Failure> {
    let answer = repl.run(line, routines::PROBE.as_bytes())?;
    if !answer.raised.is_empty() {
        return Err(refusal::failure(line, &answer.raised, None));
    }
    parse(&answer.printed).ok_or_else(|| garbled(line))
}

fn parse(printed: &[u8]) -> Option<Features> {
    let printed: Vec<u8> = printed.iter().copied().filter(|byte| *byte != b'\r').collect();
    let text = routines::unsealed(printed.trim_ascii_end(), 1)?;
    let mut lines = text.split('\n');
    let mut next = || lines.next().map(|line| line.chars().filter(|letter| !letter.is_control()).collect::<String>());
    let [implementation, version, machine, free, able] = [next()?, next()?, next()?, next()?, next()?];
    let able: Vec<&str> = able.split(' ').collect();
    Some(Features {
        implementation,
        version: version.trim_matches(['(', ')']).replace(", ", "."),
        machine,
        free: free.parse().ok(),
        stat: able.contains(&"stat"),
        rename: able.contains(&"rename"),
        sync: able.contains(&"sync"),
        statvfs: able.contains(&"statvfs"),
        sha256: able.contains(&"sha256"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(text: &str) -> Vec<u8> {
        format!("{} {}\r\n", text.replace('\n', "\r\n"), routines::check(text.as_bytes(), 1)).into_bytes()
    }

    #[test]
    fn a_board_says_what_it_is() {
        let printed = sealed("circuitpython\n(9, 2, 1)\nRaspberry Pi Pico\n180000\nstat rename sync statvfs ");
        let features = parse(&printed).expect("features");
        assert_eq!(features.to_string(), "CircuitPython 9.2.1, Raspberry Pi Pico");
        assert!(features.is_circuit_python() && features.stat && features.sync && !features.sha256);
        assert_eq!((features.free, features.statement()), (Some(180_000), 2048));
    }

    #[test]
    fn an_answer_that_somebody_else_talked_into_is_no_answer() {
        let mut printed = sealed("micropython\n(1, 27, 0)\n\n\nstat ");
        printed.extend_from_slice(b"tick\r\n");
        assert_eq!(parse(&printed), None);
    }
}
