//! Asking the driver below a volume or a disk.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::AsRawHandle;
use std::path::Path;
use std::ptr::null_mut;

use windows_sys::Win32::Storage::FileSystem::{FILE_SHARE_READ, FILE_SHARE_WRITE};
use windows_sys::Win32::System::IO::DeviceIoControl;

use crate::wide::length;

/// Opens a device for questions only, which wants no rights to what it holds.
pub(crate) fn asked(device: impl AsRef<Path>) -> io::Result<File> {
    OpenOptions::new().access_mode(0).share_mode(FILE_SHARE_READ | FILE_SHARE_WRITE).open(device)
}

/// Opens a device for orders.
pub(crate) fn ordered(device: impl AsRef<Path>) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).share_mode(FILE_SHARE_READ | FILE_SHARE_WRITE).open(device)
}

/// Returns how many bytes of the answer there are.
pub(crate) fn control(device: &File, code: u32, question: &[u8], answer: &mut [u8]) -> io::Result<usize> {
    let mut count = 0;
    // SAFETY: the handle lives as long as `device`; both buffers go with their length; no call stays behind, since the
    // handle was not opened for overlapped ones.
    let done = unsafe {
        DeviceIoControl(
            device.as_raw_handle(),
            code,
            question.as_ptr().cast(),
            length(question),
            answer.as_mut_ptr().cast(),
            length(answer),
            &raw mut count,
            null_mut(),
        )
    };
    if done == 0 { Err(io::Error::last_os_error()) } else { Ok(usize::try_from(count).unwrap_or(0).min(answer.len())) }
}
