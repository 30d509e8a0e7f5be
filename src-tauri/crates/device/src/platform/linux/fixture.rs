//! A machine of files: its /proc, /sys and /dev in a folder.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use tempfile::TempDir;

use super::Machine;

/// Where USB devices hang.
const USB: &str = "pci0000:00/0000:00:14.0/usb1";

pub(super) struct Fixture {
    root: TempDir,
    home: &'static str,
}

impl Fixture {
    pub(super) fn new() -> Self {
        let root = tempfile::tempdir().expect("folder");
        let fixture = Self { root, home: "/home/me" };
        for folder in ["proc/self", "sys/class/block", "sys/dev/block", "dev/mapper", "dev/disk/by-label"] {
            fs::create_dir_all(fixture.root.path().join(folder)).expect("folder");
        }
        fixture
    }

    pub(super) fn machine(&self) -> Machine {
        Machine { root: self.root.path().canonicalize().expect("root"), home: Some(self.home.into()) }
    }

    pub(super) fn file(&self, path: &str, text: &str) -> &Self {
        self.bytes(path, text.as_bytes())
    }

    pub(super) fn bytes(&self, path: &str, bytes: &[u8]) -> &Self {
        let path = self.root.path().join(path);
        fs::create_dir_all(path.parent().expect("parent")).expect("folder");
        fs::write(path, bytes).expect("file");
        self
    }

    pub(super) fn remove(&self, path: &str) -> &Self {
        fs::remove_file(self.root.path().join(path)).expect("it was there");
        self
    }

    pub(super) fn mode(&self, path: &str, mode: u32) -> &Self {
        fs::set_permissions(self.root.path().join(path), fs::Permissions::from_mode(mode)).expect("file");
        self
    }

    pub(super) fn link(&self, path: &str, target: &str) -> &Self {
        let path = self.root.path().join(path);
        fs::create_dir_all(path.parent().expect("parent")).expect("folder");
        symlink(target, path).expect("link");
        self
    }

    /// A block device: `pci0000:00/nvme/nvme0/nvme0n1/nvme0n1p1` with the number `259:1`.
    pub(super) fn block(&self, place: &str, number: &str) -> &Self {
        let name = Path::new(place).file_name().expect("name").to_str().expect("utf-8");
        self.file(&format!("sys/devices/{place}/dev"), number);
        self.link(&format!("sys/class/block/{name}"), &format!("../../devices/{place}"));
        self.link(&format!("sys/dev/block/{number}"), &format!("../../devices/{place}"));
        self.file(&format!("dev/{name}"), "")
    }

    /// A disk with partitions: numbers `MAJOR:0`, `MAJOR:1`, …
    pub(super) fn disk(&self, place: &str, major: u32, partitions: &[&str]) -> &Self {
        self.block(place, &format!("{major}:0"));
        self.file(&format!("sys/devices/{place}/removable"), "0\n");
        for (minor, partition) in (1..).zip(partitions) {
            self.block(&format!("{place}/{partition}"), &format!("{major}:{minor}"));
            self.file(&format!("sys/devices/{place}/{partition}/partition"), &format!("{minor}\n"));
            self.file(&format!("sys/devices/{place}/{partition}/size"), "62500000\n");
        }
        self
    }

    /// A USB disk with one partition: `sdb` with `sdb1`.
    pub(super) fn usb(&self, disk: &str, major: u32) -> &Self {
        let device = format!("{USB}/1-{major}");
        self.disk(
            &format!("{device}/1-{major}:1.0/host6/target6:0:0/6:0:0:0/block/{disk}"),
            major,
            &[&format!("{disk}1")],
        );
        self.file(&format!("sys/devices/{device}/idVendor"), "0781\n");
        self.file(&format!("sys/devices/{device}/idProduct"), "5581\n");
        self.file(&format!("sys/devices/{device}/product"), "Ultra\n");
        self.file(&format!("sys/devices/{device}/serial"), "4C5300\n")
    }

