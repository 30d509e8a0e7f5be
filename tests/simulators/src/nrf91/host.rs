//! The AT host library of Nordic's SDK: it collects a command from the UART and hands it to the modem.

/// What ends a command; chosen when the firmware is built.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Terminator {
    Null,
    Cr,
    Lf,
    CrLf,
}

pub(super) struct Host {
    terminator: Terminator,
    limit: usize,
    command: Vec<u8>,
    quoted: bool,
    /// Erasing a quote does not take back what it opened.
    old: bool,
}

impl Host {
    pub(super) fn new(terminator: Terminator, limit: usize, old: bool) -> Self {
        Self { terminator, limit, command: vec![], quoted: false, old }
    }

    /// One byte from the UART. Returns the command when it is complete.
    pub(super) fn key(&mut self, byte: u8) -> Option<Vec<u8>> {
        if matches!(byte, 0x08 | 0x7f) {
            if self.command.pop() == Some(b'"') && !self.old {
                self.quoted = !self.quoted;
            }
            return None;
        }
        // A line end in quotes is part of the text.
        if !self.quoted {
            match (byte, self.terminator) {
                (0, Terminator::Null) | (b'\r', Terminator::Cr) | (b'\n', Terminator::Lf) => return self.complete(),
                (b'\n', Terminator::CrLf) if self.command.last() == Some(&b'\r') => return self.complete(),
                (0, _) => return None,
                _ => {}
            }
        }
        // What does not fit is dropped, with nothing but a line in the log: a closing quote, too.
        if self.command.len() + 2 > self.limit {
            return None;
        }
        self.command.push(byte);
        if byte == b'"' {
            self.quoted = !self.quoted;
        }
        None
    }

    pub(super) fn clear(&mut self) {
        self.command.clear();
        self.quoted = false;
    }

    fn complete(&mut self) -> Option<Vec<u8>> {
        let command = std::mem::take(&mut self.command);
        self.quoted = false;
        command.iter().any(|byte| *byte > b' ').then_some(command)
    }
}
