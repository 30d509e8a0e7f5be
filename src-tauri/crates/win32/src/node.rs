//! Devices, as the Plug and Play manager keeps them: a tree.

use std::io;
use std::ptr::null_mut;

use windows_sys::Win32::Devices::DeviceAndDriverInstallation::{
    CM_DRP_LOCATION_PATHS, CM_Get_DevNode_Registry_PropertyW, CM_Get_Device_IDW, CM_Get_Parent,
    CM_Request_Device_EjectW, CR_SUCCESS,
};
use windows_sys::Win32::System::Registry::{HKEY_LOCAL_MACHINE, RRF_RT_REG_SZ, RegGetValueW};

use crate::usb::Usb;
use crate::wide::{length, text, wide};

/// No device is deeper in the tree, below seven hubs.
const DEEPEST: usize = 24;

/// A device that was attached when it was found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Node(pub(crate) u32);

impl Node {
    fn parent(self) -> Option<Self> {
        let mut parent = 0;
        // SAFETY: the number outlives the call; a device that is gone is an error and no more.
        let found = unsafe { CM_Get_Parent(&raw mut parent, self.0, 0) };
        (found == CR_SUCCESS).then_some(Self(parent))
    }

    /// `USB\VID_0781&PID_5581\4C530001`
    pub(crate) fn instance(self) -> Option<String> {
        let mut id = [0; 201];
        // SAFETY: the buffer goes with its length.
        let found = unsafe { CM_Get_Device_IDW(self.0, id.as_mut_ptr(), length(&id), 0) };
        (found == CR_SUCCESS).then(|| text(&id)).flatten()
    }

    /// The way to it, through all hubs: `PCIROOT(0)#PCI(1400)#USBROOT(0)#USB(2)`
    fn place(self) -> Option<String> {
        let mut paths = [0_u16; 1024];
        let mut bytes = length(&paths) * 2;
        // SAFETY: the buffer goes with its length in bytes; what is not wanted may be null.
        let found = unsafe {
            let buffer = paths.as_mut_ptr().cast();
            CM_Get_DevNode_Registry_PropertyW(self.0, CM_DRP_LOCATION_PATHS, null_mut(), buffer, &raw mut bytes, 0)
        };
        (found == CR_SUCCESS).then(|| text(&paths)).flatten()
    }

    /// What a serial port is called: `COM3`
    pub(crate) fn port_name(self) -> Option<String> {
        let key = wide(format!(r"SYSTEM\CurrentControlSet\Enum\{}\Device Parameters", self.instance()?));
        let (value, mut name) = (wide("PortName"), [0_u16; 64]);
        let mut bytes = length(&name) * 2;
        // SAFETY: both names end with NUL; the buffer goes with its length in bytes; what is not wanted may be null.
        let read = unsafe {
            let (key, value, buffer) = (key.as_ptr(), value.as_ptr(), name.as_mut_ptr().cast());
            RegGetValueW(HKEY_LOCAL_MACHINE, key, value, RRF_RT_REG_SZ, null_mut(), buffer, &raw mut bytes)
        };
        (read == 0).then(|| text(&name)).flatten()
    }

    /// The USB device that this one is, or is a part of.
    pub fn usb(self) -> Option<Usb> {
        let mut interface = None;
        let above = std::iter::successors(Some(self), |node| node.parent()).take(DEEPEST);
        for node in above {
            let Some(id) = node.instance() else { continue };
            let Some(found) = Usb::parse(&id) else { continue };
            match found.interface {
                Some(number) => interface = Some(number),
                None => return Some(Usb { interface, socket: node.place(), ..found }),
            }
        }
        None
    }

    /// Asks for the device that it is a part of, a stick for a disk, to be let go. Programs that use it may refuse.
    pub(crate) fn eject(self) -> io::Result<()> {
        let Some(device) = self.parent() else { return Err(io::ErrorKind::NotFound.into()) };
        let (mut veto, mut by) = (0, [0; 260]);
        // SAFETY: the buffer goes with its length and the number outlives the call. Because there is a buffer, Windows
        // shows nothing on the screen.
        let answer = unsafe { CM_Request_Device_EjectW(device.0, &raw mut veto, by.as_mut_ptr(), length(&by), 0) };
        if answer == CR_SUCCESS { Ok(()) } else { Err(io::ErrorKind::ResourceBusy.into()) }
    }
}
