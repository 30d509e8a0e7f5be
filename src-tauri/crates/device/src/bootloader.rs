//! Drives that are none: a microcontroller's boot loader that shows its flash as a FAT drive.
//!
//! Whatever is copied there is taken for firmware or dropped, and a read-back may come out of the
//! host's cache. CircuitPython's drive is a real one and has neither file.

use std::io::Read;
use std::path::Path;

/// The file that gives a boot loader away, and the word in it.
const MARKS: [(&str, &str, &str); 2] = [("INFO_UF2.TXT", "UF2", "UF2"), ("DETAILS.TXT", "DAPLink", "DAPLink")];

/// The marker stands in the first lines.
const LOOK_AT: u64 = 4096;

/// The boot loader whose drive this folder is, if it is one.
pub(crate) fn found(folder: &Path) -> Option<&'static str> {
    let holds = |file: &str, word: &str| {
        let path = folder.join(file);
        let mut text = Vec::new();
        // `is_file` first: opening a named pipe would wait for its other end.
        let read = path.is_file()
            && std::fs::File::open(path).is_ok_and(|file| file.take(LOOK_AT).read_to_end(&mut text).is_ok());
        read && String::from_utf8_lossy(&text).contains(word)
    };
    MARKS.into_iter().find(|(file, word, _)| holds(file, word)).map(|(_, _, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boot_loaders_are_told_by_their_files() {
        let folder = tempfile::tempdir().expect("folder");
        assert_eq!(found(folder.path()), None);
        let details = folder.path().join("DETAILS.TXT");
        std::fs::write(&details, "packing list\n").expect("file");
        assert_eq!(found(folder.path()), None, "the name alone is no proof");
        std::fs::write(&details, "# DAPLink Firmware - see https://daplink.io\r\nUnique ID: 9904\r\n").expect("file");
        assert_eq!(found(folder.path()), Some("DAPLink"));
        std::fs::write(folder.path().join("INFO_UF2.TXT"), "UF2 Bootloader v3.0\r\nModel: x\r\n").expect("file");
        assert_eq!(found(folder.path()), Some("UF2"));
    }
}
