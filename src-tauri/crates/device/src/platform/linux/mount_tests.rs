use std::sync::Arc;

use super::super::bus::{Answer, BUSY, Bus};
use super::super::fixture::Fixture;
use super::*;
use crate::sandbox;

fn stick() -> Arc<Fixture> {
    let fixture = Fixture::new();
    fixture.nvme().usb("sdb", 8).mounts(&["259:2 / ext4 /dev/nvme0n1p2"]);
    fixture.file("run/udev/data/b8:1", "E:ID_FS_TYPE=vfat\n");
    Arc::new(fixture)
}

async fn refused(fixture: &Fixture, node: &str, bus: Option<&Bus>) -> (Code, String) {
    let connection = async {
        match bus {
            Some(bus) => Some(bus.connect().await),
            None => None,
        }
    };
    let failure = fixture.machine().mount(Path::new(node), connection).await.expect_err("refused");
    assert_eq!(failure.about, node, "what was named is what is talked about");
    (failure.code, failure.reason)
}

#[tokio::test]
async fn a_stick_is_mounted_by_the_service_that_people_s_desktops_use() {
    let fixture = stick();
    let Some(bus) = Bus::with_udisks(|_| Answer::At("/media/me/KEY".into())).await else { return };
    let connection = async { Some(bus.connect().await) };
    let folder = fixture.machine().mount(Path::new("/dev/sdb1"), connection).await;
    assert_eq!(folder, Ok("/media/me/KEY".into()));
    assert_eq!(bus.calls(), ["Mount sdb1"]);
}

#[tokio::test]
async fn a_stick_that_is_mounted_is_not_mounted_again() {
    let fixture = stick();
    fixture.mounts(&["259:2 / ext4 /dev/nvme0n1p2", "8:1 /media/KEY vfat /dev/sdb1"]);
    let nobody = async { panic!("nobody is to be asked") };
    assert_eq!(fixture.machine().mount(Path::new("/dev/sdb1"), nobody).await, Ok("/media/KEY".into()));
}

#[tokio::test]
async fn why_a_drive_is_not_mounted_is_said() {
    let fixture = stick();
    let Some(bus) = Bus::with_udisks(|_| Answer::No("NotAuthorizedCanObtain")).await else { return };
    let (code, why) = refused(&fixture, "/dev/sdb1", Some(&bus)).await;
    assert_eq!((code, why.as_str()), (Code::TargetPermission, "you may not mount drives here"));
    let Some(bus) = Bus::with_udisks(|_| BUSY).await else { return };
    let (code, why) = refused(&fixture, "/dev/sdb1", Some(&bus)).await;
    assert_eq!((code, why.as_str()), (Code::TargetRefused, "it could not be mounted: no"));
}

#[tokio::test]
async fn what_is_no_volume_to_write_on_is_refused_before_anybody_is_asked() {
    let fixture = stick();
    for (node, reason) in [("/dev/nvme0n1p3", "disk of this computer"), ("/dev/sdb", "no file system was recognised")] {
        let (code, why) = refused(&fixture, node, None).await;
        assert_eq!(code, Code::TargetRefused, "{node}");
        assert!(why.contains(reason), "{node}: {why}");
    }
    fixture.file("run/udev/data/b8:1", "E:ID_FS_TYPE=iso9660\n");
    assert!(refused(&fixture, "/dev/sdb1", None).await.1.contains("iso9660"));
    assert_eq!(refused(&fixture, "/dev/sdz1", None).await.0, Code::TargetGone);
}

#[tokio::test]
async fn root_mounts_into_a_folder_of_its_own_where_there_is_no_service() {
    // In a namespace: what is mounted there, nobody else sees.
    let Some(folder) = sandbox::tmpfs(&|| (), "size=16m") else { return };
    let image = folder.join("image");
    let made = fs::File::create(&image).and_then(|file| file.set_len(8 << 20));
    made.expect("an image");
    let formatted = Command::new("mkfs.ext2").args(["-q", "-F"]).arg(&image).stdin(Stdio::null()).status();
    assert!(formatted.is_ok_and(|status| status.success()), "e2fsprogs is there wherever Linux is");
    // `mount` makes a loop device of an image by itself.
    let mounted = mount_as_root(&image, "fieldkey-test").await.expect("we are root here");
    let Ok(point) = mounted else {
        eprintln!("SKIPPED: this machine has no loop devices");
        return;
    };
    assert_eq!(point, Path::new("/run/fieldkey/fieldkey-test"));
    fs::write(point.join("file"), "text").expect("it can be written to");
    sandbox::run("umount", &[], &point);
    tidy(&point);
    assert!(!point.exists(), "the folder goes with it");
}
