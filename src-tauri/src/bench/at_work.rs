//! The bench of the site at hand, as the window holds it.

use std::sync::{Arc, Mutex};

use fieldkey_core::Failure;
use fieldkey_core::bench::{Change, Runner};
use fieldkey_device::Attached;
use secrecy::SecretString;
use tauri::ipc::Channel;

use super::plugged;
use crate::site::OpenSite;
use crate::state::held;

/// The password that every device of the batch has for its own user.
pub(crate) type Login = Arc<Mutex<Option<BatchLogin>>>;

pub(crate) struct BatchLogin {
    pub(crate) password: SecretString,
    /// The operator who typed it.
    by: Option<String>,
}

/// A bench at work, and whose it is. Whoever has it has to do with this one, whichever is at hand by then.
#[derive(Clone)]
pub(crate) struct AtWork {
    site: Arc<OpenSite>,
    pub(crate) runner: Arc<Runner>,
    /// Of the devices' own user, for this batch.
    login: Login,
    armed_by: Arc<Mutex<Option<String>>>,
}

impl AtWork {
    /// For all devices of the batch. Until it is known who typed it, it is nobody's, and whoever signs in takes it away.
    pub(crate) async fn keep_login(&self, password: SecretString) {
        *held(&self.login) = Some(BatchLogin { password, by: None });
        let by = self.operator().await;
        if let Some(login) = held(&self.login).as_mut() {
            login.by = by;
        }
        self.runner.with(|bench, _| bench.show());
    }

    pub(crate) fn forget_login(&self) {
        *held(&self.login) = None;
        self.runner.with(|bench, _| bench.show());
    }

    pub(crate) async fn arm(&self) {
        *held(&self.armed_by) = self.operator().await;
        self.runner.with(|bench, _| bench.arm());
    }

    pub(crate) fn disarm(&self) {
        *held(&self.armed_by) = None;
        self.runner.with(|bench, _| bench.disarm());
    }

    /// What another operator typed or armed does not go on by itself.
    fn signed_in(&self, operator: &str) {
        held(&self.login).take_if(|login| login.by.as_deref() != Some(operator));
        if held(&self.armed_by).as_deref().is_some_and(|by| by != operator) {
            self.disarm();
        }
        self.runner.resume();
    }

    async fn operator(&self) -> Option<String> {
        self.site.who().await.map(|who| who.name)
    }
}

/// One bench at a time, what is attached for it, and who is told.
#[derive(Default)]
pub(crate) struct AtHand {
    bench: Mutex<Option<AtWork>>,
    attached: Mutex<Vec<Attached>>,
    page: Mutex<Option<Channel<Change>>>,
}

impl AtHand {
    /// The bench of this site, which is started if it is not at work. That of another site is put away, with its batch.
    ///
    /// # Errors
    /// Those of `start`.
    pub(crate) fn of(
        &self,
        site: &Arc<OpenSite>,
        start: impl FnOnce(Login) -> Result<Runner, Failure>,
    ) -> Result<AtWork, Failure> {
        let mut bench = held(&self.bench);
        if let Some(there) = bench.as_ref().filter(|there| Arc::ptr_eq(&there.site, site)) {
            return Ok(there.clone());
        }
        if let Some(before) = bench.take() {
            before.forget_login();
            // Its runs are stopped and its batch is kept, beside what follows.
            tauri::async_runtime::spawn(async move { before.runner.close().await });
        }
        let login = Login::default();
        let runner = Arc::new(start(Arc::clone(&login))?);
        let at_work = AtWork { site: Arc::clone(site), runner, login, armed_by: Arc::default() };
        *bench = Some(at_work.clone());
        let attached = plugged(&held(&self.attached));
        at_work.runner.with(|bench, now| bench.attached(attached, now));
        Ok(at_work)
    }

    fn there(&self) -> Option<AtWork> {
        held(&self.bench).clone()
    }

    /// All that is attached now.
    pub(crate) fn attached(&self, attached: &[Attached]) {
        // Held for as long as the bench is told, so that one that starts meanwhile is not told what was before.
        let bench = held(&self.bench);
        *held(&self.attached) = attached.to_vec();
        if let Some(bench) = bench.as_ref() {
            bench.runner.with(|bench, now| bench.attached(plugged(attached), now));
        }
    }

