//! Frames, as `docs/device-protocol.md` specifies them.

use zeroize::Zeroizing;

/// No UTF-8 text has either of these bytes.
const MAGIC: [u8; 2] = [0xf5, 0xfa];

const HEADER: usize = 7;

/// What a frame has beside its payload.
pub(super) const OVERHEAD: usize = HEADER + 4;

/// No payload is longer, in either direction.
pub(super) const LONGEST: u16 = 8192;

/// Set in the type of all that a device says.
pub(super) const ANSWER: u8 = 0x80;
pub(super) const REFUSED: u8 = ANSWER | b'E';
pub(super) const BUSY: u8 = ANSWER | b'Y';
pub(super) const DAMAGED: u8 = ANSWER | b'N';

/// What is asked of a device.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub(super) enum Request {
    Hello = b'H',
    List = b'L',
    Write = b'W',
    Read = b'R',
    Digest = b'D',
    Commit = b'C',
    Remove = b'X',
    MakeKey = b'K',
    Bye = b'Q',
}

/// One frame from a device. Has no `Debug`: it may be a private key that was read back.
pub(super) struct Frame {
    pub(super) kind: u8,
    pub(super) sequence: u8,
    pub(super) payload: Zeroizing<Vec<u8>>,
}

/// The frame around a payload, which is at most 65535 bytes long.
pub(super) fn encode(kind: u8, sequence: u8, payload: &[u8]) -> Zeroizing<Vec<u8>> {
    let [high, low] = u16::try_from(payload.len()).unwrap_or(u16::MAX).to_be_bytes();
    // Sized at once: a buffer that grows would leave copies of a key behind it.
    let mut frame = Zeroizing::new(Vec::with_capacity(payload.len() + OVERHEAD));
    frame.extend(MAGIC);
    frame.extend([kind, sequence, high, low, header_check([kind, sequence, high, low])]);
    frame.extend_from_slice(payload);
    let crc = crc32fast::hash(frame.get(MAGIC.len()..).unwrap_or_default());
    frame.extend(crc.to_be_bytes());
    frame
}

/// The first whole frame among log lines and broken frames, if there is one, and how many bytes it and what came before
/// it are. Without a frame: how many bytes cannot be the beginning of one.
pub(super) fn scan(bytes: &[u8]) -> (usize, Option<Frame>) {
    let mut at = 0;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        match judge(rest) {
            Judged::Noise => at += 1 + rest.iter().skip(1).take_while(|byte| **byte != MAGIC[0]).count(),
            Judged::Partial => return (at, None),
            Judged::Whole(frame) => return (at + OVERHEAD + frame.payload.len(), Some(frame)),
        }
    }
    (at, None)
}

enum Judged {
    Noise,
    Partial,
    Whole(Frame),
}

fn judge(bytes: &[u8]) -> Judged {
    if !bytes.iter().zip(MAGIC).all(|(byte, magic)| *byte == magic) {
        return Judged::Noise;
    }
    let Some([_, _, kind, sequence, high, low, check]) = bytes.first_chunk::<HEADER>().copied() else {
        return Judged::Partial;
    };
    let length = u16::from_be_bytes([high, low]);
    if check != header_check([kind, sequence, high, low]) || length > LONGEST {
        return Judged::Noise;
    }
    let end = HEADER + usize::from(length);
    let (Some(checked), Some(payload)) = (bytes.get(MAGIC.len()..end), bytes.get(HEADER..end)) else {
        return Judged::Partial;
    };
    let Some(crc) = bytes.get(end..).and_then(|rest| rest.first_chunk::<4>()) else { return Judged::Partial };
    if u32::from_be_bytes(*crc) != crc32fast::hash(checked) {
        return Judged::Noise;
    }
    Judged::Whole(Frame { kind, sequence, payload: Zeroizing::new(payload.to_vec()) })
}

/// CRC-8 with the polynomial 0x07, begun with 0xff: a length that was hit would else swallow the frames behind it.
fn header_check(header: [u8; 4]) -> u8 {
    header.into_iter().fold(0xff, |crc, byte| {
        (0..8).fold(crc ^ byte, |crc: u8, _| if crc & 0x80 == 0 { crc << 1 } else { crc << 1 ^ 0x07 })
    })
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// Everything that the scanner finds when it gets so many bytes at a time.
    fn found(bytes: &[u8], piece: usize) -> Vec<(u8, u8, Vec<u8>)> {
        let (mut held, mut found) = (vec![], vec![]);
        for piece in bytes.chunks(piece) {
            held.extend_from_slice(piece);
            loop {
                let (passed, frame) = scan(&held);
                held.drain(..passed);
                let Some(frame) = frame else { break };
                found.push((frame.kind, frame.sequence, frame.payload.to_vec()));
            }
        }
        found
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn frames_are_found_among_any_text_in_any_pieces(
            frames in vec((any::<u8>(), any::<u8>(), vec(any::<u8>(), 0..300), ".{0,80}"), 0..6),
            piece in 1_usize..64,
        ) {
            let mut line = vec![];
            for (kind, sequence, payload, log) in &frames {
                line.extend_from_slice(log.as_bytes());
                line.extend_from_slice(&encode(*kind, *sequence, payload));
            }
            let expected: Vec<_> = frames.into_iter().map(|(kind, sequence, payload, _)| (kind, sequence, payload)).collect();
            prop_assert_eq!(found(&line, piece), expected);
        }

        #[test]
        fn a_frame_behind_any_broken_one_is_found(
            payload in vec(any::<u8>(), 0..300),
            cut in 1_usize..300,
            next in vec(any::<u8>(), 300..600),
        ) {
            let broken = encode(0xd2, 1, &payload);
            let whole = encode(0xd2, 2, &next);
            let cut = cut.min(broken.len() - 1);
            // Its end may come after all: as the beginning of the next.
            prop_assume!(!whole.starts_with(&broken[cut..]));
            let line = [&broken[..cut], &whole[..], &whole[..]].concat();
            let found = found(&line, 16);
            prop_assert_eq!(found, vec![(0xd2, 2, next.clone()), (0xd2, 2, next)]);
        }

        #[test]
        fn one_flipped_bit_is_no_frame(payload in vec(any::<u8>(), 0..200), bit in any::<prop::sample::Index>()) {
            let mut frame = encode(0xd2, 7, &payload).to_vec();
            let bit = bit.index(frame.len() * 8);
            frame[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(scan(&frame).1.is_none());
        }

        #[test]
        fn garbage_ends_nothing(mut bytes in vec(any::<u8>(), 0..2000), marks in vec(any::<prop::sample::Index>(), 0..20)) {
            for mark in marks {
                let at = mark.index(bytes.len().max(2) - 1);
                if let Some(place) = bytes.get_mut(at..at + 2) {
                    place.copy_from_slice(&MAGIC);
                }
            }
            let (passed, frame) = scan(&bytes);
            prop_assert!(passed <= bytes.len() && frame.is_none_or(|frame| frame.payload.len() + OVERHEAD <= passed));
        }
    }
}
