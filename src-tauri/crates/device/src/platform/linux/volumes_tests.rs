use super::super::fixture::Fixture;
use super::*;
use crate::usb::Usb;

#[test]
fn a_stick_is_listed_with_all_that_tells_it_from_another() {
    let fixture = Fixture::new();
    fixture.nvme().usb("sdb", 8).link("dev/disk/by-label/FIELD\\x20KEY", "../../sdb1");
    fixture.mounts(&["259:2 / ext4 /dev/nvme0n1p2", "8:1 /media/me/FIELD\\040KEY vfat /dev/sdb1"]);
    let expected = Volume {
        path: "/media/me/FIELD KEY".into(),
        mounted: true,
        label: Some("FIELD KEY".into()),
        serial_number: Some("4C5300".into()),
        size_bytes: Some(32_000_000_000),
        file_system: Some("vfat".into()),
        usb: Some(Usb {
            vendor: 0x781,
            product: 0x5581,
            serial_number: Some("4C5300".into()),
            socket: Some("1-8".into()),
            ..Usb::default()
        }),
        ..Volume::default()
    };
    assert_eq!(fixture.machine().volumes(), [expected], "and the disk built in is not listed");
}

#[test]
fn a_volume_without_label_goes_by_its_product() {
    let fixture = Fixture::new();
    fixture.usb("sdb", 8).mounts(&["8:1 /mnt vfat /dev/sdb1 ro"]);
    let volumes = fixture.machine().volumes();
    assert_eq!(volumes[0].label.as_deref(), Some("Ultra"));
    assert!(volumes[0].read_only, "the lock is known before anybody tries");
}

#[test]
fn a_drive_mounted_at_a_folder_of_the_system_is_refused_in_the_list_too() {
    let fixture = Fixture::new();
    fixture.usb("sdb", 8).mounts(&["8:1 /media vfat /dev/sdb1"]);
    let machine = fixture.machine();
    assert!(machine.volumes()[0].system && machine.refusal(Path::new("/media")).is_some());
    fixture.mounts(&["8:1 /media vfat /dev/sdb1", "8:1 /mnt vfat /dev/sdb1"]);
    let volumes = machine.volumes();
    assert_eq!((volumes.len(), volumes[0].path.as_path(), volumes[0].system), (1, Path::new("/mnt"), false));
}

#[test]
fn a_drive_that_the_kernel_writes_to_no_more_is_damaged() {
    let fixture = Fixture::new();
    fixture.usb("sdb", 8);
    fixture.file("proc/self/mountinfo", "1 0 8:1 / /mnt rw - vfat /dev/sdb1 ro,errors=remount-ro\n");
    assert!(fixture.machine().volumes()[0].damaged);
}

#[test]
fn a_usb_drive_that_carries_the_system_is_listed_once_and_refused() {
    let fixture = Fixture::new();
    fixture.usb("sda", 8).usb("sdb", 9).mounts(&[
        "8:1 / ext4 /dev/sda1",
        "8:1 /var/snap ext4 /dev/sda1",
        "9:1 /media/KEY vfat /dev/sdb1",
    ]);
    let seen: Vec<(String, bool)> =
        fixture.machine().volumes().iter().map(|v| (v.path.display().to_string(), v.system)).collect();
    assert_eq!(seen, [("/".to_owned(), true), ("/media/KEY".to_owned(), false)]);
}

#[test]
fn an_encrypted_stick_is_a_stick_and_an_image_on_it_is_none() {
    let fixture = Fixture::new();
    fixture.nvme().usb("sdb", 8).mapped("dm-0", 0, &["sdb1"]).block("virtual/block/loop0", "7:0");
    fixture.file("sys/devices/virtual/block/loop0/loop/backing_file", "/media/SAFE/image.iso\n");
    fixture.mounts(&[
        "259:2 / ext4 /dev/nvme0n1p2",
        "253:0 /media/SAFE ext4 /dev/mapper/luks-1",
        "7:0 /media/IMAGE iso9660 /dev/loop0",
    ]);
    let points: Vec<_> = fixture.machine().volumes().into_iter().map(|volume| volume.path).collect();
    assert_eq!(points, [Path::new("/media/SAFE")]);
}

#[test]
fn a_drive_that_was_pulled_is_not_listed() {
    let fixture = Fixture::new();
    fixture.usb("sdb", 8).mounts(&["8:1 /media/KEY vfat /dev/sdb1", "66:1 /media/GONE vfat /dev/sdz1"]);
    assert_eq!(fixture.machine().volumes().len(), 1, "its mount may outlive it, its entry in sysfs does not");
}

#[test]
fn udev_s_escapes_are_undone() {
    assert_eq!(decode(r"A\x20B\x5cC"), r"A B\C");
    assert_eq!(decode("鍵\\x"), "鍵\\x", "a broken escape stays as it is");
}
