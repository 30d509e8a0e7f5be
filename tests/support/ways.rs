//! Ways through the window that many tests begin with.

use super::cloud::Operator;
use super::command::Desk;
use super::window::Window;

/// Those that the window speaks.
pub(crate) const LANGUAGES: [&str; 2] = ["en", "ja"];
pub(crate) const ENTER: &str = "\u{E007}";

impl Window {
    /// A first start, and the practise site in this language.
    pub(crate) async fn practising(desk: &Desk, name: &str, language: &str) -> Self {
        let window = Self::open(desk, name, &[]).await;
        window.screen("welcome").await;
        window.speak(language).await;
        window.click("#practise").await;
        window.screen("provision").await;
        window
    }

    /// The first screen behind the sign-in at the desk's site, in this language.
    pub(crate) async fn signed_in(desk: &Desk, name: &str, language: &str, operator: &Operator) -> Self {
        let window = Self::at_site(desk, name).await;
        window.screen("sign-in").await;
        window.speak(language).await;
        window.sign_in(&operator.email, &operator.password).await;
        window.screen("provision").await;
        window
    }

    /// Gives the first answer to the screen that asks who somebody is.
    pub(crate) async fn sign_in(&self, email: &str, password: &str) {
        self.fill("#email", email).await;
        self.fill("#password", password).await;
        self.click("#sign-in").await;
    }

    /// By the navigation.
    pub(crate) async fn go_to(&self, place: &str) {
        self.click(&format!("#nav-{place}")).await;
        self.screen(place).await;
    }
}
