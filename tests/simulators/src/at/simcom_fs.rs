use std::collections::BTreeMap;
use std::time::Duration;

use super::{Data, Model, Reply, arguments, decoded, used};

/// Longer names lose their end, without a word.
const LONGEST_NAME: usize = 30;

/// SIMCom SIM7000, SIM7070, SIM7080: files in the customer's folder, converted for TLS afterwards.
pub struct SimComFs {
    files: BTreeMap<String, Vec<u8>>,
    /// Bytes of flash.
    pub flash: usize,
    open: bool,
    pending: Option<String>,
    /// What it has made credentials of.
    pub converted: Vec<String>,
}

impl SimComFs {
    pub fn new() -> Self {
        Self { files: BTreeMap::new(), flash: 64 * 1024, open: false, pending: None, converted: vec![] }
    }

    /// Another program on the board left its files open.
    pub fn left_open(mut self) -> Self {
        self.open = true;
        self
    }

    fn convert(&mut self, names: &[String]) -> Reply {
        let sound = |name: &String| self.files.get(name).is_some_and(|file| decoded(file).is_some());
        if self.open || !names.iter().all(sound) {
            return Reply::error("");
        }
        self.converted.extend(names.iter().cloned());
        Reply::ok()
    }

    fn write(&mut self, arguments: &[String]) -> Reply {
        let [folder, name, mode, count, wait] = arguments else { return Reply::error("50") };
        let (Ok(count @ 1..10240), Ok(wait @ 100..=10_000)) = (count.parse::<usize>(), wait.parse::<u64>()) else {
            return Reply::error("50");
        };
        if folder != "3" || mode != "0" || count > self.flash.saturating_sub(used(&self.files)) {
            return Reply::error("50");
        }
        self.pending = Some(name.chars().take(LONGEST_NAME).collect());
        let patience = Some(Duration::from_millis(wait));
        Reply::data(Data { count, prompt: "\r\nDOWNLOAD\r\n", patience, acknowledge: None })
    }
}

impl Default for SimComFs {
    fn default() -> Self {
        Self::new()
    }
}

impl Model for SimComFs {
    fn command(&mut self, command: &str) -> Reply {
        match command {
            "AT+CGMI" => return Reply::line("SIMCOM_Ltd"),
            "AT+CGMM" => return Reply::line("SIMCOM_SIM7080"),
            "AT+CFSINIT" | "AT+CFSTERM" => {
                let wanted = command == "AT+CFSINIT";
                if self.open == wanted {
                    return Reply::error("3");
                }
                self.open = wanted;
                return Reply::ok();
            }
            "AT+CFSGFRS?" => return Reply::line(format!("+CFSGFRS: {}", self.flash.saturating_sub(used(&self.files)))),
            _ => {}
        }
        if let Some(arguments) = arguments(command, "AT+CSSLCFG") {
            return match arguments.as_slice() {
                [what, _, names @ ..] if what == "CONVERT" => self.convert(names),
                _ => Reply::error("50"),
            };
        }
        if !self.open {
            return Reply::error("3");
        }
        if let Some(arguments) = arguments(command, "AT+CFSWFILE") {
            return self.write(&arguments);
        }
        let name = |operation| arguments(command, operation)?.into_iter().nth(1);
        if let Some(name) = name("AT+CFSDFILE") {
            return self.files.remove(&name).map_or(Reply::error(""), |_| Reply::ok());
        }
        if let Some(name) = name("AT+CFSGFIS") {
            let file = self.files.get(&name);
            return file.map_or(Reply::error(""), |file| Reply::line(format!("+CFSGFIS: {}", file.len())));
        }
        if let Some(name) = name("AT+CFSRFILE") {
            let Some(file) = self.files.get(&name) else { return Reply::error("") };
            return Reply::ok().and(format!("+CFSRFILE: {}", file.len())).raw(file).raw(b"\r\n");
        }
        Reply::error("4")
    }

    fn payload(&mut self, payload: Vec<u8>) -> Reply {
        if let Some(name) = self.pending.take() {
            self.files.insert(name, payload);
        }
        Reply::ok()
    }

    fn broken_off(&mut self, so_far: Vec<u8>) -> Reply {
        if let Some(name) = self.pending.take() {
            self.files.insert(name, so_far);
        }
        Reply::error("")
    }

    fn restarted(&mut self) {
        (self.pending, self.open) = (None, false);
    }

    fn stored(&self) -> BTreeMap<String, Vec<u8>> {
        self.files.clone()
    }

    /// It answers ERROR, whatever went wrong.
    fn has_error_numbers(&self) -> bool {
        false
    }
}
