//! What an organisation put on this computer for everybody who works on it: site files, and a policy.
//!
//! Only administrators may have written it. What anybody else could have changed counts for nothing: a site is then
//! not opened, and a policy forbids all that it could.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::unwrap_in_result, clippy::panic))]

mod bounded;
mod keeper;
mod platform;
// Windows writes it; what it says is read, and tested, everywhere.
#[cfg_attr(not(windows), allow(dead_code))]
mod sddl;
mod sites;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use fieldkey_core::{Policy, Problem, Rules, Why, first_of};

use keeper::Keeper;

/// The policy's name in the machine's folder.
const POLICY: &str = "policy.json";

/// No policy is larger.
const LARGEST: u64 = 1 << 16;

/// This computer's folder, and what its policy says. The policy is read once; the site files are looked for whenever
/// somebody asks.
#[derive(Debug)]
pub struct Machine {
    folder: PathBuf,
    keeper: Keeper,
    rules: Rules,
}

impl Machine {
    /// This computer. No variable of the environment leads elsewhere, so that nobody gets around a policy by one. Only
    /// builds with debug assertions, in which no policy protects anything, read `FIELDKEY_MACHINE_FOLDER`, for tests.
    pub fn here() -> Self {
        #[cfg(debug_assertions)]
        if let Some(folder) = std::env::var_os("FIELDKEY_MACHINE_FOLDER") {
            return Self::at(Path::new(&folder));
        }
        Self::new(platform::folder(), Keeper::administrators())
    }

    /// As if this folder were the machine's, and whoever runs the program its administrator.
    pub fn at(folder: &Path) -> Self {
        Self::new(folder.to_owned(), Keeper::whoever_runs_this(folder))
    }

    fn new(folder: PathBuf, keeper: Keeper) -> Self {
        let rules = match policy(&folder, &keeper) {
            Ok(None) => Rules::None,
            Ok(Some(policy)) => Rules::Of { policy, file: shown(&folder.join(POLICY)) },
            Err(problems) => Rules::broken(&shown(&folder.join(POLICY)), first_of(&problems)),
        };
        Self { folder, keeper, rules }
    }

    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Every mistake in this computer's policy.
    pub fn problems(&self) -> Vec<Problem> {
        policy(&self.folder, &self.keeper).err().unwrap_or_default()
    }
}

/// Every mistake in a policy file that is not in force here, wherever it lies and whoever may write it.
pub fn problems_in(file: &Path) -> Vec<Problem> {
    bounded::text(file, LARGEST).and_then(|text| Policy::parse(&text)).err().unwrap_or_default()
}

/// The policy in a folder; `None` where there is none.
fn policy(folder: &Path, keeper: &Keeper) -> Result<Option<Policy>, Vec<Problem>> {
    // Where somebody else may write, they may have taken the policy away, too.
    match std::fs::symlink_metadata(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(&error)),
        Ok(_) => keeper.alone_keeps(folder).map_err(whole)?,
    }
    let file = folder.join(POLICY);
    match std::fs::symlink_metadata(&file) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(&error)),
        Ok(_) => {
            keeper.alone_writes(&file).map_err(whole)?;
            Policy::parse(&bounded::text(&file, LARGEST)?).map(Some)
        }
    }
}

/// A problem of the file as a whole.
fn whole(why: Why) -> Vec<Problem> {
    vec![Problem::new("", None, why)]
}

fn unreadable(error: &std::io::Error) -> Vec<Problem> {
    whole(Why::of_system(error))
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests;
