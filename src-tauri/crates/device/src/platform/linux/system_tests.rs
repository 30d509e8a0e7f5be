use super::super::fixture::Fixture;

use super::*;

fn refusal(fixture: &Fixture, folder: &str) -> Option<String> {
    fixture.machine().refusal(Path::new(folder)).map(|why| why.en)
}

#[test]
fn a_stick_is_taken_and_the_system_disk_s_other_volume_is_not() {
    let fixture = Fixture::new();
    fixture.nvme().usb("sdb", 8).mounts(&[
        "259:2 / ext4 /dev/nvme0n1p2",
        "259:3 /mnt/spare ext4 /dev/nvme0n1p3",
        "8:1 /media/KEY vfat /dev/sdb1",
    ]);
    assert_eq!(refusal(&fixture, "/media/KEY"), None);
    let why = refusal(&fixture, "/mnt/spare").expect("the disk behind /");
    assert_eq!(why, "it is on nvme0n1, which holds / of this computer");
    assert_eq!(refusal(&fixture, "/mnt/spare/bench-3"), None, "a folder is its owner's business");
}

#[test]
fn a_system_started_from_a_usb_drive_is_refused() {
    let fixture = Fixture::new();
    fixture.usb("sda", 8).usb("sdb", 9).disk("pci0000:00/nvme/nvme0/nvme0n1", 259, &["nvme0n1p1"]);
    fixture.block("pci0000:00/0000:00:14.0/usb1/1-8/1-8:1.0/host6/target6:0:0/6:0:0:0/block/sda/sda2", "8:2");
    fixture.file("sys/class/block/sda2/partition", "2");
    fixture.mounts(&[
        "8:1 / ext4 /dev/sda1",
        "8:2 /media/me/REST exfat /dev/sda2",
        "9:1 /media/me/KEY vfat /dev/sdb1",
        "259:1 /mnt/internal ext4 /dev/nvme0n1p1",
    ]);
    assert!(refusal(&fixture, "/media/me/REST").is_some(), "the same USB drive carries the system");
    assert_eq!(refusal(&fixture, "/media/me/KEY"), None, "sdb is another one");
    assert_eq!(refusal(&fixture, "/mnt/internal"), None, "it carries nothing of the running system");
}

#[test]
fn boot_home_and_swap_keep_their_disks() {
    let fixture = Fixture::new();
    fixture.nvme().usb("sdb", 8).usb("sdc", 9).usb("sdd", 10).usb("sde", 11);
    fixture.mapped("dm-5", 5, &["sdd1"]);
    fixture.mounts(&[
        "259:2 / ext4 /dev/nvme0n1p2",
        "8:1 /boot/efi vfat /dev/sdb1",
        "9:1 /home/me ext4 /dev/sdc1",
        "253:5 /mnt/swapfiles ext4 /dev/dm-5",
        "11:1 /mnt/free vfat /dev/sde1",
    ]);
    fixture.file(
        "proc/swaps",
        "Filename\tType\tSize\tUsed\tPriority\n/mnt/swapfiles/a\\040swap file\t1\t0\t-2\n/dev/nvme0n1p3 partition 1 0 -3\n",
    );
    let machine = fixture.machine();
    let disks = machine.system_disks(&machine.mounts());
    let expected = [("nvme0n1", "/"), ("sdb", "/boot/efi"), ("sdc", "/home/me"), ("sdd", "the swap space")];
    let expected = expected.map(|(disk, needed)| (disk.to_owned(), needed.to_owned()));
    assert_eq!(disks.into_iter().collect::<Vec<_>>(), expected);
    assert!(refusal(&fixture, "/mnt/swapfiles").is_some_and(|why| why.contains("swap")));
    assert_eq!(refusal(&fixture, "/mnt/free"), None);
}

#[test]
fn system_folders_and_the_home_folder_are_refused_as_such() {
    let fixture = Fixture::new();
    fixture.mounts(&["0:1 / tmpfs tmpfs"]);
    for folder in ["/", "/etc", "/usr", "/var", "/bin", "/usr/bin", "/tmp"] {
        assert!(refusal(&fixture, folder).is_some(), "{folder}");
    }
    assert!(refusal(&fixture, "/home/me").is_some_and(|why| why.contains("home")));
    for folder in ["/home/me/device", "/tmp/device", "/srv/device", "/mnt"] {
        assert_eq!(refusal(&fixture, folder), None, "{folder}");
    }
}

#[test]
fn a_folder_bound_elsewhere_is_a_folder() {
    let fixture = Fixture::new();
    fixture.nvme();
    fixture.file(
        "proc/self/mountinfo",
        "1 0 259:2 / / rw - ext4 /dev/nvme0n1p2 rw\n2 1 259:2 /srv/device /device rw - ext4 /dev/nvme0n1p2 rw\n",
    );
    assert_eq!(refusal(&fixture, "/device"), None, "a container is given folders this way");
}
