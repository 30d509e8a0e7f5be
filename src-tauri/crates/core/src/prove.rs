//! An identity is proved where devices connect: Fieldkey connects in its name and publishes.

use std::time::Duration;

use serde_json::json;

use crate::{Code, DeviceSide, Endpoint, Failure, Identity, Site, Why, serial_number_in};

/// A new certificate, or a policy just attached, takes AWS IoT a moment to know everywhere.
const PAUSES: [Duration; 4] =
    [Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];

/// A topic of the thing's own, which the stack's device policy lets it publish on and subscribe to.
pub fn own_topic(thing_name: &str) -> String {
    format!("dt/{thing_name}/fieldkey")
}

/// Is it this site's identity? Where it leads, the device will go; so that must be where the site's devices connect,
/// and an identity that somebody else left on a drive proves nothing.
///
/// # Errors
/// `thing-name-invalid`, `wrong-endpoint`.
pub(crate) fn check_of_site(identity: &Identity, site: &Site) -> Result<(), Failure> {
    serial_number_in(&identity.thing_name, site)?;
    let Endpoint { host, port } = &identity.endpoint;
    let here = format!("{host}:{port}");
    if let Some(data_endpoint) = &site.data_endpoint {
        let there = format!("{data_endpoint}:{}", site.mqtt_port());
        let why = Why::new(format!("the site's is {there}"), format!("サイトのエンドポイントは {there} です"));
        return if here == there { Ok(()) } else { Err(Failure::new(Code::WrongEndpoint).about(here).because_of(why)) };
    }
    check_is_aws("iot", host, site).map_err(|failure| failure.about(here))
}

/// What lies on a drive may lead anywhere. Is the host at least this service's in the site's region?
///
/// # Errors
/// `wrong-endpoint` about the host.
pub(crate) fn check_is_aws(service: &str, host: &str, site: &Site) -> Result<(), Failure> {
    let region = &site.region;
    let regional = format!(".{service}.{region}.amazonaws.com");
    let name = host.to_ascii_lowercase();
    if name.ends_with(&regional) || name.ends_with(&format!("{regional}.cn")) {
        return Ok(());
    }
    let why = Why::new(format!("it is not AWS IoT in {region}"), format!("{region} の AWS IoT ではありません"));
    Err(Failure::new(Code::WrongEndpoint).about(host).because_of(why))
}

/// Connects and publishes once; a refusal is asked again while it may still be too early.
///
/// # Errors
/// `identity-refused`, or what kept the network from trying.
pub(crate) async fn prove_new(device_side: &dyn DeviceSide, identity: &Identity) -> Result<(), Failure> {
    for pause in PAUSES {
        match prove(device_side, identity).await {
            Err(failure) if failure.code == Code::IdentityRefused => tokio::time::sleep(pause).await,
            outcome => return outcome,
        }
    }
    prove(device_side, identity).await
}

/// Connects and publishes once.
pub(crate) async fn prove(device_side: &dyn DeviceSide, identity: &Identity) -> Result<(), Failure> {
    let mut connected = device_side.connect(identity).await?;
    let message = json!({ "message": "enrolled", "thingName": identity.thing_name }).to_string();
    connected.publish(&own_topic(&identity.thing_name), message.as_bytes()).await
}
