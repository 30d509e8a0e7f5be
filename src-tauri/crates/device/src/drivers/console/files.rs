//! The device's folder.

use fieldkey_core::{Code, Failure, Why};
use zeroize::Zeroizing;

use super::answer::Answer;
use super::encoded::{decoded, from_base64, from_hex, output, printed};
use super::{Console, complaint, zmodem};
use crate::drivers::{Files, Listed};
use crate::layout;
use crate::serial::Line;

/// How bytes get onto the device.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Way {
    /// ZMODEM, to this program
    Zmodem(&'static str),
    /// base64, on this program's standard input
    Base64(&'static str),
    /// Octal numbers, for the shell's own `printf`
    Printf,
}

/// Tries for each way, and for what the device is asked to show.
const TRIES: u32 = 2;

impl Console {
    /// Goes to the folder, and makes it if there is none: for its owner alone.
    fn enter(&mut self, line: &mut Line) -> Result<(), Failure> {
        if self.entered {
            return Ok(());
        }
        let (folder, within) = (self.folder.clone(), self.shell.patience());
        let made = self.shell.run(line, &format!("mkdir -p '{folder}' && cd '{folder}'"), within)?;
        if !made.succeeded() {
            return Err(refused(line, &made));
        }
        let there = self.shell.state(line, &format!("cd '{folder}' 2>/dev/null;s=$?;o="))?;
        if !there.succeeded() {
            return Err(refused(line, &there));
        }
        self.entered = true;
        Ok(())
    }

    /// A command on files in the folder, which must succeed.
    fn done(&mut self, line: &mut Line, command: &str) -> Result<Answer, Failure> {
        self.written = None;
        self.enter(line)?;
        let within = self.shell.patience();
        let answer = self.shell.run(line, command, within)?;
        if answer.succeeded() { Ok(answer) } else { Err(refused(line, &answer)) }
    }

    fn exists(&mut self, line: &mut Line, name: &str) -> Result<bool, Failure> {
        self.enter(line)?;
        let within = self.shell.patience();
        Ok(self.shell.run(line, &format!("test -e '{name}'"), within)?.succeeded())
    }

    /// The ways that keep a secret, the fastest first. Text needs a line that does not show it.
    fn ways(&self) -> Vec<Way> {
        let rz = self.tools.rz.map(Way::Zmodem);
        let decode = self.tools.decode.filter(|_| self.shell.is_silent()).map(Way::Base64);
        let printf = (self.tools.printf && self.shell.is_silent()).then_some(Way::Printf);
        [rz, decode, printf].into_iter().flatten().filter(|way| self.only.is_none_or(|only| only(*way))).collect()
    }

    /// Sends a file by one way. False if that did not come to an end.
    fn sent(&mut self, line: &mut Line, way: Way, name: &str, bytes: &[u8]) -> Result<bool, Failure> {
        match way {
            Way::Zmodem(rz) => zmodem::send(&mut self.shell, line, rz, name, bytes),
            Way::Base64(decoder) => Ok(decoded(&mut self.shell, line, decoder, name, bytes)?.is_some()),
            Way::Printf => Ok(printed(&mut self.shell, line, name, bytes)?.is_some()),
        }
    }

    fn holds(&mut self, line: &mut Line, name: &str, bytes: &[u8]) -> Result<bool, Failure> {
        match self.sha256(line, name)? {
            Some(digest) => {
                let same = digest == layout::sha256(bytes);
                self.written = same.then(|| (name.to_owned(), digest));
                Ok(same)
            }
            None => Ok(self.read(line, name)?.is_some_and(|there| *there == bytes)),
        }
    }

    fn shown(&mut self, line: &mut Line, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
        let (command, bytes): (_, fn(&[u8]) -> _) = match (self.tools.encode, self.tools.dump) {
            (Some(encode), _) => (format!("{encode} <'{name}'"), from_base64),
            (None, Some(dump)) => (format!("{dump} <'{name}'"), from_hex),
            (None, None) => {
                let why = Why::new("it has no means of showing a file", "ファイルを読み出す手段がありません");
                return Err(line.failure(Code::DeviceRejected).because_of(why));
            }
        };
        let said = output(&mut self.shell, line, &command)?;
        if said.is_none() {
            self.shell.recover(line)?;
        }
        Ok(said.and_then(|said| bytes(&said)))
    }
}

impl Files for Console {
    fn list(&mut self, line: &mut Line) -> Result<Vec<Listed>, Failure> {
        let answer = self.done(line, "ls -lnA")?;
        Ok(answer.text.lines().filter_map(listed).collect())
    }

    fn room(&mut self, line: &mut Line) -> Result<Option<u64>, Failure> {
        self.enter(line)?;
        let within = self.shell.patience();
        let command = "df -Pk . && grep \" $(df -Pk .|sed -n '$s/.* //p') \" /proc/mounts";
        let answer = self.shell.run(line, command, within)?;
        let field =
            |line: Option<&str>, at: usize| line.and_then(|line| line.split_whitespace().nth(at)).map(str::to_owned);
        // What is mounted: a device, where, its kind, …
        let kind = field(answer.text.lines().skip(2).last(), 2);
        self.volatile = kind.is_some_and(|kind| matches!(&*kind, "tmpfs" | "ramfs" | "rootfs"));
        // Below a heading: a device, its size, used, free, …
        let free: Option<u64> = field(answer.text.lines().nth(1), 3).and_then(|blocks| blocks.parse().ok());
        Ok(free.map(|blocks| blocks * 1024))
    }

    fn read(&mut self, line: &mut Line, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
        plain(line, name)?;
        if !self.exists(line, name)? {
            return Ok(None);
        }
        let digest = self.sha256(line, name)?;
        let mut last: Option<Zeroizing<Vec<u8>>> = None;
        for _ in 0..2 * TRIES {
            let Some(bytes) = self.shown(line, name)? else { continue };
            let proved = match &digest {
                Some(digest) => *digest == layout::sha256(&bytes),
                // Damaged twice in the same way it is not.
                None => last.as_ref() == Some(&bytes),
            };
            if proved {
                return Ok(Some(bytes));
            }
            last = Some(bytes);
        }
        let why = Why::new(format!("{name} cannot be read over this line"), format!("{name} を読み出せません"));
        Err(line.failure(Code::VerifyMismatch).because_of(why))
    }

    fn write(&mut self, line: &mut Line, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        plain(line, name)?;
        let ways = self.ways();
        if ways.is_empty() {
            let why = Why::new(
                "it has no means of taking a file that keeps a key secret",
                "鍵を秘密に保ったままファイルを受け取る手段がありません",
            );
            return Err(line.failure(Code::DeviceRejected).because_of(why));
        }
        for way in ways.iter().flat_map(|way| [way; TRIES as usize]) {
            // What is made anew gets the mode that the umask leaves it, 0600, and is no link to elsewhere.
            self.done(line, &format!("rm -f '{name}' && >'{name}'"))?;
            if self.sent(line, *way, name, bytes)? {
                if self.holds(line, name, bytes)? {
                    return Ok(());
                }
            } else {
                self.shell.recover(line)?;
            }
        }
        // `rz` keeps the reason to itself.
        let full = self.room(line)?.is_some_and(|room| room < bytes.len() as u64);
        self.remove(line, name)?;
        if full {
            return Err(line.failure(Code::TargetFull));
        }
        let why = Why::new(format!("{name} does not arrive undamaged"), format!("{name} が正しく届きません"));
        Err(line.failure(Code::VerifyMismatch).because_of(why))
    }

    fn sha256(&mut self, line: &mut Line, name: &str) -> Result<Option<String>, Failure> {
        plain(line, name)?;
        if let Some((written, digest)) = self.written.take()
            && written == name
        {
            return Ok(Some(digest));
        }
        let Some(digest) = self.tools.digest else { return Ok(None) };
        let answer = self.done(line, &format!("{digest} <'{name}'"))?;
        let mut words = answer.text.split(|c: char| !c.is_ascii_hexdigit());
        Ok(words.find(|word| word.len() == 64).map(str::to_ascii_lowercase))
    }

    fn rename(&mut self, line: &mut Line, from: &str, to: &str) -> Result<(), Failure> {
        [from, to].into_iter().try_for_each(|name| plain(line, name))?;
        // Into a folder of that name it is not to go.
        self.done(line, &format!("test ! -d '{to}' && mv -f '{from}' '{to}'")).map(drop)
    }

    fn remove(&mut self, line: &mut Line, name: &str) -> Result<(), Failure> {
        plain(line, name)?;
        self.done(line, &format!("rm -f '{name}'")).map(drop)
    }

    fn sync(&mut self, line: &mut Line) -> Result<(), Failure> {
        self.enter(line)?;
        let within = self.shell.within(self.shell.pace().storage);
        let answer = self.shell.run(line, "sync", within)?;
        if answer.succeeded() { Ok(()) } else { Err(refused(line, &answer)) }
    }
}

/// A line of `ls -ln`: kind and mode, links, owner, group, bytes, date in two or three words, name. Names with blanks
/// are none of ours.
fn listed(line: &str) -> Option<Listed> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let name = match (line.chars().next()?, fields.len()) {
        ('-', 8 | 9) => fields.last()?,
        // The name, an arrow, where it leads
        ('l', 10 | 11) => fields.get(fields.len() - 3)?,
        _ => return None,
    };
    let bytes = if line.starts_with('-') { fields.get(4)?.parse().ok() } else { None };
    Some(Listed { name: (*name).to_owned(), bytes })
}

