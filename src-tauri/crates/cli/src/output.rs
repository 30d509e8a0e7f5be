//! What a run says: events as JSON lines for scripts, or words and a spinner for people.

use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::time::Duration;

use fieldkey_core::{Code, Event, Failure, Job, Language, Progress, Provisioned, Status, Step, text};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::words;

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
            Event::Step { step, status: Status::Running, .. } => self.spin(*step),
            Event::Step { step, status: Status::Done, detail, ms } => {
                self.clear();
                let name = text::step(*step, self.language);
                let ms = ms.unwrap_or_default();
                line_to(&mut std::io::stdout(), &format!("✓ {name}{} ({ms} ms)", remark(*step, detail)));
                if let Some(words) = words::caution(*step, detail, self.language) {
                    line_to(&mut std::io::stdout(), &format!("  {words}"));
                }
            }
            Event::Finished { result, .. } => {
                self.clear();
                self.conclude(result);
            }
            // Nobody is left to say it after Ctrl-C. Any other failure is said once, at the end, by `main`.
            Event::Failed { failure, .. } => {
                self.clear();
                if failure.code == Code::Interrupted {
                    complain(failure, self.language);
                }
            }
        }
    }

    fn spin(&self, step: Step) {
        if !std::io::stderr().is_terminal() {
            return;
        }
        self.clear();
        let spinner = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
            spinner.set_style(style);
        }
        spinner.set_message(text::step(step, self.language));
        spinner.enable_steady_tick(Duration::from_millis(120));
        *self.spinner() = Some(spinner);
    }

    fn conclude(&self, result: &Provisioned) {
        let mut out = std::io::stdout();
        for file in &result.files {
            line_to(&mut out, &format!("  {} {} bytes sha256 {}", file.name, file.bytes, file.sha256));
        }
        line_to(&mut out, &format!("{}: {}", result.thing_name, text::conclusion(result.registered, self.language)));
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

/// What a person wants to see of a finished step.
fn remark(step: Step, detail: &Map<String, Value>) -> String {
    let key = match step {
        Step::SignIn => "operator",
        Step::Target => "target",
        Step::Claim | Step::Register => "certificateId",
        Step::Site | Step::Credentials | Step::Write | Step::Verify | Step::Release => return String::new(),
    };
    detail.get(key).and_then(Value::as_str).map(|value| format!(" {value}")).unwrap_or_default()
}

/// An event as the contract writes it, its keys in the contract's order.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
enum Line<'a> {
    Started {
        run: &'a str,
        job: Job,
    },
    Step {
        step: Step,
        status: Status,
        detail: &'a Map<String, Value>,
        #[serde(skip_serializing_if = "Option::is_none")]
        ms: Option<u64>,
    },
    Finished {
        run: &'a str,
        result: &'a Provisioned,
    },
    Failed {
        run: &'a str,
        step: Option<Step>,
        code: Code,
        message: String,
        help: String,
    },
}

impl<'a> Line<'a> {
    fn of(event: &'a Event, language: Language) -> Self {
        match event {
            Event::Started { run, job } => Self::Started { run, job: *job },
            Event::Step { step, status, detail, ms } => Self::Step { step: *step, status: *status, detail, ms: *ms },
            Event::Finished { run, result } => Self::Finished { run, result },
            Event::Failed { run, failure } => Self::Failed {
                run,
                step: failure.step,
                code: failure.code,
                message: failure.message(language),
                help: help(failure, language),
            },
        }
    }
}

/// What to do next, with the word that does it here.
fn help(failure: &Failure, language: Language) -> String {
    let help = failure.help(language);
    if failure.code == Code::IdentityPresent { format!("{help} (--replace)") } else { help }
}

/// What went wrong, in which step, and what to do: on standard error.
pub(crate) fn complain(failure: &Failure, language: Language) {
    let step = failure.step.map(|step| format!("{}: ", text::step(step, language))).unwrap_or_default();
    let words = format!("✗ {step}{} [{}]\n  {}", failure.message(language), failure.code, help(failure, language));
    line_to(&mut std::io::stderr(), &words);
}

/// A reader that went away (`| head`) is no failure of the job.
pub(crate) fn line_to(out: &mut impl Write, line: &str) {
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_has_the_contract_s_keys_in_its_order() {
        let failure = Failure::new(Code::TargetFull).about("/media/x").at(Step::Target);
        let event = Event::Failed { run: "r1".into(), failure };
        let line = serde_json::to_string(&Line::of(&event, Language::English)).expect("JSON");
        let begin = r#"{"event":"failed","run":"r1","step":"target","code":"target-full","message":"`/media/x`"#;
        assert!(line.starts_with(begin), "{line}");
    }
}
