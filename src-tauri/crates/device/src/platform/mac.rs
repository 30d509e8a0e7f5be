//! What is known of a Mac's folders. Built for the tests everywhere: `macos`, which uses it, is built on a Mac only.

use std::path::Path;

/// Folders that belong to the system.
const SYSTEM: &str = "/ /Applications /Library /System /System/Volumes /System/Volumes/Data /Users /Users/Shared \
                      /Volumes /bin /cores /dev /etc /home /opt /private /private/etc /private/tmp /private/var /sbin \
                      /tmp /usr /usr/bin /usr/lib /usr/local /var";

pub(super) fn is_system(folder: &Path) -> bool {
    SYSTEM.split(' ').any(|system| is_same(folder, Path::new(system)))
}

/// Do both paths name one folder? To the file systems that Macs come with, `/users` is `/Users`.
pub(super) fn is_same(one: &Path, other: &Path) -> bool {
    let plain = |path: &Path| path.components().as_path().to_string_lossy().to_lowercase();
    plain(one) == plain(other)
}

/// Is it a volume of the system's own? It has several, and mounts most of them below `/System`.
pub(super) fn is_own_volume(mount_point: &Path) -> bool {
    mount_point.starts_with("/System") || mount_point.starts_with("/private")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_s_folders_are_known_however_they_are_written() {
        for folder in ["/", "/Users", "/users", "/Users/", "/System/Volumes/Data", "/private/var"] {
            assert!(is_system(Path::new(folder)), "{folder}");
        }
        for folder in ["/Users/mori/credentials", "/Volumes/STICK", "/opt/site", "/Usersmori"] {
            assert!(!is_system(Path::new(folder)), "{folder} may be written to");
        }
    }

    #[test]
    fn a_home_is_the_same_in_capitals_but_not_what_lies_in_it() {
        let home = Path::new("/Users/mori");
        assert!(is_same(Path::new("/users/Mori"), home));
        assert!(!is_same(Path::new("/Users/mori/site"), home));
    }

    #[test]
    fn drives_are_mounted_below_volumes_and_the_system_s_own_elsewhere() {
        assert!(!is_own_volume(Path::new("/Volumes/NO NAME")));
        assert!(!is_own_volume(Path::new("/Volumes/System")), "a stick may be called so");
        for own in ["/System/Volumes/Preboot", "/System/Volumes/Data", "/private/var/vm"] {
            assert!(is_own_volume(Path::new(own)), "{own}");
        }
    }
}
