//! The local cloud, started once for all tests and ended with their process.

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{support, temporary};

pub(crate) struct Cloud {
    state: TempDir,
}

/// An operator whom only one test uses.
pub(crate) struct Operator {
    pub(crate) email: String,
    pub(crate) password: String,
}

/// The one local cloud. It ends when this process does.
pub(crate) fn cloud() -> &'static Cloud {
    static CLOUD: OnceLock<Cloud> = OnceLock::new();
    CLOUD.get_or_init(Cloud::start)
}

impl Cloud {
    /// Another account, with everything of its own. It ends when this process does.
    pub(crate) fn start() -> Self {
        let cloud = Self { state: temporary::folder("cloud-") };
        let owner = std::process::id().to_string();
        cloud.ask(&["up"], &["--port", "0", "--owner", &owner], None);
        cloud
    }

    /// Runs a command of `local_cloud.py` and returns what it printed.
    fn ask(&self, command: &[&str], words: &[&str], input: Option<&Value>) -> Value {
        self.try_ask(command, words, input).unwrap_or_else(|said| panic!("{command:?} failed: {said}"))
    }

    fn try_ask(&self, command: &[&str], words: &[&str], input: Option<&Value>) -> Result<Value, String> {
        let mut child = Command::new(support("local_cloud.py"))
            .args(command)
            .arg("--state")
            .arg(self.state.path())
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("python3 runs");
        let text = input.map(Value::to_string).unwrap_or_default();
        child.stdin.take().expect("piped").write_all(text.as_bytes()).expect("it reads");
        let output = child.wait_with_output().expect("it ends");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if !output.status.success() {
            return Err(said);
        }
        Ok(serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("not JSON; {said}")))
    }

    /// Any call as the account's administrator.
    pub(crate) fn call(&self, service: &str, operation: &str, parameters: Value) -> Value {
        self.ask(&["call"], &[service, operation], Some(&parameters))
    }

    /// The stack's site file, as deployed.
    pub(crate) fn site(&self) -> Value {
        let text = std::fs::read_to_string(self.state.path().join("site.json")).expect("deployed");
        serde_json::from_str(&text).expect("JSON")
    }

    /// Deploys the stack once more, beside the first; its site file.
    pub(crate) fn another_site(&self, name: &str, parameters: &[&str]) -> Value {
        let mut words = vec!["--name", name];
        words.extend(parameters.iter().flat_map(|parameter| ["--parameter", parameter]));
        self.ask(&["site"], &words, None)
    }

    /// The cloud's folder.
    pub(crate) fn state(&self) -> &std::path::Path {
        self.state.path()
    }

    /// The stack's site file, with every service at another address.
    pub(crate) fn site_at(&self, url: &str) -> Value {
        let mut site = self.site();
        for service in ["cognitoIdp", "cognitoIdentity", "iot", "sts", "s3"] {
            site["endpoints"][service] = json!(url);
        }
        let api = site["certificateApiUrl"].as_str().expect("an address").splitn(4, '/').nth(3).expect("a path");
        site["certificateApiUrl"] = json!(format!("{url}/{api}"));
        site
    }

    pub(crate) fn ca(&self) -> String {
        std::fs::read_to_string(self.state.path().join("ca.pem")).expect("fetched")
    }

    pub(crate) fn port(&self) -> u16 {
        let text = std::fs::read_to_string(self.state.path().join("cloud.json")).expect("started");
        let cloud: Value = serde_json::from_str(&text).expect("JSON");
        u16::try_from(cloud["port"].as_u64().expect("a port")).expect("a port")
    }

    /// An operator with a password of their own, who has signed in before.
    pub(crate) fn operator(&self) -> Operator {
        self.of_groups(&[])
    }

    /// Somebody of the help desk, who has signed in before.
    pub(crate) fn helpdesk(&self) -> Operator {
        self.of_groups(&["--group", "helpdesk"])
    }

    /// Somebody with these words of `local_cloud.py operator`.
    pub(crate) fn of_groups(&self, words: &[&str]) -> Operator {
        let (email, added) = self.add_operator(&[&["--permanent"], words].concat());
        Operator { email, password: added["password"].as_str().expect("a password").to_owned() }
    }

    /// An operator who was just invited.
    pub(crate) fn invited(&self) -> Operator {
        let (email, added) = self.add_operator(&[]);
        Operator { email, password: added["temporaryPassword"].as_str().expect("a password").to_owned() }
    }

    fn add_operator(&self, words: &[&str]) -> (String, Value) {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let email = format!("operator{}@example.com", NEXT.fetch_add(1, Ordering::SeqCst));
        let added = self.ask(&["operator"], &[&["--email", &email], words].concat(), None);
        (email, added)
    }

    /// What the registry holds about a thing.
    pub(crate) fn registry(&self, thing: &str) -> Value {
        self.ask(&["registry"], &["--thing", thing], None)
    }

    /// The text of the newest mail to somebody.
    pub(crate) fn newest_mail_to(&self, email: &str) -> String {
        self.ask(&["mail"], &["--email", email], None)["text"].as_str().expect("a text").to_owned()
    }

    /// How many mails somebody has got.
    pub(crate) fn mails_to(&self, email: &str) -> u64 {
        self.ask(&["mail"], &["--email", email], None)["count"].as_u64().expect("a number")
    }

    pub(crate) fn user_pool(&self) -> Value {
        json!({"UserPoolId": self.site()["userPoolId"]})
    }
}