    pub(crate) fn is_busy(&self) -> bool {
        self.there().is_some_and(|bench| bench.runner.is_busy())
    }

    pub(crate) fn is_at_work(&self) -> bool {
        self.there().is_some_and(|bench| bench.runner.is_at_work())
    }

    pub(crate) fn busy_with(&self, target: &str) -> bool {
        self.there().is_some_and(|bench| bench.runner.busy_with(target))
    }

    /// Stops what the bench still does, and has it kept as stopped.
    pub(crate) async fn close(&self) {
        let bench = held(&self.bench).take();
        if let Some(bench) = bench {
            bench.runner.close().await;
        }
    }

    pub(crate) fn signed_in(&self, operator: &str) {
        if let Some(bench) = self.there() {
            bench.signed_in(operator);
        }
    }

    pub(crate) fn forget_login(&self) {
        if let Some(bench) = self.there() {
            bench.forget_login();
        }
    }

    pub(crate) fn tell(&self, page: Channel<Change>) {
        *held(&self.page) = Some(page);
    }

    pub(crate) fn changed(&self, change: Change) {
        if let Some(Err(error)) = held(&self.page).as_ref().map(|page| page.send(change)) {
            tracing::debug!(%error, "the page does not watch the bench any more");
        }
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use fieldkey_core::bench::{Bench, BenchPorts, Launch};
    use fieldkey_core::{Cloud, Code, Journal, Operator, Rules, Site, Target, Why};

    use super::*;

    /// A bench that does nothing.
    struct Idle(Arc<OpenSite>);

    impl Journal for Idle {
        fn append(&self, _: &fieldkey_core::ports::Entry) -> Result<(), Why> {
            Ok(())
        }
    }

    #[async_trait]
    impl BenchPorts for Idle {
        fn site(&self) -> &Site {
            self.0.site()
        }

        fn ca_pem(&self) -> &str {
            self.0.device_ca()
        }

        fn operator(&self) -> &dyn Operator {
            self.0.operator()
        }

        fn cloud(&self) -> &dyn Cloud {
            self.0.cloud()
        }

        fn journal(&self) -> &dyn Journal {
            self
        }

        fn new_run(&self) -> String {
            fieldkey_journal::new_run()
        }

        fn open(&self, _: &Launch) -> Result<Box<dyn Target>, Failure> {
            Err(Failure::new(Code::TargetGone))
        }

        async fn keep(&self, _: String) -> Result<(), Why> {
            Ok(())
        }

        fn changed(&self, _: Change) {}
    }

    fn bench_of(at_hand: &AtHand, site: &Arc<OpenSite>) -> AtWork {
        let idle = || Box::new(Idle(Arc::clone(site)));
        at_hand.of(site, |_| Runner::new(Bench::default(), &Rules::None, idle())).expect("no policy forbids it")
    }

    fn site() -> Arc<OpenSite> {
        Arc::new(OpenSite::practise().expect("a key"))
    }

    #[tokio::test]
    async fn a_password_goes_to_the_bench_that_it_was_typed_for_or_nowhere() {
        let (at_hand, tokyo, osaka) = (AtHand::default(), site(), site());
        let before = bench_of(&at_hand, &tokyo);
        let after = bench_of(&at_hand, &osaka);
        before.keep_login("correct horse".into()).await;
        assert!(held(&after.login).is_none(), "the site changed before it was kept");
        bench_of(&at_hand, &osaka).keep_login("correct horse".into()).await;
        assert!(held(&after.login).is_some(), "asked for again, it is the same bench");
    }

    #[tokio::test]
    async fn what_one_operator_typed_or_armed_is_nothing_for_another_one() {
        let (at_hand, site) = (AtHand::default(), site());
        let bench = bench_of(&at_hand, &site);
        site.to_practise().expect("practice").sign_in("trainee@example.com", &"practise-1".into()).await.expect("in");
        bench.keep_login("correct horse".into()).await;
        bench.arm().await;
        at_hand.signed_in("trainee@example.com");
        assert!(held(&bench.login).is_some() && bench.runner.whole().head.armed, "the same one goes on");
        at_hand.signed_in("abe@example.com");
        assert!(held(&bench.login).is_none() && !bench.runner.whole().head.armed);
    }
}
