//! Who reads the README: an account, a computer, and what differs at the local cloud from AWS.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use super::{OPERATOR, POOL, STACK, STICK};
use crate::support::cloud::Cloud;
use crate::support::command::{Desk, binary};
use crate::support::{client, root};

/// A new user in a folder of their own, with an AWS profile and the programs that the section asks for.
pub(super) struct Reader {
    pub(super) cloud: Cloud,
    pub(super) desk: Desk,
    /// What stands in the README, and the reader's own.
    own: Vec<(&'static str, String)>,
    passwords: Vec<(&'static str, String)>,
}

impl Reader {
    pub(super) fn new() -> Self {
        let cloud = Cloud::start();
        let desk = Desk::at(&cloud);
        desk.profile("admin");
        // The clone of the repository: only the template of it is needed.
        std::fs::create_dir_all(desk.path("work/stack")).expect("writable");
        std::fs::copy(root().join("stack/fieldkey.yaml"), desk.path("work/stack/fieldkey.yaml")).expect("writable");
        std::fs::create_dir(desk.path("bin")).expect("writable");
        symlink(client("aws"), desk.path("bin/aws")).expect("writable");
        // Fieldkey takes no address from the environment, so CloudFormation's at the local cloud is one more word.
        let fieldkey = format!(
            "#!/bin/sh\ncase $1 in stack) set -- \"$@\" --endpoint-url \"$AWS_ENDPOINT_URL\" ;; esac\nexec '{}' \"$@\"\n",
            binary().display()
        );
        std::fs::write(desk.path("bin/fieldkey"), fieldkey).expect("writable");
        std::fs::set_permissions(desk.path("bin/fieldkey"), PermissionsExt::from_mode(0o755)).expect("writable");
        let own = vec![(STICK, desk.path("drive").display().to_string())];
        Self { cloud, desk, own, passwords: vec![] }
    }

    fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.cloud.port())
    }

    pub(super) fn type_in(&self, commands: &str) -> Output {
        let commands =
            self.own.iter().fold(commands.to_owned(), |commands, (theirs, own)| commands.replace(theirs, own));
        let path = format!("{}:{}", self.desk.path("bin").display(), std::env::var("PATH").expect("PATH"));
        let mut bash = Command::new("bash");
        bash.args(["-eu", "-c", &commands]).current_dir(self.desk.path("work")).stdin(Stdio::null()).env_clear();
        self.desk.at_home(&mut bash).env("PATH", path);
        bash.env("AWS_PROFILE", "admin").env("AWS_ENDPOINT_URL", self.endpoint());
        bash.envs(self.passwords.iter().map(|(name, password)| (name, password)));
        bash.output().expect("bash runs")
    }

    pub(super) fn run(&self, commands: &str) {
        let output = self.type_in(commands);
        let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(output.status.success(), "{commands}\n{}{}", said(&output.stdout), said(&output.stderr));
    }

    /// Changes a file that a command wrote.
    fn change(&self, name: &str, change: impl Fn(&mut Value)) {
        let path = self.desk.path("work").join(name);
        let mut value = serde_json::from_slice(&std::fs::read(&path).expect("written")).expect("JSON");
        change(&mut value);
        std::fs::write(&path, value.to_string()).expect("writable");
    }

    /// The API's own address at the local cloud is a name below localhost, which not every system resolves.
    pub(super) fn address_the_api(&self) {
        self.change("outputs.json", |described| {
            let outputs = described["Stacks"][0]["Outputs"].as_array_mut().expect("a list");
            let api = outputs.iter_mut().find(|output| output["OutputKey"] == "CertificateApiUrl").expect("an output");
            let name = api["OutputValue"].as_str().and_then(|url| url.split(['/', '.']).nth(2)).expect("an address");
            api["OutputValue"] = json!(format!("{}/_aws/execute-api/{name}", self.endpoint()));
        });
    }

    /// At AWS, the region leads to everything; at the local cloud the site file does.
    pub(super) fn address_the_site(&mut self) {
        let local = self.cloud.site();
        std::fs::write(self.desk.path("work/ca.pem"), self.cloud.ca()).expect("writable");
        self.change("tokyo.json", |site| {
            for key in ["caFile", "dataEndpoint", "endpoints"] {
                site[key] = local[key].clone();
            }
        });
        self.own.push((POOL, self.site()["userPoolId"].as_str().expect("an ID").to_owned()));
    }

    pub(super) fn site(&self) -> Value {
        serde_json::from_slice(&std::fs::read(self.desk.path("work/tokyo.json")).expect("written")).expect("JSON")
    }

    /// What the mail says, as a person reads it: without the full stop.
    pub(super) fn read_the_mail(&mut self) {
        let mail = self.cloud.newest_mail_to(OPERATOR);
        let password = mail.split("temporary password is ").nth(1).and_then(|rest| rest.trim().strip_suffix('.'));
        self.passwords.push(("FIELDKEY_PASSWORD", password.unwrap_or_else(|| panic!("{mail}")).to_owned()));
        self.passwords.push(("FIELDKEY_NEW_PASSWORD", "Anotherpassw0rd".to_owned()));
    }

    /// Nothing, if there is no such stack.
    pub(super) fn stack_status(&self) -> Option<String> {
        let described = self.cloud.call("cloudformation", "describe-stacks", json!({}));
        let stacks = described["Stacks"].as_array().expect("a list");
        let stack = stacks.iter().find(|stack| stack["StackName"] == STACK)?;
        Some(stack["StackStatus"].as_str().expect("a status").to_owned())
    }

    pub(super) fn pools(&self) -> Vec<Value> {
        let pools = self.cloud.call("cognito-idp", "list-user-pools", json!({"MaxResults": 60}));
        let of_the_stack = |pool: &&Value| pool["Name"] == STACK;
        pools["UserPools"].as_array().expect("a list").iter().filter(of_the_stack).cloned().collect()
    }

    /// `ACTIVE` or `INACTIVE`, of the one pool that the stack has made.
    pub(super) fn protection(&self) -> String {
        let pools = self.pools();
        assert_eq!(pools.len(), 1, "{pools:?}");
        let pool = self.cloud.call("cognito-idp", "describe-user-pool", json!({"UserPoolId": pools[0]["Id"]}));
        pool["UserPool"]["DeletionProtection"].as_str().expect("a word").to_owned()
    }
}
