//! The real window, driven through WebDriver on an X server of its own.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::json;

use super::command::Desk;
use super::root;

/// Long enough for a slow machine; everything here is awaited, nothing slept through.
const PATIENCE: Duration = Duration::from_secs(60);

/// A process that ends with its owner.
struct Owned(Child);

impl Drop for Owned {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub(crate) struct Window {
    pub(super) client: Client,
    pub(super) display: String,
    pub(super) shots: PathBuf,
    driver: Owned,
    _screen: Owned,
}

impl Window {
    /// Opens Fieldkey's window at a desk. Screenshots go to `target/window/NAME`.
    pub(crate) async fn open(desk: &Desk, name: &str, args: &[&str]) -> Self {
        Self::with(desk, name, args, &[]).await
    }

    /// With these variables of the environment.
    pub(crate) async fn with(desk: &Desk, name: &str, args: &[&str], environment: &[(&str, &str)]) -> Self {
        Self::of(desk, name, args, Path::new(env!("CARGO_BIN_EXE_fieldkey-window")), environment).await.0
    }

    /// With the desk's site file and its folder that plays the drive.
    pub(crate) async fn at_site(desk: &Desk, name: &str) -> Self {
        let (site, target) = (desk.path("site.json").display().to_string(), desk.target());
        Self::open(desk, name, &["--site", &site, "--target", &target]).await
    }

    /// A window of any program, and when the driver was asked to open it.
    pub(crate) async fn measured(desk: &Desk, program: &Path) -> (Self, Instant) {
        Self::of(desk, "measured", &[], program, &[]).await
    }

    async fn of(
        desk: &Desk,
        name: &str,
        args: &[&str],
        program: &Path,
        environment: &[(&str, &str)],
    ) -> (Self, Instant) {
        let (screen, display) = screen();
        let port = free_port();
        let mut driver = Command::new("WebKitWebDriver");
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("FIELDKEY_") || name == "WAYLAND_DISPLAY")
        {
            driver.env_remove(name);
        }
        desk.at_home(&mut driver)
            .arg(format!("--port={port}"))
            .arg("--host=127.0.0.1")
            .env("DISPLAY", &display)
            .env("GDK_BACKEND", "x11")
            .env("TAURI_AUTOMATION", "true")
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            // Without a GPU the web view draws in memory.
            .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
            .env("LIBGL_ALWAYS_SOFTWARE", "1")
            .env("XDG_CACHE_HOME", desk.path("home/cache"))
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        driver.envs(environment.iter().copied());
        let driver = Owned(driver.spawn().expect("webkit2gtk-driver is installed"));
        let options = json!({"binary": program, "args": args});
        let capabilities = json!({"webkitgtk:browserOptions": options});
        listening(port).await;
        let began = Instant::now();
        let client = connect(port, &capabilities).await;
        let shots = root().join("target/window").join(name);
        std::fs::create_dir_all(&shots).expect("writable");
        (Self { client, display, shots, driver, _screen: screen }, began)
    }

    /// Opens it on the session bus at this address: with one, a second start hands over to the first.
    pub(crate) async fn open_on(desk: &Desk, name: &str, args: &[&str], bus: &str) -> Self {
        Self::with(desk, name, args, &[("DBUS_SESSION_BUS_ADDRESS", bus)]).await
    }

    /// On a desktop that is set to high contrast.
    pub(crate) async fn in_high_contrast(desk: &Desk, name: &str) -> Self {
        Self::with(desk, name, &[], &[("GTK_THEME", "HighContrast")]).await
    }

    /// Fieldkey's window once more, on the same screen; it ends where it only hands over.
    pub(crate) fn start_again(&self, desk: &Desk, args: &[&str], bus: &str) -> std::process::ExitStatus {
        let mut window = Command::new(env!("CARGO_BIN_EXE_fieldkey-window"));
        self.around(desk.at_home(&mut window)).env("DBUS_SESSION_BUS_ADDRESS", bus).args(args);
        window.status().expect("it starts")
    }

    /// The window's own process.
    pub(crate) fn process(&self) -> u32 {
        let children = format!("/proc/{0}/task/{0}/children", self.driver());
        let children = std::fs::read_to_string(children).expect("the driver runs");
        children.split_whitespace().find_map(|pid| pid.parse().ok()).expect("a window")
    }

    /// As when the power fails.
    pub(crate) fn kill(self) {
        let window = rustix::process::Pid::from_raw(self.process().cast_signed()).expect("a process");
        rustix::process::kill_process(window, rustix::process::Signal::KILL).expect("it runs");
    }

    /// Of what size the page is shown.
    pub(crate) async fn resize(&self, width: u32, height: u32) {
        self.client.set_window_size(width, height).await.expect("a size");
    }

