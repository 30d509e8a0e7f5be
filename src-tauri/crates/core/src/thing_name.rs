//! A thing's name, as one site makes them.

use crate::{Code, Failure, SerialNumber, Site, Step, Why};

/// The serial number in a thing's name.
///
/// # Errors
/// `thing-name-invalid` for a thing that is none of this site's.
pub fn serial_number_in(thing_name: &str, site: &Site) -> Result<SerialNumber, Failure> {
    let name = thing_name.trim();
    let refuse = |why: Why| Failure::new(Code::ThingNameInvalid).about(shown(name)).because_of(why).at(Step::Site);
    let Some(serial) = name.strip_prefix(&site.thing_name_prefix) else {
        let prefix = &site.thing_name_prefix;
        return Err(refuse(Why::new(
            format!("they begin with {prefix}"),
            format!("モノの名前は {prefix} で始まります"),
        )));
    };
    SerialNumber::parse(serial, site).map_err(|failure| {
        let japanese = failure.reason_ja.clone().unwrap_or_else(|| failure.reason.clone());
        refuse(Why::new(failure.reason, japanese))
    })
}

fn shown(name: &str) -> String {
    name.chars().take(150).filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::tests::site;

    #[test]
    fn a_thing_of_the_site_has_its_serial_number_in_its_name() {
        let serial = serial_number_in(" Fleet_Index_SN-7\n", &site()).expect("one of ours");
        assert_eq!((serial.as_str(), serial.thing_name()), ("SN-7", "Fleet_Index_SN-7"));
    }

    #[test]
    fn things_of_others_are_refused_with_the_reason() {
        for (name, why) in [("Other_SN-7", "begin with Fleet_Index_"), ("Fleet_Index_a b", "pattern")] {
            let failure = serial_number_in(name, &site()).expect_err(name);
            assert_eq!((failure.code, failure.about.as_str()), (Code::ThingNameInvalid, name));
            assert!(failure.reason.contains(why), "{}", failure.reason);
        }
    }
}
