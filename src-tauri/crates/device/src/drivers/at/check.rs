//! Is a recipe whole? Whatever could go wrong while it is followed and can be seen beforehand is refused here.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use fieldkey_core::Why;
use toml::Spanned;

use super::checked::{Payload, Place, Recipe, Step, is_name};
use super::recipe::{self, File, LineEnd, Proof, Refused};
use super::template::{FOUND, Template};
use crate::layout::Part;

/// What is wrong, and where in the text.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) at: Option<Range<usize>>,
    pub(super) why: Why,
}

type Checked<T> = Result<T, Problem>;

/// The longest command or answer that a recipe may spell out, in bytes. Modems' own limits begin at about this.
const LONGEST: usize = 256;
/// Steps of one operation.
const STEPS: usize = 16;
/// What recipes may not call words of their own.
const TAKEN: [&str; 4] = ["name", "ca", "certificate", "private-key"];

/// An operation, and what its steps may hold.
struct Operation<'a> {
    key: &'a str,
    /// What its templates may name.
    known: Vec<&'a str>,
    /// What its answers may find out.
    finds: &'a [&'a str],
    payload: bool,
    content: bool,
    digest: bool,
}

pub(super) fn check(file: File) -> Checked<Recipe> {
    let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let name = file.name.get_ref();
    if name.is_empty() || name.len() > 32 || !name.chars().all(word) {
        return Err(wrong(
            &file.name,
            "a driver's name is 1 to 32 of a-z, 0-9 and `-`",
            "ドライバー名は a-z、0-9、`-` からなる 1 から 32 文字です",
        ));
    }
    let longest_name = within(&file.longest_name, 1, 255)? as usize;
    let parts = [(Part::Ca, file.ca), (Part::Certificate, file.certificate), (Part::PrivateKey, file.private_key)];
    let own: Vec<String> = parts.iter().flat_map(|(_, part)| part.words.keys().cloned()).collect();
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    let names: Vec<&str> = TAKEN.into_iter().chain(own.iter().copied()).collect();
    let of_part = |key, finds| Operation {
        key,
        known: names.clone(),
        finds,
        payload: false,
        content: false,
        digest: file.digest.is_some(),
    };
    let of_modem = |key, finds| Operation { known: TAKEN[1..].to_vec(), ..of_part(key, finds) };
    let write = Operation {
        known: names.iter().copied().chain(["len"]).collect(),
        payload: true,
        ..of_part("write", &["digest", "rest"])
    };
    let read = Operation { content: true, ..of_part("read", &["len", "digest", "rest"]) };

    let recipe = Recipe {
        name: name.clone(),
        about: plain(&file.about)?.to_owned(),
        baud: within(&file.baud, 300, 4_000_000)?,
        flow: file.flow,
        end: match file.line_end {
            LineEnd::Cr => "\r",
            LineEnd::CrLf => "\r\n",
        },
        place: match &file.place {
            Some(place) => template(place, &names)?,
            None => Template::parse("{name}").map_err(|why| Problem { at: None, why })?,
        },
        longest_name,
        largest: within(&file.largest, 64, 1 << 20)? as usize,
        proof: *file.proof.get_ref(),
        digest: file.digest,
        ask: texts(&file.tells.ask)?,
        contains: texts(&file.tells.contains)?,
        setup: steps(file.setup, &of_modem("setup", &["rest"]))?,
        teardown: steps(file.teardown, &of_modem("teardown", &["rest"]))?,
        held: steps(file.held, &of_part("held", &["len", "digest", "rest"]))?,
        room: steps(file.room, &of_modem("room", &["free", "rest"]))?,
        read: steps(file.read, &read)?,
        remove: steps(file.remove, &of_part("remove", &["rest"]))?,
        write: steps(file.write, &write)?,
        places: parts
            .into_iter()
            .map(|(part, place)| self::place(part, place, longest_name, &own, &of_part("accept", &["rest"])))
            .collect::<Result<_, _>>()?,
        errors: file.errors,
    };
    whole(&recipe, &file.proof)?;
    Ok(recipe)
}

