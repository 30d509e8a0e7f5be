//! What a run says: events as JSON lines for scripts, or words and a spinner for people.

use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::time::Duration;

use fieldkey_core::{Event, Failure, Language, Progress, Provisioned, Status, Step, text};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

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
            // Said once, at the end, by `complain`.
            Event::Failed { .. } => self.clear(),
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
            line_to(&mut std::io::stdout(), &as_json(event, self.language).to_string());
        } else {
            self.tell(event);
        }
    }
}

/// What a person wants to see of a finished step.
fn remark(step: Step, detail: &serde_json::Map<String, Value>) -> String {
    let key = match step {
        Step::SignIn => "operator",
        Step::Target => "target",
        Step::Claim | Step::Register => "certificateId",
        Step::Site | Step::Credentials | Step::Write | Step::Verify | Step::Release => return String::new(),
    };
    detail.get(key).and_then(Value::as_str).map(|value| format!(" {value}")).unwrap_or_default()
}

/// The event as the contract writes it.
pub(crate) fn as_json(event: &Event, language: Language) -> Value {
    match event {
        Event::Started { run, job } => json!({"event": "started", "run": run, "job": job}),
        Event::Step { step, status, detail, ms: None } => {
            json!({"event": "step", "step": step, "status": status, "detail": detail})
        }
        Event::Step { step, status, detail, ms: Some(ms) } => {
            json!({"event": "step", "step": step, "status": status, "detail": detail, "ms": ms})
        }
        Event::Finished { run, result } => json!({"event": "finished", "run": run, "result": result}),
        Event::Failed { run, failure } => json!({
            "event": "failed", "run": run, "step": failure.step, "code": failure.code,
            "message": failure.message(language), "help": failure.help(language),
        }),
    }
}

/// What went wrong, in which step, and what to do: on standard error.
pub(crate) fn complain(failure: &Failure, language: Language) {
    let step = failure.step.map(|step| format!("{}: ", text::step(step, language))).unwrap_or_default();
    let words = format!("✗ {step}{} [{}]\n  {}", failure.message(language), failure.code, failure.help(language));
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
    use fieldkey_core::Code;

    #[test]
    fn a_failure_has_the_contract_s_keys() {
        let failure = Failure::new(Code::TargetFull).about("/media/x").at(Step::Target);
        let value = as_json(&Event::Failed { run: "r1".into(), failure }, Language::English);
        assert_eq!(value["code"], "target-full");
        assert_eq!(value["step"], "target");
        let keys: Vec<&String> = value.as_object().expect("object").keys().collect();
        assert_eq!(keys, ["code", "event", "help", "message", "run", "step"]);
    }
}
