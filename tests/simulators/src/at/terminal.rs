use std::collections::BTreeMap;
use std::time::Duration;

use super::{Data, End, Model, Reply};
use crate::{Chance, Device, Out};

/// The longest command that is taken, in bytes.
const LONGEST: usize = 512;

/// How a modem behaves beside what it says.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    pub echo: bool,
    /// It thinks for a while, says things in pieces, and reports what nobody asked for.
    pub noisy: bool,
    pub seed: u64,
}

impl Manner {
    /// Prompt and quiet, with the echo that is on after each start.
    pub fn quiet() -> Self {
        Self { echo: true, noisy: false, seed: 0 }
    }

    pub fn noisy(seed: u64) -> Self {
        Self { echo: seed.is_multiple_of(2), noisy: true, seed }
    }
}

/// A modem of one kind at a serial line.
pub struct AtModem<M> {
    pub model: M,
    manner: Manner,
    chance: Chance,
    echo: bool,
    numbers: bool,
    line: Vec<u8>,
    /// What is waited for, and what has come of it.
    data: Option<(Data, Vec<u8>)>,
}

impl<M: Model> AtModem<M> {
    pub fn new(model: M, manner: Manner) -> Self {
        let chance = Chance::new(manner.seed);
        Self { model, manner, chance, echo: manner.echo, numbers: false, line: vec![], data: None }
    }

    /// Is it as it was when it started?
    pub fn is_as_found(&self) -> bool {
        self.echo == self.manner.echo && !self.numbers && self.data.is_none()
    }

    fn obey(&mut self, out: &mut Out) {
        let line = String::from_utf8_lossy(&std::mem::take(&mut self.line)).trim().to_owned();
        if line.is_empty() {
            return;
        }
        let reply = match line.as_str() {
            "AT" => Reply::ok(),
            "ATE0" | "ATE1" => {
                self.echo = line == "ATE1";
                Reply::ok()
            }
            "AT+CMEE?" if self.model.has_error_numbers() => Reply::line(format!("+CMEE: {}", u8::from(self.numbers))),
            "AT+CMEE=0" | "AT+CMEE=1" if self.model.has_error_numbers() => {
                self.numbers = line == "AT+CMEE=1";
                Reply::ok()
            }
            command if command.starts_with("AT") => self.model.command(command),
            _ => Reply::error("4"),
        };
        self.reply(reply, out);
    }

    fn reply(&mut self, reply: Reply, out: &mut Out) {
        self.report(out);
        self.pieces(&reply.said, out);
        match reply.end {
            End::Ok => self.pieces(b"\r\nOK\r\n", out),
            End::Error(number) if self.numbers => {
                self.pieces(format!("\r\n+CME ERROR: {number}\r\n").as_bytes(), out);
            }
            End::Error(_) => self.pieces(b"\r\nERROR\r\n", out),
            End::Data(data) => {
                self.pieces(data.prompt.as_bytes(), out);
                self.data = Some((data, vec![]));
                return;
            }
        }
        self.report(out);
    }

    fn report(&mut self, out: &mut Out) {
        if self.manner.noisy && self.chance.below(3) == 0 {
            let reports = self.model.reports();
            let report = reports[self.chance.below(reports.len() as u64) as usize];
            out.say(format!("\r\n{report}\r\n"));
        }
    }

    fn pieces(&mut self, bytes: &[u8], out: &mut Out) {
        if !self.manner.noisy {
            out.say(bytes);
            return;
        }
        let mut rest = bytes;
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(rest.len().min(1 + self.chance.below(40) as usize));
            out.after(Duration::from_millis(self.chance.below(30)), piece);
            rest = after;
        }
    }

    fn payload(&mut self, byte: u8, out: &mut Out) {
        let Some((data, got)) = &mut self.data else { return };
        got.push(byte);
        let acknowledge = data.acknowledge.is_some_and(|each| got.len() % each == 0);
        if acknowledge {
            out.say("A");
        }
        if got.len() == data.count {
            let payload = std::mem::take(got);
            self.data = None;
            let reply = self.model.payload(payload);
            self.reply(reply, out);
        }
    }
}

impl<M: Model> Device for AtModem<M> {
    fn receive(&mut self, byte: u8, out: &mut Out) {
        if self.data.is_some() {
            return self.payload(byte, out);
        }
        if self.echo {
            out.say([byte]);
        }
        match byte {
            _ if byte == self.model.line_end() => self.obey(out),
            b'\r' | b'\n' => {}
            0x08 => drop(self.line.pop()),
            _ if self.line.len() < LONGEST => self.line.push(byte),
            _ => {}
        }
    }

    fn reboot(&mut self, out: &mut Out) {
        (self.echo, self.numbers, self.data) = (self.manner.echo, false, None);
        self.line.clear();
        self.model.restarted();
        out.after(Duration::from_millis(800), self.model.banner());
    }

    fn stored(&self) -> BTreeMap<String, Vec<u8>> {
        self.model.stored()
    }

    fn patience(&self) -> Option<Duration> {
        self.data.as_ref().and_then(|(data, _)| data.patience)
    }

    fn give_up(&mut self, out: &mut Out) {
        if let Some((_, got)) = self.data.take() {
            let reply = self.model.broken_off(got);
            self.reply(reply, out);
        }
    }
}
