//! An identity is proved where devices connect: Fieldkey connects in its name and publishes.

use std::time::Duration;

use serde_json::json;

use crate::{Code, DeviceSide, Endpoint, Failure, Identity, Site, Why};

/// A new certificate, or a policy just attached, takes AWS IoT a moment to know everywhere.
const PAUSES: [Duration; 4] =
    [Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];

/// A topic of the thing's own, which the stack's device policy lets it publish on and subscribe to.
pub fn own_topic(thing_name: &str) -> String {
    format!("dt/{thing_name}/fieldkey")
}

/// An identity as it is to be proved at this site. What lies on a drive may lead anywhere, so where to connect is
/// the site's to say, or must at least be AWS IoT in the site's region.
///
/// # Errors
/// `wrong-endpoint`.
pub(crate) fn at_site(identity: Identity, site: &Site) -> Result<Identity, Failure> {
    if let Some(host) = &site.data_endpoint {
        let endpoint = Endpoint { host: host.clone(), port: site.mqtt_port() };
        return Ok(Identity { endpoint, ..identity });
    }
    let host = identity.endpoint.host.to_ascii_lowercase();
    let regional = format!(".iot.{}.amazonaws.com", site.region);
    if host.ends_with(&regional) || host.ends_with(&format!("{regional}.cn")) {
        return Ok(identity);
    }
    let region = &site.region;
    let why = Why::new(
        format!("the identity names it, and it is not AWS IoT in {region}"),
        format!("証明書の設定にありますが、{region} の AWS IoT ではありません"),
    );
    Err(Failure::new(Code::WrongEndpoint).about(&identity.endpoint.host).because_of(why))
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
