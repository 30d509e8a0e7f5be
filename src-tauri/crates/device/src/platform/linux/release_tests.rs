use std::os::unix::fs::MetadataExt;
use std::sync::Arc;

use tempfile::TempDir;

use super::super::bus::{Answer, BUSY, Bus};
use super::super::fixture::Fixture;
use super::*;
use crate::sandbox;

/// A stick that is mounted at a folder which really exists.
fn stick(others: &[&str]) -> (Arc<Fixture>, PathBuf, TempDir) {
    let folder = tempfile::tempdir().expect("folder");
    let point = folder.path().canonicalize().expect("folder");
    let fixture = Fixture::new();
    fixture.nvme().usb("sdb", 8);
    let own = format!("8:1 {} vfat /dev/sdb1", point.display());
    let mounts = ["259:2 / ext4 /dev/nvme0n1p2", &own];
    fixture.mounts(&[&mounts[..], others].concat());
    (Arc::new(fixture), point, folder)
}

/// What is left in the mount table once the stick is unmounted.
fn unmounted(fixture: &Arc<Fixture>, rest: &'static [&'static str]) -> impl Fn(&str) -> Answer + Send + use<> {
    let fixture = Arc::clone(fixture);
    move |method| {
        if method == "Unmount" {
            fixture.mounts(rest);
        }
        Answer::Done
    }
}

#[tokio::test]
async fn a_stick_is_unmounted_and_ejected() {
    let (fixture, point, _folder) = stick(&[]);
    let Some(bus) = Bus::with_udisks(unmounted(&fixture, &["259:2 / ext4 /dev/nvme0n1p2"])).await else { return };
    let released = fixture.machine().release(&point, async { Some(bus.connect().await) }).await;
    assert_eq!(released.expect("released"), Release::Ejected);
    assert_eq!(bus.calls(), ["Unmount sdb1", "Get sdb1", "Eject Ultra"]);
}

#[tokio::test]
async fn a_drive_with_nothing_to_eject_is_switched_off() {
    let (fixture, point, _folder) = stick(&[]);
    let unmount = unmounted(&fixture, &[]);
    let Some(bus) = Bus::with_udisks(move |method| if method == "Eject" { BUSY } else { unmount(method) }).await else {
        return;
    };
    let released = fixture.machine().release(&point, async { Some(bus.connect().await) }).await;
    assert_eq!(released.expect("released"), Release::Ejected);
    assert_eq!(bus.calls().last().map(String::as_str), Some("PowerOff Ultra"));
}

#[tokio::test]
async fn a_drive_in_use_is_flushed_and_no_failure() {
    let (fixture, point, _folder) = stick(&[]);
    let Some(bus) = Bus::with_udisks(|_| BUSY).await else { return };
    let released = fixture.machine().release(&point, async { Some(bus.connect().await) }).await;
    assert_eq!(released.expect("it was written and read back"), Release::Flushed);
    assert_eq!(bus.calls(), ["Unmount sdb1"], "what is mounted is not ejected");
}

#[tokio::test]
async fn a_second_volume_in_use_keeps_the_drive_from_being_safe() {
    let (fixture, point, _folder) = stick(&["8:0 /media/SECOND vfat /dev/sdb"]);
    let unmount = unmounted(&fixture, &["8:0 /media/SECOND vfat /dev/sdb"]);
    let Some(bus) = Bus::with_udisks(unmount).await else { return };
    let released = fixture.machine().release(&point, async { Some(bus.connect().await) }).await;
    assert_eq!(released.expect("released"), Release::Flushed);
}

#[tokio::test]
async fn a_folder_is_left_alone() {
    let (fixture, point, _folder) = stick(&[]);
    let sub = point.join("device");
    std::fs::create_dir(&sub).expect("folder");
    let nobody = || async { panic!("nobody is to be asked") };
    let machine = fixture.machine();
    assert_eq!(machine.release(&sub, nobody()).await.expect("released"), Release::Flushed, "it is on a stick");
    assert_eq!(machine.release(Path::new("/srv"), nobody()).await.expect("released"), Release::Folder);
    fixture.mounts(&[&format!("8:1 {} ext4 /dev/sdb1", point.display()), "8:1 / ext4 /dev/sdb1"]);
    assert_eq!(machine.release(&point, nobody()).await.expect("released"), Release::Folder, "the system's own disk");
}

#[tokio::test]
async fn root_unmounts_where_there_is_no_udisks() {
    let Some(folder) = sandbox::tmpfs(&|| (), "size=64k") else { return };
    let fixture = Fixture::new();
    fixture.usb("sdb", 8).link("proc/self/mountinfo", "/proc/self/mountinfo");
    let device = folder.metadata().expect("folder").dev();
    let number = format!("{}:{}", rustix::fs::major(device), rustix::fs::minor(device));
    fixture.link(&format!("sys/dev/block/{number}"), "../../class/block/sdb1");
    std::fs::write(folder.join("file"), "text").expect("file");

    let open = File::open(folder.join("file")).expect("file");
    let released = fixture.machine().release(&folder, async { None }).await;
    assert_eq!(released.expect("released"), Release::Flushed, "a file on it is open");
    drop(open);
    let released = fixture.machine().release(&folder, async { None }).await;
    assert_eq!(released.expect("released"), Release::Ejected);
    assert!(!folder.join("file").exists(), "it must really be unmounted");
}

#[tokio::test]
async fn a_drive_that_is_gone_is_an_error() {
    let (fixture, point, folder) = stick(&[]);
    drop(folder);
    let released = fixture.machine().release(&point, async { None }).await;
    assert_eq!(released.expect_err("gone").kind(), io::ErrorKind::NotFound);
}
