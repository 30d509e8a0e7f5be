//! A device's serial number, as one site accepts it.

use regex::Regex;

use crate::{Code, Failure, Site, Step, Why};

/// AWS IoT's limit on thing names, in characters.
const THING_NAME_LIMIT: usize = 128;

/// A serial number that this site's pattern accepts and of which a thing name can be made.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SerialNumber {
    text: String,
    thing_name: String,
}

impl SerialNumber {
    /// Checks a scanned or typed serial number. White space around it is a scanner's, not the device's.
    ///
    /// # Errors
    /// `serial-number-invalid` with the rule it breaks.
    pub fn parse(text: &str, site: &Site) -> Result<Self, Failure> {
        let text = text.trim();
        let refuse = |why: Why| {
            let shown: String = text.chars().take(80).filter(|c| !c.is_control()).collect();
            Err(Failure::new(Code::SerialNumberInvalid).about(shown).because_of(why).at(Step::Site))
        };
        // The site was checked when it was read, so the pattern compiles.
        let matches = Regex::new(&site.serial_number_pattern).is_ok_and(|p| p.is_match(text));
        if !matches {
            return refuse(Why::new(
                format!("the pattern is {}", site.serial_number_pattern),
                format!("パターン: {}", site.serial_number_pattern),
            ));
        }
        let thing_name = format!("{}{text}", site.thing_name_prefix);
        let fits = |c: char| c.is_ascii_alphanumeric() || ":_-".contains(c);
        if let Some(odd) = thing_name.chars().find(|c| !fits(*c)) {
            return refuse(Why::new(
                format!("a thing name cannot hold {odd:?}"),
                format!("モノの名前に {odd:?} は使えません"),
            ));
        }
        if thing_name.len() > THING_NAME_LIMIT {
            let length = thing_name.len();
            return refuse(Why::new(
                format!("the thing name would have {length} of {THING_NAME_LIMIT} characters"),
                format!("モノの名前が {length} 文字になり、上限の {THING_NAME_LIMIT} 文字を超えます"),
            ));
        }
        Ok(Self { text: text.to_owned(), thing_name })
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The name of the thing that the template makes of it.
    pub fn thing_name(&self) -> &str {
        &self.thing_name
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::tests::site;

    #[test]
    fn a_scanner_s_white_space_is_dropped() {
        let serial = SerialNumber::parse(" SN-0042\r\n", &site()).expect("valid");
        assert_eq!(serial.as_str(), "SN-0042");
        assert_eq!(serial.thing_name(), "Fleet_Index_SN-0042");
    }

    #[test]
    fn the_site_s_pattern_is_named_when_it_refuses() {
        let failure = SerialNumber::parse("SN 42", &site()).expect_err("a space is outside the pattern");
        assert_eq!(failure.code, Code::SerialNumberInvalid);
        assert!(failure.reason.contains("^[A-Za-z0-9_-]{1,64}$"), "{}", failure.reason);
    }

    #[test]
    fn a_lax_pattern_still_gives_only_names_that_aws_takes() {
        let lax = Site { serial_number_pattern: ".*".into(), ..site() };
        assert!(SerialNumber::parse("a/b", &lax).is_err(), "a slash cannot be in a thing name");
        assert!(SerialNumber::parse(&"x".repeat(117), &lax).is_err(), "129 characters are one too many");
        assert!(SerialNumber::parse(&"x".repeat(116), &lax).is_ok());
    }
}
