//! Until a stack stands or has failed, and what happens to its resources meanwhile.

use std::collections::HashSet;
use std::time::Duration;

use aws_sdk_cloudformation::types::{Stack as Described, StackEvent, StackStatus};
use fieldkey_core::{Code, Failure, Why};
use time::OffsetDateTime;
use tokio::time::Instant;

use super::{Stack, is_under_way};

const LOOK_EVERY: Duration = Duration::from_secs(2);

/// A user pool and a few functions take minutes.
const PATIENCE: Duration = Duration::from_secs(3_600);

/// Looks in a row that may fail: the stack goes on by itself.
const FAILED_LOOKS: u32 = 5;

/// So many resources' reasons are passed on.
const REASONS: usize = 3;

/// What happened to one resource.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Happening {
    pub at: OffsetDateTime,
    /// Its name in the template.
    pub resource: String,
    /// `AWS::Cognito::UserPool`.
    pub kind: String,
    /// `CREATE_IN_PROGRESS`.
    pub status: String,
    /// In AWS's words; mostly empty.
    pub reason: String,
}

impl Stack {
    /// The IDs of the events up to now.
    pub(super) async fn events_so_far(&self) -> Result<HashSet<String>, Failure> {
        let mut seen = HashSet::new();
        self.new_events(&mut seen).await?;
        Ok(seen)
    }

    pub(super) async fn wait(
        &self,
        seen: &mut HashSet<String>,
        tell: &(dyn Fn(&Happening) + Send + Sync),
    ) -> Result<Described, Failure> {
        let end = Instant::now() + PATIENCE;
        let (mut reasons, mut failed_looks) = (vec![], 0);
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let status = match self.look(seen, &mut reasons, tell).await {
                Ok((stack, status)) if !is_under_way(&status) => return self.verdict(stack, &status, &reasons),
                Ok((_, status)) => {
                    failed_looks = 0;
                    status.to_string()
                }
                Err(failure) if failed_looks < FAILED_LOOKS && passes_by(failure.code) => {
                    failed_looks += 1;
                    failure.code.to_string()
                }
                Err(failure) => return Err(failure),
            };
            if Instant::now() > end {
                let why =
                    Why::new(format!("after an hour still {status}"), format!("1 時間たっても {status} のままです"));
                return Err(self.failed().because_of(why));
            }
        }
    }

    /// The stack first, its events second: no event of a stack that has come to its end is missed.
    async fn look(
        &self,
        seen: &mut HashSet<String>,
        reasons: &mut Vec<String>,
        tell: &(dyn Fn(&Happening) + Send + Sync),
    ) -> Result<(Described, StackStatus), Failure> {
        let gone = || self.failed().because_of(Why::new("somebody deleted it", "削除されました"));
        let stack = self.describe().await?.ok_or_else(gone)?;
        let status = stack.stack_status.clone().ok_or_else(|| self.failed().because("no status"))?;
        for happening in self.new_events(seen).await? {
            let is_cause = happening.status.ends_with("_FAILED") && !happening.reason.contains("cancelled");
            if is_cause && !happening.reason.is_empty() {
                reasons.push(format!("{}: {}", happening.resource, happening.reason));
            }
            tell(&happening);
        }
        Ok((stack, status))
    }

    fn verdict(&self, stack: Described, status: &StackStatus, reasons: &[String]) -> Result<Described, Failure> {
        match status {
            StackStatus::CreateComplete | StackStatus::UpdateComplete => Ok(stack),
            _ if reasons.is_empty() => Err(self.failed().because(status.as_str())),
            _ => Err(self.failed().because(reasons.iter().take(REASONS).cloned().collect::<Vec<_>>().join("; "))),
        }
    }

    /// Oldest first; those of earlier changes are left out.
    async fn new_events(&self, seen: &mut HashSet<String>) -> Result<Vec<Happening>, Failure> {
        let (mut new, mut next) = (vec![], None);
        loop {
            let call = self.client.describe_stack_events().stack_name(&self.name).set_next_token(next).send();
            let page = self.call(call).await?;
            let page = page.map_err(|refusal| self.refused(&refusal, "cloudformation:DescribeStackEvents"))?;
            // AWS gives the newest first.
            let mut reached_the_known = false;
            for event in page.stack_events.unwrap_or_default() {
                match seen.insert(event.event_id.clone().unwrap_or_default()) {
                    true => new.push(happening(event)),
                    false => reached_the_known = true,
                }
            }
            next = page.next_token.filter(|token| !token.is_empty() && !reached_the_known);
            if next.is_none() {
                new.reverse();
                return Ok(new);
            }
        }
    }
}

fn passes_by(code: Code) -> bool {
    matches!(code, Code::Offline | Code::Throttled | Code::ServiceError)
}

fn happening(event: StackEvent) -> Happening {
    let at = event.timestamp.and_then(|at| OffsetDateTime::from_unix_timestamp(at.secs()).ok());
    Happening {
        at: at.unwrap_or(OffsetDateTime::UNIX_EPOCH),
        resource: event.logical_resource_id.unwrap_or_default(),
        kind: event.resource_type.unwrap_or_default(),
        status: event.resource_status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
        reason: event.resource_status_reason.unwrap_or_default(),
    }
}
