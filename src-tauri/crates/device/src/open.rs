//! From a target's words on the command line to the target.

use std::path::PathBuf;

use fieldkey_core::{Code, Failure, Target};

use crate::Drive;
use crate::layout::LAYOUTS;

/// Opens `drive:PATH` or `serial:PATH`, either with `?key=value` settings behind it, through the
/// driver of that name (`drive` if none is named). Nothing is touched yet.
///
/// # Errors
/// `usage` for words that make no target.
pub fn open(target: &str, driver: Option<&str>) -> Result<Box<dyn Target>, Failure> {
    let refuse = |why: String| Err(Failure::new(Code::Usage).about(format!("target `{target}`")).because(why));
    let Some((kind, rest)) = target.split_once(':').filter(|(kind, _)| ["drive", "serial"].contains(kind)) else {
        return refuse("a target is written drive:PATH".into());
    };
    if kind == "serial" {
        return refuse("serial targets are not supported by this version".into());
    }
    let (path, settings) = split_settings(rest);
    if path.is_empty() {
        return refuse("the path is missing".into());
    }
    if let Some((key, _)) = settings.first() {
        return refuse(format!("a drive has no setting `{key}`"));
    }
    let driver = driver.unwrap_or(LAYOUTS[0].driver);
    match LAYOUTS.into_iter().find(|layout| layout.driver == driver) {
        Some(layout) => Ok(Box::new(Drive::new(PathBuf::from(path), layout))),
        None => {
            let known: Vec<&str> = LAYOUTS.iter().map(|layout| layout.driver).collect();
            let failure = Failure::new(Code::Usage).about(format!("driver `{driver}`"));
            Err(failure.because(format!("known drivers: {}", known.join(", "))))
        }
    }
}

/// `/dev/ttyUSB0?baud=115200` → path and settings. A `?` may be part of a folder's name, so it
/// parts them only where everything behind it reads like settings.
fn split_settings(text: &str) -> (&str, Vec<(&str, &str)>) {
    let parts = text.rsplit_once('?');
    let parts = parts.and_then(|(path, rest)| Some((path, rest.split('&').map(pair).collect::<Option<_>>()?)));
    parts.unwrap_or((text, vec![]))
}

fn pair(text: &str) -> Option<(&str, &str)> {
    let (key, value) = text.split_once('=')?;
    let word = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    (word && !value.contains(['/', '\\'])).then_some((key, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(target: &str, driver: Option<&str>) -> Failure {
        match open(target, driver) {
            Ok(target) => panic!("{} was opened", target.name()),
            Err(failure) => failure,
        }
    }

    #[test]
    fn a_drive_s_name_is_what_was_typed() {
        for target in ["drive:/media/x", "drive:./a b", r"drive:E:\", "drive:/media/why?", "drive:/a?b=/c"] {
            assert_eq!(open(target, None).expect(target).name(), target);
        }
    }

    #[test]
    fn words_that_make_no_target_are_refused_with_the_reason() {
        let cases = [
            ("/media/x", "drive:PATH"),
            ("disk:/media/x", "drive:PATH"),
            ("drive:", "path is missing"),
            ("drive:?baud=1", "path is missing"),
            ("drive:/media/x?baud=115200", "`baud`"),
            ("serial:/dev/ttyUSB0?baud=115200", "not supported by this version"),
        ];
        for (target, reason) in cases {
            let failure = refused(target, None);
            assert_eq!(failure.code, Code::Usage, "{target}");
            assert!(failure.reason.contains(reason), "{target}: {}", failure.reason);
        }
    }

    #[test]
    fn an_unknown_driver_is_told_the_known_ones() {
        assert!(open("drive:/media/x", Some("drive")).is_ok());
        let failure = refused("drive:/media/x", Some("nrf91"));
        assert_eq!((failure.code, failure.reason.as_str()), (Code::Usage, "known drivers: drive"));
    }

    #[test]
    fn settings_are_read_apart_from_the_path() {
        assert_eq!(split_settings("/dev/ttyS0?baud=9600&parity=none").1, [("baud", "9600"), ("parity", "none")]);
        assert_eq!(split_settings("/media/what?").0, "/media/what?", "this is a folder's name");
    }
}
