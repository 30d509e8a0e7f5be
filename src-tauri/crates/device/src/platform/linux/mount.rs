//! Mounting a drive that nobody has mounted.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use fieldkey_core::{Code, Failure, Why};
use zbus::Connection;

use super::{Machine, udisks, unmounted};

/// Where root mounts what no service mounts. Nobody else sees into it.
const OURS: &str = "/run/fieldkey";

/// A file system that was not unmounted may be looked over first; what takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// The folder of a drive: the node of one is mounted, unless it is already. Any other path is left as it is.
///
/// # Errors
/// `target-refused`, `target-permission`, with the reason why it cannot be mounted.
pub(crate) async fn mounted(given: &Path) -> Result<PathBuf, Failure> {
    if !fs::metadata(given).is_ok_and(|metadata| metadata.file_type().is_block_device()) {
        return Ok(given.to_owned());
    }
    Machine::this().mount(given, async { Connection::system().await.ok() }).await
}

impl Machine {
    async fn mount(&self, node: &Path, bus: impl Future<Output = Option<Connection>>) -> Result<PathBuf, Failure> {
        let failure = |code, why| Failure::new(code).about(node.display().to_string()).because_of(why);
        let mounts = self.mounts();
        let Some(block) = self.block_of_node(node) else { return Err(failure(Code::TargetGone, unknown())) };
        let shown = mounts.iter().find(|mount| mount.whole() && self.block(mount).as_ref() == Some(&block));
        if let Some(mount) = shown {
            return Ok(mount.point.clone());
        }
        let disks = self.disks_of(&block, &mounts);
        let system = self.system_disks(&mounts);
        if !self.portable_drive(&block, &disks) || disks.iter().any(|disk| system.contains_key(disk)) {
            return Err(failure(Code::TargetRefused, built_in()));
        }
        match self.udev(&block).get("ID_FS_TYPE") {
            Some(file_system) if !unmounted::writable(file_system) => {
                return Err(failure(Code::TargetRefused, foreign(file_system)));
            }
            Some(_) => {}
            None => return Err(failure(Code::TargetRefused, no_file_system())),
        }
        let mounting = async {
            let Some(bus) = bus.await else { return Err(udisks::Refusal::Absent) };
            udisks::mount(&bus, &block).await
        };
        match tokio::time::timeout(PATIENCE, mounting).await {
            Ok(Ok(folder)) => Ok(folder),
            Ok(Err(udisks::Refusal::Absent)) => match mount_as_root(node, &block).await {
                Some(mounted) => mounted.map_err(|why| failure(Code::TargetRefused, why)),
                None => Err(failure(Code::TargetRefused, nobody())),
            },
            Ok(Err(udisks::Refusal::NotAllowed)) => Err(failure(Code::TargetPermission, not_allowed())),
            Ok(Err(udisks::Refusal::Other(said))) => Err(failure(Code::TargetRefused, not_mounted(&said))),
            Err(_) => Err(failure(Code::TargetRefused, not_mounted("timeout"))),
        }
    }
}

/// Mounts into a folder of our own. `None` if we may not.
async fn mount_as_root(node: &Path, block: &str) -> Option<Result<PathBuf, Why>> {
    if !rustix::process::geteuid().is_root() {
        return None;
    }
    let (node, folder) = (node.to_owned(), Path::new(OURS).join(block));
    let mount = move || {
        DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(|error| refused_by_system(&error))?;
        let output = Command::new("mount")
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .args(["-o", "nosuid,nodev,noexec", "--"])
            .args([&node, &folder])
            .stdin(Stdio::null())
            .output()
            .map_err(|error| refused_by_system(&error))?;
        if output.status.success() {
            return Ok(folder);
        }
        tidy(&folder);
        Err(not_mounted(String::from_utf8_lossy(&output.stderr).trim()))
    };
    Some(tokio::task::spawn_blocking(mount).await.unwrap_or_else(|error| Err(not_mounted(&error.to_string()))))
}

/// Removes the folder that a drive was mounted in, if it was made for that.
pub(super) fn tidy(folder: &Path) {
    if folder.parent() == Some(Path::new(OURS)) {
        // What still has something in it is not removed by this.
        let _ = fs::remove_dir(folder);
        let _ = fs::remove_dir(OURS);
    }
}

fn unknown() -> Why {
    Why::new("the system knows no such drive", "そのようなドライブはありません")
}

fn built_in() -> Why {
    Why::new("it is on a disk of this computer", "このパソコンのディスク上にあります")
}

fn foreign(file_system: &str) -> Why {
    Why::new(
        format!("its file system, {file_system}, is none to write on"),
        format!("ファイルシステム {file_system} には書き込めません"),
    )
}

fn no_file_system() -> Why {
    Why::new(
        "no file system was recognised on it: name the volume, not the whole disk, or format it",
        "ファイルシステムが見つかりません。ディスク全体ではなくボリュームを指定するか、フォーマットしてください",
    )
}

fn nobody() -> Why {
    Why::new(
        "it is not mounted, and UDisks2, which would mount it, does not answer: mount it first",
        "マウントされておらず、マウントを行う UDisks2 も応答しません。先にマウントしてください",
    )
}

fn not_allowed() -> Why {
    Why::new("you may not mount drives here", "このパソコンでドライブをマウントする権限がありません")
}

fn not_mounted(said: &str) -> Why {
    because(&Why::new(said, said))
}

fn refused_by_system(error: &io::Error) -> Why {
    because(&Why::of_system(error))
}

fn because(why: &Why) -> Why {
    let Why { en, ja } = why;
    Why::new(format!("it could not be mounted: {en}"), format!("マウントできませんでした: {ja}"))
}

#[cfg(test)]
#[path = "mount_tests.rs"]
mod tests;
