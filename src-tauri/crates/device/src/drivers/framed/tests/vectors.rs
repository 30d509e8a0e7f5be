//! `docs/device-protocol/vectors.json`: one conversation, byte by byte, that both sides must agree on.

use std::path::Path;

use fieldkey_simulators::{Device, Out};
use serde_json::{Value, json};

use super::super::codec::{encode, scan};
use super::*;

/// What the device answers in place of a CSR, which would differ each time.
const CSR: &[u8] = b"\x30\x03\x02\x01\x07";

/// Each request of the conversation: what it shows, its type, its payload.
fn requests() -> Vec<(&'static str, u8, Vec<u8>)> {
    let object: Vec<u8> = (0..300_u32).map(|i| (i * 7) as u8).collect();
    let first = [&b"\0\0\0\0\0\0\x01\x2c\x01\x08cert.new"[..], &object[..238]].concat();
    let second = [&b"\0\0\0\xee"[..], &object[238..]].concat();
    let key = b"\0\0\0\0\0\0\0\x03\x02\x07key.new\x01\x02\x03".to_vec();
    vec![
        ("a request before the greeting is refused: no session", b'L', vec![0]),
        ("the greeting", b'H', vec![]),
        ("a greeting of a later version says more, and is answered all the same", b'H', b"\x02".to_vec()),
        ("an empty list", b'L', vec![0]),
        ("the first part of an object of 300 bytes, a certificate", b'W', first),
        ("a part at another offset is refused, with the right one", b'W', b"\0\0\x01\0abc".to_vec()),
        ("its last part; the reply is the SHA-256 of what is stored", b'W', second),
        ("a private key of 3 bytes, in one part", b'W', key),
        ("the digest of an object", b'D', b"\x08cert.new".to_vec()),
        ("both get their names at once", b'C', b"\x02\x08cert.new\x04cert\x07key.new\x03key".to_vec()),
        ("the list: kinds, sizes and names", b'L', vec![0]),
        ("16 bytes of an object, from offset 284 on", b'R', b"\0\0\x01\x1c\0\x10\x04cert".to_vec()),
        ("a private key is not readable", b'R', b"\0\0\0\0\0\x10\x03key".to_vec()),
        ("a key of P-256 is made for CN=SN-1, O=Acme", b'K', b"\0\x01\x04SN-1\x05\x04Acme".to_vec()),
        ("its CSR (here: 5 bytes that stand for one)", b'R', b"\0\0\0\0\x04\0\x04@csr".to_vec()),
        ("a name that leads elsewhere is refused", b'X', b"\x04../a".to_vec()),
        ("an object is removed", b'X', b"\x03key".to_vec()),
        ("an object that is not there is removed all the same", b'X', b"\x03key".to_vec()),
        ("an unknown request is refused", b'Z', vec![]),
        ("farewell", b'Q', vec![]),
    ]
}

/// The device's account of it.
fn conversation(board: &mut Board) -> Vec<Value> {
    let mut vectors = vec![];
    for (i, (shows, kind, payload)) in requests().into_iter().enumerate() {
        let frame = encode(kind, 0x80 + i as u8, &payload);
        vectors.push(json!({ "shows": shows, "host": hex::encode(&frame[..]), "device": answered(board, &frame) }));
        if i == 4 {
            vectors.push(json!({
                "shows": "the same frame again, because the reply was lost: the same reply, and nothing is written twice",
                "host": hex::encode(&frame[..]),
                "device": answered(board, &frame),
            }));
            let mut damaged = frame.to_vec();
            damaged[40] ^= 1;
            vectors.push(json!({
                "shows": "a frame with a flipped bit in its payload is not carried out",
                "host": hex::encode(&damaged),
                "device": answered(board, &damaged),
            }));
        }
    }
    vectors
}

fn answered(board: &mut Board, frame: &[u8]) -> String {
    let mut out = Out::default();
    for byte in frame {
        board.receive(*byte, &mut out);
    }
    hex::encode(out.bytes())
}

#[test]
fn both_sides_agree_on_the_published_vectors() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../docs/device-protocol/vectors.json");
    let mut board = Board::new(Frames { payload: 256, sanitized: true, ..Frames::default() }).keys_by(|_| CSR.to_vec());
    let vectors = conversation(&mut board);
    let busy = json!({
        "shows": "busy with the request 0x84: 3000 ms of patience more, 40 percent are done",
        "device": hex::encode(&encode(0xd9, 0x84, b"\x0b\xb8\x28")[..]),
    });
    let made =
        serde_json::to_string_pretty(&json!({ "conversation": vectors, "others": [busy] })).expect("json") + "\n";
    if std::env::var_os("FIELDKEY_WRITE_VECTORS").is_some() {
        std::fs::write(&path, &made).expect("written");
    }
    let published = std::fs::read_to_string(&path).expect("vectors.json");
    assert_eq!(published, made, "run with FIELDKEY_WRITE_VECTORS=1 if the protocol was meant to change");
}

#[test]
fn the_host_reads_every_published_frame() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../docs/device-protocol/vectors.json");
    let published: Value = serde_json::from_slice(&std::fs::read(path).expect("vectors.json")).expect("json");
    let all = ["conversation", "others"].into_iter().flat_map(|key| published[key].as_array().expect("array"));
    let frames = all.flat_map(|vector| ["host", "device"].map(|side| vector[side].as_str())).flatten();
    let (mut whole, mut damaged) = (0, 0);
    for frame in frames {
        let bytes = hex::decode(frame).expect("hex");
        match scan(&bytes) {
            (end, Some(frame)) => {
                assert_eq!(end, bytes.len());
                assert_eq!(encode(frame.kind, frame.sequence, &frame.payload)[..], bytes[..], "both ways");
                whole += 1;
            }
            _ => damaged += 1,
        }
    }
    assert_eq!((whole, damaged), (44, 1), "one is damaged on purpose");
}
