//! Firmware with Fieldkey's own protocol, which `docs/device-protocol.md` specifies.

mod codec;
mod fields;
mod hello;
mod key;
mod link;
mod objects;
mod refusal;
#[cfg(all(test, unix))]
mod tests;

use std::collections::BTreeMap;

use fieldkey_core::ports::{Caution, NewKey};
use fieldkey_core::{Code, Failure, Why};

use self::codec::Request;
use self::hello::Hello;
use self::link::{Link, Payload};
use self::refusal::Refusal;
use super::{Driver, Store};
use crate::serial::Line;

/// So often a device may start again within one operation.
const RESTARTS: usize = 3;

pub(crate) struct Framed {
    link: Link,
    hello: Option<Hello>,
    /// SHA-256 of what was written and not moved since, as the device computed it from what it had stored.
    digests: BTreeMap<String, String>,
}

impl Framed {
    /// Bits a second decide how long a reply is waited for.
    pub(crate) fn new(baud: u32) -> Self {
        Self { link: Link::new(baud), hello: None, digests: BTreeMap::new() }
    }

    /// Is it such a device that is there?
    pub(crate) fn answers(&mut self, line: &mut Line) -> Result<bool, Failure> {
        self.link.sequence = hello::sequence().wrapping_sub(1);
        let answers = self.link.answers(line, Request::Hello)?;
        if answers {
            self.link.bye(line);
        }
        Ok(answers)
    }

    fn say_hello(&mut self, line: &mut Line) -> Result<Hello, Failure> {
        self.link.sequence = hello::sequence().wrapping_sub(1);
        let reply = self.link.exchange(line, Request::Hello, &[])?;
        let reply = reply.map_err(|refusal| refusal.failure(line))?;
        Hello::parse(&reply).ok_or_else(|| Link::nonsense(line))
    }

    /// Greets a device that has started again, which must be the same one.
    fn greet_again(&mut self, line: &mut Line) -> Result<(), Failure> {
        let hello = self.say_hello(line)?;
        if self.hello.as_ref().is_some_and(|known| known.who != hello.who) {
            let why = Why::new("another device answers now", "別のデバイスが応答しています");
            return Err(line.failure(Code::TargetGone).because_of(why));
        }
        self.hello = Some(hello);
        Ok(())
    }

    /// For requests that may be carried out twice: a device that has started again is greeted, and asked again.
    fn ask(&mut self, line: &mut Line, request: Request, payload: &[u8]) -> Result<Result<Payload, Refusal>, Failure> {
        for _ in 0..RESTARTS {
            match self.link.exchange(line, request, payload)? {
                Err(Refusal::NoSession) => self.greet_again(line)?,
                reply => return Ok(reply),
            }
        }
        Ok(Err(Refusal::NoSession))
    }

    /// The greeting comes before everything else.
    fn hello(&self, line: &Line) -> Result<&Hello, Failure> {
        self.hello.as_ref().ok_or_else(|| line.silent(Why::new("it was not greeted", "接続が確立されていません")))
    }
}

impl Driver for Framed {
    fn name(&self) -> &str {
        "fieldkey"
    }

    fn greet(&mut self, line: &mut Line) -> Result<Option<String>, Failure> {
        self.digests.clear();
        line.discard();
        let hello = self.say_hello(line)?;
        let text = hello.text();
        self.hello = Some(hello);
        Ok(text)
    }

    fn leave(&mut self, line: &mut Line) {
        if self.hello.take().is_some() {
            self.link.bye(line);
        }
    }

    fn store(&mut self) -> Store<'_> {
        Store::Files(self)
    }

    fn cautions(&self) -> Vec<Caution> {
        self.hello.as_ref().map(Hello::cautions).unwrap_or_default()
    }

    fn makes_keys(&self) -> bool {
        true
    }

    fn request(&mut self, line: &mut Line, key: &NewKey) -> Result<String, Failure> {
        key::request(self, line, key)
    }
}
