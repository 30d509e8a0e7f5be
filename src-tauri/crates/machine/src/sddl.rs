//! Who may change a file of Windows, out of what the system says of it in its own words (SDDL):
//! `O:BAG:SYD:AI(A;ID;FA;;;BA)(A;ID;0x1200a9;;;BU)`.

use std::path::Path;

use fieldkey_core::Why;

/// The system, administrators of the computer and of its domain, and what installs the system's own parts.
const KEEPERS: [&str; 6] =
    ["SY", "BA", "LA", "DA", "EA", "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"];

/// Delete, change rights, change owner, everything: of a file or a folder.
const TAKE_OVER: u32 = 0x0001_0000 | 0x0004_0000 | 0x0008_0000 | 0x1000_0000;
/// Write, append, write in general: of a file. In a folder whoever may do this adds what is their own, which does not
/// count; the system lets everybody do so below `ProgramData`.
const CHANGE: u32 = 0x2 | 0x4 | 0x4000_0000;
/// Delete what is in a folder.
const DELETE_CHILD: u32 = 0x40;

/// What two letters stand for among the rights.
const RIGHTS: [(&str, u32); 21] = [
    ("GA", 0x1000_0000),
    ("GX", 0x2000_0000),
    ("GW", 0x4000_0000),
    ("GR", 0x8000_0000),
    ("RC", 0x0002_0000),
    ("SD", 0x0001_0000),
    ("WD", 0x0004_0000),
    ("WO", 0x0008_0000),
    ("CC", 0x1),
    ("DC", 0x2),
    ("LC", 0x4),
    ("SW", 0x8),
    ("RP", 0x10),
    ("WP", 0x20),
    ("DT", 0x40),
    ("LO", 0x80),
    ("CR", 0x100),
    ("FA", 0x001f_01ff),
    ("FR", 0x0012_0089),
    ("FW", 0x0012_0116),
    ("FX", 0x0012_00a0),
];

/// May only administrators change it?
pub(crate) fn judge(words: &str, path: &Path, is_folder: bool) -> Result<(), Why> {
    let (owner, entries) = read(words).ok_or_else(|| others(path))?;
    if !KEEPERS.contains(&owner) {
        let path = path.display();
        return Err(Why::new(
            format!("`{path}` does not belong to the administrators of this computer"),
            format!("`{path}` の所有者がこのパソコンの管理者ではありません"),
        ));
    }
    let harm = TAKE_OVER | if is_folder { DELETE_CHILD } else { CHANGE };
    let by_others =
        entries.iter().any(|entry| entry.allows && entry.rights & harm != 0 && !KEEPERS.contains(&entry.whom));
    if by_others { Err(others(path)) } else { Ok(()) }
}

fn others(path: &Path) -> Why {
    let path = path.display();
    Why::new(format!("others than administrators may change `{path}`"), format!("管理者以外も `{path}` を変更できます"))
}

struct Entry<'a> {
    allows: bool,
    rights: u32,
    whom: &'a str,
}

/// Owner and list; `None` for what leaves everything to everybody, and for what is not understood.
fn read(words: &str) -> Option<(&str, Vec<Entry<'_>>)> {
    let owner = words.strip_prefix("O:")?;
    // The next part begins with its letter and a colon, of which a SID has none.
    let (owner, list) = owner.split_once("D:")?;
    let owner = owner.split_once("G:").map_or(owner, |(owner, _)| owner);
    let (flags, list) = list.split_once('(')?;
    if flags.contains("NO_ACCESS_CONTROL") {
        return None;
    }
    let list = list.strip_suffix(')')?;
    Some((owner, list.split(")(").map(entry).collect::<Option<_>>()?))
}

/// `A;ID;FA;;;BA`
fn entry(words: &str) -> Option<Entry<'_>> {
    let mut fields = words.split(';');
    let (kind, flags, rights) = (fields.next()?, fields.next()?, fields.next()?);
    let whom = fields.nth(2)?;
    // Those that are only handed on to what is made in the folder say nothing of the folder itself.
    let is_handed_on = flags.as_bytes().chunks(2).any(|flag| flag == b"IO");
    Some(Entry { allows: ["A", "OA", "XA", "ZA"].contains(&kind) && !is_handed_on, rights: mask(rights)?, whom })
}

