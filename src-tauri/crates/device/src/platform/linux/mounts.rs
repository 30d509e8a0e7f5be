//! /proc/self/mountinfo.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

/// One line of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Mount {
    /// `8:17`; `0:…` where the file system has no block device of its own.
    pub(super) device: String,
    /// What of the file system is shown: `/`, or a folder in it (a bind mount, a subvolume).
    pub(super) root: PathBuf,
    pub(super) point: PathBuf,
    pub(super) file_system: String,
    pub(super) source: PathBuf,
    /// Of the mount and of the file system.
    pub(super) options: Vec<OsString>,
}

impl Mount {
    pub(super) fn read_only(&self) -> bool {
        self.options.iter().any(|option| option == "ro")
    }

    /// Has the kernel set a FAT file system read-only because of an error in it? Whoever mounts it read-only, or a lock
    /// switch, has the mount itself read-only.
    pub(super) fn gave_up(&self) -> bool {
        let fat = ["vfat", "msdos", "exfat"].contains(&self.file_system.as_str());
        fat && self.read_only() && self.options.first().is_some_and(|option| option == "rw")
    }

    /// Does it show a whole file system, not just a folder of one? A btrfs subvolume counts as whole.
    pub(super) fn whole(&self) -> bool {
        self.root == Path::new("/") || self.file_system == "btrfs"
    }
}

pub(super) fn parse(table: &[u8]) -> Vec<Mount> {
    table.split(|byte| *byte == b'\n').filter_map(line).collect()
}

/// `36 35 98:0 /root /point rw,noatime master:1 - ext4 /dev/sda1 rw,errors=continue`
fn line(line: &[u8]) -> Option<Mount> {
    let fields: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
    // Any number of optional fields comes before the dash.
    let dash = fields.iter().skip(6).position(|field| *field == b"-")? + 6;
    let text = |at: usize| fields.get(at).map(|field| String::from_utf8_lossy(field).into_owned());
    let path = |at: usize| fields.get(at).map(|field| PathBuf::from(unescape(field)));
    let options = [fields.get(5), fields.get(dash + 3)].into_iter().flatten();
    Some(Mount {
        device: text(2)?,
        root: path(3)?,
        point: path(4)?,
        file_system: text(dash + 1)?,
        source: path(dash + 2)?,
        options: options.flat_map(|field| field.split(|byte| *byte == b',')).map(unescape).collect(),
    })
}

/// `\040` → a space: how the kernel writes what would break its lines.
pub(super) fn unescape(field: &[u8]) -> OsString {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((first, after)) = rest.split_first() {
        let octal = (*first == b'\\').then(|| after.get(..3)).flatten().and_then(|digits| {
            let digits = std::str::from_utf8(digits).ok()?;
            u8::from_str_radix(digits, 8).ok()
        });
        bytes.push(octal.unwrap_or(*first));
        rest = if octal.is_some() { after.get(3..).unwrap_or_default() } else { after };
    }
    OsString::from_vec(bytes)
}

/// Drops the mounts that are hidden under a later one on the same point.
pub(super) fn visible(mounts: Vec<Mount>) -> Vec<Mount> {
    let mut seen: Vec<Mount> = Vec::with_capacity(mounts.len());
    for mount in mounts {
        seen.retain(|earlier| earlier.point != mount.point);
        seen.push(mount);
    }
    seen
}

/// The mount that a path is on.
pub(super) fn holding<'a>(mounts: &'a [Mount], path: &Path) -> Option<&'a Mount> {
    let above = mounts.iter().filter(|mount| path.starts_with(&mount.point));
    above.max_by_key(|mount| mount.point.as_os_str().len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &[u8] = b"\
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard
40 27 8:17 / /media/FIELD\\040KEY rw,nosuid shared:9 master:2 - vfat /dev/sdb1 ro,errors=remount-ro
41 27 0:35 /@home /home rw - btrfs /dev/mapper/luks-1 rw,subvol=/@home
garbage
42 27 0:36 /data /mnt/bind rw - tmpfs tmpfs rw
43 27 0:37 / /mnt/bind rw - tmpfs tmpfs rw
";

    #[test]
    fn lines_are_read_with_escapes_and_optional_fields() {
        let mounts = parse(TABLE);
        assert_eq!(mounts.len(), 5, "garbage is skipped");
        let stick = &mounts[1];
        assert_eq!((stick.device.as_str(), stick.file_system.as_str()), ("8:17", "vfat"));
        assert_eq!(stick.point, Path::new("/media/FIELD KEY"));
        assert!(stick.read_only(), "a file system that went read-only says so in its own options");
        assert!(stick.gave_up(), "it was mounted to be written on");
        let locked = parse(b"40 27 8:17 / /media/KEY ro,nosuid - vfat /dev/sdb1 ro,errors=remount-ro\n");
        assert!(locked[0].read_only() && !locked[0].gave_up(), "somebody wants it read-only");
        assert!(mounts[2].whole() && !mounts[3].whole(), "a subvolume is a file system, a bind mount is a folder");
    }

    #[test]
    fn a_path_is_on_the_nearest_mount_above_it() {
        let mounts = visible(parse(TABLE));
        let point = |path: &str| holding(&mounts, Path::new(path)).map(|mount| mount.device.as_str());
        assert_eq!(point("/home/me"), Some("0:35"));
        assert_eq!(point("/homes"), Some("254:0"), "a like beginning is not the same folder");
        assert_eq!(point("/mnt/bind"), Some("0:37"), "the later mount hides the earlier one");
    }

    #[test]
    fn a_backslash_that_is_no_escape_stays() {
        assert_eq!(unescape(br"a\134b\x\04"), OsString::from(r"a\b\x\04"));
    }
}
