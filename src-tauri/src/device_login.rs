//! The password of the user that a device has of its own: for a run, and for trying that again.

use std::sync::Mutex;

use secrecy::{ExposeSecret, SecretString};

use crate::state::held;
use crate::views::DeviceInHand;

/// At most one is kept, between a run that failed and the next one.
#[derive(Default)]
pub(crate) struct DeviceLogin(Mutex<State>);

#[derive(Default)]
struct State {
    kept: Option<Kept>,
    /// How often all was to be forgotten.
    forgotten: u64,
}

struct Kept {
    target: String,
    user: String,
    password: SecretString,
}

impl DeviceLogin {
    /// The password for a run: the one that was typed, else the one of the failed run before, if this goes to the same
    /// device and user. From here on none is kept.
    pub(crate) fn take(&self, device: &DeviceInHand, typed: Option<SecretString>) -> Option<SecretString> {
        let kept = held(&self.0).kept.take();
        let same = |kept: &Kept| kept.target == device.target && Some(kept.user.as_str()) == device.user();
        let kept = kept.filter(same).map(|kept| kept.password);
        typed.filter(|password| !password.expose_secret().is_empty()).or(kept)
    }

    /// For [`keep`](Self::keep), when a run begins.
    pub(crate) fn since(&self) -> u64 {
        held(&self.0).forgotten
    }

    /// For trying again; unless all was to be forgotten since: whoever typed it may not be here any more.
    pub(crate) fn keep(&self, since: u64, device: &DeviceInHand, password: SecretString) {
        let Some(user) = device.user() else { return };
        let (target, user) = (device.target.clone(), user.to_owned());
        let mut state = held(&self.0);
        if state.forgotten == since {
            state.kept = Some(Kept { target, user, password });
        }
    }

    pub(crate) fn forget(&self) {
        let mut state = held(&self.0);
        state.kept = None;
        state.forgotten += 1;
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
            login.keep(login.since(), &root, "correct horse".into());
            assert_eq!(text(login.take(other, None)), None, "{why}");
            assert_eq!(text(login.take(&root, None)), None, "and it is gone by then");
        }
        login.keep(login.since(), &root, "correct horse".into());
        assert_eq!(text(login.take(&root, None)).as_deref(), Some("correct horse"));
        login.keep(login.since(), &root, "correct horse".into());
        assert_eq!(text(login.take(&root, Some("battery".into()))).as_deref(), Some("battery"), "typed anew");
        login.keep(login.since(), &root, "correct horse".into());
        login.forget();
        assert_eq!(text(login.take(&root, Some(SecretString::default()))), None, "an empty field is no password");
    }

    #[test]
    fn a_run_that_outlasts_its_operator_leaves_the_next_one_nothing() {
        let login = DeviceLogin::default();
        let root = console("serial:/dev/ttyUSB0", "root");
        let since = login.since();
        login.forget();
        login.keep(since, &root, "correct horse".into());
        assert_eq!(text(login.take(&root, None)), None, "somebody else signed in while it went on");
    }

    #[test]
    fn a_password_without_a_user_is_not_kept() {
        let login = DeviceLogin::default();
        let nobody = DeviceInHand { driver_settings: [].into(), ..console("serial:/dev/ttyUSB0", "") };
        login.keep(login.since(), &nobody, "correct horse".into());
        assert_eq!(text(login.take(&nobody, None)), None);
    }
}
