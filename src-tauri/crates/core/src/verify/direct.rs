//! Temporary AWS credentials through the role alias: who they are, and what they reach.

use crate::prove::check_is_aws;
use crate::run::Run;
use crate::{Check, Code, DeviceSide, Failure, Identity, Ports, RoleAlias, Site, Step, Verify, Why};

use super::{check, skip};

pub(super) const STEPS: [Step; 4] = [Step::TemporaryCredentials, Step::Caller, Step::S3List, Step::S3Get];

pub(super) async fn calls(
    run: &Run<'_>,
    request: &Verify,
    site: &Site,
    identity: &Identity,
    device_side: &dyn DeviceSide,
    ports: Ports<'_>,
) -> Vec<Check> {
    let mut credentials = None;
    let fetch = async {
        let alias = role_alias(site, identity, ports).await?;
        let fetched = device_side.temporary_credentials(identity, &alias.host, &alias.name).await?;
        let seen = alias.name;
        credentials = Some(fetched);
        Ok(seen)
    };
    let mut checks = vec![check(run, Step::TemporaryCredentials, fetch).await];
    let Some(credentials) = credentials else {
        let why = Why::new("there are no temporary credentials", "一時認証情報がありません");
        checks.extend(skip(run, &STEPS[1..], why).await);
        return checks;
    };
    let caller = async {
        let caller = device_side.caller(&credentials).await?;
        if caller.arn.ends_with(&format!("/{}", identity.certificate_id)) {
            return Ok(caller.arn);
        }
        let why = Why::new(format!("they are {}", caller.arn), format!("別の ID です: {}", caller.arn));
        Err(Failure::new(Code::RoleAliasRefused).about(&identity.thing_name).because_of(why))
    };
    checks.push(check(run, Step::Caller, caller).await);
    let Some(bucket) = &request.bucket else {
        checks.extend(skip(run, &STEPS[2..], Why::new("no bucket was named", "バケットが指定されていません")).await);
        return checks;
    };
    let mut first = None;
    let list = async {
        first = device_side.first_object(&credentials, bucket).await?;
        Ok(bucket.clone())
    };
    checks.push(check(run, Step::S3List, list).await);
    let Some(key) = first else {
        checks.extend(skip(run, &STEPS[3..], Why::new("no object is known", "読み取るオブジェクトがありません")).await);
        return checks;
    };
    let read = async {
        let bytes = device_side.read_object(&credentials, bucket, &key).await?;
        Ok(format!("{key}, {bytes} bytes"))
    };
    checks.push(check(run, Step::S3Get, read).await);
    checks
}

/// Where the device will ask: what its identity says, which must be what the site says. An identity that says nothing
/// of it is tried with the site's.
async fn role_alias(site: &Site, identity: &Identity, ports: Ports<'_>) -> Result<RoleAlias, Failure> {
    let differs = |its: &str, site_s: &str| {
        let why = Why::new(format!("the site's is {site_s}"), format!("サイトの設定は {site_s} です"));
        Failure::new(Code::WrongEndpoint).about(its).because_of(why)
    };
    if let Some(its) = &identity.role_alias {
        if let Some(name) = site.role_alias.as_ref().filter(|name| **name != its.name) {
            return Err(differs(&its.name, name));
        }
        if let Some(host) = site.credentials_endpoint.as_ref().filter(|host| **host != its.host) {
            return Err(differs(&its.host, host));
        }
        if site.credentials_endpoint.is_none() {
            check_is_aws("credentials.iot", &its.host, site)?;
        }
        return Ok(its.clone());
    }
    let Some(name) = site.role_alias.clone() else {
        let why = Why::new("the site has no role alias", "サイトにロールエイリアスがありません");
        return Err(Failure::new(Code::NotOffered).about("roleAlias").because_of(why));
    };
    if let Some(host) = site.credentials_endpoint.clone() {
        return Ok(RoleAlias { name, host });
    }
    ports.operator.sign_in().await?;
    let host = ports.cloud.credentials_endpoint().await?;
    Ok(RoleAlias { name, host })
}
