use std::collections::BTreeMap;

use super::{Data, Model, Reply, arguments};

/// SIMCom SIM7500, SIM7600, A76xx: AT+CCERTDOWN. Says nothing of what it took but its name.
pub struct SimCom {
    files: BTreeMap<String, Vec<u8>>,
    /// How many files fit.
    pub room: usize,
    pending: Option<String>,
}

impl SimCom {
    pub fn new() -> Self {
        Self { files: BTreeMap::new(), room: 8, pending: None }
    }
}

impl Default for SimCom {
    fn default() -> Self {
        Self::new()
    }
}

impl Model for SimCom {
    fn command(&mut self, command: &str) -> Reply {
        match command {
            "AT+CGMI" => return Reply::line("SIMCOM INCORPORATED"),
            "AT+CGMM" => return Reply::line("SIMCOM_SIM7600G-H"),
            "AT+CCERTLIST" => {
                let list = |reply: Reply, name: &String| reply.and(format!("+CCERTLIST: \"{name}\""));
                return self.files.keys().fold(Reply::ok(), list);
            }
            _ => {}
        }
        if let Some([name]) = arguments(command, "AT+CCERTDELE").as_deref() {
            return self.files.remove(name).map_or(Reply::error("22"), |_| Reply::ok());
        }
        let Some([name, count]) =
            arguments(command, "AT+CCERTDOWN").and_then(|both| <[String; 2]>::try_from(both).ok())
        else {
            return Reply::error("4");
        };
        match count.parse() {
            _ if self.files.len() >= self.room && !self.files.contains_key(&name) => Reply::error("20"),
            Ok(count @ 1..=10240) if !name.is_empty() => {
                self.pending = Some(name);
                Reply::data(Data { count, prompt: "\r\n>", patience: None, acknowledge: None })
            }
            _ => Reply::error("50"),
        }
    }

    fn payload(&mut self, payload: Vec<u8>) -> Reply {
        if let Some(name) = self.pending.take() {
            self.files.insert(name, payload);
        }
        Reply::ok()
    }

    fn restarted(&mut self) {
        self.pending = None;
    }

    fn stored(&self) -> BTreeMap<String, Vec<u8>> {
        self.files.clone()
    }
}
