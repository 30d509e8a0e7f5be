//! The board's folder.

use fieldkey_core::{Code, Failure, Why};
use zeroize::Zeroizing;

use super::raw_repl::{Answer, UNREAD};
use super::{MicroPython, garbled, literal, refusal, routines};
use crate::drivers::{Files, Listed};
use crate::serial::Line;

/// What stands around the bytes in a statement that writes them.
const AROUND: usize = "_kw(b'''''')\n".len();

/// No board is helped by smaller ones.
const LEAST: usize = 32;

impl Files for MicroPython {
    fn list(&mut self, line: &mut Line) -> Result<Vec<Listed>, Failure> {
        let folder = self.folder.clone();
        let (lines, _) = self.call(line, 'l', &[&folder])?;
        let each = lines.iter().map(|shown| {
            let text = routines::unsealed(shown, 1)?;
            let (bytes, name) = text.split_once(' ')?;
            Some(Listed { name: name.to_owned(), bytes: Some(bytes.parse().ok()?) })
        });
        each.collect::<Option<_>>().ok_or_else(|| garbled(line))
    }

    fn room(&mut self, line: &mut Line) -> Result<Option<u64>, Failure> {
        let folder = self.folder.clone();
        self.equip(line)?;
        if !self.board.as_ref().is_some_and(|board| board.statvfs) {
            return Ok(None);
        }
        let (_, bytes) = self.call(line, 'v', &[&folder])?;
        Ok(bytes.parse().ok())
    }

    fn read(&mut self, line: &mut Line, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
        let path = self.path(name);
        let (lines, sum) = self.call(line, 'g', &[&path])?;
        if sum.is_empty() {
            return Ok(None);
        }
        let mut bytes = Zeroizing::new(Vec::with_capacity(lines.len() * 128));
        for shown in &lines {
            bytes.extend_from_slice(&literal::value(shown).ok_or_else(|| garbled(line))?);
        }
        if sum.parse() == Ok(routines::check(&bytes, 1)) { Ok(Some(bytes)) } else { Err(garbled(line)) }
    }

    fn write(&mut self, line: &mut Line, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        self.equip(line)?;
        self.written = None;
        let mut limit = if self.repl.pastes() {
            self.board.as_ref().map_or(LEAST, |board| board.statement())
        } else {
            UNREAD - 1 - AROUND
        };
        let path = self.path(name);
        loop {
            let Some(out_of_memory) = self.write_in_pieces(line, &path, bytes, limit)? else { return Ok(()) };
            limit /= 2;
            if limit < LEAST {
                return Err(out_of_memory);
            }
        }
    }

    fn sha256(&mut self, line: &mut Line, name: &str) -> Result<Option<String>, Failure> {
        self.equip(line)?;
        if !self.board.as_ref().is_some_and(|board| board.sha256) {
            return Ok(None);
        }
        let path = self.path(name);
        if let Some((written, digest)) = self.written.take()
            && written == path
        {
            return Ok(Some(digest));
        }
        let (_, digest) = self.call(line, 'd', &[&path])?;
        // A file that is not there has none, and there is nothing to read back.
        if digest.len() == 64 { Ok(Some(digest.to_string())) } else { Ok(None) }
    }

    fn can_rename(&mut self, line: &mut Line) -> Result<bool, Failure> {
        self.equip(line)?;
        Ok(self.board.as_ref().is_some_and(|board| board.rename))
    }

    fn rename(&mut self, line: &mut Line, from: &str, to: &str) -> Result<(), Failure> {
        let [from, to] = [from, to].map(|name| self.path(name));
        self.call(line, 'r', &[&from, &to]).map(drop)
    }

    fn remove(&mut self, line: &mut Line, name: &str) -> Result<(), Failure> {
        let path = self.path(name);
        self.call(line, 'u', &[&path]).map(drop)
    }

    fn sync(&mut self, line: &mut Line) -> Result<(), Failure> {
        self.equip(line)?;
        if self.board.as_ref().is_some_and(|board| board.sync) { self.call(line, 'y', &[]).map(drop) } else { Ok(()) }
    }
}

/// Lines that were printed, and what the routine returned.
type Returned = (Vec<Zeroizing<Vec<u8>>>, Zeroizing<String>);

impl MicroPython {
    fn path(&self, name: &str) -> String {
        format!("{}{name}", self.folder)
    }

    /// Has the routines on the board, after it was lost, too.
    fn equip(&mut self, line: &mut Line) -> Result<(), Failure> {
        if !self.repl.works() {
            self.reach(line)?;
        }
        if self.equipped {
            return Ok(());
        }
        let board = self.board.clone().unwrap_or_default();
        for batch in routines::for_board(&board, !self.folder.is_empty()) {
            let answer = self.repl.run(line, &routines::install(&batch))?;
            self.checked(line, &answer)?;
            if answer.printed.trim_ascii() != routines::check(batch.as_bytes(), 1).to_string().as_bytes() {
                return Err(garbled(line));
            }
        }
        self.equipped = true;
        if !self.folder.is_empty() {
            let folder = self.folder.clone();
            self.call(line, 'm', &[&folder])?;
        }
        Ok(())
    }

