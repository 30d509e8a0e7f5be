//! Which certificate of a file is meant, and its key.

use super::certificate::parse;
use super::file::{Contents, Found};
use super::private_key::PrivateKey;
use super::refusal::invalid;
use crate::{Code, Failure, Why};

/// A certificate (DER), and its own key if one is at hand.
pub(super) struct Pair {
    pub(super) certificate: Vec<u8>,
    pub(super) key: Option<PrivateKey>,
}

/// # Errors
/// `certificate-invalid` without a certificate, or with several of which any may be meant; `key-mismatch`.
pub(super) fn choose(mut contents: Contents) -> Result<Pair, Failure> {
    drop_duplicates(&mut contents.certificates);
    if contents.certificates.is_empty() {
        return Err(match contents.keys.is_empty() {
            true => invalid("there is no certificate in it", "証明書が含まれていません"),
            false => invalid("it holds a private key but no certificate", "秘密鍵だけで、証明書が含まれていません"),
        });
    }
    if contents.keys.is_empty() {
        return Ok(Pair { certificate: without_key(contents)?, key: None });
    }
    let mut pairs = Vec::new();
    for (c, certificate) in contents.certificates.iter().enumerate() {
        let parsed = parse(&certificate.value)?;
        for (k, key) in contents.keys.iter().enumerate() {
            if key.value.matches(parsed.public_key())? {
                pairs.push((c, k));
            }
        }
    }
    let (c, k) = one_of(&pairs, &contents)?;
    Ok(Pair { certificate: contents.certificates.swap_remove(c).value, key: Some(contents.keys.swap_remove(k).value) })
}

fn without_key(contents: Contents) -> Result<Vec<u8>, Failure> {
    let first_is_meant = contents.first_is_meant || contents.certificates.len() == 1;
    let mut certificates = contents.certificates;
    let marked = certificates.iter().filter(|certificate| certificate.local_key_id.is_some()).count();
    if marked == 1 {
        certificates.retain(|certificate| certificate.local_key_id.is_some());
    } else if !first_is_meant {
        return Err(several(certificates.len()));
    }
    Ok(certificates.swap_remove(0).value)
}

fn one_of(pairs: &[(usize, usize)], contents: &Contents) -> Result<(usize, usize), Failure> {
    let Some(first) = pairs.first() else {
        return Err(Failure::new(Code::KeyMismatch)
            .because_of(Why::new("the key is another certificate's", "鍵がほかの証明書のものです")));
    };
    let same_certificate = pairs.iter().all(|(c, _)| *c == first.0);
    if same_certificate || contents.first_is_meant {
        return Ok(*first);
    }
    let marked: Vec<_> = pairs.iter().filter(|(c, k)| same_mark(contents, *c, *k)).collect();
    match marked.as_slice() {
        [pair] => Ok(**pair),
        _ => Err(several(contents.certificates.len())),
    }
}

fn same_mark(contents: &Contents, certificate: usize, key: usize) -> bool {
    let mark = contents.certificates.get(certificate).and_then(|found| found.local_key_id.as_ref());
    mark.is_some() && mark == contents.keys.get(key).and_then(|found| found.local_key_id.as_ref())
}

fn drop_duplicates(certificates: &mut Vec<Found<Vec<u8>>>) {
    let mut kept: Vec<Found<Vec<u8>>> = Vec::with_capacity(certificates.len());
    for certificate in certificates.drain(..) {
        match kept.iter_mut().find(|known| known.value == certificate.value) {
            Some(known) => known.local_key_id = known.local_key_id.take().or(certificate.local_key_id),
            None => kept.push(certificate),
        }
    }
    *certificates = kept;
}

fn several(count: usize) -> Failure {
    invalid(
        format!("it holds {count} certificates, and nothing tells which one is meant; export that one alone"),
        format!("証明書が {count} 件あり、どれを使うのか判断できません。1 件だけを書き出してください"),
    )
}
