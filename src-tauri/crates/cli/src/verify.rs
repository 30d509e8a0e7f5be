//! `fieldkey verify`.

use fieldkey_core::{Identity, Job, Language, Ports, Site, Verify};
use fieldkey_device::Drive;

use crate::args::Signer;
use crate::job::Call;
use crate::opened::Opened;
use crate::{Ended, args};

pub(crate) async fn run(args: args::Verify, language: Language) -> Result<(), Ended> {
    let prepare = async |_: &_| {
        let signer = Signer { user: args.user.clone(), aws_profile: None };
        Ok((Opened::at(&args.site, &signer, None).await?, Drive::at(&args.identity)))
    };
    let work = async |run: String, opened: &Opened, drive: Drive, ports: Ports<'_>| {
        let (site, side) = (opened.site(), opened.device_side());
        let read = async { fieldkey_device::identity(&args.identity).await.map(Some) };
        let identity = fieldkey_core::read_identity(&run, site, &drive, read, ports).await?;
        let request = wanted(&args, run, site, &identity);
        fieldkey_core::verify(&request, site, &drive, &identity, side, ports).await.map(drop)
    };
    Call::new(Job::Verify, args.json, language).carry_out(prepare, work).await
}

/// Whoever asks for nothing gets all that can be tried without a bucket's name.
fn wanted(args: &args::Verify, run: String, site: &Site, identity: &Identity) -> Verify {
    let unsaid = !args.mqtt && !args.direct && args.s3.is_none();
    let has_role_alias = site.role_alias.is_some() || identity.role_alias.is_some();
    Verify {
        run,
        mqtt: args.mqtt || unsaid,
        direct: args.direct || args.s3.is_some() || (unsaid && has_role_alias),
        bucket: args.s3.clone(),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use fieldkey_core::{Endpoint, RoleAlias, site};

    use super::*;
    use crate::args::{Args, Command};

    fn identity(role_alias: Option<RoleAlias>) -> Identity {
        Identity {
            certificate_id: "c1".into(),
            certificate_pem: String::new(),
            private_key_pem: None,
            ca_pem: String::new(),
            thing_name: "Fleet_Index_SN-1".into(),
            serial_number: "SN-1".into(),
            region: "ap-northeast-1".into(),
            endpoint: Endpoint { host: "localhost".into(), port: 8883 },
            role_alias,
        }
    }

    fn wanted_by(words: &str, role_alias: Option<RoleAlias>) -> (bool, bool, Option<String>) {
        let text = format!("fieldkey verify --site s --identity f {words}");
        let Ok(Args { command: Command::Verify(args) }) = Args::try_parse_from(text.split_whitespace()) else {
            panic!("{text}");
        };
        let site = site::parse(include_str!("../tests/files/site.json")).expect("a site");
        let verify = wanted(&args, "r1".into(), &site, &identity(role_alias));
        (verify.mqtt, verify.direct, verify.bucket)
    }

    #[test]
    fn what_is_not_said_is_all_that_can_be_tried() {
        let alias = || Some(RoleAlias { name: "a".into(), host: "h".into() });
        assert_eq!(wanted_by("", None), (true, false, None), "without a role alias there is nothing to ask for");
        assert_eq!(wanted_by("", alias()), (true, true, None));
        assert_eq!(wanted_by("--mqtt", alias()), (true, false, None), "what is said is all that is wanted");
        assert_eq!(wanted_by("--direct", None), (false, true, None));
        assert_eq!(wanted_by("--s3 b", None), (false, true, Some("b".into())), "a bucket is reached through them");
    }
}
