//! What runs are found by, as numbers: each piece of a run's texts, and some of its values as a whole.
//!
//! The journal keeps them, so they stay the same for ever. Two things may have the same number: then more runs are
//! looked at than need be, and none is missed.

/// Below 2 to the power of [`BITS`], and not less than [`FREE`].
pub(crate) type Token = u64;

pub(crate) const BITS: u32 = 40;

/// Those below are no run's.
pub(crate) const FREE: Token = 2;

/// Of which a run has one at most.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Value {
    SerialNumber = 1,
    ThingName = 2,
    Operator = 3,
    Site = 4,
    Job = 5,
    Code = 6,
    Outcome = 7,
    /// Of its start, in UTC.
    Day = 8,
    /// Of which only how it begins is looked for.
    Certificate = 9,
}

impl Value {
    pub(crate) const WHOLE: [Self; 8] = [
        Self::SerialNumber,
        Self::ThingName,
        Self::Operator,
        Self::Site,
        Self::Job,
        Self::Code,
        Self::Outcome,
        Self::Day,
    ];
}

pub(crate) fn of_value(of: Value, text: &str) -> Token {
    // FNV-1a
    let begin = 0xcbf2_9ce4_8422_2325 ^ of as u64;
    token(text.bytes().fold(begin, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)))
}

/// Every one, two and three characters in a row, and longer rows of the same: the zeros that fill up a number.
pub(crate) fn of_pieces(text: &str, mut each: impl FnMut(Token)) {
    in_a_row(text, |piece, _| each(token(piece)));
}

/// Those of the pieces that together are in few other texts: for whoever looks for a text that has this in it.
pub(crate) fn of_longest_pieces(text: &str) -> Vec<Token> {
    let (longest, mut tokens) = (text.chars().count().min(3), vec![]);
    in_a_row(text, |piece, length| {
        if length >= longest {
            tokens.push(token(piece));
        }
    });
    tokens
}

fn in_a_row(text: &str, mut each: impl FnMut(u64, usize)) {
    const CHAR: u32 = 21;
    let (mut last, mut same) = (0_u64, 0);
    for (before, c) in text.chars().enumerate() {
        // No character is 0, so that shorter pieces are not taken for longer ones.
        let c = u64::from(c) + 1;
        same = if last & ((1 << CHAR) - 1) == c { same + 1 } else { 1 };
        last = ((last << CHAR) | c) & ((1 << (3 * CHAR)) - 1);
        for (length, bits) in [(1, CHAR), (2, 2 * CHAR), (3, 3 * CHAR)].into_iter().take(before + 1) {
            each(last & ((1 << bits) - 1), length);
        }
        if same > 3 {
            each((1 << (3 * CHAR)) | ((same as u64) << CHAR) | c, same);
        }
    }
}

/// Mixes as SplitMix64 does, so that whatever is alike comes far apart.
fn token(n: u64) -> Token {
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((n ^ (n >> 31)) >> (u64::BITS - BITS)).max(FREE)
}
