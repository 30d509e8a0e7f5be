use super::super::fixture::Fixture;
use super::*;

fn below(fixture: &Fixture, point: &str) -> Vec<String> {
    let machine = fixture.machine();
    let mounts = machine.mounts();
    let mount = mounts.iter().find(|mount| mount.point == Path::new(point)).expect("mounted");
    machine.disks_below(mount, &mounts).into_iter().collect()
}

#[test]
fn a_partition_is_on_its_disk() {
    let fixture = Fixture::new();
    fixture.nvme().usb("sdb", 8).mounts(&["259:2 / ext4 /dev/nvme0n1p2", "8:1 /media/KEY vfat /dev/sdb1"]);
    assert_eq!(below(&fixture, "/"), ["nvme0n1"]);
    assert_eq!(below(&fixture, "/media/KEY"), ["sdb"]);
}

#[test]
fn lvm_on_luks_is_followed_down_to_the_disk() {
    let fixture = Fixture::new();
    fixture.nvme().mapped("dm-0", 0, &["nvme0n1p3"]).mapped("dm-1", 1, &["dm-0"]);
    fixture.mounts(&["253:1 / ext4 /dev/mapper/vg-root"]);
    assert_eq!(below(&fixture, "/"), ["nvme0n1"]);
}

#[test]
fn a_raid_is_on_all_its_disks() {
    let fixture = Fixture::new();
    fixture.nvme().disk("pci0000:00/ata1/host0/block/sda", 8, &["sda1"]);
    fixture.mapped("md0", 9, &["sda1", "nvme0n1p3"]).mounts(&["253:9 / xfs /dev/md0"]);
    assert_eq!(below(&fixture, "/"), ["nvme0n1", "sda"]);
}

#[test]
fn btrfs_is_found_by_its_source_and_with_all_its_members() {
    let fixture = Fixture::new();
    fixture.nvme().usb("sdb", 8).mapped("dm-0", 0, &["nvme0n1p2"]);
    fixture.link("dev/mapper/luks-1", "../dm-0");
    fixture.link("sys/fs/btrfs/0a1b/devices/dm-0", "unused").link("sys/fs/btrfs/0a1b/devices/sdb1", "unused");
    fixture.file("sys/fs/btrfs/features/raid56", "1\n");
    fixture.mounts(&["0:35 / btrfs /dev/mapper/luks-1 rw,subvol=/@"]);
    assert_eq!(below(&fixture, "/"), ["nvme0n1", "sdb"], "a device number of its own says nothing");
}

#[test]
fn a_live_system_is_on_the_stick_below_its_overlay() {
    let fixture = Fixture::new();
    fixture.usb("sdb", 8).block("virtual/block/loop0", "7:0");
    fixture.file("sys/devices/virtual/block/loop0/loop/backing_file", "/run/live/medium/live/root.squashfs\n");
    fixture.mounts(&[
        "8:1 /run/live/medium vfat /dev/sdb1",
        "7:0 /run/live/rootfs squashfs /dev/loop0",
        "0:40 /run/live/overlay tmpfs tmpfs",
        "0:41 / overlay overlay rw,lowerdir=/run/live/rootfs/,upperdir=/run/live/overlay/rw",
    ]);
    assert_eq!(below(&fixture, "/"), ["sdb"]);
}

#[test]
fn memory_networks_and_tables_without_end_have_no_disk() {
    let fixture = Fixture::new();
    fixture.mapped("dm-0", 0, &["dm-1"]).mapped("dm-1", 1, &["dm-0"]);
    fixture.mounts(&[
        "0:50 /run tmpfs tmpfs",
        "0:51 /mnt/nfs nfs4 server:/export",
        "253:0 /mnt/loop ext4 /dev/dm-0",
        "0:52 / overlay overlay rw,lowerdir=/var/lib/docker/overlay2/l/A:/var/lib/docker/overlay2/l/B",
    ]);
    for point in ["/run", "/mnt/nfs", "/mnt/loop", "/"] {
        assert!(below(&fixture, point).is_empty(), "{point}");
    }
}

#[test]
fn what_can_be_taken_away_is_portable() {
    let fixture = Fixture::new();
    fixture.nvme().usb("sdb", 8).disk("platform/mmc0/mmc0:1234/block/mmcblk0", 179, &[]);
    fixture.disk("platform/mmc1/mmc1:0001/block/mmcblk1", 180, &[]);
    fixture.file("sys/devices/platform/mmc0/mmc0:1234/block/mmcblk0/device/type", "SD\n");
    fixture.file("sys/devices/platform/mmc1/mmc1:0001/block/mmcblk1/device/type", "MMC\n");
    let portable = |disk: &str| fixture.machine().portable(disk);
    assert!(portable("sdb"), "a USB hard disk is, too, though its medium is not removable");
    assert!(portable("mmcblk0"), "an SD card");
    assert!(!portable("nvme0n1") && !portable("mmcblk1"), "built in");
}

#[test]
fn a_drive_plugged_in_again_is_another_medium() {
    let fixture = Fixture::new();
    fixture.usb("sdb", 8).mounts(&["8:1 /media/KEY vfat /dev/sdb1"]);
    let media = || fixture.machine().media(Path::new("/media/KEY/sub"));
    let disk = "sys/class/block/sdb/diskseq";
    fixture.file(disk, "7\n");
    let first = media();
    assert_eq!(first.len(), 1);
    assert_eq!(media(), first);
    fixture.file(disk, "8\n");
    assert_ne!(media(), first);
}

#[test]
fn another_drive_in_the_same_place_is_another_medium_even_where_the_kernel_does_not_count() {
    let fixture = Fixture::new();
    fixture.usb("sdb", 8).mounts(&["8:1 /media/KEY vfat /dev/sdb1"]);
    let media = || fixture.machine().media(Path::new("/media/KEY"));
    let first = media();
    fixture.file("sys/devices/pci0000:00/0000:00:14.0/usb1/1-8/serial", "4C5301\n");
    assert_ne!(media(), first, "its serial number tells");
}
