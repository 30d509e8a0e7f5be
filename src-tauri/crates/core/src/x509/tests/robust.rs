//! Damaged files: nothing that can be in one may panic or take long.

use std::time::{Duration, Instant};

use super::*;

/// A small generator (xorshift64*) with a fixed seed, so that a failure comes back.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let thrown = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(thrown).unwrap() % limit
    }

    fn damage(&mut self, file: &[u8]) -> Vec<u8> {
        let mut damaged = file.to_vec();
        for _ in 0..=self.below(3) {
            let place = self.below(damaged.len());
            match self.below(5) {
                0 => damaged.truncate(place.max(1)),
                1 => damaged[place] = [0, 1, 0x7f, 0x80, 0x84, 0xff][self.below(6)],
                2 => {
                    let piece = damaged[place..].iter().take(8).copied().collect::<Vec<_>>();
                    damaged.splice(place..place, piece);
                }
                _ => damaged[place] ^= 1 << self.below(8),
            }
        }
        damaged
    }
}

#[test]
fn damage_is_refused_and_quickly() {
    let names = [
        "quick-legacy.p12",
        "quick-aes.p12",
        "p256.cer",
        "p256.pem",
        "rsa.pem",
        "rsa-pss.pem",
        "bag-attributes.pem",
        "p256-pkcs8.der",
        "p256-sec1.der",
        "rsa-pkcs1.der",
        "bundle-pkcs7.der",
    ];
    let certificate = text("p256.pem");
    let mut dice = Dice(0x5eed);
    let mut slowest = Duration::ZERO;
    for name in names {
        let file = fixture(name);
        for _ in 0..600 {
            let damaged = dice.damage(&file);
            let began = Instant::now();
            let _ = read(&damaged, None, Some(&password()));
            let _ = read(certificate.as_bytes(), Some(&damaged), None);
            if let Ok(text) = String::from_utf8(damaged) {
                let _ =
                    (preview(&text), check_supported(&text), chain(&text, &certificate), chain(&certificate, &text));
                let _ = key_matches(&certificate, &SecretString::from(text));
            }
            slowest = slowest.max(began.elapsed());
        }
    }
    assert!(slowest < Duration::from_secs(5), "no file holds the app up: {slowest:?}");
}

#[test]
fn every_cut_is_refused() {
    for name in ["quick-legacy.p12", "nss-empty.p12", "p256.cer", "p256-pkcs8.der"] {
        let whole = fixture(name);
        for end in 0..whole.len() - 64 {
            assert!(read(&whole[..end], None, Some(&password())).is_err(), "{name} cut to {end} bytes");
        }
    }
}

#[test]
fn an_absurd_amount_of_work_is_refused() {
    let aes = fixture("encrypted-aes.der");
    for count in [[0x02, 0x02, 0x00, 0x00], [0x02, 0x02, 0x80, 0x00]] {
        let absurd = replaced(&aes, &[0x02, 0x02, 0x08, 0x00], &count);
        let failure = read(&fixture("p256.pem"), Some(&absurd), Some(&password())).unwrap_err();
        assert_eq!(failure.code, Code::CertificateInvalid, "none and a negative count are none");
    }
    // Two thousand million, in the place of what says how they are used
    let absurd = replaced(&aes, &[0x02, 0x02, 0x08, 0x00, 0x30, 0x0c], &[0x02, 0x04, 0x7f, 0xff, 0xff, 0xff]);
    let failure = read(&fixture("p256.pem"), Some(&absurd), Some(&password())).unwrap_err();
    assert_eq!(failure.code, Code::CertificateInvalid);
    assert!(failure.reason.contains("absurd"), "{}", failure.reason);
}

fn replaced(file: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let place = file.windows(old.len()).rposition(|window| window == old).expect("the fixture has these bytes");
    [&file[..place], new, &file[place + old.len()..]].concat()
}

#[test]
fn deep_nesting_is_refused() {
    for (opening, closing) in [(&[0x30, 0x80][..], &[0, 0][..]), (&[0x24, 0x80], &[0, 0])] {
        let file = [opening.repeat(10_000), closing.repeat(10_000)].concat();
        assert_eq!(code(read(&file, None, None)), Code::CertificateInvalid, "the stack has an end");
    }
}

#[test]
fn a_file_of_many_keys_is_refused() {
    for (keys, why) in
        [(text("encrypted-aes.pem").repeat(2), "more than one thing"), (text("p256-key.pem").repeat(9), "more than 8")]
    {
        let failure = read(keys.as_bytes(), None, Some(&password())).unwrap_err();
        assert!(failure.reason.contains(why), "each costs the work of its password: {}", failure.reason);
    }
}
