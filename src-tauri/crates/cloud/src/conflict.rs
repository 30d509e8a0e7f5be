//! Two claims to one certificate, as both ways to the registry report them.

use fieldkey_core::{Code, Failure, Why};

/// So many things are named before the rest is counted.
const NAMED: usize = 5;

/// The certificate is registered already. `others`: how many more things use it than are named.
pub(crate) fn duplicate(id: &str, status: &str, things: &[String], others: usize) -> Failure {
    let names = names(things, others);
    let why = if names.en.is_empty() {
        Why::new(format!("{status}, attached to no thing"), format!("{status}、どのモノにもアタッチされていません"))
    } else {
        Why::new(format!("{status}, attached to: {}", names.en), format!("{status}、アタッチ先: {}", names.ja))
    };
    Failure::new(Code::CertificateDuplicate).about(id).because_of(why)
}

/// Other things use the certificate, too.
pub(crate) fn shared(things: &[String], others: usize) -> Failure {
    let failure = Failure::new(Code::CertificateShared);
    if things.is_empty() {
        return failure.about(others.to_string());
    }
    let named = things.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = others + things.len().saturating_sub(NAMED);
    failure.about(if more == 0 { named } else { format!("{named}, +{more}") })
}

fn names(things: &[String], others: usize) -> Why {
    let more = others + things.len().saturating_sub(NAMED);
    let mut en: Vec<String> = things.iter().take(NAMED).cloned().collect();
    let mut ja = en.clone();
    if more > 0 {
        let word = if things.is_empty() { "" } else { "more " };
        en.push(format!("{more} {word}thing{}", if more == 1 { "" } else { "s" }));
        ja.push(if things.is_empty() { format!("モノ {more} 個") } else { format!("ほか {more} 個") });
    }
    Why::new(en.join(", "), ja.join("、"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use fieldkey_core::Language;

    #[test]
    fn a_duplicate_tells_its_state_in_both_languages() {
        let things = |count: usize| (0..count).map(|n| format!("T{n}")).collect::<Vec<_>>();
        let reason = |things: &[String], others| duplicate("ab", "INACTIVE", things, others).reason;
        assert_eq!(reason(&[], 0), "INACTIVE, attached to no thing");
        assert_eq!(reason(&[], 1), "INACTIVE, attached to: 1 thing", "another site's things are counted, not named");
        assert_eq!(reason(&things(1), 0), "INACTIVE, attached to: T0");
        assert_eq!(reason(&things(2), 3), "INACTIVE, attached to: T0, T1, 3 more things");
        assert_eq!(reason(&things(6), 0), "INACTIVE, attached to: T0, T1, T2, T3, T4, 1 more thing");
        let japanese = duplicate("ab", "ACTIVE", &things(1), 2).message(Language::Japanese);
        assert!(japanese.contains("ACTIVE、アタッチ先: T0、ほか 2 個"), "{japanese}");
    }

    #[test]
    fn who_shares_a_certificate_is_named_as_far_as_it_is_known() {
        let names = ["A".to_owned(), "B".to_owned()];
        assert_eq!(shared(&names, 0).about, "A, B");
        assert_eq!(shared(&names, 2).about, "A, B, +2");
        assert_eq!(shared(&[], 2).about, "2");
    }
}
