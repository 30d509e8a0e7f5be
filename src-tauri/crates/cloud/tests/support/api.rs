//! A site's certificate API behind API Gateway's JWT authorizer, as docs/certificate-api.md has it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fieldkey_cloud::Aws;
use fieldkey_core::Site;
use serde_json::{Value, json};

use super::aws::{Double, Shared};
use super::http::{Reply, Request, Server};
use super::registry::{Certificate, Registry, id_of};

/// What happens to a call instead of its usual end.
pub(crate) enum Fate {
    /// Answered like this, and not done.
    Answered(Reply),
    /// Done, and answered like this.
    DoneBut(Reply),
}

pub(crate) struct Api {
    server: Server,
    shared: Arc<State>,
}

struct State {
    aws: Arc<Shared>,
    registry: Registry,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    calls: Vec<(String, Value)>,
    fates: VecDeque<Fate>,
    tokens: Vec<String>,
}

impl Api {
    pub(crate) fn new(double: &Double) -> Self {
        let shared = Arc::new(State { aws: double.shared(), registry: Registry::new(), seen: Mutex::default() });
        let answering = Arc::clone(&shared);
        Self { server: Server::plain(move |request| answering.answer(request)), shared }
    }

    pub(crate) fn site(&self, double: &Double) -> Site {
        Site { certificate_api_url: Some(self.server.url()), ..double.site() }
    }

    pub(crate) fn aws(&self, double: &Double) -> Aws {
        Aws::new(&self.site(double), None, None, None).expect("no CA to be wrong")
    }

    pub(crate) fn host(&self) -> String {
        format!("127.0.0.1:{}", self.server.port)
    }

    pub(crate) fn registry(&self) -> &Registry {
        &self.shared.registry
    }

    /// What happens to the next call.
    pub(crate) fn next(&self, fate: Fate) {
        self.shared.seen().fates.push_back(fate);
    }

    /// `POST /things/…` and the body, of each call since the last time this was asked.
    pub(crate) fn calls(&self) -> Vec<(String, Value)> {
        std::mem::take(&mut self.shared.seen().calls)
    }

    /// The different ID tokens that were shown.
    pub(crate) fn tokens(&self) -> Vec<String> {
        self.shared.seen().tokens.clone()
    }
}

/// As the API refuses.
pub(crate) fn problem(status: u16, code: &str, more: &Value) -> Reply {
    let mut body = json!({ "type": "about:blank", "title": "No", "status": status, "detail": "not now", "code": code });
    let members = body.as_object_mut().expect("an object");
    members.extend(more.as_object().cloned().unwrap_or_default());
    Reply::new(status, body.to_string()).with("content-type", "application/problem+json")
}

/// As API Gateway answers by itself.
pub(crate) fn gateway(status: u16, message: &str) -> Reply {
    Reply::new(status, json!({ "message": message }).to_string()).with("content-type", "application/json")
}

impl State {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, request: &Request) -> Reply {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let token = request.headers.get("authorization").and_then(|header| header.strip_prefix("Bearer "));
        let token = token.unwrap_or_default().to_owned();
        let fate = {
            let mut seen = self.seen();
            seen.calls.push((format!("{} {}", request.method, request.target), body.clone()));
            if !seen.tokens.contains(&token) {
                seen.tokens.push(token.clone());
            }
            seen.fates.pop_front()
        };
        if let Some(Fate::Answered(reply)) = fate {
            return reply;
        }
        if self.aws.pool.check_id_token(&token).is_err() {
            return gateway(401, "Unauthorized").with("www-authenticate", "Bearer");
        }
        let reply = self.usual(request, &body);
        match fate {
            Some(Fate::DoneBut(instead)) => instead,
            _ => reply,
        }
    }

    fn usual(&self, request: &Request, body: &Value) -> Reply {
        let parts: Vec<&str> = request.target.trim_matches('/').split('/').collect();
        let is_json = request.headers.get("content-type").is_none_or(|kind| kind == "application/json");
        assert!(is_json, "{request:?}");
        match (request.method.as_str(), parts.as_slice()) {
            ("POST", ["things", thing, "certificates"]) if body["csr"].is_string() => self.issue(thing, body),
            ("POST", ["things", thing, "certificates"]) => self.register(thing, body),
            ("PATCH", ["things", thing, "certificates", id]) => self.set_status(thing, id, body),
            ("DELETE", ["things", thing, "certificates", id]) => self.delete(thing, id),
            _ => gateway(404, "Not Found"),
        }
    }

    fn issue(&self, thing: &str, body: &Value) -> Reply {
        let csr = body["csr"].as_str().unwrap_or_default();
        let state = &mut *self.registry.state();
        // Which CSR a thing's certificate was made for is noted where a real one has the thing's type.
        let before = state.things.get(csr).and_then(|known| known["id"].as_str().map(str::to_owned));
        let (status, id) = match before {
            Some(id) => (200, id),
            None => {
                let Some(pem) = self.registry.sign(csr) else {
                    return problem(400, "certificate-invalid", &json!({}));
                };
                let id = id_of(&pem);
                let things = [thing.to_owned()].into();
                let made = Certificate { pem, status: "ACTIVE".into(), things, ..Certificate::default() };
                state.certificates.insert(id.clone(), made);
                state.things.insert(csr.to_owned(), json!({ "id": id }));
                (201, id)
            }
        };
        let pem = &state.certificates[&id].pem;
        let answer = json!({ "thingName": thing, "certificateId": id, "certificatePem": pem, "status": "ACTIVE" });
        Reply::new(status, answer.to_string()).with("content-type", "application/json")
    }

    fn register(&self, thing: &str, body: &Value) -> Reply {
        let pem = body["certificatePem"].as_str().unwrap_or_default().to_owned();
        let status = body["status"].as_str().unwrap_or("INACTIVE").to_owned();
        let id = id_of(&pem);
        let state = &mut *self.registry.state();
        if let Some(found) = state.certificates.get(&id) {
            let (ours, others): (Vec<_>, Vec<_>) =
                found.things.iter().partition(|name| name.starts_with("Fleet_Index_"));
            let more = json!({ "certificateId": id, "certificateStatus": found.status,
                "thingNames": ours, "otherThings": others.len() });
            return problem(409, "certificate-duplicate", &more);
        }
        let things = [thing.to_owned()].into();
        let made = Certificate { pem, status: status.clone(), things, ..Certificate::default() };
        state.certificates.insert(id.clone(), made);
        Reply::new(201, json!({ "thingName": thing, "certificateId": id, "status": status }).to_string())
    }

    fn set_status(&self, thing: &str, id: &str, body: &Value) -> Reply {
        match self.registry.state().certificates.get_mut(id).filter(|found| found.things.contains(thing)) {
            Some(found) => {
                found.status = body["status"].as_str().unwrap_or_default().to_owned();
                let answer = json!({ "thingName": thing, "certificateId": id, "status": found.status });
                Reply::new(200, answer.to_string())
            }
            None => problem(404, "certificate-not-found", &json!({})),
        }
    }

    fn delete(&self, thing: &str, id: &str) -> Reply {
        let state = &mut *self.registry.state();
        match state.certificates.get(id).filter(|found| found.things.contains(thing)) {
            Some(_) => {
                state.certificates.remove(id);
                Reply::new(204, "")
            }
            None => problem(404, "certificate-not-found", &json!({})),
        }
    }
}