fn mask(rights: &str) -> Option<u32> {
    if let Some(number) = rights.strip_prefix("0x") {
        return u32::from_str_radix(number, 16).ok();
    }
    let mut mask = 0;
    for letters in rights.as_bytes().chunks(2) {
        mask |= RIGHTS.iter().find(|(name, _)| name.as_bytes() == letters)?.1;
    }
    Some(mask)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(words: &str) -> Result<(), Why> {
        judge(words, Path::new(r"C:\ProgramData\Fieldkey\policy.json"), false)
    }

    fn folder(words: &str) -> Result<(), Why> {
        judge(words, Path::new(r"C:\ProgramData\Fieldkey"), true)
    }

    #[test]
    fn what_an_administrator_copies_below_program_data_counts() {
        let words = "O:BAG:S-1-5-21-1-2-3-513D:AI(A;ID;FA;;;SY)(A;ID;FA;;;BA)(A;ID;0x1200a9;;;BU)";
        assert_eq!(file(words), Ok(()));
        assert_eq!(file(&words.replace("O:BA", "O:SY")), Ok(()), "a management agent runs as the system");
        let folders = "O:BAG:SYD:AI(A;OICIID;FA;;;SY)(A;OICIID;FA;;;BA)(A;OICIIOID;GA;;;CO)(A;OICIID;0x1200a9;;;BU)\
                       (A;CIID;DCLCRPCR;;;BU)";
        assert_eq!(folder(folders), Ok(()), "as Windows makes one: everybody may add to it");
    }

    #[test]
    fn what_the_installer_makes_counts() {
        let script = include_str!("../../../windows/organisation.nsh");
        let (_, words) = script.split_once("ORGANISATION_RIGHTS \"").expect("the installer names the rights");
        let (words, _) = words.split_once('"').expect("in quotes");
        assert_eq!(folder(words), Ok(()));
        assert_eq!(file(words), Ok(()), "what is put into it has the same rights");
        assert!(words.contains("(A;OICI;0x1200a9;;;BU)"), "everybody reads it");
    }

    #[test]
    fn what_a_user_put_there_does_not_count() {
        let words = "O:S-1-5-21-1-2-3-1001G:S-1-5-21-1-2-3-513D:AI(A;ID;FA;;;SY)(A;ID;FA;;;BA)(A;ID;0x1200a9;;;BU)";
        let why = file(words).expect_err("anybody could have written it");
        assert!(why.en.contains("does not belong to the administrators"), "{why:?}");
        assert!(folder(words).is_err());
    }

    #[test]
    fn what_others_may_change_does_not_count() {
        for entry in [
            "(A;;FA;;;WD)",
            "(A;;0x1301bf;;;BU)",
            "(A;ID;FRFW;;;AU)",
            "(A;;GW;;;IU)",
            "(A;;SD;;;BU)",
            "(A;;WD;;;S-1-5-21-1-2-3-1001)",
            "(XA;;FA;;;WD;(@User.x==1))",
        ] {
            assert!(file(&format!("O:BAG:SYD:AI(A;ID;FA;;;BA){entry}")).is_err(), "{entry}");
        }
        for entry in ["(A;;DT;;;BU)", "(A;OICI;FA;;;WD)", "(A;;GA;;;BU)", "(A;;SD;;;AU)"] {
            assert!(folder(&format!("O:BAG:SYD:AI(A;ID;FA;;;BA){entry}")).is_err(), "{entry}");
        }
    }

    #[test]
    fn what_takes_rights_away_gives_none() {
        assert_eq!(file("O:BAG:SYD:(D;;FW;;;BU)(A;;FA;;;BA)(A;;FR;;;BU)"), Ok(()));
    }

    #[test]
    fn what_is_not_understood_does_not_count() {
        for words in [
            "",
            "O:BAG:SY",
            "O:BAG:SYD:",
            "O:BAG:SYD:NO_ACCESS_CONTROL",
            "O:BAG:SYD:(A;;QQ;;;BU)",
            "O:BAG:SYD:(A;;FA)",
            "D:(A;;FA;;;BA)",
        ] {
            assert!(file(words).is_err(), "{words}");
        }
    }
}