    /// A USB device in a socket: `1-1.4`.
    pub(super) fn usb_device(&self, socket: &str, vendor: &str, product: &str, serial_number: Option<&str>) -> &Self {
        let device = format!("sys/devices/{USB}/{socket}");
        self.file(&format!("{device}/idVendor"), &format!("{vendor}\n"));
        self.file(&format!("{device}/idProduct"), &format!("{product}\n"));
        self.file(&format!("{device}/product"), "Board\n");
        match serial_number {
            Some(serial_number) => self.file(&format!("{device}/serial"), &format!("{serial_number}\n")),
            None => self,
        }
    }

    pub(super) fn interface(&self, socket: &str, number: u8, class: &str, subclass: &str) -> &Self {
        let interface = format!("sys/devices/{USB}/{socket}/{socket}:1.{number}");
        self.file(&format!("{interface}/bInterfaceNumber"), &format!("{number:02x}\n"));
        self.file(&format!("{interface}/bInterfaceClass"), &format!("{class}\n"));
        self.file(&format!("{interface}/bInterfaceSubClass"), &format!("{subclass}\n"))
    }

    /// A port that speaks USB itself.
    pub(super) fn acm(&self, socket: &str, number: u8, name: &str) -> &Self {
        self.interface(socket, number, "02", "02");
        self.terminal(&format!("{USB}/{socket}/{socket}:1.{number}/tty/{name}"), "../..", name)
    }

    /// A port behind a bridge chip.
    pub(super) fn bridge(&self, socket: &str, number: u8, name: &str) -> &Self {
        self.interface(socket, number, "ff", "00");
        self.terminal(&format!("{USB}/{socket}/{socket}:1.{number}/{name}/tty/{name}"), "../..", name)
    }

    /// A chip of the machine's own; type 0 is none.
    pub(super) fn chip(&self, name: &str, kind: &str) -> &Self {
        let place = format!("platform/serial8250/tty/{name}");
        self.file(&format!("sys/devices/{place}/type"), &format!("{kind}\n"));
        self.terminal(&place, "../..", name)
    }

    fn terminal(&self, place: &str, device: &str, name: &str) -> &Self {
        self.link(&format!("sys/devices/{place}/device"), device);
        let class = format!("sys/class/tty/{name}");
        if fs::symlink_metadata(self.root.path().join(&class)).is_ok() {
            self.remove(&class);
        }
        self.link(&class, &format!("../../devices/{place}"));
        self.file(&format!("dev/{name}"), "")
    }

    /// An internal NVMe disk with an EFI partition and two more.
    pub(super) fn nvme(&self) -> &Self {
        let partitions = ["nvme0n1p1", "nvme0n1p2", "nvme0n1p3"];
        self.disk("pci0000:00/0000:00:1d.0/nvme/nvme0/nvme0n1", 259, &partitions)
    }

    /// A device that lies on others: LVM, LUKS, RAID.
    pub(super) fn mapped(&self, name: &str, minor: u32, on: &[&str]) -> &Self {
        self.block(&format!("virtual/block/{name}"), &format!("253:{minor}"));
        for carrier in on {
            self.link(&format!("sys/devices/virtual/block/{name}/slaves/{carrier}"), "unused");
        }
        self
    }

    /// Lines of mountinfo, each `NUMBER POINT TYPE SOURCE [OPTIONS]`.
    pub(super) fn mounts(&self, lines: &[&str]) -> &Self {
        let table: Vec<String> = (30..).zip(lines).map(|(id, text)| line(id, text)).collect();
        self.file("proc/self/mountinfo", &table.join(""))
    }
}

fn line(id: usize, text: &str) -> String {
    let words: Vec<&str> = text.split(' ').collect();
    let options = words.get(4).unwrap_or(&"rw");
    format!("{id} 1 {} / {} rw shared:1 - {} {} {options}\n", words[0], words[1], words[2], words[3])
}
