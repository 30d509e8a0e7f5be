//! AWS IoT for whoever has an AWS profile, and that profile.

use std::collections::{HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use fieldkey_cloud::{Account, Profile};
use fieldkey_core::Site;
use serde_json::Value;

use super::aws::refusal;
use super::http::{Reply, Request, Server};
use super::registry::{POLICY, Registry, operation};
use super::site_at;

pub(crate) const SECRET: &str = "the-engineer-s-secret-key";

pub(crate) struct Bench {
    server: Server,
    shared: Arc<Shared>,
    pub(crate) profiles: Profiles,
}

#[derive(Default)]
struct Seen {
    calls: Vec<String>,
    faults: HashMap<String, VecDeque<(Done, Reply)>>,
}

/// Whether the call that a fault answers was done all the same.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Done {
    Yes,
    No,
}

struct Shared {
    registry: Registry,
    seen: Mutex<Seen>,
    under_way: AtomicUsize,
    most_under_way: AtomicUsize,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let (registry, seen) = (Registry::new(), Mutex::default());
        let (under_way, most_under_way) = Default::default();
        let shared = Arc::new(Shared { registry, seen, under_way, most_under_way });
        let answering = Arc::clone(&shared);
        let server = Server::plain(move |request| answering.answer(request));
        let keys = format!("aws_access_key_id = AKIABENCH\naws_secret_access_key = {SECRET}\n");
        let profiles = Profiles::new(&format!("[profile bench]\n{keys}"));
        Self { server, shared, profiles }
    }

    pub(crate) fn site(&self) -> Site {
        site_at(&self.server.url())
    }

    pub(crate) fn account(&self) -> Account {
        self.account_of("bench", Some(POLICY))
    }

    pub(crate) fn account_of(&self, profile: &str, policy: Option<&str>) -> Account {
        let profile = self.profiles.profile(profile);
        Account::new(&self.site(), None, profile, policy.map(str::to_owned)).expect("no CA to be wrong")
    }

    pub(crate) fn registry(&self) -> &Registry {
        &self.shared.registry
    }

    /// Answers the next call of an operation in this way.
    pub(crate) fn answer(&self, operation: &str, done: Done, reply: Reply) {
        let mut seen = self.shared.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.faults.entry(operation.to_owned()).or_default().push_back((done, reply));
    }

    pub(crate) fn refuse(&self, operation: &str, name: &str, message: &str) {
        self.answer(operation, Done::No, refusal(400, name, message));
    }

    /// The names of the calls since the last time this was asked, in order.
    pub(crate) fn calls(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.seen.lock().unwrap_or_else(PoisonError::into_inner).calls)
    }

    /// So many calls were answered at the same time at most.
    pub(crate) fn most_under_way(&self) -> usize {
        self.shared.most_under_way.load(Ordering::SeqCst)
    }
}

impl Shared {
    fn answer(&self, request: &Request) -> Reply {
        let now = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_under_way.fetch_max(now, Ordering::SeqCst);
        // As long as a call takes to come back.
        std::thread::sleep(std::time::Duration::from_millis(5));
        let reply = self.reply(request);
        self.under_way.fetch_sub(1, Ordering::SeqCst);
        reply
    }

    fn reply(&self, request: &Request) -> Reply {
        let operation = operation(request).unwrap_or("?");
        let fault = {
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.calls.push(operation.to_owned());
            seen.faults.get_mut(operation).and_then(VecDeque::pop_front)
        };
        if let Some((Done::No, reply)) = fault {
            return reply;
        }
        let signed =
            request.headers.get("authorization").is_some_and(|header| header.contains("Credential=AKIABENCH/"));
        if !signed {
            return refusal(
                403,
                "UnrecognizedClientException",
                "The security token included in the request is invalid.",
            );
        }
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let outcome = self.registry.answer(operation, request, &body);
        match (fault, outcome) {
            (Some((_, reply)), _) => reply,
            (None, Ok(answer)) => Reply::new(200, answer.to_string()),
            (None, Err((name, message))) => {
                let status = match name {
                    "ResourceNotFoundException" => 404,
                    "ResourceAlreadyExistsException" | "DeleteConflictException" => 409,
                    _ => 400,
                };
                refusal(status, name, &message)
            }
        }
    }
}

/// A file of profiles, deleted when it is dropped.
pub(crate) struct Profiles(pub(crate) PathBuf);

impl Profiles {
    pub(crate) fn new(text: &str) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("profiles-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::SeqCst));
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::write(&path, text).expect("a temporary file");
        Self(path)
    }

    pub(crate) fn profile(&self, name: &str) -> Profile {
        Profile { name: name.into(), file: Some(self.0.clone()) }
    }
}

impl Drop for Profiles {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
