use std::collections::BTreeMap;
use std::time::Duration;

use super::{Data, Model, Reply, arguments, used};

/// Quectel: files on UFS, with a checksum over what came.
pub struct Quectel {
    files: BTreeMap<String, Vec<u8>>,
    /// Bytes of flash.
    pub flash: usize,
    pending: Option<String>,
}

impl Quectel {
    pub fn new() -> Self {
        Self { files: BTreeMap::new(), flash: 64 * 1024, pending: None }
    }

    fn upload(&mut self, name: &str, count: &str, rest: &[String]) -> Reply {
        let Some(name) = name.strip_prefix("UFS:").filter(|name| !name.is_empty() && name.len() <= 80) else {
            return Reply::error("406");
        };
        let Ok(count @ 1..) = count.parse::<usize>() else { return Reply::error("400") };
        if self.files.contains_key(name) {
            return Reply::error("407");
        }
        if count > self.flash.saturating_sub(used(&self.files)) {
            return Reply::error("403");
        }
        let seconds = rest.first().and_then(|seconds| seconds.parse().ok()).unwrap_or(5);
        let acknowledge = rest.get(1).is_some_and(|mode| mode == "1").then_some(1024);
        self.pending = Some(name.to_owned());
        let patience = Some(Duration::from_secs(seconds));
        Reply::data(Data { count, prompt: "\r\nCONNECT\r\n", patience, acknowledge })
    }
}

impl Default for Quectel {
    fn default() -> Self {
        Self::new()
    }
}

impl Model for Quectel {
    fn command(&mut self, command: &str) -> Reply {
        match command {
            "AT+CGMI" => return Reply::line("Quectel"),
            "AT+CGMM" => return Reply::line("EG800K"),
            "AT+QFLDS=\"UFS\"" => {
                let free = self.flash.saturating_sub(used(&self.files));
                return Reply::line(format!("+QFLDS: {free},{}", self.flash));
            }
            _ => {}
        }
        if let Some(arguments) = arguments(command, "AT+QFUPL")
            && let [name, count, rest @ ..] = arguments.as_slice()
        {
            return self.upload(name, count, rest);
        }
        let name = |operation| Some(arguments(command, operation)?.first()?.strip_prefix("UFS:")?.to_owned());
        if let Some(name) = name("AT+QFDEL") {
            return self.files.remove(&name).map_or(Reply::error("405"), |_| Reply::ok());
        }
        if let Some(name) = name("AT+QFLST") {
            let file = self.files.get(&name);
            return file
                .map_or(Reply::error("405"), |file| Reply::line(format!("+QFLST: \"UFS:{name}\",{}", file.len())));
        }
        if let Some(name) = name("AT+QFDWL") {
            let Some(file) = self.files.get(&name) else { return Reply::error("405") };
            let end = format!("+QFDWL: {},{:x}", file.len(), xor16(file));
            return Reply::ok().raw(b"\r\nCONNECT\r\n").raw(file).and(end);
        }
        Reply::error("4")
    }

    fn payload(&mut self, payload: Vec<u8>) -> Reply {
        let Some(name) = self.pending.take() else { return Reply::error("400") };
        let said = format!("+QFUPL: {},{:x}", payload.len(), xor16(&payload));
        self.files.insert(name, payload);
        Reply::line(said)
    }

    /// What had come by then stays.
    fn broken_off(&mut self, so_far: Vec<u8>) -> Reply {
        if let Some(name) = self.pending.take() {
            self.files.insert(name, so_far);
        }
        Reply::error("421")
    }

    fn restarted(&mut self) {
        self.pending = None;
    }

    fn stored(&self) -> BTreeMap<String, Vec<u8>> {
        self.files.clone()
    }

    fn reports(&self) -> &'static [&'static str] {
        &["+QIND: SMS DONE", "+CREG: 1", "APP RDY", "+QIURC: \"closed\",0"]
    }
}

fn xor16(bytes: &[u8]) -> u16 {
    let mut sum = 0;
    for (place, byte) in bytes.iter().enumerate() {
        sum ^= if place % 2 == 0 { u16::from(*byte) << 8 } else { u16::from(*byte) };
    }
    sum
}