    fn around<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.env("DISPLAY", &self.display).env("GDK_BACKEND", "x11")
    }

    /// The driver's process, whose child the window is.
    pub(crate) fn driver(&self) -> u32 {
        self.driver.0.id()
    }

    /// Waits for a screen (`main[data-screen]`) and takes its picture.
    pub(crate) async fn screen(&self, name: &str) {
        let css = format!("main[data-screen=\"{name}\"]");
        if let Err(error) = self.client.wait().at_most(PATIENCE).for_element(Locator::Css(&css)).await {
            self.shoot(&format!("missing-{name}")).await;
            panic!("{name} did not come ({error}); the window shows: {}", self.text("body").await);
        }
        self.shoot(name).await;
    }

    /// A picture of the X server's screen: what a person would see, not what the web view says of itself. It is
    /// taken anew until two in a row are the same, because painting comes after the page's own changes.
    pub(crate) async fn shoot(&self, name: &str) -> Vec<u8> {
        let path = self.shots.join(format!("{name}.png"));
        let mut before = Vec::new();
        for _ in 0..20 {
            let shot = Command::new("import")
                .args(["-display", &self.display, "-window", "root", "-crop", "1000x720+0+0", "+repage", "png:-"])
                .output()
                .expect("imagemagick is installed");
            if shot.stdout == before {
                break;
            }
            before = shot.stdout;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        std::fs::write(path, &before).expect("writable");
        before
    }

    pub(crate) async fn find(&self, css: &str) -> Element {
        let found = self.client.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await;
        match found {
            Ok(element) => element,
            Err(error) => {
                self.shoot("missing").await;
                panic!("{css} is not there ({error}); the window shows: {}", self.text("body").await)
            }
        }
    }

    pub(crate) async fn text(&self, css: &str) -> String {
        match self.client.find(Locator::Css(css)).await {
            Ok(element) => element.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        }
    }

    /// The page begins anew.
    pub(crate) async fn reload(&self) {
        self.client.refresh().await.expect("the page comes again");
    }

    /// Waits until this element says so.
    pub(crate) async fn find_text(&self, css: &str, part: &str) {
        let end = Instant::now() + PATIENCE;
        while !self.text(css).await.contains(part) {
            assert!(Instant::now() < end, "{css} does not say {part:?} but {:?}", self.text(css).await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub(crate) async fn click(&self, css: &str) {
        let element = self.find(css).await;
        // Out from under the bar with the primary action.
        let argument = serde_json::to_value(&element).expect("an element");
        self.client.execute("arguments[0].scrollIntoView({block: 'center'})", vec![argument]).await.expect("a script");
        if let Err(error) = element.click().await {
            self.shoot("missing").await;
            panic!("{css}: {error}");
        }
    }

    pub(crate) async fn fill(&self, css: &str, text: &str) {
        let field = self.find(css).await;
        field.clear().await.expect("a field");
        // Of a line break, the key.
        field.send_keys(&text.replace('\n', "\u{E007}")).await.unwrap_or_else(|error| panic!("{css}: {error}"));
    }

    /// Everything that the page holds: its text and the values of its fields.
    pub(crate) async fn everything(&self) -> String {
        let script = "return document.documentElement.outerHTML + [...document.querySelectorAll('input')].map(i => i.value).join(' ')
            + JSON.stringify({...localStorage, ...sessionStorage})";
        let value = self.client.execute(script, vec![]).await.expect("a script");
        value.as_str().unwrap_or_default().to_owned()
    }

    /// Looks every few milliseconds, for those who measure.
    pub(crate) async fn find_at_once(&self, css: &str) {
        let wait = self.client.wait().at_most(PATIENCE).every(Duration::from_millis(5));
        wait.for_element(Locator::Css(css)).await.unwrap_or_else(|error| panic!("{css}: {error}"));
    }

    pub(crate) async fn close(self) {
        self.client.close().await.expect("it closes");
    }
}

/// An X server without a screen; it names its display once it answers.
fn screen() -> (Owned, String) {
    let mut server = Command::new("Xvfb")
        .args(["-displayfd", "1", "-screen", "0", "1280x1024x24", "-nolisten", "tcp", "-noreset"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("xvfb is installed");
    let mut line = String::new();
    BufReader::new(server.stdout.take().expect("piped")).read_line(&mut line).expect("a display");
    let display = format!(":{}", line.trim());
    // Out of the way, or the desktop says in every picture what would be under it. Without `-noreset` it would be in
    // the middle again as soon as the one that moves it is gone.
    let moved = Command::new("xdotool").env("DISPLAY", &display).args(["mousemove", "1279", "1023"]).status();
    assert!(moved.expect("xdotool is installed").success(), "the pointer goes where it is sent");
    (Owned(server), display)
}

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr()).expect("loopback").port()
}

/// The driver answers as soon as it listens.
async fn listening(port: u16) {
    let listens = async {
        while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, listens).await.expect("the driver listens");
}

async fn connect(port: u16, capabilities: &serde_json::Value) -> Client {
    let capabilities = capabilities.as_object().expect("an object").clone();
    let mut builder = ClientBuilder::new(fantoccini_connector());
    builder.capabilities(capabilities);
    builder.connect(&format!("http://127.0.0.1:{port}")).await.expect("the window opens")
}

fn fantoccini_connector() -> hyper_util::client::legacy::connect::HttpConnector {
    hyper_util::client::legacy::connect::HttpConnector::new()
}
