use std::any::Any;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use fieldkey_simulators::at::{AtModem, Dialect, EspAt, Manner, Model, Quectel, SimCom, SimComFs, Ublox};
use fieldkey_simulators::{Device, Faults, Framed, Frames, Simulated, Terminal, nrf91, zephyr};

use super::peers::{Peer, mpremote, nrfcredstore, sz};
use crate::drivers::console::counterpart as shells;
use crate::drivers::micropython::peers as boards;
use crate::drivers::{Driver, kinds, named};
use crate::serial::{Settings, Setup};

/// A device that was just switched on, and nothing on it.
pub(super) struct Counterpart {
    pub(super) terminal: Terminal,
    pub(super) driver: Arc<dyn Fn() -> Box<dyn Driver> + Send + Sync>,
    /// It takes the settings, too.
    pub(super) has_files: bool,
    /// A key store that proves what it holds by giving it back: twice the bytes have to cross.
    pub(super) reads_back: bool,
    /// What others have for it.
    pub(super) peers: Vec<(&'static str, Peer)>,
    _board: Box<dyn Any>,
}

type Start = Box<dyn Fn() -> Counterpart>;

pub(super) fn counterparts() -> Vec<(&'static str, Start)> {
    let mut all: Vec<(&'static str, Start)> = vec![
        ("fieldkey, frames of 1 KiB", Box::new(|| framed(Frames::default()))),
        ("fieldkey, frames of 512 bytes", Box::new(|| framed(Frames { payload: 512, ..Frames::default() }))),
        (
            "nrf91",
            Box::new(|| {
                let peers: Vec<(&str, Peer)> = vec![("nrfcredstore write, list", nrfcredstore("write-at"))];
                simulated(nrf91::Nrf91::new(1, nrf91::Options::default()), "nrf91", false, peers)
            }),
        ),
        ("zephyr, 48 characters at a time", Box::new(|| zephyr(false))),
        ("zephyr, `cred buf load`", Box::new(|| zephyr(true))),
        ("ublox", Box::new(|| modem(Ublox::new(Dialect::Sara), "ublox", false))),
        ("quectel", Box::new(|| modem(Quectel::new(), "quectel", true))),
        ("simcom", Box::new(|| modem(SimCom::new(), "simcom", false))),
        ("simcom-fs", Box::new(|| modem(SimComFs::new(), "simcom-fs", true))),
        ("esp-at", Box::new(|| modem(EspAt::new(), "esp-at", true))),
        (
            "micropython 1.27, raw paste",
            Box::new(|| {
                let (board, line) = boards::Board::start(&BTreeMap::new());
                let peers: Vec<(&str, Peer)> = vec![("mpremote fs cp, nothing proved", mpremote("exec"))];
                micropython(board, line, "yes", peers)
            }),
        ),
        (
            "micropython 1.9.2 (micro:bit), no raw paste",
            Box::new(|| {
                let (board, line) = boards::MicroBit::start();
                micropython(board, line, "yes", vec![])
            }),
        ),
        ("console (busybox), ZMODEM", Box::new(|| console(shells::ZMODEM, vec![("sz, nothing proved", Box::new(sz))]))),
        ("console (busybox), base64", Box::new(|| console(shells::BASE64, vec![]))),
    ];
    if let Some(binary) = std::env::var_os("FIELDKEY_MICROPYTHON") {
        all.push((
            "micropython, its port to Unix, raw paste",
            Box::new(move || {
                let (board, line) = boards::UnixPort::start(binary.as_ref());
                let peers: Vec<(&str, Peer)> = vec![("mpremote fs cp, nothing proved", mpremote("resume"))];
                // A reset would end it.
                micropython(board, line, "no", peers)
            }),
        ));
    }
    all
}

fn made(
    name: &'static str,
    settings: Vec<(&'static str, &'static str)>,
) -> Arc<dyn Fn() -> Box<dyn Driver> + Send + Sync> {
    let (kinds, mistakes) = kinds(None);
    let kind = named(name, &kinds, mistakes).expect(name);
    Arc::new(move || {
        let settings = Settings::new(settings.iter().copied()).expect("settings");
        kind.driver(settings, Setup::default(), None).expect("a driver")
    })
}

fn simulated(
    device: impl Device + 'static,
    driver: &'static str,
    reads_back: bool,
    peers: Vec<(&'static str, Peer)>,
) -> Counterpart {
    let terminal = Terminal::simulated(Arc::new(Mutex::new(Simulated::new(device, Faults::none()))));
    Counterpart {
        terminal,
        driver: made(driver, vec![]),
        has_files: driver == "fieldkey",
        reads_back,
        peers,
        _board: Box::new(()),
    }
}

fn framed(frames: Frames) -> Counterpart {
    simulated(Framed::new(frames), "fieldkey", false, vec![])
}

fn zephyr(load: bool) -> Counterpart {
    let options = zephyr::Options { load, credential: 4096, ..zephyr::Options::default() };
    let peers: Vec<(&str, Peer)> = vec![("nrfcredstore's class, write, list", nrfcredstore("write-tls"))];
    simulated(zephyr::Zephyr::new(1, options), "zephyr", false, peers)
}

fn modem<M: Model + 'static>(model: M, driver: &'static str, reads_back: bool) -> Counterpart {
    simulated(AtModem::new(model, Manner::quiet()), driver, reads_back, vec![])
}

fn micropython(
    board: impl Any,
    line: std::os::unix::net::UnixStream,
    reset: &'static str,
    peers: Vec<(&'static str, Peer)>,
) -> Counterpart {
    Counterpart {
        terminal: Terminal::paced(line),
        driver: made("micropython", vec![("reset", reset)]),
        has_files: true,
        reads_back: false,
        peers,
        _board: Box::new(board),
    }
}

fn console(only: fn(shells::Way) -> bool, peers: Vec<(&'static str, Peer)>) -> Counterpart {
    let board = shells::Board::start(shells::SHELLS[0]);
    let (terminal, keys) = (Terminal::paced(board.end()), board.keys());
    Counterpart {
        terminal,
        driver: Arc::new(move || Box::new(shells::console(&keys, 1, Some(only)))),
        has_files: true,
        reads_back: false,
        peers,
        _board: Box::new(board),
    }
}
