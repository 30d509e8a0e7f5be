//! One address at which the user pool, an identity pool and AWS IoT answer: the calls are counted, answered late,
//! wrongly or not at all as a test wants, and told the time of a clock of their own.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};

use fieldkey_cloud::{Aws, Keychain};
use fieldkey_core::Site;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::macros::format_description;
use tokio::sync::oneshot;

use super::http::{Reply, Request, Server};
use super::pool::{self, Pool, Refused, Settings, User, refuse};
use super::registry::{self, Registry};
use super::{IDENTITY_POOL, TEMPLATE, site_at};

pub(crate) const CERTIFICATE_ID: &str = "3f5e0d1c2b4a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";
pub(crate) const PRIVATE_KEY: &str =
    "-----BEGIN RSA PRIVATE KEY-----\nTHE-CLAIM-S-KEY\n-----END RSA PRIVATE KEY-----\n";
/// The things that exist, and how many certificates each has: more than fit on a page.
pub(crate) const THING: (&str, usize) = ("Fleet_Index_SN-0042", 5);

/// Something other than the usual answer. `None`: the usual answer after all.
type Fault = Box<dyn FnOnce() -> Option<Reply> + Send>;

pub(crate) struct Double {
    server: Server,
    shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) pool: Pool,
    registry: Registry,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    calls: Vec<(String, Value)>,
    faults: HashMap<String, VecDeque<Fault>>,
    issued: HashSet<String>,
    /// How long the next temporary credentials live; one hour when the list is used up.
    lifetimes: VecDeque<i64>,
}

impl Double {
    pub(crate) fn new(settings: Settings, user: User) -> Self {
        let shared =
            Arc::new(Shared { pool: Pool::new(settings, user), registry: Registry::new(), seen: Mutex::default() });
        let answering = Arc::clone(&shared);
        Self { server: Server::plain(move |request| answering.answer(request)), shared }
    }

    /// With everything as usual.
    pub(crate) fn plain() -> Self {
        Self::new(Settings::default(), User::default())
    }

    pub(crate) fn pool(&self) -> &Pool {
        &self.shared.pool
    }

    /// Things beside the one that always exists.
    pub(crate) fn registry(&self) -> &Registry {
        &self.shared.registry
    }

    /// Answers requests that came another way than over the double's own address.
    pub(crate) fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.shared)
    }

    pub(crate) fn site(&self) -> Site {
        site_at(&self.server.url())
    }

    /// A program at this site, without a keychain.
    pub(crate) fn aws(&self) -> Aws {
        self.program(None)
    }

    pub(crate) fn program(&self, keychain: Option<Keychain>) -> Aws {
        let secret = self.pool().settings.secret.then(|| pool::SECRET.into());
        Aws::new(&self.site(), None, secret, keychain).expect("no CA to be wrong")
    }

    /// The names of the calls that were answered, in order.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.shared.seen().calls.iter().map(|(name, _)| name.clone()).collect()
    }

    pub(crate) fn forget_calls(&self) {
        self.shared.seen().calls.clear();
    }

    pub(crate) fn count(&self, operation: &str) -> usize {
        self.calls().iter().filter(|name| *name == operation).count()
    }

    /// The bodies that one operation was called with.
    pub(crate) fn bodies(&self, operation: &str) -> Vec<Value> {
        let seen = self.shared.seen();
        seen.calls.iter().filter(|(name, _)| name == operation).map(|(_, body)| body.clone()).collect()
    }

    pub(crate) fn lifetimes(&self, seconds: &[i64]) {
        self.shared.seen().lifetimes.extend(seconds);
    }

    /// Refuses the next call of an operation.
    pub(crate) fn refuse(&self, operation: &str, name: &str, message: &str) {
        self.answer(operation, refusal(400, name, message));
    }

    /// Answers the next call of an operation in this way.
    pub(crate) fn answer(&self, operation: &str, reply: Reply) {
        self.once(operation, move || Some(reply));
    }

    /// Holds the next call of an operation back: the first channel says that it is there, the second lets it go on.
    pub(crate) fn hold(&self, operation: &str) -> (oneshot::Receiver<()>, mpsc::Sender<()>) {
        let (arrived, arrival) = oneshot::channel();
        let (release, released) = mpsc::channel();
        self.once(operation, move || {
            let _ = arrived.send(());
            let _ = released.recv();
            None
        });
        (arrival, release)
    }

    fn once(&self, operation: &str, fault: impl FnOnce() -> Option<Reply> + Send + 'static) {
        self.shared.seen().faults.entry(operation.to_owned()).or_default().push_back(Box::new(fault));
    }
}

/// As AWS's JSON protocols refuse.
pub(crate) fn refusal(status: u16, name: &str, message: &str) -> Reply {
    Reply::new(status, json!({ "__type": name, "message": message }).to_string()).with("x-amzn-errortype", name)
}