/// Names go into commands.
fn plain(line: &Line, name: &str) -> Result<(), Failure> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if !name.is_empty() && !name.starts_with('-') && name.chars().all(plain) {
        return Ok(());
    }
    let why = Why::new("no name for a file on a console", "コンソールでは使用できないファイル名です");
    Err(line.failure(Code::Usage).about(name).because_of(why))
}

/// What the shell said, with its code.
fn refused(line: &Line, answer: &Answer) -> Failure {
    let code = complaint::known(&answer.text).map_or(Code::TargetRefused, |(_, code)| code);
    line.failure(code).because(&*answer.text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_listed_with_their_sizes_as_each_ls_gives_them() {
        let of = |text| listed(text).map(|listed| (listed.name, listed.bytes));
        assert_eq!(
            of("-rw-------    1 0        0             1704 Jan  1 00:00 a.pem"),
            Some(("a.pem".into(), Some(1704)))
        );
        assert_eq!(of("-rw------- 1 0 0 17 2026-01-01 10:00 a.pem"), Some(("a.pem".into(), Some(17))), "toybox");
        assert_eq!(of("lrwxrwxrwx 1 0 0 5 Jan  1 00:00 ca.pem -> /etc/ssl/ca.pem"), Some(("ca.pem".into(), None)));
        assert_eq!(of("drwx------ 2 0 0 4096 Jan  1 00:00 old"), None);
        assert_eq!(of("total 8"), None);
    }
}
