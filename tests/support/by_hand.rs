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

    /// Chooses a language by the header's button.
    pub(crate) async fn speak(&self, language: &str) {
        self.find("#language").await;
        if !self.speaks(language).await {
            self.click("#language").await;
        }
        self.find(&format!("html[lang={language}]")).await;
    }

    pub(crate) async fn speaks(&self, language: &str) -> bool {
        self.client.find(Locator::Css(&format!("html[lang={language}]"))).await.is_ok()
    }

    /// Waits until an element says this, whatever it said before.
    pub(crate) async fn named(&self, css: &str, words: &str) {
        let end = Instant::now() + Duration::from_secs(30);
        while !self.text(css).await.contains(words) {
            if Instant::now() > end {
                self.shoot("unsaid").await;
                panic!("{css} does not say {words}: {}", self.text("body").await);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Chooses the target of that name.
    pub(crate) async fn choose_target(&self, name: &str) {
        let target = self.target_called(name).await;
        // Out from under the bar with the primary action.
        let script = "arguments[0].scrollIntoView({block: 'center'})";
        let argument = serde_json::to_value(&target).expect("an element");
        self.client.execute(script, vec![argument]).await.expect("a script");
        target.click().await.unwrap_or_else(|error| panic!("{name}: {error}"));
    }

    async fn target_called(&self, name: &str) -> Element {
        let xpath = format!("//label[contains(@class, 'choice')][.//*[text()='{name}']]");
        let found = self.client.wait().at_most(Duration::from_secs(30)).for_element(Locator::XPath(&xpath)).await;
        found.unwrap_or_else(|error| panic!("no target {name}: {error}"))
    }

    /// Does by a key what a click on it does.
    pub(crate) async fn activate(&self, css: &str) {
        let element = self.find(css).await;
        self.press_on(&element).await;
    }

    /// Writes over what stands in a field, by keys.
    pub(crate) async fn type_into(&self, css: &str, text: &str) {
        let argument = serde_json::to_value(self.find(css).await).expect("an element");
        let script = "arguments[0].focus(); arguments[0].select()";
        self.client.execute(script, vec![argument]).await.expect("a script");
        self.press(text).await;
    }

    pub(crate) async fn activate_target(&self, name: &str) {
        let input = self.target_called(name).await.find(Locator::Css("input")).await.expect("an input");
        self.press_on(&input).await;
    }

    async fn press_on(&self, element: &Element) {
        let argument = serde_json::to_value(element).expect("an element");
        self.client.execute("arguments[0].focus()", vec![argument]).await.expect("a script");
        let is_input = element.tag_name().await.expect("a name").eq_ignore_ascii_case("input");
        self.press(if is_input { " " } else { "\u{E007}" }).await;
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

/// What does not fit: the page itself, if it has to be scrolled sideways, and texts whose box hides a part of them
/// without three dots.
const CUT_OFF: &str = "
    const found = [];
    const page = document.documentElement;
    if (page.scrollWidth > window.innerWidth + 1) found.push('the page: ' + page.scrollWidth + ' > ' + window.innerWidth);
    for (const element of document.querySelectorAll('body *')) {
        const style = getComputedStyle(element);
        if (element.closest('.away') !== null || style.position === 'absolute' || element.getClientRects().length === 0) continue;
        const hides = (overflow) => overflow === 'hidden' || overflow === 'clip';
        const wide = element.scrollWidth > element.clientWidth + 1 && hides(style.overflowX) && style.textOverflow !== 'ellipsis';
        const high = element.scrollHeight > element.clientHeight + 2 && hides(style.overflowY) && style.webkitLineClamp === 'none';
        if (element.clientWidth > 0 && (wide || high)) found.push(element.outerHTML.slice(0, 200));
    }
    return found;";

impl Window {
    pub(crate) async fn cut_off(&self) -> Vec<String> {
        let found = self.client.execute(CUT_OFF, vec![]).await.expect("a script");
        serde_json::from_value(found).expect("a list")
    }

    /// Waits until the page is so many times larger.
    pub(crate) async fn zoomed_to(&self, factor: f64) {
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            let ratio =
                self.client.execute("return window.outerWidth / window.innerWidth", vec![]).await.expect("a script");
            if ratio.as_f64().is_some_and(|ratio| (ratio - factor).abs() < 0.02) {
                return;
            }
            if Instant::now() > end {
                self.shoot("not-zoomed").await;
                panic!("the page is {ratio} times its size, not {factor}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub(crate) async fn prefers_contrast(&self) -> bool {
        let script = "return window.matchMedia('(prefers-contrast: more)').matches";
        self.client.execute(script, vec![]).await.expect("a script") == Value::Bool(true)
    }

    /// Closes the dialog that is open.
    pub(crate) async fn escape(&self) {
        self.press("\u{E00C}").await;
        self.client
            .wait()
            .at_most(Duration::from_secs(20))
            .for_element(Locator::Css("body:not(:has(dialog[open]))"))
            .await
            .expect("it closes");
    }
}
