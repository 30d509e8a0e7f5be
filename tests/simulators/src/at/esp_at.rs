use std::collections::BTreeMap;

use super::{Data, Model, Reply, arguments};

/// Espressif ESP-AT: keys and values in mfg_nvs.
pub struct EspAt {
    /// By namespace and key.
    held: BTreeMap<(String, String), Vec<u8>>,
    /// Bytes of flash.
    pub flash: usize,
    pending: Option<(String, String)>,
}

const NAMESPACES: [&str; 6] = ["client_ca", "client_cert", "client_key", "mqtt_ca", "mqtt_cert", "mqtt_key"];

impl EspAt {
    pub fn new() -> Self {
        Self { held: BTreeMap::new(), flash: 64 * 1024, pending: None }
    }
}

impl Default for EspAt {
    fn default() -> Self {
        Self::new()
    }
}

impl Model for EspAt {
    fn command(&mut self, command: &str) -> Reply {
        if command == "AT+GMR" {
            return Reply::line("AT version:3.2.0.0(s-ec71bbf - ESP32 - May 22 2023)")
                .and("SDK version:v5.0.2")
                .and("Bin version:v3.2.0.0(WROOM-32)");
        }
        let Some(arguments) = arguments(command, "AT+SYSMFG") else { return Reply::error("") };
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let key = |namespace: &str, key: &str| (namespace.to_owned(), key.to_owned());
        match arguments.as_slice() {
            ["1", namespace] if NAMESPACES.contains(namespace) => {
                let own = self.held.keys().filter(|(own, _)| own == namespace);
                own.fold(Reply::ok(), |reply, (_, key)| reply.and(format!("+SYSMFG:\"{namespace}\",\"{key}\",8")))
            }
            ["1", namespace, name] => match self.held.get(&key(namespace, name)) {
                Some(value) => {
                    let head = format!("\r\n+SYSMFG:\"{namespace}\",\"{name}\",8,{},", value.len());
                    Reply::ok().raw(head.as_bytes()).raw(value).raw(b"\r\n")
                }
                None => Reply::error(""),
            },
            ["0", namespace, name] => self.held.remove(&key(namespace, name)).map_or(Reply::error(""), |_| Reply::ok()),
            ["2", namespace, name, "8", count] => {
                let known = NAMESPACES.contains(namespace) && (1..=15).contains(&name.len());
                match count.parse::<usize>() {
                    Ok(count @ 1..=4000) if known && count <= self.flash.saturating_sub(used_by(&self.held)) => {
                        self.pending = Some(key(namespace, name));
                        Reply::data(Data { count, prompt: "\r\nOK\r\n\r\n>", patience: None, acknowledge: None })
                    }
                    _ => Reply::error(""),
                }
            }
            _ => Reply::error(""),
        }
    }

    fn payload(&mut self, payload: Vec<u8>) -> Reply {
        if let Some(key) = self.pending.take() {
            self.held.insert(key, payload);
        }
        Reply::ok()
    }

    fn restarted(&mut self) {
        self.pending = None;
    }

    fn stored(&self) -> BTreeMap<String, Vec<u8>> {
        self.held.iter().map(|((namespace, key), value)| (format!("{namespace}/{key}"), value.clone())).collect()
    }

    fn banner(&self) -> &'static str {
        "ets Jul 29 2019 12:21:46\r\n\r\nrst:0x1 (POWERON_RESET),boot:0x13\r\n\r\nready\r\n"
    }

    fn reports(&self) -> &'static [&'static str] {
        &["WIFI DISCONNECT", "WIFI GOT IP", "I (4211) wifi: state: run -> init (0x0)"]
    }

    fn line_end(&self) -> u8 {
        b'\n'
    }

    fn has_error_numbers(&self) -> bool {
        false
    }
}

fn used_by(held: &BTreeMap<(String, String), Vec<u8>>) -> usize {
    held.values().map(Vec::len).sum()
}
