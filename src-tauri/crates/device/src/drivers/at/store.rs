//! A modem's store, by its recipe.

use std::borrow::Cow;

use fieldkey_core::{Code, Failure, Why};
use zeroize::Zeroizing;

use super::checked::{Place, Recipe, Step};
use super::follow::{Found, Ran, Subject};
use super::recipe::Proof;
use super::template::Words;
use super::{Modem, form, setting};
use crate::drivers::{Held, Slots};
use crate::layout::{Content, Part, sha256};
use crate::serial::Line;

impl Recipe {
    /// Is a modem that says this of itself one of these?
    pub(crate) fn is(&self, who: &str) -> bool {
        let who = who.to_lowercase();
        self.contains.iter().any(|mark| who.contains(&mark.to_lowercase()))
    }

    /// A part whose place is another part's, too. Not all modems tell capitals apart.
    pub(super) fn twin(&self) -> Option<Part> {
        let called = |place: &Place| self.place.fill(&self.words(Some(place))).to_ascii_lowercase();
        let mut seen = vec![];
        self.places.iter().find_map(|place| {
            let place_is = called(place);
            if seen.contains(&place_is) {
                return Some(place.part);
            }
            seen.push(place_is);
            None
        })
    }

    /// What its templates may name.
    pub(super) fn words<'a>(&'a self, place: Option<&'a Place>) -> Words<'a> {
        let names = self.places.iter().map(|place| (setting(place.part), place.name.as_str()));
        let own = place.into_iter().flat_map(|place| {
            let words = place.words.iter().map(|(word, value)| (word.as_str(), value.as_str()));
            words.chain([("name", place.name.as_str())])
        });
        names.chain(own).map(|(word, value)| (word, Cow::Borrowed(value))).collect()
    }
}

/// One operation's steps.
type Of = for<'a> fn(&'a Recipe, &'a Place) -> &'a [Step];

impl Modem {
    /// Follows steps that are about a part.
    fn run(&mut self, line: &mut Line, part: Part, of: Of, payload: &[u8]) -> Result<Ran, Failure> {
        self.prepare(line)?;
        self.run_as_it_is(line, part, of, payload)
    }

    fn run_as_it_is(&mut self, line: &mut Line, part: Part, of: Of, payload: &[u8]) -> Result<Ran, Failure> {
        let Self { recipe, dialogue, .. } = self;
        let Some(place) = recipe.place_of(part) else { return Ok(Ran::Absent) };
        let mut words = recipe.words(Some(place));
        if !payload.is_empty() {
            words.insert("len", payload.len().to_string().into());
        }
        let subject = Subject { part, digest: recipe.digest, largest: recipe.largest, payload };
        dialogue.follow(line, of(recipe, place), words, &subject)
    }

    fn look(&mut self, line: &mut Line, part: Part) -> Result<Option<Found>, Failure> {
        match self.run(line, part, |recipe, _| &recipe.held, &[])? {
            Ran::Done(found) => Ok(Some(found)),
            Ran::Absent => Ok(None),
            Ran::Refused(refusal) => Err(refusal.failure(line)),
        }
    }

    /// Reads what is there, if it can be read.
    fn fetch(&mut self, line: &mut Line, part: Part) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
        if self.recipe.read.is_empty() {
            return Ok(None);
        }
        match self.run(line, part, |recipe, _| &recipe.read, &[])? {
            Ran::Done(found) => Ok(found.content),
            Ran::Absent => Ok(None),
            Ran::Refused(refusal) => Err(refusal.failure(line)),
        }
    }

    /// The bytes that this modem is given. What came from it goes back as it was.
    fn payload(&self, line: &Line, content: &Content) -> Result<Zeroizing<Vec<u8>>, Failure> {
        match self.recipe.place_of(content.part) {
            Some(place) if !self.fetched.contains(&content.sha256()) => {
                form::payload(place, content).map_err(|failure| failure.about(line.about()))
            }
            _ => Ok(content.bytes.clone()),
        }
    }

    /// Has the modem take a part into use, where that is a step of its own.
    fn accept(&mut self, line: &mut Line, part: Part) -> Result<(), Failure> {
        if self.recipe.place_of(part).is_none_or(|place| place.accept.is_empty()) {
            return Ok(());
        }
        self.prepare(line)?;
        self.steps(line, |recipe| &recipe.teardown)?;
        let accepted = self.run_as_it_is(line, part, |_, place| &place.accept, &[]);
        self.ready = false;
        match accepted? {
            Ran::Done(_) | Ran::Absent => Ok(()),
            Ran::Refused(refusal) => Err(refusal.failure(line).and(&Why::new(
                "it does not take what was written into use",
                "書き込んだ内容をデバイスが受け付けません",
            ))),
        }
    }

    fn too_large(&self, line: &Line, part: Part, size: usize) -> Failure {
        let (place, largest) = (self.place(part).unwrap_or_default(), self.recipe.largest);
        let ja = format!("{place}: {size} バイトですが、保存できるのは {largest} バイトまでです");
        let en = format!("{place}: {size} bytes, and there is room for {largest}");
        line.failure(Code::TargetFull).because_of(Why::new(en, ja))
    }
}

