//! The wire to a device that is plugged in.

use std::sync::{Mutex, PoisonError};

use fieldkey_core::Failure;

use super::Wire;
use super::find::Pinned;
use super::port::Setup;
use super::target::Connect;

/// A device on a port, as it was named. From the first time that it was reached it is that device and no other.
pub(crate) struct Plugged {
    given: String,
    setup: Setup,
    pinned: Mutex<Option<Pinned>>,
}

impl Plugged {
    /// `given`: `/dev/ttyACM0`, `COM3`, `1209:0001:SN-0042`.
    pub(crate) fn new(given: impl Into<String>, setup: Setup) -> Self {
        Self { given: given.into(), setup, pinned: Mutex::default() }
    }
}

impl Connect for Plugged {
    fn connect(&self) -> Result<Box<dyn Wire>, Failure> {
        let mut pinned = self.pinned.lock().unwrap_or_else(PoisonError::into_inner);
        let device = match pinned.as_ref() {
            Some(device) => device.clone(),
            None => Pinned::find(&self.given)?,
        };
        let port = device.open(self.setup)?;
        *pinned = Some(device);
        Ok(Box::new(port))
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::time::{Duration, Instant};

    use fieldkey_core::Code;
    use serial2::SerialPort;

    use super::super::port::tests::Device;
    use super::*;

    #[test]
    fn a_program_s_terminal_is_reached_again_and_again_until_it_is_gone() {
        let device = Device::new();
        let setup = Setup { baud: 115_200, rts_cts: false };
        let plugged = Plugged::new(device.path.display().to_string(), setup);
        for word in [b"one", b"two"] {
            let mut wire = plugged.connect().expect("it is there");
            wire.send(word, Instant::now() + Duration::from_secs(5)).expect("sent");
            let mut heard = [0; 3];
            SerialPort::read_exact(&device.port, &mut heard).expect("received");
            assert_eq!(heard, *word);
        }
        drop(device);
        assert_eq!(plugged.connect().err().map(|failure| failure.code), Some(Code::TargetGone));
    }
}
