//! The open site, who is signed in, and what the page needs to begin.

use std::path::Path;

use fieldkey_cloud::WhoIsIt;
use fieldkey_core::ports::Groups;
use fieldkey_core::{Failure, FailureView, Feature, Job, Rules, Site};
use serde::Serialize;
use ts_rs::TS;

use super::{CrashReport, Theme, Updates};

/// What stands for the practise site where others have their file's path.
const PRACTISE: &str = "practise:";

#[derive(Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub(crate) struct SiteView {
    pub(crate) path: String,
    pub(crate) name: String,
    pub(crate) region: String,
    pub(crate) serial_number_pattern: String,
    pub(crate) thing_name_prefix: String,
    /// The site says how files are laid out on its devices.
    pub(crate) own_layout: bool,
    /// Nothing here reaches AWS or a device.
    pub(crate) practise: bool,
}

impl SiteView {
    pub(crate) fn new(path: Option<&Path>, site: &Site) -> Self {
        Self {
            path: path.map_or_else(|| PRACTISE.to_owned(), |path| path.display().to_string()),
            practise: path.is_none(),
            name: site.name.clone(),
            region: site.region.clone(),
            serial_number_pattern: site.serial_number_pattern.clone(),
            thing_name_prefix: site.thing_name_prefix.clone(),
            own_layout: site.layout.is_some(),
        }
    }
}

#[derive(Default, Serialize, TS)]
#[ts(export)]
pub(crate) struct OperatorView {
    pub(crate) name: String,
    /// The keychain keeps the session; otherwise it ends with the program.
    pub(crate) kept: bool,
    /// The site's groups that the person is in.
    pub(crate) groups: Vec<String>,
    /// The jobs that these groups allow: no other is offered.
    pub(crate) may: Vec<Job>,
}

impl OperatorView {
    pub(crate) fn new(WhoIsIt { name, kept }: WhoIsIt, groups: &Groups) -> Self {
        let names = match groups {
            Groups::Of(names) => names.iter().cloned().collect(),
            Groups::Account => vec![],
        };
        let may = Job::ALL.into_iter().filter(|job| groups.allow(*job)).collect();
        Self { name, kept, groups: names, may }
    }
}

/// A site that was opened, and what is left of a session there.
#[derive(Serialize, TS)]
#[ts(export)]
pub(crate) struct Opened {
    pub(crate) site: SiteView,
    /// Nobody if a sign-in is needed.
    pub(crate) operator: Option<OperatorView>,
    /// Why a session that was kept could not be resumed.
    pub(crate) failure: Option<FailureView>,
}

/// What the page needs to begin.
#[derive(Serialize, TS)]
#[ts(export)]
pub(crate) struct Start {
    pub(crate) site: Option<SiteView>,
    /// Why the site opened last could not be opened again, or its operator not be signed in.
    pub(crate) failure: Option<FailureView>,
    pub(crate) operator: Option<OperatorView>,
    /// Chosen on the command line.
    pub(crate) target: Option<String>,
    #[ts(type = "\"en\" | \"ja\"")]
    pub(crate) language: &'static str,
    /// There is a keychain to stay signed in with.
    pub(crate) keychain: bool,
    pub(crate) theme: Theme,
    pub(crate) sound: bool,
    /// How the last start ended, if badly.
    pub(crate) crash: Option<CrashReport>,
    /// What the organisation has switched off, if it has a policy for this computer.
    pub(crate) policy: Option<PolicyView>,
    pub(crate) updates: Updates,
}

/// The organisation's policy for this computer.
#[derive(Serialize, TS)]
#[ts(export)]
pub(crate) struct PolicyView {
    /// Where it is written.
    file: String,
    off: Vec<Feature>,
    /// Why it cannot be used; then all that a policy could switch off is off.
    failure: Option<FailureView>,
}

impl PolicyView {
    pub(crate) fn of(rules: &Rules) -> Option<Self> {
        let file = rules.file()?.to_owned();
        Some(Self { file, off: rules.off(), failure: rules.trouble().map(Failure::view) })
    }
}

#[cfg(test)]
mod tests {
    use fieldkey_core::{Code, Policy, Why};

    use super::*;

    fn may(groups: &Groups) -> Vec<Job> {
        OperatorView::new(WhoIsIt { name: "mori".into(), kept: false }, groups).may
    }

    #[test]
    fn the_page_learns_what_is_switched_off_and_by_which_file() {
        assert!(PolicyView::of(&Rules::None).is_none(), "nothing is to be explained");
        let policy = Policy { bench: false, ..Policy::default() };
        let view = PolicyView::of(&Rules::Of { policy, file: "/etc/fieldkey/policy.json".into() }).expect("a policy");
        assert_eq!((view.file.as_str(), view.off), ("/etc/fieldkey/policy.json", vec![Feature::Bench]));
        let broken = PolicyView::of(&Rules::broken("policy.json", Why::new("not JSON", "JSON ではありません")));
        let broken = broken.expect("it is there");
        assert_eq!(
            (broken.off.len(), broken.failure.map(|why| why.code)),
            (Feature::ALL.len(), Some(Code::PolicyInvalid))
        );
    }

    #[test]
    fn the_page_learns_what_the_groups_allow() {
        let nobody = Groups::Of([].into());
        let helpdesk = Groups::Of([fieldkey_core::HELPDESK.to_owned()].into());
        assert_eq!(
            may(&nobody),
            [Job::Provision, Job::Verify, Job::Inspect, Job::OpenClaim],
            "what every signed-in person may do"
        );
        assert_eq!(may(&helpdesk), Job::ALL);
        assert_eq!(may(&Groups::Account), Job::ALL, "AWS decides about an engineer");
    }
}
