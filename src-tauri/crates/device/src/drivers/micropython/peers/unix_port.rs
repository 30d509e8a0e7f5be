use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// MicroPython's port to Unix, 1.27 or newer, built by whoever runs this: no registry has it. Its raw paste is the one
/// of the boards. A soft reset ends it.
pub(crate) struct UnixPort {
    process: Child,
    pub(crate) folder: tempfile::TempDir,
}

impl UnixPort {
    pub(crate) fn start(binary: &Path) -> (Self, UnixStream) {
        let folder = tempfile::tempdir().expect("folder");
        let (ours, theirs) = UnixStream::pair().expect("sockets");
        let [input, output] = [theirs.try_clone().expect("socket"), theirs].map(|end| Stdio::from(OwnedFd::from(end)));
        let mut python = Command::new(binary);
        let process = python.arg("-i").current_dir(folder.path()).stdin(input).stdout(output).spawn();
        (Self { process: process.expect("MicroPython"), folder }, ours)
    }
}

impl Drop for UnixPort {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
