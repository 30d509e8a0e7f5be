//! An event as the contract writes it, its keys in the contract's order.

use fieldkey_core::{Code, Event, Failure, Job, Language, Outcome, Status, Step};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::words::{self, Phrase};

#[derive(Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub(super) enum Line<'a> {
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
        result: &'a Outcome,
    },
    Failed {
        /// Only jobs are runs.
        #[serde(skip_serializing_if = "Option::is_none")]
        run: Option<&'a str>,
        step: Option<Step>,
        #[serde(flatten)]
        said: Said,
    },
}

/// A failure's code and words.
#[derive(Serialize)]
pub(crate) struct Said {
    code: Code,
    message: String,
    help: String,
}

impl Said {
    pub(crate) fn of(failure: &Failure, language: Language) -> Self {
        Self { code: failure.code, message: failure.message(language), help: help(failure, language) }
    }
}

impl<'a> Line<'a> {
    pub(super) fn of(event: &'a Event, language: Language) -> Self {
        match event {
            Event::Started { run, job } => Self::Started { run, job: *job },
            Event::Step { step, status, detail, ms } => Self::Step { step: *step, status: *status, detail, ms: *ms },
            Event::Finished { run, result } => Self::Finished { run, result },
            Event::Failed { run, failure } => Self::failed(Some(run), failure, language),
        }
    }

    fn failed(run: Option<&'a str>, failure: &Failure, language: Language) -> Self {
        Self::Failed { run, step: failure.step, said: Said::of(failure, language) }
    }
}

/// The failure of a command that is no job.
pub(crate) fn failed_line(failure: &Failure, language: Language) -> String {
    serde_json::to_string(&Line::failed(None, failure, language)).unwrap_or_default()
}

/// What to do next, with the word that does it here.
pub(super) fn help(failure: &Failure, language: Language) -> String {
    match (failure.code, failure.step) {
        (Code::IdentityPresent, _) => format!("{} (--replace)", failure.help(language)),
        (Code::DeviceLogin, _) => format!("{} (?user=, FIELDKEY_DEVICE_PASSWORD)", failure.help(language)),
        // Before a job begins there is nothing that it could have left half done.
        (Code::Interrupted, Some(Step::Site)) => words::say(Phrase::NothingChanged, "", language),
        _ => failure.help(language),
    }
}

#[cfg(test)]
mod tests {
    use fieldkey_core::{Act, Check, Revoked, Verdict, Verified};
    use serde_json::json;

    use super::*;

    fn line(event: &Event) -> String {
        serde_json::to_string(&Line::of(event, Language::English)).expect("JSON")
    }

    #[test]
    fn a_failure_has_the_contract_s_keys_in_its_order() {
        let failure = Failure::new(Code::TargetFull).about("/media/x").at(Step::Target);
        let begin = r#"{"event":"failed","run":"r1","step":"target","code":"target-full","message":"`/media/x`"#;
        let said = line(&Event::Failed { run: "r1".into(), failure: failure.clone() });
        assert!(said.starts_with(begin) && said.contains(r#","help":""#), "{said}");
        let said = failed_line(&failure, Language::English);
        assert!(said.starts_with(r#"{"event":"failed","step":"target","code":"target-full","#), "no run: {said}");
    }

    #[test]
    fn each_event_has_the_contract_s_keys_in_its_order() {
        let started = Event::Started { run: "r1".into(), job: Job::Revoke };
        assert_eq!(line(&started), r#"{"event":"started","run":"r1","job":"revoke"}"#);
        let detail = Map::from_iter([("verdict".to_owned(), json!("passed"))]);
        let step = Event::Step { step: Step::KeyMatch, status: Status::Done, detail, ms: Some(3) };
        let expected = r#"{"event":"step","step":"key-match","status":"done","detail":{"verdict":"passed"},"ms":3}"#;
        assert_eq!(line(&step), expected);
        let revoked = Revoked { thing_name: "T".into(), certificates: vec!["c1".into()], act: Act::Delete };
        let finished = Event::Finished { run: "r1".into(), result: revoked.into() };
        let expected =
            r#"{"event":"finished","run":"r1","result":{"thingName":"T","certificates":["c1"],"act":"delete"}}"#;
        assert_eq!(line(&finished), expected, "the result is the job's own, without a wrapper");
    }

    #[test]
    fn a_check_is_told_by_its_step_and_its_verdict() {
        let check = Check { check: Step::Echo, verdict: Verdict::Passed, failure: None, seen: "3/3".into() };
        let result = Verified { thing_name: "T".into(), certificate_id: "c".into(), checks: vec![check] };
        let said = line(&Event::Finished { run: "r1".into(), result: result.into() });
        let expected = r#""checks":[{"check":"echo","verdict":"passed","seen":"3/3"}]}}"#;
        assert!(said.ends_with(expected), "{said}");
    }
}