impl Slots for Modem {
    fn place(&self, part: Part) -> Option<String> {
        let place = self.recipe.place_of(part)?;
        Some(self.recipe.place.fill(&self.recipe.words(Some(place))))
    }

    fn held(&mut self, line: &mut Line) -> Result<Vec<Held>, Failure> {
        let parts: Vec<Part> = self.recipe.places.iter().map(|place| place.part).collect();
        let mut held = vec![];
        for part in parts {
            if let Some(found) = self.look(line, part)? {
                let digest = found.digest.zip(self.recipe.digest).map(|(said, digest)| digest.named(&said));
                held.push(Held { part, bytes: found.len, digest });
            }
        }
        Ok(held)
    }

    fn room(&mut self, line: &mut Line, sizes: &[(Part, usize)]) -> Result<(), Failure> {
        let ours = |part: &Part| self.recipe.place_of(*part).is_some();
        // Longer line ends make a text longer by less than this.
        let sizes: Vec<(Part, usize)> =
            sizes.iter().filter(|(part, _)| ours(part)).map(|(part, size)| (*part, size + size / 40)).collect();
        if let Some((part, size)) = sizes.iter().find(|(_, size)| *size > self.recipe.largest) {
            return Err(self.too_large(line, *part, *size));
        }
        if self.recipe.room.is_empty() {
            return Ok(());
        }
        self.prepare(line)?;
        let Some(free) = self.steps(line, |recipe| &recipe.room)?.free else { return Ok(()) };
        // What is there now makes room before the new comes.
        let held: u64 = self.held(line)?.iter().filter_map(|held| held.bytes).sum();
        let needed: u64 = sizes.iter().map(|(_, size)| *size as u64).sum();
        if needed > free.saturating_add(held) {
            let ja = format!("{needed} バイト必要ですが、空きは {free} バイトです");
            let why = Why::new(format!("{needed} bytes are needed, {free} are free"), ja);
            return Err(line.failure(Code::TargetFull).because_of(why));
        }
        Ok(())
    }

    fn read(&mut self, line: &mut Line, part: Part) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
        let Some(content) = self.fetch(line, part)? else { return Ok(None) };
        // It is to be put back one day, and nobody would know then that a byte of it was damaged on its way here.
        let checked = self.recipe.read.iter().any(|step| step.answer.as_ref().is_some_and(|a| a.has("digest")));
        if !checked && self.fetch(line, part)?.as_ref() != Some(&content) {
            let place = self.place(part).unwrap_or_default();
            let ja = format!("{place} を 2 回読み取った結果が一致しません");
            let why = Why::new(format!("{place} was read twice, and not the same came"), ja);
            return Err(line.failure(Code::VerifyMismatch).because_of(why));
        }
        self.fetched.push(sha256(&content));
        Ok(Some(content))
    }

    fn remove(&mut self, line: &mut Line, part: Part) -> Result<(), Failure> {
        match self.run(line, part, |recipe, _| &recipe.remove, &[])? {
            Ran::Done(_) | Ran::Absent => Ok(()),
            // Most say no where there is nothing.
            Ran::Refused(refusal) => match self.look(line, part)? {
                None => Ok(()),
                Some(_) => Err(refusal.failure(line)),
            },
        }
    }

    fn write(&mut self, line: &mut Line, content: &Content) -> Result<(), Failure> {
        let payload = self.payload(line, content)?;
        if payload.len() > self.recipe.largest {
            return Err(self.too_large(line, content.part, payload.len()));
        }
        match self.run(line, content.part, |recipe, _| &recipe.write, &payload)? {
            Ran::Done(_) | Ran::Absent => Ok(()),
            Ran::Refused(refusal) => Err(refusal.failure(line)),
        }
    }

    fn verify(&mut self, line: &mut Line, content: &Content) -> Result<(), Failure> {
        let payload = self.payload(line, content)?;
        let proved = match self.recipe.proof {
            Proof::Listed => self.look(line, content.part)?.is_some(),
            Proof::Digest => {
                let said = self.look(line, content.part)?.and_then(|found| found.digest);
                said.zip(self.recipe.digest).is_some_and(|(said, own)| own.fits(content.part, &payload, &said))
            }
            Proof::ReadBack => self.fetch(line, content.part)?.is_some_and(|there| *there == *payload),
        };
        if !proved {
            let place = self.place(content.part).unwrap_or_default();
            return Err(line.failure(Code::VerifyMismatch).because_of(Why::new(place.clone(), place)));
        }
        self.accept(line, content.part)
    }
}
