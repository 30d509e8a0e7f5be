//! The devices that are attached and offer a certain thing, such as being a disk.

use std::path::PathBuf;
use std::ptr::{null, null_mut};

use windows_sys::Win32::Devices::DeviceAndDriverInstallation::{
    DIGCF_DEVICEINTERFACE, DIGCF_PRESENT, HDEVINFO, SP_DEVICE_INTERFACE_DATA, SP_DEVINFO_DATA,
    SetupDiDestroyDeviceInfoList, SetupDiEnumDeviceInterfaces, SetupDiGetClassDevsW, SetupDiGetDeviceInterfaceDetailW,
};
use windows_sys::Win32::System::Ioctl::GUID_DEVINTERFACE_COMPORT;
use windows_sys::core::GUID;

use crate::node::Node;
use crate::wide::narrow;

/// A modem's port is none of the ports above.
const GUID_DEVINTERFACE_MODEM: GUID = GUID::from_u128(0x2c7089aa_2e0e_11d1_b114_00c04fc2aae4);

/// No path of an interface is longer, with the length before it.
const DETAIL_BYTES: u32 = 2048;
/// What Windows wants to be told of that length: a `u32` and one character, rounded up as C does.
const DETAIL_HEAD: u32 = if cfg!(target_pointer_width = "64") { 8 } else { 6 };

/// The serial ports that a driver has registered as such, by name: `COM3`.
pub fn ports() -> Vec<(String, Node)> {
    let all = [GUID_DEVINTERFACE_COMPORT, GUID_DEVINTERFACE_MODEM].map(|class| interfaces(&class));
    all.into_iter().flatten().filter_map(|(_, node)| Some((node.port_name()?, node))).collect()
}

/// Each with the path that opens it.
pub(crate) fn interfaces(class: &GUID) -> Vec<(PathBuf, Node)> {
    let Some(list) = List::of(class) else { return vec![] };
    (0..).map_while(|place| list.at(class, place)).filter_map(|interface| list.detail(&interface)).collect()
}

struct List(HDEVINFO);

impl List {
    fn of(class: &GUID) -> Option<Self> {
        const INVALID: HDEVINFO = -1;
        // SAFETY: the class outlives the call; what is not wanted may be null.
        let list = unsafe { SetupDiGetClassDevsW(class, null(), null_mut(), DIGCF_PRESENT | DIGCF_DEVICEINTERFACE) };
        (list != INVALID).then_some(Self(list))
    }

    fn at(&self, class: &GUID, place: u32) -> Option<SP_DEVICE_INTERFACE_DATA> {
        let mut found = SP_DEVICE_INTERFACE_DATA { cbSize: size::<SP_DEVICE_INTERFACE_DATA>(), ..Default::default() };
        // SAFETY: the list is open; the structure says how large it is.
        let there = unsafe { SetupDiEnumDeviceInterfaces(self.0, null(), class, place, &raw mut found) };
        (there != 0).then_some(found)
    }

    fn detail(&self, interface: &SP_DEVICE_INTERFACE_DATA) -> Option<(PathBuf, Node)> {
        // As `u32`, so that it begins where such a structure may.
        let mut detail = vec![0_u32; usize::try_from(DETAIL_BYTES / 4).ok()?];
        *detail.first_mut()? = DETAIL_HEAD;
        let mut node = SP_DEVINFO_DATA { cbSize: size::<SP_DEVINFO_DATA>(), ..Default::default() };
        // SAFETY: the list is open; the buffer is aligned, begins with the length that is wanted there and goes with
        // its own; the other structure says how large it is.
        let told = unsafe {
            let (buffer, node) = (detail.as_mut_ptr().cast(), &raw mut node);
            SetupDiGetDeviceInterfaceDetailW(self.0, interface, buffer, DETAIL_BYTES, null_mut(), node)
        };
        let units = detail.iter().skip(1).map(|two| two.to_le_bytes());
        let path: Vec<u16> =
            units.flat_map(|[a, b, c, d]| [u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d])]).collect();
        (told != 0).then(|| (narrow(&path).into(), Node(node.DevInst)))
    }
}

impl Drop for List {
    fn drop(&mut self) {
        // SAFETY: the list is open, and nobody has it any more.
        unsafe { SetupDiDestroyDeviceInfoList(self.0) };
    }
}

fn size<T>() -> u32 {
    u32::try_from(size_of::<T>()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_port_has_a_name_and_is_found_again() {
        let found = ports();
        assert_eq!(found, ports());
        for (name, _) in found {
            assert!(!name.is_empty() && !name.contains('\0'), "{name:?}");
        }
    }
}
