//! Modems with AT commands: one engine, and a recipe for each kind of them (`drivers/*.toml`).
//!
//! `docs/drivers.md` says how a recipe is written.

mod check;
mod checked;
mod dialogue;
mod digest;
mod follow;
mod form;
mod load;
mod recipe;
mod refusal;
mod store;
mod template;
#[cfg(test)]
mod tests;

use std::time::Duration;

use fieldkey_core::ports::Caution;
use fieldkey_core::{Code, Failure, Why};

pub(crate) use checked::Recipe;
pub(crate) use load::recipes;
pub(crate) use recipe::Flow;

use super::{Driver, Store};
use crate::layout::Part;
use crate::serial::{Line, Settings};
use checked::is_name;
use dialogue::{Dialogue, Said};
use follow::{Ran, Subject};
use recipe::Proof;

/// For commands that a recipe says nothing of.
const SHORT: Duration = Duration::from_secs(3);

/// A modem that is spoken to by a recipe.
pub(crate) struct Modem {
    recipe: Recipe,
    dialogue: Dialogue,
    /// It has answered.
    awake: bool,
    /// Setup has been followed, and holds.
    ready: bool,
    /// How it was found: does it echo, and how does it tell errors?
    echoed: bool,
    errors: Option<String>,
    /// SHA-256 of what was read from it.
    fetched: Vec<String>,
}

impl Modem {
    /// `ca`, `certificate` and `private-key` in the settings give their places other names.
    ///
    /// # Errors
    /// `usage` for a name that this modem cannot have.
    pub(crate) fn new(mut recipe: Recipe, settings: &mut Settings) -> Result<Self, Failure> {
        let longest = recipe.longest_name;
        for place in &mut recipe.places {
            let Some(name) = settings.text(setting(place.part)) else { continue };
            if !is_name(&name, longest) {
                let ja = format!("名前は英数字と `.-_` からなる 1 から {longest} 文字です");
                let why = Why::new(format!("a name is 1 to {longest} letters, digits and `.-_`"), ja);
                let about = format!("?{}=", setting(place.part));
                return Err(Failure::new(Code::Usage).about(about).because_of(why));
            }
            place.name = name;
        }
        if let Some(twin) = recipe.twin() {
            let ja = "同じ場所に 2 つは保存できません".to_owned();
            let why = Why::new("two parts would lie in one place".to_owned(), ja);
            return Err(Failure::new(Code::Usage).about(format!("?{}=", setting(twin))).because_of(why));
        }
        let dialogue = Dialogue::new(&recipe);
        let (awake, ready, echoed) = (false, false, false);
        Ok(Self { recipe, dialogue, awake, ready, echoed, errors: None, fetched: vec![] })
    }

    /// Asks it who it is. All that it says, in one line.
    fn who(&mut self, line: &mut Line) -> Result<String, Failure> {
        let mut words = vec![];
        for question in &self.recipe.ask {
            if let Said::Done(lines) = self.dialogue.ask(line, question, SHORT)? {
                // What begins with a plus is news, and no answer to these.
                let answers = lines.iter().filter(|text| !text.starts_with('+'));
                words.extend(answers.map(|text| text.trim_matches('"').to_owned()));
            }
        }
        Ok(words.join(" "))
    }

    /// Brings it to where it takes commands: at first, and when it may have started anew.
    fn prepare(&mut self, line: &mut Line) -> Result<(), Failure> {
        self.dialogue.settle(line)?;
        self.ready &= !std::mem::take(&mut self.dialogue.found_again);
        if self.ready {
            return Ok(());
        }
        // Neither is worth a failure: echoes are passed over, and so are errors without numbers.
        self.dialogue.ask(line, "ATE0", SHORT)?;
        self.dialogue.ask(line, "AT+CMEE=1", SHORT)?;
        self.steps(line, |recipe| &recipe.setup)?;
        self.ready = true;
        Ok(())
    }

    /// Follows steps that are about no part.
    fn steps(&mut self, line: &mut Line, of: fn(&Recipe) -> &Vec<checked::Step>) -> Result<follow::Found, Failure> {
        let Self { recipe, dialogue, .. } = self;
        let subject = Subject { part: Part::Settings, digest: None, largest: recipe.largest, payload: &[] };
        match dialogue.follow(line, of(recipe), recipe.words(None), &subject)? {
            Ran::Done(found) => Ok(found),
            Ran::Absent => Ok(follow::Found::default()),
            Ran::Refused(refusal) => Err(refusal.failure(line)),
        }
    }

    fn restore(&mut self, line: &mut Line) -> Result<(), Failure> {
        self.dialogue.settle(line)?;
        if self.ready {
            self.steps(line, |recipe| &recipe.teardown)?;
        }
        if let Some(errors) = self.errors.take().filter(|errors| errors != "1") {
            self.dialogue.ask(line, &format!("AT+CMEE={errors}"), SHORT)?;
        }
        if self.echoed {
            self.dialogue.ask(line, "ATE1", SHORT)?;
        }
        Ok(())
    }
}

impl Driver for Modem {
    fn name(&self) -> &str {
        &self.recipe.name
    }

    fn greet(&mut self, line: &mut Line) -> Result<Option<String>, Failure> {
        line.hush(Duration::from_millis(30), Duration::from_millis(200))?;
        self.dialogue.wake(line, self.recipe.hold())?;
        self.awake = true;
        self.echoed = self.dialogue.echoes;
        let who = self.who(line)?;
        if !self.recipe.is(&who) {
            let (name, about) = (&self.recipe.name, &self.recipe.about);
            let says: String = who.chars().take(80).collect();
            return Err(line.failure(Code::DeviceRejected).because_of(Why::new(
                format!("it says it is `{says}`; the driver {name} is for {about}"),
                format!("デバイスは `{says}` と名乗っています。ドライバー {name} の対象は {about} です"),
            )));
        }
        if let Said::Done(lines) = self.dialogue.ask(line, "AT+CMEE?", SHORT)? {
            let number = lines.iter().find_map(|text| text.strip_prefix("+CMEE:").map(str::trim));
            self.errors = number.filter(|number| ["0", "1", "2"].contains(number)).map(str::to_owned);
        }
        self.prepare(line)?;
        Ok(Some(who).filter(|who| !who.is_empty()))
    }

    fn leave(&mut self, line: &mut Line) {
        if !std::mem::take(&mut self.awake) {
            return;
        }
        if let Err(failure) = self.restore(line) {
            tracing::debug!(%failure, "the modem was not left as it was found");
        }
        self.ready = false;
    }

    fn store(&mut self) -> Store<'_> {
        Store::Slots(self)
    }

    fn cautions(&self) -> Vec<Caution> {
        let weak = (self.recipe.proof == Proof::Listed).then_some(Caution::WeakProof);
        let readable = (!self.recipe.read.is_empty()).then_some(Caution::ReadableKey);
        weak.into_iter().chain(readable).collect()
    }
}

/// What `?…=` calls a part's name.
fn setting(part: Part) -> &'static str {
    match part {
        Part::Ca => "ca",
        Part::Certificate => "certificate",
        Part::PrivateKey => "private-key",
        Part::Settings => "settings",
    }
}
