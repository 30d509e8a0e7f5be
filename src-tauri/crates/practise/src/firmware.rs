//! What a pretended device does by itself: it starts, and registers itself with the claim that it finds.

use std::sync::Arc;
use std::time::Duration;

use fieldkey_core::ports::Unregistered;
use fieldkey_core::x509::{KeyType, Subject};
use fieldkey_core::{Claim, Code, DeviceSide, Endpoint, Failure, Identity, x509};

use crate::contents::{Read, read_claim};
use crate::device::{Device, Fault, Own};
use crate::{Practise, World};

/// Milliseconds from the power to the network.
const START: u64 = 3_000;

/// Starts the device. It carries on when it is pulled: the computer is only where it was written.
pub(crate) fn start(world: &Arc<World>, device: &Arc<Device>) {
    if device.fault == Some(Fault::NeverRegisters) || device.held().claim.is_none() {
        return;
    }
    let (aws, device) = (Practise(Arc::clone(world)), Arc::clone(device));
    tokio::spawn(async move {
        aws.0.clock.takes(START).await;
        match register(&aws, &device).await {
            Ok(own) => device.held().identity = Some(own),
            // As in life: the operator sees only that nothing came.
            Err(failure) => tracing::debug!(%failure, "a pretended device did not register"),
        }
    });
}

async fn register(aws: &Practise, device: &Device) -> Result<Own, Failure> {
    // It serves once. A device that was let go twice finds it only once.
    let claim = device.held().claim.take();
    let read = claim.and_then(|claim| read_claim(&claim.files));
    let Some(Read { certificate_pem, private_key_pem, ca_pem, settings }) = read else {
        return Err(Failure::new(Code::IdentityInvalid).about(&device.attached.target));
    };
    let endpoint = Endpoint { host: settings.endpoint, port: settings.port };
    // How long it lives is AWS's to say.
    let (certificate_id, expires, lifetime) = (settings.certificate_id, settings.expires, Duration::ZERO);
    let claim = Claim { certificate_id, certificate_pem, private_key_pem, expires, lifetime };
    let mut exchange = aws.with_claim(&claim, &endpoint, &ca_pem).await?;
    let key = x509::key_and_csr(KeyType::P256, &settings.thing_name, &Subject::default())?;
    let new = exchange.certificate(Some(&key.csr_pem)).await?;
    let registered = exchange.register_thing(&settings.template_name, &new, &settings.parameters).await;
    let thing_name = registered.map_err(|(Unregistered::Refused(failure) | Unregistered::Lost(failure))| failure)?;
    Own::new(Identity {
        certificate_id: new.certificate_id,
        certificate_pem: new.certificate_pem,
        private_key_pem: key.private_key_pem,
        ca_pem,
        thing_name,
        serial_number: settings.parameters.get("SerialNumber").cloned().unwrap_or_default(),
        region: aws.0.site.region.clone(),
        endpoint,
        role_alias: None,
    })
}
