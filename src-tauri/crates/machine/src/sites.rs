//! The site files that everybody on this computer has.

use std::path::{Path, PathBuf};

use fieldkey_core::{Code, Failure, Feature, Step, Why, site};

use crate::{Machine, bounded, shown};

/// Their folder in the machine's.
const SITES: &str = "sites";

/// No site file is larger.
const LARGEST: u64 = 1 << 18;

impl Machine {
    /// The organisation's site files by name, whether they can be opened or not. A folder that cannot be read stands in
    /// the list itself, so that somebody sees it.
    pub fn sites(&self) -> Vec<PathBuf> {
        let folder = self.folder.join(SITES);
        let found = match std::fs::read_dir(&folder) {
            Ok(entries) => entries
                .map(|entry| entry.map(|entry| entry.path()))
                .filter(|path| path.as_deref().map_or(true, is_site_file))
                .collect::<Result<Vec<_>, _>>(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(vec![]),
            Err(error) => Err(error),
        };
        let mut found = found.unwrap_or_else(|_| vec![folder]);
        found.sort();
        found
    }

    /// Is it one of the organisation's, by whatever path?
    pub fn has(&self, file: &Path) -> bool {
        self.own(file).is_some()
    }

    /// The path to read a site file by. One of the organisation's is read in the machine's folder: a link to it from
    /// elsewhere may lead to another file by the time that it was judged.
    pub fn settled(&self, file: PathBuf) -> PathBuf {
        self.own(&file).unwrap_or(file)
    }

    fn own(&self, file: &Path) -> Option<PathBuf> {
        let sites = self.folder.join(SITES);
        let parent = std::path::absolute(file).ok()?.parent()?.canonicalize().ok()?;
        if !is_site_file(file) || sites.canonicalize().ok()? != parent {
            return None;
        }
        Some(sites.join(file.file_name()?))
    }

    /// May this site file be opened here?
    ///
    /// # Errors
    /// `not-allowed-by-policy`, `policy-invalid`; `site-invalid` for one of the organisation's that somebody else may have
    /// changed, or whose CA.
    pub fn allow_site(&self, file: &Path) -> Result<(), Failure> {
        if !self.has(file) {
            return self.rules.allow(Feature::OtherSites);
        }
        let refuse =
            |path: &Path, why| Failure::new(Code::SiteInvalid).about(shown(path)).because_of(why).at(Step::Site);
        // Where somebody else may write to these, a link to a file that counts is soon one to another.
        for folder in [&self.folder, &self.folder.join(SITES)] {
            self.keeper.alone_keeps(folder).map_err(|why| refuse(file, why))?;
        }
        self.keeper.alone_writes(file).map_err(|why| refuse(file, why))?;
        let Some(ca) = parsed(file).and_then(|site| site.ca_file) else { return Ok(()) };
        let ca = file.with_file_name(ca);
        // One that is missing is said when the site is read. A link that leads nowhere now is not missing: what it leads to
        // may be there by then.
        match ca.symlink_metadata() {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            _ => self.keeper.alone_writes(&ca).map_err(|why| refuse(&ca, why)),
        }
    }

    /// The site file that a word of the command line means: a path, or the name of one of the organisation's, which is
    /// that of its file (`tokyo` for `tokyo.json`) or of the site.
    ///
    /// # Errors
    /// `usage` where several are called so.
    pub fn chosen(&self, word: &Path) -> Result<PathBuf, Failure> {
        // What is there under this very path was always meant by it.
        if word.exists() && (self.has(word) || self.rules.allows(Feature::OtherSites)) {
            return Ok(word.to_owned());
        }
        match self.named(word).as_slice() {
            [] => Ok(word.to_owned()),
            [one] => Ok(one.clone()),
            several => {
                let names: Vec<_> = several.iter().map(|path| path.display().to_string()).collect();
                let names = names.join(", ");
                let why = Why::new(
                    format!("several sites are called so: {names}"),
                    format!("同じ名前のサイトが複数あります: {names}"),
                );
                Err(Failure::new(Code::Usage).about(shown(word)).because_of(why).at(Step::Site))
            }
        }
    }

    fn named(&self, word: &Path) -> Vec<PathBuf> {
        let (sites, Some(word)) = (self.sites(), word.to_str()) else { return vec![] };
        let by_file = |path: &&PathBuf| [path.file_stem(), path.file_name()].contains(&Some(word.as_ref()));
        let by_file: Vec<PathBuf> = sites.iter().filter(by_file).cloned().collect();
        if !by_file.is_empty() {
            return by_file;
        }
        sites.into_iter().filter(|path| parsed(path).is_some_and(|site| site.name == word)).collect()
    }
}

fn parsed(file: &Path) -> Option<fieldkey_core::Site> {
    site::parse(&bounded::text(file, LARGEST).ok()?).ok()
}

fn is_site_file(path: &Path) -> bool {
    let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    !hidden
        && path.extension().is_some_and(|end| end.eq_ignore_ascii_case("json") || end.eq_ignore_ascii_case("fieldkey"))
}
