//! Stands for a Nordic nRF91 with an AT host, or with Nordic's AT shell: modem firmware runs on nothing but the modem.

mod host;
mod key;
mod modem;

use std::collections::BTreeMap;
use std::time::Duration;

pub use host::Terminator;
pub(crate) use key::name;

use crate::noise::Noise;
use crate::shell::{Shell, words};
use crate::{Chance, Device, Out};
use host::Host;
use modem::Modem;

const UNASKED: [&str; 4] = [
    "+CEREG: 2,\"0A0B\",\"01234567\",7",
    "%CESQ: 63,3,24,3",
    "[{time}] <inf> app: Heartbeat, no \"OK\" is meant",
    "[{time}] <err> at_monitor: OK is a word here too",
];

/// What an integrator and a modem's age decide.
#[derive(Clone, Debug)]
pub struct Options {
    pub terminator: Terminator,
    /// `CONFIG_AT_HOST_CMD_MAX_LEN`
    pub buffer: usize,
    /// The AT shell's prompt, if it is one.
    pub shell: Option<String>,
    pub noisy: bool,
    /// How long a command takes. Writing takes ten times as long again.
    pub latency: Duration,
    /// `AT+CFUN?` after a start.
    pub functional: u8,
    /// How much fits into the modem, in bytes.
    pub capacity: usize,
    /// Are certificates given out again?
    pub readable: bool,
    /// Newer firmware looks at certificates before it stores them.
    pub checks_content: bool,
    /// Older firmware writes CSRs as no strict parser takes them, and a quote that is erased still opens a text.
    pub old: bool,
    /// The host runs out of memory over the answer to a new key.
    pub small_heap: bool,
    /// What each write and deletion is answered with.
    pub refuses: Option<u16>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            terminator: Terminator::CrLf,
            buffer: 4096,
            shell: None,
            noisy: false,
            latency: Duration::ZERO,
            functional: 1,
            capacity: 64 * 1024,
            readable: true,
            checks_content: true,
            old: false,
            small_heap: false,
            refuses: None,
        }
    }
}

pub struct Nrf91 {
    front: Front,
    modem: Modem,
    noise: Noise,
    /// The host hears nothing until the answer is said. One byte waits in the UART.
    deaf: bool,
    waiting: Option<u8>,
}

enum Front {
    Host(Host),
    Shell(Shell),
}

/// One of the many that are out there: noisy, slow, with any terminator.
pub fn device(seed: u64) -> Nrf91 {
    let mut chance = Chance::new(seed);
    let terminators = [Terminator::Null, Terminator::Cr, Terminator::Lf, Terminator::CrLf];
    let options = Options {
        terminator: terminators[chance.below(4) as usize],
        shell: (chance.below(4) == 0).then(|| "mosh:~$ ".into()),
        noisy: chance.below(4) != 0,
        latency: Duration::from_millis(chance.below(20)),
        functional: [0, 1, 4][chance.below(3) as usize],
        readable: chance.below(2) == 0,
        checks_content: chance.below(2) == 0,
        old: chance.below(2) == 0,
        ..Options::default()
    };
    Nrf91::new(seed, options)
}

impl Nrf91 {
    pub fn new(seed: u64, options: Options) -> Self {
        let front = match &options.shell {
            Some(prompt) => Front::Shell(Shell::new(prompt, 512, 4096)),
            None => Front::Host(Host::new(options.terminator, options.buffer, options.old)),
        };
        let noise = Noise::new(seed, options.noisy, &UNASKED);
        Self { front, modem: Modem::new(options), noise, deaf: false, waiting: None }
    }

    /// Puts something into the store as if it had been there before.
    pub fn hold(&mut self, tag: u32, kind: u8, content: &[u8]) {
        self.modem.stored.insert((tag, kind), content.to_vec());
    }

    /// As `AT+CFUN?` has it.
    pub fn functional(&self) -> u8 {
        self.modem.functional
    }

    /// As `AT+CMEE?` has it.
    pub fn numbers_errors(&self) -> bool {
        self.modem.numbers
    }

    fn run(&mut self, line: &str, out: &mut Out) {
        let words = words(line);
        let Front::Shell(shell) = &self.front else { return };
        match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            [] => {}
            ["at", command] => {
                // Only for this command, and only where the firmware is built so.
                let command = match command.strip_prefix("AT%CMNG=0") {
                    Some(_) => command.replace("\\n", "\r\n"),
                    None => command.to_owned(),
                };
                let answer = self.modem.execute(command.as_bytes());
                self.noise.say(out, answer.after, &[&answer.text[..], b"\r\n"].concat());
            }
            ["at", ..] => shell.error(out, "at: wrong parameter count"),
            [name, ..] => shell.error(out, &format!("{name}: command not found")),
        }
        shell.ready(out);
    }
}

impl Device for Nrf91 {
    fn receive(&mut self, byte: u8, out: &mut Out) {
        match &mut self.front {
            Front::Host(host) => {
                if self.deaf && out.at() < out.free() {
                    self.waiting.get_or_insert(byte);
                    return;
                }
                if std::mem::take(&mut self.deaf)
                    && let Some(line) = self.noise.line(3)
                {
                    out.say(format!("{line}\r\n"));
                }
                let waited = self.waiting.take().and_then(|byte| host.key(byte));
                for command in [waited, host.key(byte)].into_iter().flatten() {
                    self.deaf = true;
                    let answer = self.modem.execute(&command);
                    if let Some(line) = self.noise.line(3) {
                        out.say(format!("{line}\r\n"));
                    }
                    self.noise.say(out, answer.after, &answer.text);
                }
            }
            Front::Shell(shell) => {
                if !shell.takes(out) {
                    return;
                }
                if let Some(line) = self.noise.line(400) {
                    shell.log(out, &line);
                }
                if let Some(line) = shell.key(byte, out) {
                    self.run(&line, out);
                }
            }
        }
    }

    fn reboot(&mut self, out: &mut Out) {
        self.modem.reboot();
        match &mut self.front {
            Front::Host(host) => {
                host.clear();
                out.after(
                    Duration::from_millis(700),
                    "*** Booting nRF Connect SDK v3.1.0-6c6e5b32496e ***\r\nReady\r\n",
                );
            }
            Front::Shell(shell) => shell.reboot(out),
        }
    }

    /// By security tag and type: `42,1`.
    fn stored(&self) -> BTreeMap<String, Vec<u8>> {
        self.modem.stored.iter().map(|((tag, kind), content)| (format!("{tag},{kind}"), content.clone())).collect()
    }
}
