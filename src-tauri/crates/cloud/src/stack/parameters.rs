//! The template's parameters.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::types::{Parameter, Stack};
use fieldkey_core::{Code, Failure, Why};

use super::TEMPLATE;

/// What is given, and the values that a standing stack has for the rest.
///
/// # Errors
/// `usage` for those that the template does not have.
pub(super) fn parameters(given: &BTreeMap<String, String>, before: Option<&Stack>) -> Result<Vec<Parameter>, Failure> {
    let known = names();
    if let Some(unknown) = given.keys().find(|name| !known.contains(&name.as_str())) {
        let known = known.join(", ");
        let why = Why::new(
            format!("the stack has no such parameter, only: {known}"),
            format!("スタックにそのパラメーターはありません。あるもの: {known}"),
        );
        return Err(Failure::new(Code::Usage).about(unknown).because_of(why));
    }
    let now = given.iter().map(|(name, value)| Parameter::builder().parameter_key(name).parameter_value(value).build());
    let before = before.iter().flat_map(|stack| stack.parameters()).filter_map(|parameter| parameter.parameter_key());
    let kept = before.filter(|name| known.contains(name) && !given.contains_key(*name));
    let kept = kept.map(|name| Parameter::builder().parameter_key(name).use_previous_value(true).build());
    Ok(now.chain(kept).collect())
}

/// As the template writes them: two blanks, the name, a colon.
fn names() -> Vec<&'static str> {
    let section = TEMPLATE.lines().skip_while(|line| *line != "Parameters:").skip(1);
    let section = section.take_while(|line| line.is_empty() || line.starts_with([' ', '#']));
    let named = section.filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':'));
    named.filter(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_s_parameters_are_known() {
        let names = names();
        for name in ["ThingNamePrefix", "SerialNumberPattern", "Mfa"] {
            assert!(names.contains(&name), "{names:?}");
        }
        assert!(!names.contains(&"UserPool"), "resources are none: {names:?}");
    }

    #[test]
    fn what_is_not_given_keeps_its_value() {
        let parameter = |name| Parameter::builder().parameter_key(name).parameter_value("x").build();
        let before = ["Mfa", "ThingNamePrefix", "OfAnOlderTemplate"].map(parameter);
        let before = Stack::builder().set_parameters(Some(before.into())).build();
        let given = BTreeMap::from([("Mfa".to_owned(), "ON".to_owned())]);
        let all = parameters(&given, Some(&before)).unwrap();
        let written: Vec<_> =
            all.iter().map(|p| (p.parameter_key(), p.parameter_value(), p.use_previous_value)).collect();
        let expected = [(Some("Mfa"), Some("ON"), None), (Some("ThingNamePrefix"), None, Some(true))];
        assert_eq!(written, expected, "what the template no longer has is left out");
    }

    #[test]
    fn a_parameter_that_there_is_not_is_named() {
        let given = BTreeMap::from([("Mfas".to_owned(), "ON".to_owned())]);
        let failure = parameters(&given, None).expect_err("a typo");
        assert_eq!((failure.code, failure.about.as_str()), (Code::Usage, "Mfas"));
        assert!(failure.reason.contains("Mfa,"), "{failure}");
    }
}
