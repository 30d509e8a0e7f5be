use std::path::Path;

use super::super::fixture::Fixture;

fn paths(fixture: &Fixture) -> Vec<String> {
    let mut paths: Vec<String> =
        fixture.machine().volumes().into_iter().map(|volume| volume.path.display().to_string()).collect();
    paths.sort();
    paths
}

#[test]
fn a_stick_that_nobody_mounted_is_listed_by_its_node() {
    let fixture = Fixture::new();
    fixture.nvme().usb("sdb", 8).mounts(&["259:2 / ext4 /dev/nvme0n1p2"]);
    fixture.file(
        "run/udev/data/b8:1",
        "S:disk/by-label/FIELD\\x20KEY\nE:ID_FS_LABEL_ENC=FIELD\\x20KEY\nE:ID_FS_TYPE=vfat\n",
    );
    fixture.file("run/udev/data/b8:0", "E:ID_PART_TABLE_TYPE=dos\n");
    let volumes = fixture.machine().volumes();
    assert_eq!(volumes.len(), 1, "the disk has a table of partitions, and no file system itself: {volumes:?}");
    let stick = &volumes[0];
    assert_eq!((stick.path.as_path(), stick.mounted), (Path::new("/dev/sdb1"), false));
    assert_eq!((stick.label.as_deref(), stick.file_system.as_deref()), (Some("FIELD KEY"), Some("vfat")));
    assert_eq!(stick.size_bytes, Some(32_000_000_000));
    assert_eq!(stick.usb.as_ref().and_then(|usb| usb.identity()).as_deref(), Some("0781:5581:4C5300"));
    assert!(!stick.foreign && !stick.read_only);
}

#[test]
fn a_stick_is_listed_once_whether_it_is_mounted_or_not() {
    let fixture = Fixture::new();
    fixture.usb("sdb", 8).file("run/udev/data/b8:1", "E:ID_FS_TYPE=vfat\n").mounts(&[]);
    assert_eq!(paths(&fixture), ["/dev/sdb1"]);
    fixture.mounts(&["8:1 /media/KEY vfat /dev/sdb1"]);
    assert_eq!(paths(&fixture), ["/media/KEY"]);
}

#[test]
fn the_lock_and_foreign_file_systems_are_told() {
    let fixture = Fixture::new();
    fixture.usb("sdb", 8).usb("sdc", 9).mounts(&[]);
    fixture.file("run/udev/data/b8:1", "E:ID_FS_TYPE=vfat\n").file("sys/class/block/sdb1/ro", "1\n");
    fixture.file("run/udev/data/b9:1", "E:ID_FS_TYPE=crypto_LUKS\n");
    let mut volumes = fixture.machine().volumes();
    volumes.sort_by(|a, b| a.path.cmp(&b.path));
    let told: Vec<_> = volumes.iter().map(|volume| (volume.read_only, volume.foreign)).collect();
    assert_eq!(told, [(true, false), (false, true)], "a locked stick, then an encrypted one");
}

#[test]
fn what_is_built_in_or_the_system_s_or_carries_something_is_not_listed() {
    let fixture = Fixture::new();
    fixture.nvme().usb("sda", 8).usb("sdb", 9).usb("sdc", 10).mapped("dm-0", 0, &["sdb1"]);
    fixture.mounts(&["8:1 / ext4 /dev/sda1"]).link("sys/class/block/sdb1/holders/dm-0", "unused");
    for number in ["259:1", "8:0", "9:1", "10:1"] {
        fixture.file(&format!("run/udev/data/b{number}"), "E:ID_FS_TYPE=vfat\n");
    }
    fixture.file("run/udev/data/b10:1", "E:ID_FS_TYPE=vfat\nE:UDISKS_IGNORE=1\n");
    assert_eq!(paths(&fixture), ["/"], "and what is to be hidden stays hidden");
}