/// Do the operations together do all that is asked of a modem?
fn whole(recipe: &Recipe, proof: &Spanned<Proof>) -> Checked<()> {
    let lacking = |key: &str| {
        let ja = format!("`{key}` に手順がありません");
        Err(Problem { at: None, why: Why::new(format!("`{key}` has no steps"), ja) })
    };
    let answers = |steps: &[Step], word| steps.iter().any(|step| step.answer.as_ref().is_some_and(|a| a.has(word)));
    if recipe.held.is_empty() {
        return lacking("held");
    }
    if recipe.remove.is_empty() {
        return lacking("remove");
    }
    let count = |steps: &[Step], has: fn(&Step) -> bool| steps.iter().filter(|step| has(step)).count();
    if count(&recipe.write, |step| step.payload.is_some()) != 1 {
        let ja = "`write` には `payload` のある手順がちょうど 1 つ必要です";
        return Err(Problem { at: None, why: Why::new("exactly one step of `write` has a `payload`", ja) });
    }
    if !recipe.read.is_empty() && count(&recipe.read, |step| step.content.is_some()) != 1 {
        let ja = "`read` には `content` のある手順がちょうど 1 つ必要です";
        return Err(Problem { at: None, why: Why::new("exactly one step of `read` has a `content`", ja) });
    }
    if !recipe.room.is_empty() && !answers(&recipe.room, "free") {
        let ja = "`room` の `answer` に `{free}` が必要です";
        return Err(Problem { at: None, why: Why::new("an `answer` of `room` has `{free}`", ja) });
    }
    match proof.get_ref() {
        Proof::ReadBack if recipe.read.is_empty() => {
            Err(wrong(proof, "this proof needs `[[read]]`", "この検証方法には `[[read]]` が必要です"))
        }
        Proof::Digest if recipe.digest.is_none() || !answers(&recipe.held, "digest") => Err(wrong(
            proof,
            "this proof needs `digest`, and `{digest}` in an `answer` of `[[held]]`",
            "この検証方法には `digest` と、`[[held]]` の `answer` の `{digest}` が必要です",
        )),
        _ => Ok(()),
    }
}

fn place(part: Part, own: recipe::Part, longest: usize, all: &[&str], accept: &Operation<'_>) -> Checked<Place> {
    if !is_name(own.name.get_ref(), longest) {
        return Err(wrong(
            &own.name,
            format!("a name is 1 to {longest} letters, digits and `.-_`"),
            format!("名前は英数字と `.-_` からなる 1 から {longest} 文字です"),
        ));
    }
    let mut words = BTreeMap::new();
    for (word, value) in own.words {
        let looks = word.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !word.is_empty();
        if !looks || TAKEN.contains(&word.as_str()) || FOUND.iter().any(|(found, _)| *found == word) {
            return Err(wrong(
                &value,
                format!(
                    "`{word}` cannot be a word: lower-case letters and `-`, and not one that has a meaning already"
                ),
                format!("`{word}` は使えません。英小文字と `-` からなり、すでに意味のあるものを除きます"),
            ));
        }
        words.insert(word, plain(&value)?.to_owned());
    }
    if let Some(lacking) = all.iter().find(|word| !words.contains_key(**word)) {
        return Err(wrong(
            &own.name,
            format!("this part lacks the word `{lacking}` that another part has"),
            format!("ほかの項目にある `{lacking}` がこの項目の `words` にありません"),
        ));
    }
    let accept = steps(own.accept, accept)?;
    let name = own.name.into_inner();
    Ok(Place { part, name, words, encoding: own.encoding, key: own.key, line_ends: own.line_ends, accept })
}

fn steps(given: Vec<recipe::Step>, operation: &Operation<'_>) -> Checked<Vec<Step>> {
    if let Some(extra) = given.get(STEPS) {
        let key = operation.key;
        let ja = format!("`{key}` の手順は {STEPS} 個までです");
        return Err(wrong(&extra.send, format!("`{key}` has more than {STEPS} steps"), ja));
    }
    // Found by the answers so far: later commands may use it.
    let mut found: Vec<&str> = vec![];
    given.into_iter().map(|given| step(given, operation, &mut found)).collect()
}

fn step<'a>(given: recipe::Step, operation: &Operation<'a>, found: &mut Vec<&'a str>) -> Checked<Step> {
    let known = || operation.known.iter().copied();
    let send = template(&given.send, &known().chain(found.iter().copied()).collect::<Vec<_>>())?;
    let finds = || operation.finds.iter().copied().filter(|word| *word != "digest" || operation.digest);
    let answer = match &given.answer {
        None => None,
        Some(text) => {
            let answer = pattern(text, &known().chain(finds()).collect::<Vec<_>>())?;
            found.extend(finds().filter(|word| *word == "len" && answer.has(word)));
            Some(answer)
        }
    };
    let content = match &given.content {
        None => None,
        Some(text) if !operation.content => {
            return Err(wrong(
                text,
                "only a step of `read` has a `content`",
                "`content` は `read` の手順だけに書けます",
            ));
        }
        Some(text) => Some(beginning(text, &known().chain(["len"]).collect::<Vec<_>>(), found)?),
    };
    let payload = match given.payload {
        None => None,
        Some(payload) if !operation.payload => {
            let ja = "`payload` は `write` の手順だけに書けます";
            return Err(wrong(&payload.prompt, "only a step of `write` has a `payload`", ja));
        }
        Some(payload) => Some(self::payload(payload)?),
    };
    if given.refused == Refused::Absent && !["held", "read", "remove"].contains(&operation.key) {
        let ja = "`absent` は `held`、`read`、`remove` の手順だけに書けます";
        return Err(wrong(&given.send, "`absent` belongs to `held`, `read` and `remove`", ja));
    }
    let timeout = given.timeout.as_ref().map_or(Ok(5), |seconds| within(seconds, 1, 120))?;
    let timeout = Duration::from_secs(timeout.into());
    Ok(Step { send, answer, content, payload, timeout, refused: given.refused })
}

