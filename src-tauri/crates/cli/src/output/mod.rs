//! What a run says: events as JSON lines for scripts, or words and a spinner for people.

mod line;
mod looking;
mod page;
mod people;

use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::time::Duration;

use fieldkey_core::{Code, Event, Failure, Language, Progress, Status, Step, text};
use indicatif::{ProgressBar, ProgressStyle};

use crate::words;

use line::{Line, help};
pub(crate) use line::{Said, failed_line};
pub(crate) use looking::looking;
pub(crate) use page::Rows;

/// Standard output, for one run.
pub(crate) struct Output {
    json: bool,
    language: Language,
    spinner: Mutex<Option<ProgressBar>>,
}

impl Output {
    pub(crate) fn new(json: bool, language: Language) -> Self {
        Self { json, language, spinner: Mutex::default() }
    }

    /// A remark for a person; scripts do not see it.
    pub(crate) fn say(&self, words: &str) {
        self.clear();
        line_to(&mut std::io::stderr(), words);
    }

    pub(crate) fn language(&self) -> Language {
        self.language
    }

    pub(crate) fn json(&self) -> bool {
        self.json
    }

    /// A failure that is not the end: the person is asked again.
    pub(crate) fn notice(&self, failure: &Failure) {
        self.say(&failure.message(self.language));
    }

    /// Takes the spinner away.
    pub(crate) fn clear(&self) {
        if let Some(spinner) = self.spinner().take() {
            spinner.finish_and_clear();
        }
    }

    fn spinner(&self) -> std::sync::MutexGuard<'_, Option<ProgressBar>> {
        self.spinner.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn tell(&self, event: &Event) {
        match event {
            Event::Started { .. } => {}
            Event::Step { step, status: Status::Running, detail, .. } => {
                if let Some(words) = words::patience(detail, self.language) {
                    self.say(&format!("  {words}"));
                }
                self.spin(text::step(*step, self.language));
            }
            Event::Step { step, status: Status::Done, detail, ms } => {
                self.print(&people::done(*step, detail, *ms, self.language));
            }
            Event::Finished { result, .. } => self.print(&people::finished(result, self.language)),
            // Nobody is left to say it after Ctrl-C. Any other failure is said once, at the end, by `main`.
            Event::Failed { failure, .. } => {
                self.clear();
                if failure.code == Code::Interrupted {
                    complain(failure, self.language);
                }
            }
        }
    }

    fn print(&self, lines: &[String]) {
        self.clear();
        for line in lines {
            line_to(&mut std::io::stdout(), line);
        }
    }

    /// Says what is under way, where it can be taken away again.
    pub(crate) fn spin(&self, words: &str) {
        if self.json || !std::io::stderr().is_terminal() {
            return;
        }
        self.clear();
        let spinner = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
            spinner.set_style(style);
        }
        spinner.set_message(words.to_owned());
        spinner.enable_steady_tick(Duration::from_millis(120));
        *self.spinner() = Some(spinner);
    }
}

impl Progress for Output {
    fn event(&self, event: &Event) {
        if self.json {
            let line = serde_json::to_string(&Line::of(event, self.language)).unwrap_or_default();
            line_to(&mut std::io::stdout(), &line);
        } else {
            self.tell(event);
        }
    }
}

/// What went wrong, in which step, and what to do: on standard error.
pub(crate) fn complain(failure: &Failure, language: Language) {
    // In the step `site` the call's words are read: its name adds nothing to these.
    let unnamed = failure.step == Some(Step::Site)
        && matches!(failure.code, Code::Usage | Code::Interrupted | Code::PolicyInvalid | Code::NotAllowedByPolicy);
    let step = failure.step.filter(|_| !unnamed);
    let step = step.map(|step| format!("{}: ", text::step(step, language))).unwrap_or_default();
    let words = format!("✗ {step}{} [{}]\n  {}", failure.message(language), failure.code, help(failure, language));
    line_to(&mut std::io::stderr(), &words);
}

/// A reader that went away (`| head`) is no failure of the job.
pub(crate) fn line_to(out: &mut impl Write, line: &str) {
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}
