//! A target that holds a valid identity of this thing is proved instead of enrolled anew.

use crate::prove::{check_of_site, prove};
use crate::{Code, Enrolled, Failure, Identity, Language, Step, Why, x509};

use super::Work;

/// The identity that is there, proved; `None` where there is none.
///
/// # Errors
/// `identity-present` for one that is another thing's, or that AWS does not take: it goes only if it is told to.
pub(super) async fn proved(work: &Work<'_>) -> Result<Option<Enrolled>, Failure> {
    let (target, run) = (work.target, work.run);
    let Some(identity) = target.identity().await.map_err(|failure| failure.at(Step::Target))? else { return Ok(None) };
    let present = |why| Failure::new(Code::IdentityPresent).about(target.name()).because_of(why);
    if identity.thing_name != work.thing_name() {
        let name = &identity.thing_name;
        return Err(present(Why::new(format!("of {name}"), format!("{name} のもの"))).at(Step::Target));
    }
    run.certificate(&identity.certificate_id);
    check_of_site(&identity, work.site).map_err(|failure| {
        let (english, japanese) = (failure.message(Language::English), failure.message(Language::Japanese));
        present(Why::new(english, japanese)).at(Step::Target)
    })?;
    // Whom to trust is the site's to say, not the drive's.
    let identity = Identity { ca_pem: work.ca_pem.to_owned(), ..identity };
    let preview = x509::preview(&identity.certificate_pem).map_err(|failure| failure.at(Step::Target))?;
    let detail = |(): &()| vec![("certificateId", identity.certificate_id.clone().into())];
    // A device that keeps its key to itself cannot be stood in for. Then the registry knows, and it asks who wants to.
    let on_device = identity.private_key_pem.is_none();
    if on_device {
        work.sign_in().await?;
    }
    let proof = async {
        if on_device { work.is_registered(&identity).await } else { prove(work.device_side, &identity).await }
    };
    run.step(Step::Prove, proof, detail).await.map_err(|failure| match failure.code {
        Code::IdentityRefused | Code::NotRegistered => {
            present(Why::new("AWS does not accept it any more", "AWS で受け付けられません")).at(Step::Prove)
        }
        _ => failure,
    })?;
    Ok(Some(Enrolled {
        serial_number: work.serial.as_str().to_owned(),
        thing_name: identity.thing_name.clone(),
        certificate_id: identity.certificate_id.clone(),
        expires: preview.not_after,
        target: target.name(),
        files: vec![],
        issued: false,
        key: None,
    }))
}
