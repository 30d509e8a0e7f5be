//! A failure as people and scripts see it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Code, Step, text};

/// The longest foreign text that is passed on, in characters.
const REASON_LIMIT: usize = 300;

/// Why a job, or a step of it, did not succeed. Holds no secret.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{code}: {about} {reason}")]
pub struct Failure {
    pub code: Code,
    /// The step that failed, once a job knows it.
    pub step: Option<Step>,
    /// What it is about: a path, a name, a key of the site file.
    pub about: String,
    /// What the other side said in its own words; empty if it said nothing worth passing on.
    pub reason: String,
    /// The reason in Japanese, where it is ours to say.
    pub reason_ja: Option<String>,
}

/// Why we ourselves refuse something: half a sentence that is put into brackets.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, TS)]
#[ts(export)]
pub struct Why {
    pub en: String,
    pub ja: String,
}

impl Why {
    pub fn new(en: impl Into<String>, ja: impl Into<String>) -> Self {
        Self { en: en.into(), ja: ja.into() }
    }
}

impl Failure {
    pub fn new(code: Code) -> Self {
        Self { code, step: None, about: String::new(), reason: String::new(), reason_ja: None }
    }

    /// Work on a thread or in a task of its own did not come back. What it panicked with is left out: it may quote anything.
    pub fn broken_off(error: &tokio::task::JoinError) -> Self {
        Self::new(if error.is_panic() { Code::InternalError } else { Code::Interrupted })
    }

    /// Names what the failure is about.
    pub fn about(mut self, about: impl Into<String>) -> Self {
        self.about = about.into();
        self
    }

    /// Passes on the other side's words: one line, cut to a length that fits a window.
    pub fn because(mut self, reason: impl AsRef<str>) -> Self {
        let line = reason.as_ref().split_whitespace().collect::<Vec<_>>().join(" ");
        self.reason = line.chars().filter(|c| !c.is_control()).take(REASON_LIMIT).collect();
        self
    }

    /// Says our own reason, in both languages.
    pub fn because_of(self, why: Why) -> Self {
        Self { reason_ja: Some(why.ja), ..self.because(why.en) }
    }

    /// Adds to the reason, in both languages. What was there makes room for it.
    pub fn and(mut self, more: &Why) -> Self {
        let joined = |reason: &str, more: &str, comma: &str| {
            let room = REASON_LIMIT.saturating_sub(more.chars().count() + comma.len());
            match reason.chars().take(room).collect::<String>() {
                reason if reason.is_empty() => more.to_owned(),
                reason => format!("{reason}{comma}{more}"),
            }
        };
        let japanese = joined(self.reason_ja.as_ref().unwrap_or(&self.reason), &more.ja, "。");
        self.reason = joined(&self.reason, &more.en, "; ");
        self.reason_ja = Some(japanese);
        self
    }

    /// As a part of another failure's reason.
    pub fn into_why(self) -> Why {
        Why::new(self.message(Language::English), self.message(Language::Japanese))
    }

    /// Names the step, unless a deeper layer named it already.
    pub fn at(mut self, step: Step) -> Self {
        self.step.get_or_insert(step);
        self
    }

    /// What happened, as one sentence without a trailing period.
    pub fn message(&self, language: Language) -> String {
        let (message, _) = text::of(self.code, language);
        let message = message.replace("{about}", &self.about);
        match self.why(language) {
            "" => message,
            reason => format!("{message} ({reason})"),
        }
    }

    /// The reason alone.
    pub fn why(&self, language: Language) -> &str {
        match (language, &self.reason_ja) {
            (Language::Japanese, Some(reason)) => reason,
            _ => &self.reason,
        }
    }

    /// What to do next.
    pub fn help(&self, language: Language) -> String {
        let (_, help) = text::of(self.code, language);
        help.replace("{about}", &self.about)
    }

    /// The failure with its words in both languages, for the window.
    pub fn view(&self) -> FailureView {
        let words = |language| Words { message: self.message(language), help: self.help(language) };
        FailureView { code: self.code, step: self.step, en: words(Language::English), ja: words(Language::Japanese) }
    }
}

/// The two languages that Fieldkey speaks.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Language {
    #[default]
    English,
    Japanese,
}

impl Language {
    /// From a POSIX locale (`ja_JP.UTF-8`) or a BCP 47 tag (`ja-JP`).
    pub fn from_locale(locale: &str) -> Self {
        match locale.get(..2) {
            Some(tag) if tag.eq_ignore_ascii_case("ja") => Self::Japanese,
            _ => Self::English,
        }
    }
}

/// A failure for the window, which may switch languages while it shows it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct FailureView {
    pub code: Code,
    pub step: Option<Step>,
    pub en: Words,
    pub ja: Words,
}

#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Words {
    pub message: String,
    pub help: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_names_what_it_is_about_and_why() {
        let failure = Failure::new(Code::TemplateNotFound).about("fieldkey").because("no\n such  template");
        let message = failure.message(Language::English);
        assert!(message.contains("fieldkey"), "the template's name helps to find the typo: {message}");
        assert!(message.ends_with("(no such template)"), "foreign text is one line: {message}");
    }

    #[test]
    fn foreign_text_is_cut() {
        let failure = Failure::new(Code::ServiceError).because("x".repeat(5_000));
        assert_eq!(failure.reason.len(), REASON_LIMIT);
    }

    #[test]
    fn what_is_added_is_never_cut() {
        let why = Why::new("certificate abc is still active", "証明書 abc が有効なまま残っています");
        let failure = Failure::new(Code::Offline).because("x".repeat(5_000)).and(&why);
        assert!(failure.reason.ends_with("; certificate abc is still active"), "{}", failure.reason);
        assert!(failure.reason.chars().count() <= REASON_LIMIT);
        assert!(failure.why(Language::Japanese).ends_with("残っています"));
    }

    #[tokio::test]
    async fn work_that_panicked_is_our_own_failure_and_its_words_stay_with_it() {
        let panicked = tokio::task::spawn_blocking(|| panic!("the password is hunter2")).await.expect_err("a panic");
        let failure = Failure::broken_off(&panicked);
        assert_eq!((failure.code, failure.reason.as_str()), (Code::InternalError, ""), "nobody stopped it");
        let stopped = tokio::spawn(std::future::pending::<()>());
        stopped.abort();
        assert_eq!(Failure::broken_off(&stopped.await.expect_err("aborted")).code, Code::Interrupted);
    }

    #[test]
    fn the_deepest_step_wins() {
        let failure = Failure::new(Code::Offline).at(Step::SignIn).at(Step::Claim);
        assert_eq!(failure.step, Some(Step::SignIn));
    }

    #[test]
    fn locales_choose_the_language() {
        assert_eq!(Language::from_locale("ja_JP.UTF-8"), Language::Japanese);
        assert_eq!(Language::from_locale("C"), Language::English);
        assert_eq!(Language::from_locale("日本"), Language::English, "a cut inside a character is no panic");
    }
}
