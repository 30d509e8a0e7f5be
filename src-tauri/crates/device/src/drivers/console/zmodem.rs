//! A file by ZMODEM, to lrzsz's `rz`.

use std::hint::black_box;

use fieldkey_core::Failure;
use zmodem2::{Action, Error, Event, FileInfo, Position, Sender};

use super::shell::Shell;
use crate::serial::Line;

/// What flow control may put in between (XON and XOFF, with either parity); ZMODEM never sends it as it is.
const FLOW_CONTROL: [u8; 4] = [0x11, 0x13, 0x91, 0x93];

/// So many damaged headers are one too many.
const DAMAGED: u32 = 10;

/// Sends a file with mode 0600 into the reader's folder; one of that name is replaced. False where the two did not come
/// to an end together: the receiver may still wait then.
pub(super) fn send(shell: &mut Shell, line: &mut Line, rz: &str, name: &str, bytes: &[u8]) -> Result<bool, Failure> {
    // Quiet, binary, and over what is there. One that is killed leaves the line raw, and then no key would end what reads
    // from it next.
    if !shell.open(line, &format!("o=;{rz} -q -b -y 2>/dev/null;s=$?;q"))? {
        return Ok(false);
    }
    let Ok(sender) = Sender::new() else { return Ok(false) };
    let mut sender = Box::new(sender);
    let sent = transfer(&mut sender, shell, line, name, bytes);
    // Its buffers held the file. They are overwritten, and not only in theory.
    if let Ok(empty) = Sender::new() {
        *sender = empty;
        black_box(&mut sender);
    }
    if !sent? {
        return Ok(false);
    }
    let within = shell.pace().answer;
    let ended = shell.ended(line, within)?;
    Ok(ended.is_some_and(|answer| answer.succeeded()))
}

fn transfer(sender: &mut Sender, shell: &Shell, line: &mut Line, name: &str, bytes: &[u8]) -> Result<bool, Failure> {
    let Ok(size) = u32::try_from(bytes.len()) else { return Ok(false) };
    let info = FileInfo::new(name.as_bytes(), Some(Position::new(size))).with_mode(0o100_600);
    if sender.start_file(info).is_err() || sender.finish().is_err() {
        return Ok(false);
    }
    // The receiver speaks first, once it has taken the line for itself: nothing is sent before.
    if let Action::WriteWire(question) = sender.poll() {
        let count = question.len();
        sender.wire_written(count);
    }
    let (within, over) = (shell.pace().answer, shell.answer_begins());
    let mut until = line.now() + within / 2;
    let (mut damaged, mut done, mut asked, mut log) = (0, false, false, false);
    loop {
        let step: Result<(), Error> = match sender.poll() {
            Action::WriteWire(out) => {
                line.send(out, within)?;
                let count = out.len();
                sender.wire_written(count);
                until = line.now() + within;
                Ok(())
            }
            Action::ReadFile { offset, max_len } => {
                let from = offset.get() as usize;
                let part = bytes.get(from..bytes.len().min(from + max_len)).unwrap_or_default();
                sender.submit_file(part)
            }
            // Its farewell is still to be sent.
            Action::Event(Event::SessionCompleted) => {
                done = true;
                Ok(())
            }
            Action::Event(Event::Aborted) => return Ok(false),
            Action::Idle if done => return Ok(true),
            Action::Idle if !line.seen().is_empty() || line.wait(until)? => {
                if line.seen().starts_with(over.as_bytes()) {
                    return Ok(false);
                }
                // One at a time: after an error nobody knows how many it took.
                let byte = line.take(1).first().copied().unwrap_or_default();
                // No header has a bracket in it; a line of the kernel's log begins with one.
                log = (log || byte == b'[') && byte & 0x7f != b'\n';
                let skipped = log || byte == b'\n' || FLOW_CONTROL.contains(&byte);
                if skipped { Ok(()) } else { sender.submit_wire(&[byte]).map(drop) }
            }
            Action::Idle if asked => return Ok(false),
            Action::Idle => {
                (asked, until) = (true, line.now() + within / 2);
                sender.timeout()
            }
            _ => Ok(()),
        };
        if step.is_err() {
            damaged += 1;
            if damaged > DAMAGED {
                return Ok(false);
            }
        }
    }
}
