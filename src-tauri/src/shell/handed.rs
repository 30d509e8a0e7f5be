//! Site files that the system hands over: by a double-click as a path, by a link as `fieldkey:site?path=…`.

use std::path::{Path, PathBuf};

use url::Url;

/// The site file that a word of the command line, or a link, means. A link only names a file of this computer: nothing
/// is ever fetched.
pub(crate) fn site_file(word: &str, folder: &Path) -> Option<PathBuf> {
    let link = Url::parse(word).ok();
    match link.as_ref().map(Url::scheme) {
        Some("fieldkey") => {
            let link = link?;
            let named = |(key, value): (_, std::borrow::Cow<'_, str>)| (key == "path").then(|| value.into_owned());
            let path = PathBuf::from(link.query_pairs().find_map(named)?);
            (link.path().trim_matches('/') == "site" && path.is_absolute()).then_some(path)
        }
        Some("file") => link?.to_file_path().ok(),
        // `C:\site.json` reads like a link, too.
        _ if word.starts_with('-') || word.is_empty() => None,
        _ => Some(folder.join(word)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn paths_and_links_name_files_of_this_computer() {
        let named = |word| site_file(word, Path::new("/home/mori"));
        assert_eq!(named("tokyo.json"), Some("/home/mori/tokyo.json".into()));
        assert_eq!(named("/sites/tokyo.fieldkey"), Some("/sites/tokyo.fieldkey".into()));
        assert_eq!(named("file:///sites/to%20kyo.json"), Some("/sites/to kyo.json".into()));
        assert_eq!(named("fieldkey:site?path=%2Fsites%2F%E6%9D%B1%E4%BA%AC.json"), Some("/sites/東京.json".into()));
    }

    #[test]
    fn a_link_to_anything_else_opens_nothing() {
        for word in [
            "fieldkey:site",
            "fieldkey:site?path=tokyo.json",
            "fieldkey:site?url=https://example.com/site.json",
            "fieldkey:provision?path=/sites/tokyo.json",
            "--site",
            "",
        ] {
            assert_eq!(site_file(word, Path::new("/")), None, "{word}");
        }
    }
}
