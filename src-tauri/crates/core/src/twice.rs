//! Keys that stand twice in one object. JSON's readers take the last one without a word, and somebody meant the first.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Their paths, as `endpoints.iot`, in the order of the text. A text that is no JSON has none.
pub(crate) fn keys(text: &str) -> Vec<String> {
    let mut twice = Vec::new();
    let keys = Keys { prefix: String::new(), twice: &mut twice };
    // What is no JSON is somebody else's to say.
    let _ = keys.deserialize(&mut serde_json::Deserializer::from_str(text));
    twice
}

/// The line of the second one, if it is not in the line of the first.
pub(crate) fn line_of_second(text: &str, path: &str, first: Option<usize>) -> Option<usize> {
    let quoted = format!("\"{}\"", path.rsplit('.').next().unwrap_or(path));
    let behind = text.lines().enumerate().skip(first?);
    behind.filter(|(_, line)| line.contains(&quoted)).map(|(index, _)| index + 1).next().or(first)
}

struct Keys<'a> {
    prefix: String,
    twice: &'a mut Vec<String>,
}

impl<'de> DeserializeSeed<'de> for Keys<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Keys<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let mut seen = BTreeSet::new();
        while let Some(key) = object.next_key::<String>()? {
            let path = format!("{}{key}", self.prefix);
            if !seen.insert(key) {
                self.twice.push(path.clone());
            }
            object.next_value_seed(Keys { prefix: format!("{path}."), twice: &mut *self.twice })?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(Keys { prefix: self.prefix.clone(), twice: &mut *self.twice })?.is_some() {}
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_stands_twice_is_found_wherever_it_is() {
        let text = r#"{"a": 1, "b": {"c": true, "c": null}, "a": [{"d": 1.5, "d": -1}], "e": "a"}"#;
        assert_eq!(keys(text), ["b.c", "a", "a.d"]);
        assert_eq!(keys(r#"{"a": {"x": 1}, "b": {"x": 1}}"#), [""; 0], "in two objects it may stand");
        assert_eq!(keys("{ no JSON"), [""; 0]);
    }

    #[test]
    fn the_second_one_s_line_is_named() {
        let text = "{\n \"region\": 1,\n \"name\": 2,\n \"region\": 3\n}";
        assert_eq!(line_of_second(text, "region", Some(2)), Some(4));
        assert_eq!(line_of_second("{\"a\": 1, \"a\": 2}", "a", Some(1)), Some(1), "in one line");
    }
}
