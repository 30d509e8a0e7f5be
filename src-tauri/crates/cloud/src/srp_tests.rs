use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

use super::*;

fn signature(key: &Key, scope: &str, id: &str, secret_block: &[u8], timestamp: &str) -> String {
    BASE64_STANDARD.encode(mac(key.as_ref(), &[scope.as_bytes(), id.as_bytes(), secret_block, timestamp.as_bytes()]))
}

#[test]
fn three_independent_implementations_agree_with_us() {
    let vectors: Value = serde_json::from_str(include_str!("../vectors/cognito-srp.json")).expect("JSON");
    let vectors = vectors.as_array().expect("a list");
    assert_eq!(vectors.len(), 4);
    for vector in vectors {
        let text = |key: &str| vector[key].as_str().unwrap_or_else(|| panic!("{key}"));
        let name = text("name");
        let a: [u8; 128] = number_bytes(text("a")).expect("hex").try_into().expect("1024 bits");
        let srp = Srp::from_secret(&a);
        assert_eq!(srp.public_hex(), text("A").trim_start_matches('0'), "{name}: A");
        let (_, pool) = text("pool_id").split_once('_').expect("region_name");
        let user = text("user_id_for_srp");
        let identity = Identity::new(pool, user, text("password"));
        let verifier = hex::encode(identity.verifier(&number_bytes(text("salt")).expect("hex")));
        assert_eq!(verifier.trim_start_matches('0'), text("v").trim_start_matches('0'), "{name}: v");
        let key = srp.key(&identity, text("salt"), text("B")).expect("safe numbers");
        assert_eq!(hex::encode(key.as_ref()), text("key"), "{name}: key");
        let block = BASE64_STANDARD.decode(text("secret_block_b64")).expect("base64");
        assert_eq!(signature(&key, pool, user, &block, text("timestamp")), text("signature"), "{name}: signature");
    }
}

const BLOCK: &str = "9ae77ec7154c14dcc487b47707fee4b4920cb96d8a8c045e4c8df879a7b375524aa736acdec6c9ad4ea606774d00621b";
const SALT: &str = "36ef01c6dde9fe503da333b1acc758ba";

fn published(scope: &str, id: &str, number: &str) -> String {
    let srp = Srp::from_secret(&[1; 128]);
    assert!(srp.public_hex().starts_with("b1ce118779e27c1c015d7a226ecae2ea"));
    let key = srp.key(&Identity::new(scope, id, "password"), number, number).expect("safe numbers");
    let block = BASE64_STANDARD.decode(BLOCK).expect("base64");
    signature(&key, scope, id, &block, "Mon Feb 10 18:30:12 UTC 2025")
}

#[test]
fn the_published_vectors_are_reproduced() {
    assert_eq!(published("abc", "user_id", SALT), "apNSb5GZpJciVc6cVNkDf4elCMoWUZcH4aukLlMPiFA=");
    assert_eq!(published("abc", "user_id", "36ef01c"), "bVzjSe43mY37A6ZuzEVU5cr6QY1WeV3BPfdVJo0c2/8=", "odd length");
    let device = published("mock-device-group-key", "mock-device-key", SALT);
    assert_eq!(device, "O9uSej4H1B4or3Zc7Q4+KxuSvOaEfuq2a7Ye4d16fmo=", "a device's own sign-in");
}

#[test]
fn the_multiplier_is_the_one_of_the_wire() {
    assert_eq!(hex::encode(multiplier()), "538282c4354742d7cbbde2359fcf67f9f5b3a6b08791e5011b43b8a5b66d9ee6");
}

#[test]
fn numbers_that_would_give_the_password_away_are_refused() {
    let srp = Srp::from_secret(&[1; 128]);
    let identity = Identity::new("abc", "user_id", "password");
    let n = hex::encode(N.to_be_bytes());
    for b in ["0", "00", "", n.as_str()] {
        assert_eq!(srp.key(&identity, SALT, b).err(), Some(UnsafeNumbers), "B = {b:?} is 0 mod N");
    }
    let refused = srp.key_with(&identity, SALT, &U3072::from_u8(5), &[0; 32]);
    assert_eq!(refused.err(), Some(UnsafeNumbers), "u = 0 leaves the password out of S");
}

#[test]
fn garbage_instead_of_numbers_is_refused() {
    let srp = Srp::from_secret(&[1; 128]);
    let identity = Identity::new("abc", "user_id", "password");
    for (salt, b) in [("xyz", "05"), (SALT, "no hex"), (SALT, "ff".repeat(385).as_str()), ("ä", "05")] {
        assert_eq!(srp.key(&identity, salt, b).err(), Some(UnsafeNumbers), "{salt:.8} {b:.8}");
    }
}

#[test]
fn pad_is_java_s() {
    for (number, padded) in [("00", "00"), ("01", "01"), ("7f", "7f"), ("80", "0080"), ("ff", "00ff"), ("0100", "0100")]
    {
        assert_eq!(hex::encode(pad(&hex::decode(number).expect("hex"))), padded, "PAD({number})");
    }
    assert_eq!(pad(&[]), [0]);
    assert_eq!(pad(&[0, 0, 0x80]), [0, 0x80], "leading zeros do not count");
}
