//! Keys that a device makes, and the CSRs for them.

use fieldkey_core::ports::NewKey;
use fieldkey_core::x509::KeyType;
use fieldkey_core::{Code, Failure, Why};

use super::Framed;
use super::codec::Request;
use super::fields::{Fields, add_text};
use super::link::Link;
use super::refusal::Refusal;
use crate::serial::Line;

/// The last CSR is read like an object of this name.
const CSR: &str = "@csr";

/// No CSR is larger, in bytes.
const LARGEST: u32 = 8192;

pub(super) fn request(framed: &mut Framed, line: &mut Line, key: &NewKey) -> Result<String, Failure> {
    let kind: u8 = match key.key_type {
        KeyType::P256 => 0,
        KeyType::Rsa2048 => 1,
    };
    let hello = framed.hello(line)?;
    if hello.key_types >> kind & 1 == 0 {
        let why = Why::new("it makes no keys of this type", "この種類の鍵は作成できません");
        return Err(line.failure(Code::Usage).because_of(why));
    }
    let payload = subject(kind, key).filter(|payload| payload.len() <= hello.payload).ok_or_else(|| {
        let why = Why::new("the subject is longer than it takes", "サブジェクトが長すぎます");
        line.failure(Code::Usage).because_of(why)
    })?;
    for _ in 0..super::RESTARTS {
        let reply = framed.ask(line, Request::MakeKey, &payload)?.map_err(|refusal| refusal.failure(line))?;
        let size = Fields(&reply).u32().filter(|size| (1..=LARGEST).contains(size));
        let size = size.ok_or_else(|| Link::nonsense(line))?;
        // It forgets the CSR when it starts again, and is asked for another one.
        match framed.read_whole(line, CSR)? {
            Err(Refusal::NotFound) => {}
            Err(refusal) => return Err(refusal.failure(line)),
            Ok(der) if der.len() == size as usize => {
                return Ok(pem::encode(&pem::Pem::new("CERTIFICATE REQUEST", &der[..])));
            }
            Ok(_) => return Err(Link::nonsense(line)),
        }
    }
    Err(Refusal::NoSession.failure(line))
}

fn subject(kind: u8, key: &NewKey) -> Option<Vec<u8>> {
    let subject = &key.subject;
    let attributes = [
        (1, Some(&key.common_name)),
        (2, subject.country.as_ref()),
        (3, subject.state.as_ref()),
        (4, subject.locality.as_ref()),
        (5, subject.organization.as_ref()),
        (6, subject.organizational_unit.as_ref()),
    ];
    let mut payload = vec![kind];
    for (attribute, value) in attributes {
        if let Some(value) = value {
            payload.push(attribute);
            add_text(&mut payload, value)?;
        }
    }
    Some(payload)
}
