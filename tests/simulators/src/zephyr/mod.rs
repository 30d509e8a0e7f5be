//! Stands for a board with Zephyr's TLS credentials shell: there is no firmware to run without the board.

mod cloud;
mod credentials;

use std::collections::BTreeMap;

use crate::noise::Noise;
use crate::shell::{Shell, words};
use crate::{Chance, Device, Out};
use cloud::Cloud;
use credentials::Credentials;

const UNASKED: [&str; 3] = [
    "[{time}] <inf> net_config: IPv4 address: 192.0.2.1",
    "[{time}] <wrn> shell_uart: RX ring buffer full.",
    "[{time}] <dbg> app: Stored 1 sample, 2 credentials found? no",
];

/// What an integrator decides.
#[derive(Clone, Debug)]
pub struct Options {
    pub prompt: String,
    pub noisy: bool,
    pub echo: bool,
    /// `SHELL_BACKEND_SERIAL_RX_RING_BUFFER_SIZE`
    pub ring: usize,
    /// `SHELL_CMD_BUFF_SIZE`
    pub command: usize,
    /// `TLS_CREDENTIALS_SHELL_CRED_BUF_SIZE`
    pub credential: usize,
    /// Does it know `cred buf load`?
    pub load: bool,
    /// Older firmware says nothing when an empty buffer is cleared.
    pub silent_clear: bool,
    /// Built without SHA-256 or base64, it lists no digests.
    pub digests: bool,
    /// Credentials are kept in RAM.
    pub volatile: bool,
    /// Places for credentials.
    pub places: usize,
    /// Does it have the TLS credentials shell at all?
    pub credentials: bool,
    /// Does it have `nrf_cloud_cred`?
    pub cloud: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            prompt: "uart:~$ ".into(),
            noisy: false,
            echo: true,
            ring: 64,
            command: 256,
            credential: 4096,
            load: false,
            silent_clear: false,
            digests: true,
            volatile: false,
            places: 8,
            credentials: true,
            cloud: false,
        }
    }
}

pub struct Zephyr {
    pub shell: ShellState,
    credentials: Credentials,
    cloud: Cloud,
    noise: Noise,
    options: Options,
}

/// The shell, and how often its ring buffer was full.
pub struct ShellState(Shell);

impl ShellState {
    /// Bytes that were lost because the host did not wait.
    pub fn overruns(&self) -> u64 {
        self.0.overruns
    }
}

/// One of the many that are out there, with room for any credential, and storage that outlasts a restart.
pub fn device(seed: u64) -> Zephyr {
    let mut chance = Chance::new(seed);
    let options = Options {
        noisy: chance.below(4) != 0,
        credential: [4096, 8192][chance.below(2) as usize],
        load: chance.below(2) == 0,
        silent_clear: chance.below(2) == 0,
        digests: chance.below(3) != 0,
        cloud: chance.below(2) == 0,
        ..Options::default()
    };
    Zephyr::new(seed, options)
}

impl Zephyr {
    pub fn new(seed: u64, options: Options) -> Self {
        let mut shell = Shell::new(&options.prompt, options.ring, options.command);
        shell.echo = options.echo;
        let noise = Noise::new(seed, options.noisy, &UNASKED);
        let credentials = Credentials::new(options.clone());
        Self { shell: ShellState(shell), credentials, cloud: Cloud::default(), noise, options }
    }

    /// Puts something into the store as if it had been there before: `CA`, `SERV`, `PK`.
    pub fn hold(&mut self, tag: u32, kind: &'static str, content: &[u8]) {
        self.credentials.stored.insert((tag, kind), content.to_vec());
    }

    fn run(&mut self, line: &str, out: &mut Out) {
        let shell = &self.shell.0;
        let words = words(line);
        match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            [] => {}
            ["kernel", "version"] => shell.print(out, "Zephyr version 4.1.99"),
            ["cred", ref rest @ ..] if self.options.credentials => {
                self.credentials.run(rest, shell, out);
            }
            ["nrf_cloud_cred", ref rest @ ..] if self.options.cloud => {
                self.cloud.run(rest, shell, out);
            }
            [name, ..] => shell.error(out, &format!("{name}: command not found")),
        }
        if !self.credentials.loads() {
            shell.ready(out);
        }
    }
}

impl Device for Zephyr {
    fn receive(&mut self, byte: u8, out: &mut Out) {
        if !self.shell.0.takes(out) {
            return;
        }
        if self.credentials.loads() {
            self.credentials.load(byte, &self.shell.0, out);
            return;
        }
        if let Some(line) = self.noise.line(150) {
            self.shell.0.log(out, &line);
        }
        let Some(line) = self.shell.0.key(byte, out) else { return };
        let mut said = Out::new(out.at(), out.free());
        self.run(&line, &mut said);
        if let Some(line) = self.noise.line(6) {
            self.shell.0.log(&mut said, &line);
        }
        let text: Vec<u8> = said.said.into_iter().flat_map(|(_, bytes)| bytes).collect();
        self.noise.say(out, std::time::Duration::from_micros(500), &text);
    }

    fn reboot(&mut self, out: &mut Out) {
        self.credentials.reboot();
        self.shell.0.reboot(out);
    }

    /// By security tag and type: `42,CA`.
    fn stored(&self) -> BTreeMap<String, Vec<u8>> {
        let name = |((tag, kind), content): (&(u32, &str), &Vec<u8>)| (format!("{tag},{kind}"), content.clone());
        let keys = self.cloud.keys.iter().map(|(tag, key)| (format!("{tag},PK_PSA"), key.serialize_der()));
        self.credentials.stored.iter().map(name).chain(keys).collect()
    }
}
