//! What a person does at the window with keyboard and eyes, and what axe says of a screen.

use std::time::{Duration, Instant};

use fantoccini::Locator;
use fantoccini::elements::Element;
use serde_json::Value;

use super::root;
use super::window::Window;

/// So many Tabs lead anywhere on a screen.
const TABS: usize = 80;

impl Window {
    pub(crate) async fn find_within(&self, css: &str, patience: Duration) -> Element {
        let found = self.client.wait().at_most(patience).for_element(Locator::Css(css)).await;
        match found {
            Ok(element) => element,
            Err(error) => {
                self.shoot("missing").await;
                panic!("{css} did not come ({error}); the window shows: {}", self.text("body").await)
            }
        }
    }

    /// Chooses the target of that name.
    pub(crate) async fn choose_target(&self, name: &str) {
        let xpath = format!("//label[contains(@class, 'choice')][.//*[text()='{name}']]");
        let found = self.client.wait().at_most(Duration::from_secs(30)).for_element(Locator::XPath(&xpath)).await;
        let target = found.unwrap_or_else(|error| panic!("no target {name}: {error}"));
        // Out from under the bar with the primary action.
        let script = "arguments[0].scrollIntoView({block: 'center'})";
        let argument = serde_json::to_value(&target).expect("an element");
        self.client.execute(script, vec![argument]).await.expect("a script");
        target.click().await.unwrap_or_else(|error| panic!("{name}: {error}"));
    }

    /// Types wherever the focus is.
    pub(crate) async fn press(&self, keys: &str) {
        let focus = self.client.active_element().await.expect("something has the focus");
        focus.send_keys(keys).await.unwrap_or_else(|error| panic!("{keys:?}: {error}"));
    }

    /// Tab, until it has the focus.
    pub(crate) async fn tab_to(&self, css: &str) {
        self.find(css).await;
        let wanted = "const focus = document.activeElement; return focus !== null && focus.matches(arguments[0])";
        for _ in 0..TABS {
            let there = self.client.execute(wanted, vec![css.into()]).await.expect("a script");
            if there == Value::Bool(true) {
                return;
            }
            self.press("\u{E004}").await;
        }
        self.shoot("unreached").await;
        panic!("no Tab leads to {css}");
    }

    /// axe finds nothing on this screen, as it is drawn: WCAG 2.2 AA and its best practices.
    pub(crate) async fn axe(&self, screen: &str) {
        let source = std::fs::read_to_string(root().join("node_modules/axe-core/axe.min.js")).expect("npm ci was run");
        self.client.execute(&source, vec![]).await.expect("axe runs");
        let begun = "window.axeFound = undefined;
            axe.run(document, {resultTypes: ['violations']}).then(
              (found) => { window.axeFound = found.violations.map(({id, nodes}) => id + ': ' + nodes.map((n) => n.html).join(' ')); },
              (error) => { window.axeFound = [String(error)]; })";
        self.client.execute(begun, vec![]).await.expect("axe begins");
        let end = Instant::now() + Duration::from_secs(60);
        let found = loop {
            let found = self.client.execute("return window.axeFound ?? null", vec![]).await.expect("a script");
            if !found.is_null() {
                break found;
            }
            assert!(Instant::now() < end, "axe did not come to an end on {screen}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        if found != Value::Array(vec![]) {
            self.shoot(&format!("axe-{screen}")).await;
        }
        assert_eq!(found, Value::Array(vec![]), "axe on {screen}");
    }
}
