//! Pages of labelled values.

use fieldkey_core::Language;
use fieldkey_core::ports::{Certificate, CertificateStatus, Thing};

use crate::words::{self, Label, label, moment};

/// Labels and values, below each other.
pub(crate) struct Rows {
    language: Language,
    rows: Vec<(&'static str, String)>,
}

impl Rows {
    pub(crate) fn new(language: Language) -> Self {
        Self { language, rows: vec![] }
    }

    pub(crate) fn row(&mut self, name: Label, value: &str) {
        self.rows.push((label(name, self.language), value.to_owned()));
    }

    /// The values stand in one column.
    pub(crate) fn lines(&self) -> Vec<String> {
        let widest = self.rows.iter().map(|(label, _)| columns(label)).max().unwrap_or_default();
        let line = |(label, value): &(&str, String)| {
            format!("{label}{}  {value}", " ".repeat(widest.saturating_sub(columns(label))))
        };
        self.rows.iter().map(line).collect()
    }
}

/// Japanese characters take two columns of a terminal.
fn columns(text: &str) -> usize {
    text.chars().map(|c| if c >= '\u{1100}' { 2 } else { 1 }).sum()
}

/// A thing, and its certificates, newest first.
pub(super) fn thing(thing: &Thing, language: Language) -> Vec<String> {
    let mut rows = Rows::new(language);
    rows.row(Label::Thing, &thing.name);
    if let Some(thing_type) = &thing.thing_type {
        rows.row(Label::ThingType, thing_type);
    }
    for (name, value) in &thing.attributes {
        rows.row(Label::Attribute, &format!("{name} = {value}"));
    }
    rows.row(Label::Certificates, &thing.certificates.len().to_string());
    let mut lines = rows.lines();
    for certificate in &thing.certificates {
        lines.push(String::new());
        lines.extend(self::certificate(certificate, language).lines());
    }
    lines
}

fn certificate(certificate: &Certificate, language: Language) -> Rows {
    let mut rows = Rows::new(language);
    let mark = if certificate.status == CertificateStatus::Active { '✓' } else { '–' };
    rows.row(Label::CertificateId, &certificate.id);
    rows.row(Label::Status, &format!("{mark} {}", words::status(certificate.status, language)));
    rows.row(Label::Created, &moment(certificate.created));
    rows.row(Label::Expires, &certificate.expires.map_or_else(|| "-".to_owned(), moment));
    rows.row(Label::Policies, &listed(&certificate.policies));
    rows.row(Label::OtherThings, &listed(&certificate.other_things));
    rows
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "-".to_owned() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use time::macros::datetime;

    use super::*;

    fn example() -> Thing {
        let certificate = |id: &str, status| Certificate {
            id: id.into(),
            status,
            created: datetime!(2026-11-21 10:05:00 UTC),
            expires: None,
            policies: vec!["device".into()],
            other_things: vec!["Other".into()],
        };
        Thing {
            name: "Fleet_Index_SN-1".into(),
            thing_type: None,
            attributes: BTreeMap::from([("line".into(), "3".into())]),
            certificates: vec![
                certificate("new", CertificateStatus::Active),
                certificate("old", CertificateStatus::Inactive),
            ],
        }
    }

    #[test]
    fn a_page_shows_the_thing_and_each_certificate_in_its_order() {
        let page = thing(&example(), Language::English);
        assert_eq!(page[0], "Thing         Fleet_Index_SN-1");
        assert_eq!(page[1], "Attribute     line = 3");
        let at = |text: &str| page.iter().position(|line| line.ends_with(text)).unwrap_or_else(|| panic!("{text}"));
        assert!(at("new") < at("✓ active") && at("✓ active") < at("old") && at("old") < at("– inactive"), "{page:?}");
        assert!(page.contains(&"Also used by    Other".to_owned()), "{page:?}");
    }

    #[test]
    fn japanese_labels_line_up() {
        let page = thing(&example(), Language::Japanese);
        assert_eq!(page[0], "モノ    Fleet_Index_SN-1");
        assert_eq!(page[2], "証明書  2", "a Japanese character takes two columns");
    }
}
