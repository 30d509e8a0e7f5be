//! UDisks2: the service that mounts drives for people who are not root, and lets them go.

use std::collections::HashMap;
use std::path::PathBuf;

use zbus::{Connection, Message, OwnedObjectPath, OwnedVariant, Variant};

const SERVICE: &str = "org.freedesktop.UDisks2";

/// Why a volume was not mounted.
pub(super) enum Refusal {
    /// There is no UDisks2 here.
    Absent,
    NotAllowed,
    Other(String),
}

/// Mounts a volume and says where.
pub(super) async fn mount(bus: &Connection, block: &str) -> Result<PathBuf, Refusal> {
    let answer = call(bus, &object(block), "org.freedesktop.UDisks2.Filesystem", "Mount").await;
    let folder: zbus::Result<String> = answer.and_then(|answer| answer.body().deserialize());
    folder.map(PathBuf::from).map_err(|error| match &error {
        zbus::Error::MethodError(name, said, _) => match name.as_str() {
            "org.freedesktop.DBus.Error.ServiceUnknown" | "org.freedesktop.DBus.Error.NameHasNoOwner" => {
                Refusal::Absent
            }
            name if name.starts_with("org.freedesktop.UDisks2.Error.NotAuthorized") => Refusal::NotAllowed,
            name => Refusal::Other(said.clone().unwrap_or_else(|| name.to_owned())),
        },
        _ => Refusal::Other(error.to_string()),
    })
}

/// Unmounts a volume. False if it is in use, or there is no UDisks2.
pub(super) async fn unmount(bus: &Connection, block: &str) -> bool {
    said(call(bus, &object(block), "org.freedesktop.UDisks2.Filesystem", "Unmount").await, "unmount")
}

/// Ejects the drive that a volume is on; one without a medium to eject is switched off. It is
/// unmounted already, so a drive that does neither is still safe to unplug.
pub(super) async fn eject(bus: &Connection, block: &str) {
    let Some(drive) = drive(bus, block).await else { return };
    let interface = "org.freedesktop.UDisks2.Drive";
    if !said(call(bus, &drive, interface, "Eject").await, "eject") {
        said(call(bus, &drive, interface, "PowerOff").await, "switch off");
    }
}

async fn drive(bus: &Connection, block: &str) -> Option<String> {
    let body = ("org.freedesktop.UDisks2.Block", "Drive");
    let properties = "org.freedesktop.DBus.Properties";
    let answer = bus.call_method(Some(SERVICE), object(block), Some(properties), "Get", &body).await.ok()?;
    let path: OwnedVariant = answer.body().deserialize().ok()?;
    let path = OwnedObjectPath::try_from(path).ok()?;
    // `/` stands for none.
    (path.as_str() != "/").then(|| path.to_string())
}

/// Calls a method that takes options alone. Nobody is asked for a password: the caller may be a script.
async fn call(bus: &Connection, path: &str, interface: &str, method: &str) -> zbus::Result<Message> {
    let options = HashMap::from([("auth.no_user_interaction", Variant::from(true))]);
    bus.call_method(Some(SERVICE), path, Some(interface), method, &(options,)).await
}

fn said(answer: zbus::Result<Message>, what: &str) -> bool {
    if let Err(error) = &answer {
        tracing::debug!(%error, "UDisks2 did not {what}");
    }
    answer.is_ok()
}

/// A volume's name on the bus: `dm-0` → `…/dm_2d0`
fn object(block: &str) -> String {
    let mut path = String::from("/org/freedesktop/UDisks2/block_devices/");
    for byte in block.bytes() {
        if byte.is_ascii_alphanumeric() {
            path.push(char::from(byte));
        } else {
            path.push_str(&format!("_{byte:02x}"));
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_escaped_as_the_bus_wants_it() {
        assert_eq!(object("sdb1"), "/org/freedesktop/UDisks2/block_devices/sdb1");
        assert_eq!(object("dm-0"), "/org/freedesktop/UDisks2/block_devices/dm_2d0");
    }
}
