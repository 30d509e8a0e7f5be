//! What people read when something failed: a message and what to do next, for every code, in both languages.

mod en;
mod ja;
mod system;

use crate::{Code, Language, Step};

/// The message and the help of a code. `{about}` stands for what the failure is about.
pub fn of(code: Code, language: Language) -> (&'static str, &'static str) {
    match language {
        Language::English => en::text(code),
        Language::Japanese => ja::text(code),
    }
}

/// What a step does, for people who watch it.
pub fn step(step: Step, language: Language) -> &'static str {
    match language {
        Language::English => en::step(step),
        Language::Japanese => ja::step(step),
    }
}

/// How a provisioning that went well ended, if somebody waited.
pub fn conclusion(registered: bool, language: Language) -> &'static str {
    match language {
        Language::English => en::conclusion(registered),
        Language::Japanese => ja::conclusion(registered),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_message_and_a_next_action_in_both_languages() {
        for code in Code::ALL {
            let (en, en_help) = of(code, Language::English);
            let (ja, ja_help) = of(code, Language::Japanese);
            assert!(!en.is_empty() && !en_help.is_empty(), "{code} says nothing in English");
            assert!(!en.ends_with('.'), "{code}: a message is one sentence, without a period: {en}");
            for text in [ja, ja_help] {
                assert!(text.chars().any(|c| c >= '\u{3040}'), "{code} is not in Japanese: {text}");
            }
            for (one, other) in [(en, ja), (en_help, ja_help)] {
                assert_eq!(one.contains("{about}"), other.contains("{about}"), "{code} names it in one language only");
            }
        }
    }
}
