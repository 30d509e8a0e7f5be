//! What a person typed to find something, as conditions.

/// Fewer characters than that the index of the texts cannot look up.
const TRIGRAM: usize = 3;

/// As much of a word's beginning or end tells it from most others.
const PART: usize = 8;

/// What is looked through, as the index holds it (`schema.sql`).
const TEXT: &str = "concat_ws(char(10), r.thing_name, r.serial_number, r.operator, r.site, r.device)";

/// Words, each of which must be in the serial number, thing name, operator, site or device, anywhere.
pub(crate) struct Words<'a>(Vec<&'a str>);

impl<'a> Words<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        Self(text.split(|c: char| c.is_whitespace() || c == '\0').filter(|word| !word.is_empty()).collect())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What the index is asked; `None` if all words are too short for it.
    pub(crate) fn matching(&self) -> Option<String> {
        let phrases: Vec<_> = self.0.iter().filter(|word| long(word)).flat_map(|word| phrases(word)).collect();
        (!phrases.is_empty()).then(|| phrases.join(" AND "))
    }

    /// A condition for each word that the index was not asked about as a whole, with its pattern.
    pub(crate) fn rest(&self) -> impl Iterator<Item = (String, String)> {
        self.0.iter().filter(|word| !long(word) || parts(word).is_some()).map(|word| like(word))
    }

    /// A condition for each word.
    pub(crate) fn all(&self) -> impl Iterator<Item = (String, String)> {
        self.0.iter().map(|word| like(word))
    }

    /// The one word, if it can be how a certificate's ID begins.
    pub(crate) fn certificate(&self) -> Option<String> {
        match self.0[..] {
            [word] if word.len() <= 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                Some(word.to_ascii_lowercase())
            }
            _ => None,
        }
    }
}

fn long(word: &str) -> bool {
    word.chars().nth(TRIGRAM - 1).is_some()
}

fn phrases(word: &str) -> Vec<String> {
    let quoted = |part: &str| format!("\"{}\"", part.replace('"', "\"\""));
    parts(word).map_or_else(|| vec![quoted(word)], |(first, last)| vec![quoted(last), quoted(first)])
}

/// The beginning and the end of a word of which the index is asked no more. Names that begin alike in a million
/// runs end differently, and addresses that end alike begin differently: both together are in few runs, and the
/// index leaps from one to the next. A long phrase it would follow letter by letter.
///
/// Only of ASCII, where `LIKE`, which looks at the whole then, takes capital and small for the same as the index does.
fn parts(word: &str) -> Option<(&str, &str)> {
    let long = word.is_ascii() && word.len() > PART;
    long.then(|| (&word[..PART], &word[word.len() - PART..]))
}

fn like(word: &str) -> (String, String) {
    let escaped = word.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_");
    (format!(r"{TEXT} LIKE ? ESCAPE '\'"), format!("%{escaped}%"))
}
