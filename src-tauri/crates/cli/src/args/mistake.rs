//! A mistake in the call's words, as the failure `usage`.

use clap::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use fieldkey_core::{Code, Failure, Step, Why};

/// `None` for what is no mistake: a call for help, or for the version.
pub(crate) fn mistake(error: &Error) -> Option<Failure> {
    let kind = error.kind();
    let has_its_own_words = matches!(
        kind,
        ErrorKind::DisplayHelp
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
            | ErrorKind::DisplayVersion
            | ErrorKind::Io
            | ErrorKind::Format
    );
    if has_its_own_words {
        return None;
    }
    let said = |kind| error.get(kind).map(words).unwrap_or_default();
    let about = match kind {
        ErrorKind::InvalidSubcommand | ErrorKind::MissingSubcommand => said(ContextKind::InvalidSubcommand),
        _ => said(ContextKind::InvalidArg),
    };
    let failure = Failure::new(Code::Usage).about(about.clone()).at(Step::Site);
    let suggested = |kind| match said(kind).as_str() {
        "" => Why::new("", ""),
        near => Why::new(format!("; did you mean `{near}`?"), format!("。`{near}` の誤りではありませんか?")),
    };
    let (value, valid) = (said(ContextKind::InvalidValue), said(ContextKind::ValidValue));
    let why = match kind {
        ErrorKind::UnknownArgument => {
            let near = suggested(ContextKind::SuggestedArg);
            Why::new(
                format!("there is no such argument here{}", near.en),
                format!("そのような引数はありません{}", near.ja),
            )
        }
        ErrorKind::InvalidSubcommand => {
            let near = suggested(ContextKind::SuggestedSubcommand);
            Why::new(
                format!("there is no such command{}", near.en),
                format!("そのようなコマンドはありません{}", near.ja),
            )
        }
        ErrorKind::MissingRequiredArgument | ErrorKind::MissingSubcommand => Why::new("missing", "指定されていません"),
        ErrorKind::InvalidValue | ErrorKind::TooFewValues | ErrorKind::NoEquals if value.is_empty() => {
            Why::new("its value is missing", "値が指定されていません")
        }
        ErrorKind::InvalidValue if !valid.is_empty() => {
            Why::new(format!("`{value}` is none of {valid}"), format!("`{value}` は次のいずれでもありません: {valid}"))
        }
        ErrorKind::ArgumentConflict => match said(ContextKind::PriorArg) {
            prior if prior == about => Why::new("given more than once", "2 回以上指定されています"),
            prior => Why::new(format!("not together with `{prior}`"), format!("`{prior}` と同時には指定できません")),
        },
        ErrorKind::InvalidUtf8 => Why::new("it is not text", "テキストではありません"),
        ErrorKind::ValueValidation if about.ends_with("<TIME>") => Why::new(
            format!("`{value}` is no time like 2026-03-01 or 2026-03-01T09:00:00+09:00"),
            format!("`{value}` は 2026-03-01 や 2026-03-01T09:00:00+09:00 のような日時ではありません"),
        ),
        _ => Why::new(format!("`{value}` is not accepted"), format!("`{value}` は指定できません")),
    };
    Some(failure.because_of(why))
}

fn words(value: &ContextValue) -> String {
    match value {
        ContextValue::String(word) => word.clone(),
        ContextValue::Strings(words) => words.join(", "),
        ContextValue::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use fieldkey_core::Language;

    use super::*;
    use crate::args::Args;

    fn said(words: &str) -> Failure {
        match Args::try_parse_from(words.split_whitespace()) {
            Ok(_) => panic!("{words} is a call"),
            Err(error) => mistake(&error).unwrap_or_else(|| panic!("{words} is a mistake")),
        }
    }

    #[test]
    fn a_mistake_names_the_word_and_says_why_in_both_languages() {
        let enroll = "fieldkey enroll --site s --serial-number S --target drive:/x";
        for (call, about, english, japanese) in [
            ("fieldkey targets --jsno".to_owned(), "--jsno", "did you mean `--json`?", "`--json` の誤り"),
            ("fieldkey enrol".into(), "enrol", "did you mean `enroll`?", "`enroll` の誤り"),
            ("fieldkey sign-out --site s".into(), "--user <EMAIL>", "missing", "指定されていません"),
            (format!("{enroll} --via post"), "--via <WAY>", "none of claim, api, direct", "claim, api, direct"),
            (format!("{enroll} --via"), "--via <WAY>", "its value is missing", "値が指定されていません"),
            (format!("{enroll} --via api --via api"), "--via <WAY>", "more than once", "2 回以上"),
            (format!("{enroll} --via api --policy p"), "--aws-profile <PROFILE>", "missing", "指定されていません"),
            (format!("{enroll} --via claim --param A"), "--param <KEY=VALUE>", "`A` is not accepted", "`A` は指定"),
            (
                "fieldkey site check a --site b".into(),
                "[FILE]",
                "together with `--site <FILE>`",
                "`--site <FILE>` と同時",
            ),
        ] {
            let failure = said(&call);
            assert!(failure.about.contains(about), "{call}: {} should name {about}", failure.about);
            assert!(failure.why(Language::English).contains(english), "{call}: {failure}");
            assert!(failure.why(Language::Japanese).contains(japanese), "{call}: {:?}", failure.reason_ja);
        }
    }

    #[test]
    fn a_call_for_help_is_no_mistake() {
        for call in ["fieldkey --help", "fieldkey --version", "fieldkey", "fieldkey site", "fieldkey enroll -h"] {
            let error = Args::try_parse_from(call.split_whitespace()).err().expect("not a job");
            assert_eq!(mistake(&error), None, "{call}");
        }
    }
}
