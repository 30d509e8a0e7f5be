//! A simulated device on a pty, in real time, for clients that are programs of their own.
//!
//!     simulate nrf91|zephyr|ublox|quectel|simcom|simcom-fs|esp-at|fieldkey [--seed N] [--OPTION VALUE]…
//!
//! Prints the pty's path; then, for each line `stored` on standard input, what the device has stored, as JSON:
//! `{name: {"sha256": hex, "plain": hex, "bytes": length}}`; `plain` is the SHA-256 without carriage returns and without a
//! closing NUL. Ends with its standard input.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[cfg(unix)]
fn main() {
    on_a_pty::run(std::env::args().skip(1).collect());
}

#[cfg(not(unix))]
fn main() {
    panic!("ptys are a matter of Unix");
}

#[cfg(unix)]
mod on_a_pty {
    use std::io::{BufRead, Write};
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use fieldkey_simulators::at::{AtModem, Dialect, EspAt, Manner, Model, Quectel, SimCom, SimComFs, Ublox};
    use fieldkey_simulators::{Device, Faults, Framed, Frames, Simulated, Terminal, nrf91, zephyr};
    use serde_json::{Value, json};
    use sha2::{Digest, Sha256};

    pub(super) fn run(arguments: Vec<String>) {
        let mut arguments = arguments.into_iter();
        let kind = arguments.next().expect("which device?");
        let mut settings = Settings { seed: 1, rest: vec![] };
        while let Some(name) = arguments.next() {
            let value = arguments.next().expect("each option has a value");
            match name.strip_prefix("--").expect("an option") {
                "seed" => settings.seed = value.parse().expect("a number"),
                name => settings.rest.push((name.to_owned(), value)),
            }
        }
        serve(device(&kind, settings));
    }

    struct Settings {
        seed: u64,
        rest: Vec<(String, String)>,
    }

    fn device(kind: &str, settings: Settings) -> Box<dyn Device> {
        let seed = settings.seed;
        match kind {
            "nrf91" => {
                let mut options = nrf91::Options::default();
                for (name, value) in &settings.rest {
                    match name.as_str() {
                        "terminator" => options.terminator = terminator(value),
                        "shell" => options.shell = Some(value.clone()),
                        "noisy" => options.noisy = is(value),
                        "old" => options.old = is(value),
                        "readable" => options.readable = is(value),
                        "latency" => options.latency = Duration::from_millis(value.parse().expect("milliseconds")),
                        name => panic!("--{name}?"),
                    }
                }
                Box::new(nrf91::Nrf91::new(seed, options))
            }
            "zephyr" => {
                let mut options = zephyr::Options::default();
                for (name, value) in &settings.rest {
                    match name.as_str() {
                        "prompt" => options.prompt.clone_from(value),
                        "noisy" => options.noisy = is(value),
                        "credential" => options.credential = value.parse().expect("bytes"),
                        "load" => options.load = is(value),
                        "digests" => options.digests = is(value),
                        "volatile" => options.volatile = is(value),
                        "cloud" => options.cloud = is(value),
                        name => panic!("--{name}?"),
                    }
                }
                Box::new(zephyr::Zephyr::new(seed, options))
            }
            "ublox" => at(Ublox::new(Dialect::Sara), &settings),
            "quectel" => at(Quectel::new(), &settings),
            "simcom" => at(SimCom::new(), &settings),
            "simcom-fs" => at(SimComFs::new(), &settings),
            "esp-at" => at(EspAt::new(), &settings),
            "fieldkey" => Box::new(Framed::new(Frames::default())),
            kind => panic!("no device {kind}"),
        }
    }

    fn at(model: impl Model + 'static, settings: &Settings) -> Box<dyn Device> {
        assert!(settings.rest.is_empty(), "a modem has no options");
        Box::new(AtModem::new(model, Manner::noisy(settings.seed)))
    }

    fn is(value: &str) -> bool {
        value == "yes"
    }

    fn terminator(value: &str) -> nrf91::Terminator {
        match value {
            "null" => nrf91::Terminator::Null,
            "cr" => nrf91::Terminator::Cr,
            "lf" => nrf91::Terminator::Lf,
            "crlf" => nrf91::Terminator::CrLf,
            value => panic!("no terminator {value}"),
        }
    }

    fn serve(device: Box<dyn Device>) {
        let line = Arc::new(Mutex::new(Simulated::new(device, Faults::none())));
        let terminal = Terminal::simulated(Arc::clone(&line));
        say(&terminal.path.display().to_string());
        for question in std::io::stdin().lock().lines().map_while(Result::ok) {
            assert_eq!(question, "stored", "the only question");
            let stored = stored(&line.lock().expect("line").device);
            say(&stored.to_string());
        }
    }

    fn stored(device: &dyn Device) -> Value {
        let held = |content: &[u8]| {
            let plain: Vec<u8> = content.iter().copied().filter(|byte| ![b'\r', 0].contains(byte)).collect();
            let [sha256, plain] = [content, &plain].map(|bytes| hex::encode(Sha256::digest(bytes)));
            json!({"sha256": sha256, "plain": plain, "bytes": content.len()})
        };
        device.stored().iter().map(|(name, content)| (name.clone(), held(content))).collect()
    }

    fn say(line: &str) {
        let mut out = std::io::stdout().lock();
        writeln!(out, "{line}").and_then(|()| out.flush()).expect("someone listens");
    }
}