    fn call(&mut self, line: &mut Line, routine: char, words: &[&str]) -> Result<Returned, Failure> {
        self.equip(line)?;
        self.written = None;
        let (statement, seed) = routines::call(routine, words);
        let answer = self.repl.run(line, statement.as_bytes())?;
        self.checked(line, &answer)?;
        returned(&answer, seed).ok_or_else(|| garbled(line))
    }

    fn checked(&self, line: &Line, answer: &Answer) -> Result<(), Failure> {
        if answer.raised.is_empty() {
            return Ok(());
        }
        Err(refusal::failure(line, &answer.raised, self.board.as_ref()))
    }

    /// Opens, writes and closes, as much in one statement as fits. A failure is returned only where smaller pieces may
    /// help: the board has too little memory for these.
    fn write_in_pieces(
        &mut self,
        line: &mut Line,
        path: &str,
        bytes: &[u8],
        limit: usize,
    ) -> Result<Option<Failure>, Failure> {
        let (open, opened) = routines::call('o', &[path]);
        let digests = self.board.as_ref().is_some_and(|board| board.sha256);
        let (close, closed) = routines::call(if digests { 'e' } else { 'c' }, &[]);
        let pieces = pieces(bytes, limit);
        let last = pieces.len().saturating_sub(1);
        // A board without raw paste loses what does not fit into its buffer: there, each goes alone.
        let alone = !self.repl.pastes();
        let mut sealed = vec![];
        let mut statement = Zeroizing::new(Vec::with_capacity(2 * limit + 256));
        for (place, piece) in pieces.iter().enumerate() {
            if place == 0 {
                statement.extend_from_slice(open.as_bytes());
                statement.push(b'\n');
                sealed.push((opened, String::new()));
            }
            if alone
                && !statement.is_empty()
                && let Some(failure) = self.put(line, path, &mut statement, &mut sealed)?
            {
                return Ok(Some(failure));
            }
            statement.extend_from_slice(b"_kw(");
            literal::bytes(piece, &mut statement);
            statement.extend_from_slice(b")\n");
            if place == last {
                if alone && let Some(failure) = self.put(line, path, &mut statement, &mut sealed)? {
                    return Ok(Some(failure));
                }
                statement.extend_from_slice(close.as_bytes());
                sealed.push((closed, bytes.len().to_string()));
            }
            if let Some(failure) = self.put(line, path, &mut statement, &mut sealed)? {
                return Ok(Some(failure));
            }
        }
        Ok(None)
    }

    /// Runs a statement of several calls, each of which has to return what is expected. The last of all returns the
    /// file's digest, too, where the board has one.
    fn put(
        &mut self,
        line: &mut Line,
        path: &str,
        statement: &mut Zeroizing<Vec<u8>>,
        sealed: &mut Vec<(u32, String)>,
    ) -> Result<Option<Failure>, Failure> {
        let answer = self.repl.run(line, statement)?;
        statement.clear();
        let expected = std::mem::take(sealed);
        if refusal::is_out_of_memory(&answer.raised) {
            return Ok(Some(refusal::failure(line, &answer.raised, self.board.as_ref())));
        }
        self.checked(line, &answer)?;
        let lines = lines(&answer.printed);
        if lines.len() != expected.len() {
            return Err(garbled(line));
        }
        for (shown, (seed, expected)) in lines.iter().zip(expected) {
            let text = routines::unsealed(shown, seed).ok_or_else(|| garbled(line))?;
            let (count, digest) = text.split_once(' ').map_or((&**text, None), |(count, digest)| (count, Some(digest)));
            if count != expected {
                let why = Why::new(format!("it wrote {count} bytes"), format!("書き込まれたのは {count} バイトです"));
                return Err(line.failure(Code::VerifyMismatch).because_of(why));
            }
            self.written = digest.map(|digest| (path.to_owned(), digest.to_owned()));
        }
        Ok(None)
    }
}

/// Cuts bytes so that none is longer than `limit` as a literal. At least one, be it empty.
fn pieces(bytes: &[u8], limit: usize) -> Vec<&[u8]> {
    let mut pieces = vec![];
    let mut rest = bytes;
    loop {
        let mut count = rest.len().min(limit);
        while count > 1 && literal::length(rest.get(..count).unwrap_or_default()) > limit {
            count = count * 7 / 8;
        }
        let (piece, later) = rest.split_at(count);
        pieces.push(piece);
        rest = later;
        if rest.is_empty() {
            return pieces;
        }
    }
}

/// Without their ends: LF, or CR LF.
fn lines(printed: &[u8]) -> Vec<Zeroizing<Vec<u8>>> {
    let whole = printed.strip_suffix(b"\n").unwrap_or(printed);
    if whole.is_empty() {
        return vec![];
    }
    let each = whole.split(|byte| *byte == b'\n');
    each.map(|line| Zeroizing::new(line.strip_suffix(b"\r").unwrap_or(line).to_vec())).collect()
}

fn returned(answer: &Answer, seed: u32) -> Option<Returned> {
    let mut lines = lines(&answer.printed);
    let text = routines::unsealed(&lines.pop()?, seed)?;
    Some((lines, text))
}
