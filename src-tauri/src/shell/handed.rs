//! Site files that the system hands over: by a double-click as a path, by a link as `fieldkey:site?path=…`.

use std::path::{Component, Path, PathBuf, Prefix};

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
            (link.path().trim_matches('/') == "site" && path.is_absolute() && is_here(&path)).then_some(path)
        }
        Some("file") => link?.to_file_path().ok(),
        // `C:\site.json` reads like a link, too.
        _ if word.starts_with('-') || word.is_empty() => None,
        _ => Some(folder.join(word)),
    }
}

/// Windows would sign in at whatever computer a path such as `\\server\share` names: no web page is to bring that about.
fn is_here(path: &Path) -> bool {
    match path.components().next() {
        Some(Component::Prefix(prefix)) => matches!(prefix.kind(), Prefix::Disk(_) | Prefix::VerbatimDisk(_)),
        _ => true,
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

    #[cfg(windows)]
    #[test]
    fn paths_and_links_name_files_of_this_computer() {
        let named = |word| site_file(word, Path::new(r"C:\Users\mori"));
        assert_eq!(named("tokyo.json"), Some(r"C:\Users\mori\tokyo.json".into()));
        assert_eq!(named(r"E:\sites\tokyo.fieldkey"), Some(r"E:\sites\tokyo.fieldkey".into()));
        assert_eq!(named(r"\\server\sites\tokyo.fieldkey"), Some(r"\\server\sites\tokyo.fieldkey".into()));
        assert_eq!(named("file:///C:/sites/to%20kyo.json"), Some(r"C:\sites\to kyo.json".into()));
        assert_eq!(named("fieldkey:site?path=C%3A%5C%E6%9D%B1%E4%BA%AC.json"), Some(r"C:\東京.json".into()));
    }

    #[cfg(windows)]
    #[test]
    fn a_link_names_no_other_computer() {
        for path in
            [r"\\server\share\site.json", "//server/share/site.json", r"\\?\UNC\server\share\site.json", r"\\.\COM1"]
        {
            let link = Url::parse_with_params("fieldkey:site", [("path", path)]).expect("a link");
            assert_eq!(site_file(link.as_str(), Path::new(r"C:\")), None, "{path}");
        }
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