impl Shared {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn answer(&self, request: &Request) -> Reply {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let operation = operation(request);
        let fault = {
            let mut seen = self.seen();
            seen.calls.push((operation.clone(), body.clone()));
            seen.faults.get_mut(&operation).and_then(VecDeque::pop_front)
        };
        let reply = fault.and_then(|fault| fault()).unwrap_or_else(|| {
            let outcome = match request.headers.get("x-amz-target").and_then(|target| target.split_once('.')) {
                Some(("AWSCognitoIdentityProviderService", name)) => self.pool.call(name, &body),
                Some(("AWSCognitoIdentityService", name)) => self.identity_pool(name, &body),
                _ if operation == "GetKeys" => keys(request),
                _ => self.iot(request, &operation, &body),
            };
            match outcome {
                Ok(answer) => Reply::new(200, answer.to_string()),
                Err((name, message)) => {
                    refusal(if name == "AccessDeniedException" { 403 } else { 400 }, name, &message)
                }
            }
        });
        reply.with("date", &http_date(self.pool.now()))
    }

    fn identity_pool(&self, operation: &str, body: &Value) -> Result<Value, Refused> {
        let provider = format!("cognito-idp.ap-northeast-1.amazonaws.com/{}", pool::ID);
        let Some(token) = body["Logins"][&provider].as_str() else {
            return refuse("NotAuthorizedException", "Token is not from a supported provider of this identity pool.");
        };
        self.pool.check_id_token(token)?;
        let identity = "ap-northeast-1:99999999-0000-4000-8000-0123456789ab";
        match operation {
            "GetId" if body["IdentityPoolId"] == IDENTITY_POOL => Ok(json!({ "IdentityId": identity })),
            "GetId" => refuse("ResourceNotFoundException", "IdentityPool not found."),
            "GetCredentialsForIdentity" if body["IdentityId"] == identity => {
                let mut seen = self.seen();
                let access_key = format!("ASIADOUBLE{:010}", seen.issued.len());
                seen.issued.insert(access_key.clone());
                let seconds = seen.lifetimes.pop_front().unwrap_or(3600);
                Ok(json!({ "IdentityId": identity, "Credentials": {
                    "AccessKeyId": access_key,
                    "SecretKey": "the-secret-access-key",
                    "SessionToken": format!("session-token-of-{access_key}"),
                    "Expiration": self.pool.now().unix_timestamp() + seconds,
                }}))
            }
            _ => refuse("ResourceNotFoundException", "Identity not found."),
        }
    }

    fn iot(&self, request: &Request, operation: &str, body: &Value) -> Result<Value, Refused> {
        let header = |name: &str| request.headers.get(name).map(String::as_str).unwrap_or_default();
        let key = header("authorization").split_once("Credential=").and_then(|(_, rest)| rest.split('/').next());
        let key = key.unwrap_or_default();
        let known = self.seen().issued.contains(key);
        if !known || header("x-amz-security-token") != format!("session-token-of-{key}") {
            return refuse("UnrecognizedClientException", "The security token included in the request is invalid.");
        }
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        match operation {
            "CreateProvisioningClaim" if path.split('/').nth(2) == Some(TEMPLATE) => Ok(json!({
                "certificateId": CERTIFICATE_ID,
                "certificatePem": "-----BEGIN CERTIFICATE-----\nTHE-CLAIM\n-----END CERTIFICATE-----\n",
                "keyPair": { "PublicKey": "…", "PrivateKey": PRIVATE_KEY },
                "expiration": self.pool.now().unix_timestamp() + 300,
            })),
            "CreateProvisioningClaim" => refuse("ResourceNotFoundException", "Template does not exist."),
            "DescribeEndpoint" if query == "endpointType=iot%3AData-ATS" => {
                Ok(json!({ "endpointAddress": "a1b2c3-ats.iot.ap-northeast-1.amazonaws.com" }))
            }
            "DescribeEndpoint" if query == "endpointType=iot%3ACredentialProvider" => {
                Ok(json!({ "endpointAddress": "c1d2e3.credentials.iot.ap-northeast-1.amazonaws.com" }))
            }
            "ListThingPrincipals" if path.split('/').nth(2) == Some(THING.0) => {
                let page: usize = query.split_once("nextToken=page-").and_then(|(_, n)| n.parse().ok()).unwrap_or(0);
                let arns: Vec<String> = (page * 2..THING.1.min(page * 2 + 2))
                    .map(|n| format!("arn:aws:iot:ap-northeast-1:123456789012:cert/{n:064x}"))
                    .chain([format!("ap-northeast-1:{page}-a-cognito-identity")])
                    .collect();
                let next = (page * 2 + 2 < THING.1).then(|| format!("page-{}", page + 1));
                Ok(json!({ "principals": arns, "nextToken": next }))
            }
            _ => self.registry.answer(operation, request, body),
        }
    }
}

/// What every user pool publishes.
fn keys(request: &Request) -> Result<Value, Refused> {
    match request.target.split('/').nth(1) {
        Some(pool::ID) => Ok(json!({ "keys": [] })),
        other => {
            refuse("ResourceNotFoundException", format!("User pool {} does not exist.", other.unwrap_or_default()))
        }
    }
}

fn operation(request: &Request) -> String {
    let path = request.target.split('?').next().unwrap_or_default();
    let name = match request.headers.get("x-amz-target") {
        Some(target) => target.rsplit('.').next().unwrap_or_default(),
        None if path.ends_with("/.well-known/jwks.json") => "GetKeys",
        None => registry::operation(request).unwrap_or(path),
    };
    name.to_owned()
}

fn http_date(at: OffsetDateTime) -> String {
    let form =
        format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");
    at.format(form).expect("a date")
}