fn payload(given: recipe::Payload) -> Checked<Payload> {
    let acknowledge = match (&given.block, &given.acknowledge) {
        (None, None) => None,
        (Some(block), Some(mark)) => Some((within(block, 1, 65_536)? as usize, plain(mark)?.to_owned())),
        (Some(_), None) | (None, Some(_)) => {
            let en = "`block` and `acknowledge` come together";
            return Err(wrong(&given.prompt, en, "`block` と `acknowledge` は一緒に書いてください"));
        }
    };
    let hold = given.hold.as_ref().map(|seconds| within(seconds, 1, 60)).transpose()?;
    let hold = hold.map(|seconds| Duration::from_secs(seconds.into()));
    Ok(Payload { prompt: plain(&given.prompt)?.to_owned(), acknowledge, hold })
}

fn beginning(text: &Spanned<String>, known: &[&str], found: &[&str]) -> Checked<Template> {
    let content = parsed(text, known)?;
    if !content.says_something() || !content.ends_in_text() {
        return Err(wrong(
            text,
            "`content` ends in text, such as a comma or a line end: what follows is read as content",
            "`content` はコンマや改行などの文字で終える必要があります。その直後からを内容として読み取ります",
        ));
    }
    if !content.has("len") && !found.contains(&"len") {
        return Err(wrong(
            text,
            "nothing says how long the content is: `{len}` belongs here or into an `answer` before",
            "内容の長さが分かりません。ここか、前の `answer` に `{len}` を書いてください",
        ));
    }
    Ok(content)
}

/// A command.
fn template(text: &Spanned<String>, known: &[&str]) -> Checked<Template> {
    plain(text)?;
    parsed(text, known)
}

/// A line of an answer.
fn pattern(text: &Spanned<String>, known: &[&str]) -> Checked<Template> {
    let pattern = template(text, known)?;
    if pattern.says_something() {
        return Ok(pattern);
    }
    Err(wrong(text, "any line would be this answer", "どの行にも一致してしまいます"))
}

fn parsed(text: &Spanned<String>, known: &[&str]) -> Checked<Template> {
    let template = Template::parse(text.get_ref()).map_err(|why| Problem { at: Some(text.span()), why })?;
    let unknown = template.words().find(|word| !known.contains(word)).map(str::to_owned);
    match unknown {
        None => Ok(template),
        Some(word) => {
            Err(wrong(text, format!("`{{{word}}}` means nothing here"), format!("`{{{word}}}` はここでは使えません")))
        }
    }
}

fn texts(list: &Spanned<Vec<Spanned<String>>>) -> Checked<Vec<String>> {
    if list.get_ref().is_empty() {
        return Err(wrong(list, "the list is empty", "一覧が空です"));
    }
    list.get_ref().iter().map(|text| plain(text).map(str::to_owned)).collect()
}

/// A text that can stand in a line.
fn plain(text: &Spanned<String>) -> Checked<&str> {
    let value = text.get_ref();
    if value.trim().is_empty() {
        return Err(wrong(text, "the text is empty", "文字列が空です"));
    }
    if value.len() > LONGEST {
        let ja = format!("{LONGEST} バイトを超えています");
        return Err(wrong(text, format!("the text is longer than {LONGEST} bytes"), ja));
    }
    if value.chars().any(char::is_control) {
        return Err(wrong(
            text,
            "the text holds a line end or another control character",
            "改行などの制御文字が含まれています",
        ));
    }
    Ok(value)
}

fn within(number: &Spanned<u32>, least: u32, most: u32) -> Checked<u32> {
    let value = *number.get_ref();
    if (least..=most).contains(&value) {
        return Ok(value);
    }
    Err(wrong(
        number,
        format!("{value} is not within {least} to {most}"),
        format!("{value} は {least} から {most} の範囲にありません"),
    ))
}

fn wrong<T>(what: &Spanned<T>, en: impl Into<String>, ja: impl Into<String>) -> Problem {
    Problem { at: Some(what.span()), why: Why::new(en, ja) }
}
