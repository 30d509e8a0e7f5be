//! Volumes: what stands behind `E:\`, or behind a folder that a volume is mounted at.

use std::io;
use std::path::{Path, PathBuf};
use std::ptr::null_mut;

use windows_sys::Win32::Storage::FileSystem::{
    GetDiskFreeSpaceExW, GetDriveTypeW, GetLogicalDrives, GetVolumeInformationW, GetVolumePathNameW,
};
use windows_sys::Win32::System::Diagnostics::Debug::{SEM_FAILCRITICALERRORS, SetThreadErrorMode};
use windows_sys::Win32::System::SystemServices::FILE_READ_ONLY_VOLUME;

use crate::wide::{length, narrow, text, wide};

/// What Windows takes the medium of a volume for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// It can be taken out: sticks and cards.
    Removable,
    /// Disks, those in a case of their own among them.
    Fixed,
    /// Networks, optical media, memory.
    Other,
}

/// What a volume says of itself.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Volume {
    pub label: Option<String>,
    pub file_system: Option<String>,
    /// Given when it was formatted.
    pub serial_number: u32,
    pub read_only: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Room {
    pub free: u64,
    pub whole: u64,
}

/// The roots of all volumes that have a letter: `C:\`.
pub fn roots() -> Vec<PathBuf> {
    // SAFETY: it takes nothing and gives a number.
    let letters = unsafe { GetLogicalDrives() };
    (b'A'..=b'Z')
        .enumerate()
        .filter(|(place, _)| letters & (1 << place) != 0)
        .map(|(_, letter)| format!("{}:\\", char::from(letter)).into())
        .collect()
}

/// The root of the volume that a path is on, which may be a folder that it is mounted at. With a letter, it is as
/// [`roots`] writes it.
pub fn root_of(path: &Path) -> io::Result<PathBuf> {
    let (path, mut root) = (wide(path), vec![0; 32_768]);
    // SAFETY: the path ends with NUL, the buffer goes with its length.
    let found = unsafe { GetVolumePathNameW(path.as_ptr(), root.as_mut_ptr(), length(&root)) };
    if found == 0 { Err(io::Error::last_os_error()) } else { Ok(plain(narrow(&root).into())) }
}

/// `\\?\E:\` is `E:\`.
fn plain(root: PathBuf) -> PathBuf {
    let short = root.to_str().and_then(|root| root.strip_prefix(r"\\?\")).filter(|rest| rest.get(1..) == Some(r":\"));
    short.map(PathBuf::from).unwrap_or(root)
}

pub fn kind(root: &Path) -> Kind {
    let root = wide(root);
    // SAFETY: the path ends with NUL.
    match unsafe { GetDriveTypeW(root.as_ptr()) } {
        2 => Kind::Removable,
        3 => Kind::Fixed,
        _ => Kind::Other,
    }
}

impl Volume {
    /// # Errors
    /// An empty reader, a drive that is gone or locked, a medium that nobody has formatted.
    pub fn at(root: &Path) -> io::Result<Self> {
        let _quiet = Quiet::new();
        let (root, mut label, mut file_system) = (wide(root), [0; 261], [0; 261]);
        let (mut serial_number, mut flags) = (0, 0);
        // SAFETY: the path ends with NUL, both buffers go with their length, and what is not wanted may be null.
        let told = unsafe {
            GetVolumeInformationW(
                root.as_ptr(),
                label.as_mut_ptr(),
                length(&label),
                &raw mut serial_number,
                null_mut(),
                &raw mut flags,
                file_system.as_mut_ptr(),
                length(&file_system),
            )
        };
        if told == 0 {
            return Err(io::Error::last_os_error());
        }
        let read_only = flags & FILE_READ_ONLY_VOLUME != 0;
        Ok(Self { label: text(&label), file_system: text(&file_system), serial_number, read_only })
    }
}

impl Room {
    /// # Errors
    /// As [`Volume::at`].
    pub fn at(root: &Path) -> io::Result<Self> {
        let _quiet = Quiet::new();
        let root = wide(root);
        let (mut free, mut whole) = (0, 0);
        // SAFETY: the path ends with NUL; the numbers outlive the call; what is not wanted may be null.
        let told = unsafe { GetDiskFreeSpaceExW(root.as_ptr(), &raw mut free, &raw mut whole, null_mut()) };
        if told == 0 { Err(io::Error::last_os_error()) } else { Ok(Self { free, whole }) }
    }
}

/// While it lives, an empty reader is an error, not a question on the screen.
struct Quiet {
    before: u32,
}

impl Quiet {
    fn new() -> Self {
        let mut before = 0;
        // SAFETY: it concerns this thread only; the number outlives the call.
        unsafe { SetThreadErrorMode(SEM_FAILCRITICALERRORS, &raw mut before) };
        Self { before }
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        // SAFETY: as above; nobody asks for what was set.
        unsafe { SetThreadErrorMode(self.before, null_mut()) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_volume_of_a_folder_is_among_those_with_a_letter_and_tells_of_itself() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = root_of(folder.path()).expect("a volume");
        assert!(roots().contains(&root), "{root:?} is not among {:?}", roots());
        assert_eq!(root_of(&root).expect("a volume"), root, "a root is its own");
        let verbatim = folder.path().canonicalize().expect("there");
        assert_eq!(root_of(&verbatim).expect("a volume"), root, "however the folder is written");
        assert_eq!(Volume::at(&root).expect("it tells"), Volume::at(&root).expect("it tells"));
        let room = Room::at(&root).expect("it tells");
        assert!(room.free > 0 && room.free <= room.whole, "{room:?}");
    }

    #[test]
    fn a_letter_that_nothing_has_is_an_error() {
        let taken = roots();
        let free = (b'D'..=b'Z').map(|letter| PathBuf::from(format!("{}:\\", char::from(letter))));
        let free = free.into_iter().find(|root| !taken.contains(root)).expect("a free letter");
        assert_eq!(kind(&free), Kind::Other);
        assert!(Volume::at(&free).is_err() && Room::at(&free).is_err(), "{free:?}");
    }
}
