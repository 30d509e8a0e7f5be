//! The password of the user that a device has of its own: for a run, and for trying that again.

use std::sync::Mutex;

use secrecy::{ExposeSecret, SecretString};

use crate::state::held;
use crate::views::DeviceInHand;

/// At most one is kept, between a run that failed and the next one.
#[derive(Default)]
pub(crate) struct DeviceLogin(Mutex<Option<Kept>>);

struct Kept {
    target: String,
    user: String,
    password: SecretString,
}

impl DeviceLogin {
    /// The password for a run: the one that was typed, else the one of the failed run before, if this goes to the same
    /// device and user. From here on none is kept.
    pub(crate) fn take(&self, device: &DeviceInHand, typed: Option<SecretString>) -> Option<SecretString> {
        let kept = held(&self.0).take();
        let same = |kept: &Kept| kept.target == device.target && Some(kept.user.as_str()) == device.user();
        let kept = kept.filter(same).map(|kept| kept.password);
        typed.filter(|password| !password.expose_secret().is_empty()).or(kept)
    }

    /// For trying again.
    pub(crate) fn keep(&self, device: &DeviceInHand, password: SecretString) {
        let Some(user) = device.user() else { return };
        let (target, user) = (device.target.clone(), user.to_owned());
        *held(&self.0) = Some(Kept { target, user, password });
    }

    pub(crate) fn forget(&self) {
        *held(&self.0) = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn console(target: &str, user: &str) -> DeviceInHand {
        let driver_settings = [("user".to_owned(), user.to_owned())].into();
        DeviceInHand { target: target.into(), driver: Some("console".into()), driver_settings }
    }

    fn text(password: Option<SecretString>) -> Option<String> {
        password.map(|password| password.expose_secret().to_owned())
    }

    #[test]
    fn trying_again_needs_no_second_typing_and_goes_to_nobody_else() {
        let login = DeviceLogin::default();
        let (root, port) = (console("serial:/dev/ttyUSB0", "root"), console("serial:/dev/ttyUSB1", "root"));
        let typed = login.take(&root, Some("correct horse".into()));
        assert_eq!(text(typed.clone()).as_deref(), Some("correct horse"));
        assert_eq!(text(login.take(&root, None)), None, "a run that went well leaves nothing behind");

        for (other, why) in [(&port, "another device"), (&console("serial:/dev/ttyUSB0", "mori"), "another user")] {
            login.keep(&root, "correct horse".into());
            assert_eq!(text(login.take(other, None)), None, "{why}");
            assert_eq!(text(login.take(&root, None)), None, "and it is gone by then");
        }
        login.keep(&root, "correct horse".into());
        assert_eq!(text(login.take(&root, None)).as_deref(), Some("correct horse"));
        login.keep(&root, "correct horse".into());
        assert_eq!(text(login.take(&root, Some("battery".into()))).as_deref(), Some("battery"), "typed anew");
        login.keep(&root, "correct horse".into());
        login.forget();
        assert_eq!(text(login.take(&root, Some(SecretString::default()))), None, "an empty field is no password");
    }

    #[test]
    fn a_password_without_a_user_is_not_kept() {
        let login = DeviceLogin::default();
        let nobody = DeviceInHand { driver_settings: [].into(), ..console("serial:/dev/ttyUSB0", "") };
        login.keep(&nobody, "correct horse".into());
        assert_eq!(text(login.take(&nobody, None)), None);
    }
}
