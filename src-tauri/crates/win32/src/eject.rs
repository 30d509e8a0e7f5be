//! Letting a drive go, so that it can be unplugged.

use std::fs::File;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use windows_sys::Win32::System::Ioctl::{
    FSCTL_DISMOUNT_VOLUME, FSCTL_LOCK_VOLUME, IOCTL_STORAGE_EJECT_MEDIA, IOCTL_STORAGE_MEDIA_REMOVAL,
};

use crate::control::{control, ordered};
use crate::disk::{Disk, device, disks};

/// A scanner for viruses looks at new files for a moment.
const IN_USE: Duration = Duration::from_secs(5);
const AGAIN_AFTER: Duration = Duration::from_millis(250);

/// Writes through and ejects the drive with the volume at `root`, `E:\`. Whether other volumes are on the same drive is
/// the caller's business.
///
/// # Errors
/// A program has a file open there, the account may not, or it is nothing that could be ejected. Nothing is lost then.
pub fn eject(root: &Path) -> io::Result<()> {
    let disk = Disk::below(root)?;
    eject_medium(root).or_else(|error| {
        // A disk in a case has no medium to eject, and only administrators may open it; and a program such as the
        // Explorer lets go when it is asked by this way. What can be ejected is the whole device.
        let device = disks().into_iter().find(|(number, _)| *number == disk.number);
        device.map_or(Err(error), |(_, node)| node.eject())
    })
}

fn eject_medium(root: &Path) -> io::Result<()> {
    let volume = ordered(device(root)?)?;
    volume.sync_all()?;
    lock(&volume)?;
    control(&volume, FSCTL_DISMOUNT_VOLUME, &[], &mut [])?;
    // PREVENT_MEDIA_REMOVAL: no. What has no lock says that it does not know the order.
    let _ = control(&volume, IOCTL_STORAGE_MEDIA_REMOVAL, &[0], &mut []);
    control(&volume, IOCTL_STORAGE_EJECT_MEDIA, &[], &mut []).map(drop)
}

/// The lock goes with the handle.
fn lock(volume: &File) -> io::Result<()> {
    let end = Instant::now() + IN_USE;
    loop {
        match control(volume, FSCTL_LOCK_VOLUME, &[], &mut []) {
            Err(_) if Instant::now() < end => std::thread::sleep(AGAIN_AFTER),
            locked => return locked.map(drop),
        }
    }
}
