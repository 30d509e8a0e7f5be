//! Whether something is allowed on this computer, and why not.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Policy;
use crate::{Code, Failure, Step, Why};

/// What a policy may switch off.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub enum Feature {
    /// Sites that the organisation did not put on this computer.
    OtherSites,
    StaySignedIn,
    Bench,
    ClaimExport,
    ClaimOpen,
    JournalExport,
    Practise,
    /// That the window renews itself.
    Updates,
}

impl Feature {
    pub const ALL: [Self; 8] = [
        Self::OtherSites,
        Self::StaySignedIn,
        Self::Bench,
        Self::ClaimExport,
        Self::ClaimOpen,
        Self::JournalExport,
        Self::Practise,
        Self::Updates,
    ];

    /// What is not allowed, as half a sentence.
    pub fn words(self) -> Why {
        let (en, ja) = match self {
            Self::OtherSites => ("sites other than the organisation's own", "組織が用意したもの以外のサイト"),
            Self::StaySignedIn => ("staying signed in", "サインインしたままにすること"),
            Self::Bench => ("the bench", "ベンチ"),
            Self::ClaimExport => ("exporting claims", "クレームの書き出し"),
            Self::ClaimOpen => ("opening claim files", "クレームファイルを開くこと"),
            Self::JournalExport => ("exporting the journal", "ジャーナルの書き出し"),
            Self::Practise => ("practising", "練習用サイト"),
            Self::Updates => ("updates from within Fieldkey", "Fieldkey 自体の更新"),
        };
        Why::new(en, ja)
    }
}

/// What holds on this computer. Read once, when a program starts.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Rules {
    /// There is no policy: everything is allowed.
    #[default]
    None,
    /// `file`: where it is written, for whoever has to ask.
    Of { policy: Policy, file: String },
    /// There is one, but nobody can say what it forbids: then all of it is forbidden.
    Broken(Failure),
}

impl Rules {
    /// `file`: the policy's. `why`: what is wrong with it.
    pub fn broken(file: &str, why: Why) -> Self {
        Self::Broken(Failure::new(Code::PolicyInvalid).about(file).because_of(why).at(Step::Site))
    }

    /// # Errors
    /// `not-allowed-by-policy`; `policy-invalid` where the policy cannot be used.
    pub fn allow(&self, feature: Feature) -> Result<(), Failure> {
        match self {
            Self::None => Ok(()),
            Self::Of { policy, .. } if policy.allows(feature) => Ok(()),
            Self::Of { file, .. } => {
                Err(Failure::new(Code::NotAllowedByPolicy).about(file).because_of(feature.words()).at(Step::Site))
            }
            Self::Broken(why) => Err(why.clone()),
        }
    }

    pub fn allows(&self, feature: Feature) -> bool {
        self.allow(feature).is_ok()
    }

    /// The organisation said so itself. What only a mistake in the policy switches off is allowed again some day, and
    /// nothing that was there before is to be lost by then.
    pub fn forbids(&self, feature: Feature) -> bool {
        matches!(self, Self::Of { policy, .. } if !policy.allows(feature))
    }

    /// Why the policy cannot be used, if so.
    pub fn trouble(&self) -> Option<&Failure> {
        match self {
            Self::Broken(why) => Some(why),
            Self::None | Self::Of { .. } => None,
        }
    }

    /// Where the policy is written, if there is one.
    pub fn file(&self) -> Option<&str> {
        match self {
            Self::None => None,
            Self::Of { file, .. } => Some(file),
            Self::Broken(why) => Some(&why.about),
        }
    }

    /// All that is switched off.
    pub fn off(&self) -> Vec<Feature> {
        Feature::ALL.into_iter().filter(|feature| !self.allows(*feature)).collect()
    }
}
