//! Where newer versions are looked for, and whose signature they bear. Both are built in: nothing on a computer leads a
//! program that holds keys to somebody else's.

use url::Url;

/// The list of what is there, in the form of Tauri's updater (`latest.json`), and the key that signs packages.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Source {
    pub(crate) list: Url,
    /// The public half, as `tauri signer generate` writes it.
    pub(crate) key: String,
}

impl Source {
    /// None in a build that was not told. `build.rs` sees to it that what it was told can be used.
    pub(crate) fn built_in() -> Option<Self> {
        // For tests; builds with debug assertions protect nothing.
        #[cfg(debug_assertions)]
        if let (Ok(list), Ok(key)) = (std::env::var("FIELDKEY_UPDATES_FROM"), std::env::var("FIELDKEY_UPDATES_KEY")) {
            return Self::new(&list, &key);
        }
        Self::new(option_env!("FIELDKEY_UPDATES_FROM")?, option_env!("FIELDKEY_UPDATES_KEY")?)
    }

    fn new(list: &str, key: &str) -> Option<Self> {
        let list = Url::parse(list).ok().filter(|list| list.scheme() == "https")?;
        Some(Self { list, key: key.trim().to_owned() })
    }

    /// The host that is asked, for people.
    pub(crate) fn host(&self) -> String {
        self.list.host_str().unwrap_or_default().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_is_asked() {
        let source = Source::new("https://updates.example.com/latest.json", " key\n").expect("a source");
        assert_eq!((source.host().as_str(), source.key.as_str()), ("updates.example.com", "key"));
        for other in ["http://updates.example.com/latest.json", "file:///latest.json", "latest.json", ""] {
            assert_eq!(Source::new(other, "key"), None, "{other}");
        }
    }
}
