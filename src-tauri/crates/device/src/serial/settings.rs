//! The settings behind a target's path: `?baud=9600&sectag=42`.

use std::collections::BTreeMap;
use std::str::FromStr;

use fieldkey_core::{Code, Failure, Why};

/// Settings that were given and not yet taken. What a driver does not take is refused by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings(BTreeMap<String, String>);

impl Settings {
    /// # Errors
    /// `usage` for a key given twice.
    pub(crate) fn new<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, Failure> {
        let mut settings = BTreeMap::new();
        for (key, value) in pairs {
            if settings.insert(key.to_owned(), value.to_owned()).is_some() {
                return Err(refused(key, Why::new("given more than once", "2 回以上指定されています")));
            }
        }
        Ok(Self(settings))
    }

    pub(crate) fn text(&mut self, key: &str) -> Option<String> {
        self.0.remove(key)
    }

    /// # Errors
    /// `usage` for a value that is none of this type.
    pub(crate) fn parsed<T: FromStr>(&mut self, key: &str) -> Result<Option<T>, Failure> {
        let Some(text) = self.0.remove(key) else { return Ok(None) };
        let why = || Why::new(format!("`{text}` is not accepted"), format!("`{text}` は指定できません"));
        text.parse().map(Some).map_err(|_| refused(key, why()))
    }

    /// Everything must have been taken by now.
    ///
    /// # Errors
    /// `usage` about the first key that nobody knows.
    pub(crate) fn none_left(&self, driver: &str) -> Result<(), Failure> {
        match self.0.keys().next() {
            None => Ok(()),
            Some(key) => Err(refused(
                key,
                Why::new(
                    format!("the driver {driver} has no such setting"),
                    format!("ドライバー {driver} にそのような設定はありません"),
                ),
            )),
        }
    }
}

fn refused(key: &str, why: Why) -> Failure {
    Failure::new(Code::Usage).about(format!("?{key}=")).because_of(why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_taken_by_name_and_type_and_what_is_left_is_refused() {
        let mut settings = Settings::new([("baud", "9600"), ("sectag", "x"), ("speed", "1")]).expect("no twins");
        assert_eq!(settings.parsed::<u32>("baud"), Ok(Some(9600)));
        assert_eq!(settings.parsed::<u32>("dir"), Ok(None));
        assert_eq!(settings.parsed::<u32>("sectag").map_err(|f| f.about), Err("?sectag=".into()));
        assert_eq!(settings.none_left("nrf91").map_err(|f| (f.code, f.about)), Err((Code::Usage, "?speed=".into())));
        assert!(Settings::new([("a", "1"), ("a", "2")]).is_err(), "which of them was meant?");
    }
}
