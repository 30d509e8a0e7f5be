//! Where the files of a layout will lie on the device: its own settings name them by their paths there.

/// A folder of the device's.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Root(String);

impl Root {
    /// `None` for what is no absolute path, and for characters that a shell would read as something else: AWS IoT
    /// Device Client expands its paths as a shell does (`wordexp`).
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let drive = matches!(text.as_bytes(), [letter, b':', b'/' | b'\\', ..] if letter.is_ascii_alphabetic());
        let absolute = text.starts_with('/') || text.starts_with("~/") || drive;
        let plain = |c: char| c.is_ascii_alphanumeric() || "/._-@+".contains(c);
        let rest = text.trim_start_matches('~');
        let sound = if drive {
            text.chars().skip(2).all(|c| plain(c) || c == '\\' || c == ' ')
        } else {
            rest.chars().all(plain)
        };
        let leaves = text.split(['/', '\\']).any(|part| part == "..");
        let kept = text.trim_end_matches(['/', '\\']);
        (absolute && sound && !leaves).then(|| Self(kept.to_owned()))
    }

    /// The path itself; `/` for the topmost folder.
    pub(crate) fn path(&self) -> &str {
        if self.0.is_empty() { "/" } else { &self.0 }
    }

    /// Where a file of that name will be.
    pub(crate) fn join(&self, name: &str) -> String {
        let separator = if self.0.contains('\\') { '\\' } else { '/' };
        format!("{}{separator}{name}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_is_an_absolute_path_that_no_shell_reads_otherwise() {
        for text in ["/greengrass/v2", "~/.aws-iot-device-client", "/", r"C:\greengrass\v2", "C:/Program Files/gg"] {
            assert!(Root::parse(text).is_some(), "{text}");
        }
        for text in ["", "greengrass", "./v2", "/a b", "/$HOME", "/a/../b", "/a;b", "/`id`", "~root/x", "/a~", "/a\nb"]
        {
            assert!(Root::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn names_are_joined_as_the_device_s_system_does() {
        let join = |root| Root::parse(root).expect(root).join("a.pem");
        assert_eq!(join("/greengrass/v2/"), "/greengrass/v2/a.pem");
        assert_eq!(join("/"), "/a.pem");
        assert_eq!(join(r"C:\greengrass\v2"), r"C:\greengrass\v2\a.pem");
    }
}
