//! From the system's error to the code that people and scripts act on.

use std::io::{self, ErrorKind};
use std::path::Path;

use fieldkey_core::{Code, Failure, Why};

use crate::platform;

pub(crate) fn failure(about: &Path, error: &io::Error) -> Failure {
    let failure = Failure::new(code(error)).about(about.display().to_string()).because_of(Why::of_system(error));
    consent(error).filter(|_| cfg!(target_os = "macos")).iter().fold(failure, Failure::and)
}

/// macOS asks people whether a program may use removable drives, the desktop and the like. Where they said no, it
/// answers EPERM, whatever the permissions are, and does not ask again.
fn consent(error: &io::Error) -> Option<Why> {
    let why = || {
        Why::new(
            "macOS may be keeping Fieldkey, or the terminal that it runs in, away from there: \
             System Settings > Privacy & Security > Files & Folders",
            "macOS が Fieldkey、または実行元のターミナルのアクセスを制限している可能性があります: \
             「システム設定」>「プライバシーとセキュリティ」>「ファイルとフォルダ」",
        )
    };
    (error.raw_os_error() == Some(1)).then(why)
}

pub(crate) fn code(error: &io::Error) -> Code {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Code::TargetFull,
        ErrorKind::ReadOnlyFilesystem => Code::TargetReadOnly,
        ErrorKind::PermissionDenied => Code::TargetPermission,
        ErrorKind::NotFound
        | ErrorKind::NotADirectory
        | ErrorKind::NotConnected
        | ErrorKind::StaleNetworkFileHandle
        | ErrorKind::TimedOut => Code::TargetGone,
        // A drive that is pulled while it is written to answers with errors that std has no name for.
        _ if error.raw_os_error().is_some_and(|number| platform::GONE.contains(&number)) => Code::TargetGone,
        // What is left (a name that the file system does not take, a folder in the way) is no
        // matter of plugging in again: this place will not do.
        _ => Code::TargetRefused,
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn errors_of_a_pulled_drive_mean_gone() {
        for number in [2, 5, 6, 19] {
            let error = io::Error::from_raw_os_error(number);
            assert_eq!(code(&error), Code::TargetGone, "{error}");
        }
    }

    #[test]
    fn each_obstacle_has_its_own_code() {
        let of = |number| code(&io::Error::from_raw_os_error(number));
        assert_eq!(of(28), Code::TargetFull, "ENOSPC");
        assert_eq!(of(30), Code::TargetReadOnly, "EROFS");
        assert_eq!((of(13), of(1)), (Code::TargetPermission, Code::TargetPermission), "EACCES, EPERM");
        assert_eq!(of(22), Code::TargetRefused, "EINVAL: another place, not another plug");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn quota_network_and_usb_errors_are_known() {
        let of = |number| code(&io::Error::from_raw_os_error(number));
        assert_eq!(of(122), Code::TargetFull, "EDQUOT");
        for number in [107, 108, 110, 116, 121, 123] {
            assert_eq!(of(number), Code::TargetGone, "{}", io::Error::from_raw_os_error(number));
        }
    }

    #[test]
    fn only_what_the_system_itself_forbids_may_be_a_matter_of_consent() {
        let asked = |number| consent(&io::Error::from_raw_os_error(number)).is_some();
        assert!(asked(1), "EPERM");
        assert!(!asked(13), "EACCES is the folder's own permissions");
    }

    #[test]
    fn what_has_no_words_of_ours_keeps_the_system_s() {
        let failure = failure(Path::new("/media/x"), &io::Error::from_raw_os_error(5));
        assert_eq!(failure.about, "/media/x");
        assert!(failure.reason.contains("os error 5"), "an I/O error is worth a second look: {}", failure.reason);
    }
}
