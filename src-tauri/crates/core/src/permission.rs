//! Who may do what: the site's Cognito groups, asked before AWS has to refuse.

use serde_json::json;

use crate::ports::{Groups, SignedIn};
use crate::run::Run;
use crate::{Code, Failure, Job, Operator, Step, Why};

/// Put devices into service.
pub const INSTALLERS: &str = "installers";
/// May also deactivate and delete.
pub const HELPDESK: &str = "helpdesk";

impl Groups {
    /// May this person do the job? Whoever may not is spared a wait, and never offered it; the certificate API
    /// decides by itself.
    pub fn allow(&self, job: Job) -> bool {
        let Self::Of(groups) = self else { return true };
        let is_in = |group: &str| groups.contains(group);
        match job {
            Job::Provision | Job::Verify | Job::Inspect | Job::OpenClaim => true,
            Job::Enroll | Job::Register | Job::ExportClaim => is_in(INSTALLERS) || is_in(HELPDESK),
            Job::Reissue | Job::Activate | Job::Revoke => is_in(HELPDESK),
        }
    }
}

/// The step `sign-in`, and whether this person may do the job.
pub(crate) async fn sign_in(run: &Run<'_>, operator: &dyn Operator, job: Job) -> Result<SignedIn, Failure> {
    let signed_in =
        run.step(Step::SignIn, operator.sign_in(), |signed_in| vec![("operator", json!(signed_in.name))]).await?;
    run.operator(&signed_in.name);
    if signed_in.groups.allow(job) {
        return Ok(signed_in);
    }
    let groups =
        if matches!(job, Job::Enroll | Job::Register | Job::ExportClaim) { "installers, helpdesk" } else { HELPDESK };
    let why = Why::new(format!("only for: {groups}"), format!("対象グループ: {groups}"));
    Err(Failure::new(Code::NotAllowed).about(job.to_string()).because_of(why).at(Step::SignIn))
}
