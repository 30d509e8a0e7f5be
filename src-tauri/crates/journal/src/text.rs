//! What a person typed to find something.

use crate::row::fold;
use crate::token::{self, Token};

/// Words, each of which must be in the serial number, thing name, operator, site or device, anywhere.
pub(crate) struct Words(Vec<String>);

impl Words {
    pub(crate) fn of(text: &str) -> Self {
        let words = text.split(|c: char| c.is_whitespace() || c == '\0').filter(|word| !word.is_empty());
        Self(
            words
                .map(|word| {
                    let mut folded = String::new();
                    fold(word, &mut folded);
                    folded
                })
                .collect(),
        )
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Is each of them in this text? Its capital letters are small.
    pub(crate) fn are_in(&self, text: &str) -> bool {
        self.0.iter().all(|word| text.contains(word))
    }

    pub(crate) fn tokens(&self) -> Vec<Token> {
        self.0.iter().flat_map(|word| from_both_ends(token::of_longest_pieces(word))).collect()
    }

    /// The one word, if it can be how a certificate's ID begins.
    pub(crate) fn certificate(&self) -> Option<&str> {
        match &self.0[..] {
            [word] if word.len() <= 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit()) => Some(word),
            _ => None,
        }
    }
}

/// Names that begin alike in a million runs end differently, and addresses that end alike begin differently: what
/// tells one run from the others comes soon.
fn from_both_ends(tokens: Vec<Token>) -> impl Iterator<Item = Token> {
    let mut tokens = tokens.into_iter();
    let mut from_its_end = false;
    std::iter::from_fn(move || {
        from_its_end = !from_its_end;
        if from_its_end { tokens.next_back() } else { tokens.next() }
    })
}
