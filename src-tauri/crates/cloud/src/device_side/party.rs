//! Whose certificate is shown, and why AWS IoT closes the door on it.

use fieldkey_core::{Claim, Code, Failure, Identity, Why};
use rustls::AlertDescription;
use tokio::time::Instant;

use super::refused::{Ended, Moment, alert, both, named};

const NOT_AUTHORIZED: u8 = 0x87;
const CLIENT_ID_NOT_VALID: u8 = 0x85;
const TAKEN_OVER: u8 = 0x8e;

/// A claim or a thing at an endpoint.
#[derive(Clone, Debug)]
pub(super) struct Party {
    pub(super) host: String,
    who: Who,
}

#[derive(Clone, Debug)]
enum Who {
    Claim { ends: Option<Instant> },
    Thing { name: String },
}

impl Party {
    /// The claim's time is AWS's: it counts from here by what is left of it, not by this machine's clock.
    pub(super) fn claim(claim: &Claim, host: &str) -> Self {
        Self { host: host.to_owned(), who: Who::Claim { ends: Instant::now().checked_add(claim.lifetime) } }
    }

    pub(super) fn thing(identity: &Identity) -> Self {
        Self { host: identity.endpoint.host.clone(), who: Who::Thing { name: identity.thing_name.clone() } }
    }

    /// A claim may have any; a thing's policy usually wants the thing's name.
    pub(super) fn client_id(&self) -> Result<String, Failure> {
        match &self.who {
            Who::Claim { .. } => {
                let mut random = [0; 4];
                getrandom::fill(&mut random)
                    .map_err(|error| Failure::new(Code::ServiceError).about("getrandom").because(error.to_string()))?;
                Ok(format!("fieldkey-{}", hex::encode(random)))
            }
            Who::Thing { name } => Ok(name.clone()),
        }
    }

    /// A claim whose five minutes are over.
    pub(super) fn is_over(&self) -> bool {
        matches!(self.who, Who::Claim { ends: Some(ends) } if ends <= Instant::now())
    }

    pub(super) fn not_let_in(&self, ended: Ended) -> Failure {
        self.cut_off(ended, Moment::Connecting)
    }

    /// Says why, as far as it was told; else what it usually is, the likeliest first.
    pub(super) fn cut_off(&self, ended: Ended, moment: Moment<'_>) -> Failure {
        let refused = match ended.common(&self.host, moment) {
            Ok(failure) => return failure,
            Err(left) => left,
        };
        let expired = matches!(refused, Ended::Alert(AlertDescription::CertificateExpired));
        if self.is_over() || (expired && matches!(self.who, Who::Claim { .. })) {
            return Failure::new(Code::ClaimExpired);
        }
        let why = match &refused {
            Ended::Alert(description) => both(&alert(*description), &self.unknown_certificate()),
            Ended::Refused(reason) => {
                let known = match (reason.code, moment) {
                    (TAKEN_OVER, _) => Some(taken_over()),
                    (CLIENT_ID_NOT_VALID, _) => Some(other_client_id()),
                    (NOT_AUTHORIZED, _) => Some(self.not_authorized(moment)),
                    (_, Moment::Subscribing(_)) => Some(self.not_authorized(moment)),
                    _ => None,
                };
                known.map_or_else(|| named(reason), |known| both(&named(reason), &known))
            }
            _ => both(&Why::new("it hung up without a word", "理由を示さずに切断されました"), &self.usual(moment)),
        };
        Failure::new(Code::IdentityRefused).about(&self.host).because_of(why)
    }

    fn unknown_certificate(&self) -> Why {
        match self.who {
            Who::Claim { .. } => Why::new(
                "most often the claim belongs to another region or account",
                "多くの場合、クレームが別のリージョンまたはアカウントのものです",
            ),
            Who::Thing { .. } => Why::new(
                "most often it is inactive, or not registered in this region and account",
                "多くの場合、証明書が無効か、このリージョンとアカウントに登録されていません",
            ),
        }
    }

    fn not_authorized(&self, moment: Moment<'_>) -> Why {
        let (action, resource) = match (&self.who, moment) {
            (Who::Claim { .. }, _) => {
                return Why::new(
                    "a claim may do no more than register a device with its own template",
                    "クレームで許可されるのは、そのテンプレートによるデバイスの登録だけです",
                );
            }
            (Who::Thing { name }, Moment::Connecting) => ("iot:Connect", format!("client/{name}")),
            (_, Moment::Subscribing(topic)) => ("iot:Subscribe", format!("topicfilter/{topic}")),
            (_, Moment::Publishing(topic)) => ("iot:Publish", format!("topic/{topic}")),
            (_, Moment::Waiting(topic)) => ("iot:Receive", format!("topic/{topic}")),
        };
        Why::new(
            format!("no policy of its certificate allows {action} on {resource}"),
            format!("証明書のポリシーで {resource} への {action} が許可されていません"),
        )
    }

    /// What it is when nothing was said, the likeliest first.
    fn usual(&self, moment: Moment<'_>) -> Why {
        match (&self.who, moment) {
            (Who::Claim { .. }, Moment::Connecting) => both(
                &self.unknown_certificate(),
                &Why::new("or AWS throttles new connections", "または接続数が AWS の上限を超えています"),
            ),
            (Who::Claim { .. }, _) => Why::new(
                "most often too many devices register at once, or the claim is of another template",
                "多くの場合、同時に登録するデバイスが多すぎるか、クレームが別のテンプレートのものです",
            ),
            (Who::Thing { .. }, Moment::Connecting) => Why::new(
                "most often its certificate is inactive or not registered in this region and account, or it has no \
                 policy, or one for other client IDs than the thing's name, or the device itself is online",
                "多い順に、証明書が無効またはこのリージョンとアカウントに未登録、ポリシーがない、ポリシーの\
                 クライアント ID がモノの名前と異なる、デバイス自身が接続中、が考えられます",
            ),
            // What may not be received just does not come.
            (Who::Thing { .. }, Moment::Waiting(_)) => taken_over(),
            (Who::Thing { .. }, _) => Why::new(
                format!("most often {}, or the device itself came online", self.not_authorized(moment).en),
                format!("多い順に、{}、デバイス自身が接続してきた、が考えられます", self.not_authorized(moment).ja),
            ),
        }
    }
}

fn taken_over() -> Why {
    Why::new(
        "somebody else came with the same client ID: most often the device itself is online",
        "同じクライアント ID で別の接続がありました。多くの場合、デバイス自身が接続中です",
    )
}

fn other_client_id() -> Why {
    Why::new(
        "its policy wants another client ID than the thing's name",
        "ポリシーのクライアント ID がモノの名前と異なります",
    )
}
