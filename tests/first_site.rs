//! The README's "First real site", walked through as by a new user: its commands as they stand there, by bash, with
//! AWS's own command line, in an account where nobody has been before.

mod reader;

use std::process::Command;

use serde_json::{Value, json};

use self::reader::Reader;
use crate::support::{readme, root};

const SECTION: &str = "First real site";

/// What the reader has an own value for: the user pool's ID, and where the stick is.
const POOL: &str = "ap-northeast-1_AbCdEf123";
const STICK: &str = "/media/x";

/// The other names are the reader's to choose, and are taken as they are.
const STACK: &str = "tokyo-plant";
const OPERATOR: &str = "mori@example.com";
const THING: &str = "Fleet_Index_SN-0001";

const INACTIVE: &str = "UserPoolDeletionProtection=INACTIVE";
const ACTIVE: &str = "UserPoolDeletionProtection=ACTIVE";

/// Commands in its sentences. Those that `aws configure` asks at a terminal or in a browser; it is its files that count.
const AT_A_TERMINAL: [&str; 2] = ["aws configure --profile admin", "aws configure sso"];
const ASKED: [&str; 2] = [
    "aws iot describe-endpoint --region ap-northeast-1 --endpoint-type iot:Data-ATS --query endpointAddress --output text",
    "fieldkey targets",
];

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Step {
    Build,
    DeployByAws,
    DeployByFieldkey,
    AgainByAws,
    AgainByFieldkey,
    ClearAway,
    SiteFile,
    SiteFileAnew,
    Operator,
    MailAgain,
    Device,
    Delete,
}

const DEPLOY_BY_AWS: &str = "aws cloudformation deploy";
const DEPLOY_BY_FIELDKEY: &str = "fieldkey stack deploy";

/// The blocks in their order, each with words that it alone has all of.
const STEPS: [(Step, &[&str]); 12] = [
    (Step::Build, &["cargo build"]),
    (Step::DeployByAws, &[DEPLOY_BY_AWS, INACTIVE]),
    (Step::DeployByFieldkey, &[DEPLOY_BY_FIELDKEY, INACTIVE]),
    (Step::AgainByAws, &[DEPLOY_BY_AWS, ACTIVE]),
    (Step::AgainByFieldkey, &[DEPLOY_BY_FIELDKEY, ACTIVE]),
    (Step::ClearAway, &["--deletion-protection INACTIVE"]),
    (Step::SiteFile, &["site from-outputs", "site check"]),
    (Step::SiteFileAnew, &["site from-outputs", "--replace"]),
    (Step::Operator, &["admin-add-user-to-group"]),
    (Step::MailAgain, &["--message-action RESEND"]),
    (Step::Device, &["fieldkey enroll"]),
    (Step::Delete, &["fieldkey revoke"]),
];

/// The commands of each step. Fails if a block came, went, or cannot be told from the others.
fn blocks() -> Vec<(Step, String)> {
    let blocks = readme::blocks(&readme::section(SECTION));
    let step_of = |block: &String| {
        let has_all = |words: &[&str]| words.iter().all(|words| block.contains(words));
        let steps: Vec<Step> = STEPS.iter().filter(|(_, words)| has_all(words)).map(|(step, _)| *step).collect();
        assert_eq!(steps.len(), 1, "{steps:?} is: {block}");
        steps[0]
    };
    let steps: Vec<Step> = blocks.iter().map(step_of).collect();
    assert_eq!(steps, STEPS.map(|(step, _)| step), "the README's blocks are not those that are tried here");
    steps.into_iter().zip(blocks).collect()
}

fn commands(step: Step) -> String {
    blocks().into_iter().find(|(found, _)| *found == step).expect("a step").1
}

/// From the deployed stack to its end.
fn walk(way: Step) {
    let (mut reader, deploy) = (Reader::new(), commands(way));
    let again = if way == Step::DeployByAws { Step::AgainByAws } else { Step::AgainByFieldkey };
    for (step, commands) in blocks() {
        match step {
            Step::DeployByAws | Step::DeployByFieldkey if step == way => {
                reader.run(&commands);
                assert_eq!(reader.protection(), "INACTIVE");
            }
            Step::AgainByAws | Step::AgainByFieldkey if step == again => {
                reader.run(&commands);
                assert_eq!(reader.protection(), "ACTIVE", "the stack was changed");
                reader.address_the_api();
            }
            // The other way; what has a test of its own.
            Step::DeployByAws | Step::DeployByFieldkey | Step::AgainByAws | Step::AgainByFieldkey => {}
            Step::Build | Step::ClearAway => {}
            Step::SiteFile => {
                reader.run(&commands);
                told_by_the_outputs(&reader.site());
                reader.address_the_site();
            }
            Step::SiteFileAnew => {
                reader.run(&commands);
                let site = reader.site();
                told_by_the_outputs(&site);
                assert!(site["endpoints"].is_null(), "it was made anew: {site}");
                reader.address_the_site();
            }
            Step::Operator => reader.run(&commands),
            Step::MailAgain => {
                assert_eq!(reader.cloud.mails_to(OPERATOR), 1, "the first one has come");
                reader.run(&commands);
                assert_eq!(reader.cloud.mails_to(OPERATOR), 2, "and then another one");
                reader.read_the_mail();
            }
            Step::Device => {
                ASKED.iter().for_each(|command| reader.run(command));
                reader.run(&commands);
                a_device_is_registered(&reader);
            }
            Step::Delete => {
                reader.run(&deploy);
                reader.run(&commands);
                assert_eq!((reader.stack_status(), reader.pools()), (None, vec![]), "nothing is left");
                assert_eq!(reader.cloud.registry(THING)["certificates"], json!([]));
            }
        }
    }
}

