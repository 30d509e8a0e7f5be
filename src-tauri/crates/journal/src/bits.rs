//! A set of runs of one block.

/// How many entries are a block. So few in tests that their runs fill several.
pub(crate) const SPAN: usize = if cfg!(test) { 128 } else { 8192 };

const WORDS: usize = SPAN / 64;

/// By the place of a run's start in its block.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Bits([u64; WORDS]);

impl Bits {
    pub(crate) const EMPTY: Self = Self([0; WORDS]);

    pub(crate) fn of(places: &[u16]) -> Self {
        let mut bits = Self::EMPTY;
        places.iter().for_each(|&place| bits.insert(place.into()));
        bits
    }

    pub(crate) fn insert(&mut self, place: usize) {
        if let Some(word) = self.0.get_mut(place / 64) {
            *word |= 1 << (place % 64);
        }
    }

    pub(crate) fn contains(&self, place: usize) -> bool {
        self.0.get(place / 64).is_some_and(|word| (word >> (place % 64)) & 1 == 1)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().all(|&word| word == 0)
    }

    /// Keeps what is in the other too.
    pub(crate) fn and(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(word, other)| *word &= other);
    }

    /// Takes in what is in the other.
    pub(crate) fn or(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(word, other)| *word |= other);
    }

    /// Keeps what is in one of the two alone.
    pub(crate) fn xor(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(word, other)| *word ^= other);
    }

    pub(crate) fn first(&self) -> Option<usize> {
        let (n, word) = self.0.iter().enumerate().find(|(_, word)| **word != 0)?;
        Some(n * 64 + word.trailing_zeros() as usize)
    }

    pub(crate) fn newest_first(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().rev().flat_map(|(n, &word)| {
            let mut left = word;
            std::iter::from_fn(move || {
                let bit = left.checked_ilog2()?;
                left ^= 1 << bit;
                Some(n * 64 + bit as usize)
            })
        })
    }

    /// As the journal keeps it: from each place to the next, seven bits a byte, those that more follow with the
    /// eighth set; or, if that is no shorter, a bit for each place.
    pub(crate) fn write(places: &[u16]) -> Vec<u8> {
        let (mut bytes, mut next) = (Vec::with_capacity(places.len()), 0);
        for &place in places {
            let mut gap = place - next;
            while gap >= 0x80 {
                bytes.push(gap.to_le_bytes()[0] | 0x80);
                gap >>= 7;
            }
            bytes.push(gap.to_le_bytes()[0]);
            next = place + 1;
        }
        if bytes.len() < SPAN / 8 {
            bytes
        } else {
            Self::of(places).0.iter().flat_map(|word| word.to_le_bytes()).collect()
        }
    }

    pub(crate) fn read(bytes: &[u8]) -> Self {
        let mut bits = Self::EMPTY;
        if bytes.len() == SPAN / 8 {
            for (word, bytes) in bits.0.iter_mut().zip(bytes.chunks_exact(8)) {
                *word = bytes.iter().rev().fold(0, |word, &byte| (word << 8) | u64::from(byte));
            }
            return bits;
        }
        let (mut next, mut gap, mut shift) = (0_usize, 0_usize, 0);
        for &byte in bytes {
            gap |= usize::from(byte & 0x7f) << (shift % 28);
            shift += 7;
            if byte < 0x80 {
                bits.insert(next.saturating_add(gap));
                next = next.saturating_add(gap + 1);
                (gap, shift) = (0, 0);
            }
        }
        bits
    }
}