fn told_by_the_outputs(site: &Value) {
    let told = [&site["name"], &site["provisioningTemplateName"], &site["certificateSubject"]["country"]];
    assert_eq!(told, ["Tokyo plant", STACK, "JP"]);
}

fn a_device_is_registered(reader: &Reader) {
    let identity = std::fs::read(reader.desk.path("drive/identity.json")).expect("an identity on the stick");
    let identity: Value = serde_json::from_slice(&identity).expect("JSON");
    assert_eq!(identity["thingName"], THING);
    let registry = reader.cloud.registry(THING);
    let certificates = registry["certificates"].as_array().expect("a list");
    assert_eq!(certificates.len(), 1, "{registry}");
    let told = (&certificates[0]["id"], &certificates[0]["status"]);
    assert_eq!(told, (&identity["certificateId"], &json!("ACTIVE")), "{registry}");
}

#[test]
fn a_first_site_is_set_up_and_deleted_with_aws_s_command_line() {
    walk(Step::DeployByAws);
}

#[test]
fn a_first_site_is_set_up_and_deleted_with_fieldkey() {
    walk(Step::DeployByFieldkey);
}

/// MiniStack forgets a pool that it could not roll back: that it goes with the stack is seen at AWS only.
#[test]
fn a_first_deployment_that_cannot_be_rolled_back_is_cleared_away_and_made_anew() {
    let (reader, deploy) = (Reader::new(), commands(Step::DeployByAws));
    let template = reader.desk.path("work/stack/fieldkey.yaml");
    let good = std::fs::read_to_string(&template).expect("a template");
    // A role alias without a name, where a group of the pool was.
    let bad = good.replacen("AWS::Cognito::UserPoolGroup", "AWS::IoT::RoleAlias", 1);
    std::fs::write(&template, bad).expect("writable");
    assert!(!reader.type_in(&deploy.replace(INACTIVE, ACTIVE)).status.success(), "it cannot stand");
    assert_eq!(reader.stack_status().as_deref(), Some("ROLLBACK_FAILED"));
    let refused = reader.type_in(&commands(Step::DeployByFieldkey));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("delete it first"), "{refused:?}");

    reader.run(&commands(Step::ClearAway));
    assert_eq!((reader.stack_status(), reader.protection().as_str()), (None, "INACTIVE"));
    std::fs::write(&template, good).expect("writable");
    reader.run(&deploy);
    assert_eq!(reader.stack_status().as_deref(), Some("CREATE_COMPLETE"));
}

#[test]
fn nothing_in_the_section_is_left_untried() {
    let section = readme::section(SECTION);
    assert_eq!(blocks().len(), STEPS.len());
    assert_eq!(readme::in_sentences(&section, &["aws", "fieldkey"]), [&AT_A_TERMINAL[..], &ASKED[..]].concat());
    for words in [POOL, STICK, INACTIVE, ACTIVE] {
        assert!(section.contains(words), "the README does not say {words} any more, which is replaced here");
    }
}

/// Building takes too long to be done once more: what the commands name is there.
#[test]
fn what_is_built_by_hand_is_there_to_be_built() {
    let words = ["metadata", "--no-deps", "--offline", "--format-version", "1"];
    let output = Command::new(env!("CARGO")).args(words).current_dir(root()).output().expect("cargo runs");
    let workspace: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let packages = workspace["packages"].as_array().expect("a list");
    let package = |name: &str| packages.iter().find(|package| package["name"] == name);
    for line in commands(Step::Build).lines() {
        match line.split(' ').collect::<Vec<_>>()[..] {
            ["npm", "ci", "&&", "npm", "run", script] => {
                let page = std::fs::read(root().join("package.json")).expect("a page");
                let page: Value = serde_json::from_slice(&page).expect("JSON");
                assert!(page["scripts"][script].is_string() && root().join("package-lock.json").is_file(), "{line}");
            }
            ["cargo", "build", "--release", "-p", name] => assert!(package(name).is_some(), "{line}"),
            ["cargo", "build", "--release", "--features", feature] => {
                let window = package(env!("CARGO_PKG_NAME")).expect("the package at the root");
                assert!(window["features"][feature].is_array(), "{line}");
            }
            _ => panic!("nobody looks whether this can be done: {line}"),
        }
    }
    let targets = packages.iter().flat_map(|package| package["targets"].as_array().expect("a list"));
    let programs: Vec<&Value> =
        targets.filter(|target| target["kind"] == json!(["bin"])).map(|target| &target["name"]).collect();
    let section = readme::section(SECTION);
    let named: Vec<&str> =
        section.split("`target/release/").skip(1).filter_map(|rest| rest.split('`').next()).collect();
    assert_eq!(named, ["fieldkey", "fieldkey-window"]);
    assert!(named.iter().all(|name| programs.contains(&&json!(name))), "{programs:?}");
}
