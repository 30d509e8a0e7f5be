//! The stack's deployment, against a double of CloudFormation.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use fieldkey_cloud::{Happening, Place, Stack, TEMPLATE};
use fieldkey_core::{Code, Language};

use crate::support::engineer::{Profiles, SECRET};
use crate::support::expect_failure;
use crate::support::http::{Reply, Server};

const KEYS: &str = "aws_access_key_id = AKIABENCH\naws_secret_access_key = the-engineer-s-secret-key\n";

/// Answers each operation from a list; the last answer repeats.
struct Double {
    server: Server,
    calls: Arc<Mutex<Vec<HashMap<String, String>>>>,
    profiles: Profiles,
}

impl Double {
    fn new(answers: &[(&'static str, &[Reply])]) -> Self {
        let answers: HashMap<_, VecDeque<Reply>> =
            answers.iter().map(|(name, replies)| (*name, replies.iter().cloned().collect())).collect();
        let (answers, calls) = (Mutex::new(answers), Arc::new(Mutex::new(vec![])));
        let noted = Arc::clone(&calls);
        let server = Server::plain(move |request| {
            let form: HashMap<_, _> = url::form_urlencoded::parse(&request.body).into_owned().collect();
            let action = form["Action"].clone();
            noted.lock().unwrap().push(form);
            let mut answers = answers.lock().unwrap();
            let replies = answers.get_mut(action.as_str()).unwrap_or_else(|| panic!("{action} is not expected"));
            if replies.len() > 1 { replies.pop_front().unwrap() } else { replies[0].clone() }
        });
        Self { server, calls, profiles: Profiles::new(&format!("[profile bench]\nregion = ap-northeast-1\n{KEYS}")) }
    }

    async fn stack(&self) -> Stack {
        let place = Place { endpoint: Some(self.server.url()), ..Place::default() };
        Stack::new("tokyo", self.profiles.profile("bench"), &place).await.expect("a region in the profile")
    }

    fn calls(&self, action: &str) -> Vec<HashMap<String, String>> {
        self.calls.lock().unwrap().iter().filter(|form| form["Action"] == action).cloned().collect()
    }
}

fn answer(action: &str, inner: &str) -> Reply {
    let namespace = "http://cloudformation.amazonaws.com/doc/2010-05-15/";
    let text =
        format!("<{action}Response xmlns=\"{namespace}\"><{action}Result>{inner}</{action}Result></{action}Response>");
    Reply::new(200, text).with("content-type", "text/xml")
}

fn refusal(code: &str, message: &str) -> Reply {
    let status = if code == "AccessDenied" { 403 } else { 400 };
    let error = format!("<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>");
    Reply::new(status, format!("<ErrorResponse>{error}</ErrorResponse>")).with("content-type", "text/xml")
}

fn absent() -> Reply {
    refusal("ValidationError", "Stack with id tokyo does not exist")
}

fn described(status: &str) -> Reply {
    let output = |key: &str, value: &str| {
        format!("<member><OutputKey>{key}</OutputKey><OutputValue>{value}</OutputValue></member>")
    };
    let parameter = "<member><ParameterKey>Mfa</ParameterKey><ParameterValue>ON</ParameterValue></member>";
    let stack = format!(
        "<StackName>tokyo</StackName><CreationTime>2026-11-01T00:00:00Z</CreationTime>\
         <StackStatus>{status}</StackStatus><Parameters>{parameter}</Parameters><Outputs>{}{}</Outputs>",
        output("Region", "ap-northeast-1"),
        output("ThingNamePrefix", "Fleet_Index_"),
    );
    answer("DescribeStacks", &format!("<Stacks><member>{stack}</member></Stacks>"))
}

/// Events as `(id, resource, status, reason)`, newest first.
fn events(all: &[(&str, &str, &str, &str)]) -> Reply {
    let members: String = all
        .iter()
        .map(|(id, resource, status, reason)| {
            format!(
                "<member><StackId>x</StackId><StackName>tokyo</StackName><EventId>{id}</EventId>\
                 <LogicalResourceId>{resource}</LogicalResourceId><ResourceType>AWS::Cognito::UserPool</ResourceType>\
                 <Timestamp>2026-11-01T00:00:00Z</Timestamp><ResourceStatus>{status}</ResourceStatus>\
                 <ResourceStatusReason>{reason}</ResourceStatusReason></member>"
            )
        })
        .collect();
    answer("DescribeStackEvents", &format!("<StackEvents>{members}</StackEvents>"))
}

fn none() -> BTreeMap<String, String> {
    BTreeMap::new()
}

async fn deploy(
    double: &Double,
    given: &BTreeMap<String, String>,
) -> (Result<BTreeMap<String, String>, fieldkey_core::Failure>, Vec<Happening>) {
    let heard = Mutex::new(vec![]);
    let tell = |happening: &Happening| heard.lock().unwrap().push(happening.clone());
    let outcome = double.stack().await.deploy(given, &tell).await;
    (outcome, heard.into_inner().unwrap())
}

#[tokio::test]
async fn a_stack_that_there_is_not_is_made_and_waited_for() {
    let under_way = ("1", "UserPool", "CREATE_IN_PROGRESS", "");
    let made = ("2", "UserPool", "CREATE_COMPLETE", "");
    let double = Double::new(&[
        ("DescribeStacks", &[absent(), described("CREATE_IN_PROGRESS"), described("CREATE_COMPLETE")]),
        ("CreateStack", &[answer("CreateStack", "<StackId>x</StackId>")]),
        ("DescribeStackEvents", &[events(&[under_way]), events(&[made, under_way])]),
    ]);
    let given = BTreeMap::from([("ThingNamePrefix".to_owned(), "Fleet_Index_".to_owned())]);
    let (outcome, heard) = deploy(&double, &given).await;
    assert_eq!(outcome.expect("made")["ThingNamePrefix"], "Fleet_Index_");
    let statuses: Vec<&str> = heard.iter().map(|happening| happening.status.as_str()).collect();
    assert_eq!(statuses, ["CREATE_IN_PROGRESS", "CREATE_COMPLETE"], "each once, oldest first");
    let call = &double.calls("CreateStack")[0];
    assert_eq!(call["TemplateBody"], TEMPLATE);
    assert_eq!(call["Parameters.member.1.ParameterKey"], "ThingNamePrefix");
    assert_eq!(call["Capabilities.member.2"], "CAPABILITY_NAMED_IAM");
}

#[tokio::test]
async fn a_stack_that_stands_is_updated_and_keeps_its_parameters() {
    let old = ("1", "UserPool", "CREATE_FAILED", "of long ago");
    let double = Double::new(&[
        ("DescribeStacks", &[described("UPDATE_COMPLETE")]),
        ("UpdateStack", &[answer("UpdateStack", "<StackId>x</StackId>")]),
        ("DescribeStackEvents", &[events(&[old]), events(&[("2", "Hook", "UPDATE_COMPLETE", ""), old])]),
    ]);
    let (outcome, heard) = deploy(&double, &none()).await;
    outcome.expect("updated");
    assert_eq!(heard.iter().map(|h| h.resource.as_str()).collect::<Vec<_>>(), ["Hook"], "nothing of long ago");
    let call = &double.calls("UpdateStack")[0];
    assert_eq!(call["Parameters.member.1.ParameterKey"], "Mfa");
    assert_eq!(call["Parameters.member.1.UsePreviousValue"], "true");
}

#[tokio::test]
async fn nothing_to_update_is_no_failure() {
    let double = Double::new(&[
        ("DescribeStacks", &[described("CREATE_COMPLETE")]),
        ("UpdateStack", &[refusal("ValidationError", "No updates are to be performed.")]),
        ("DescribeStackEvents", &[events(&[])]),
    ]);
    assert_eq!(deploy(&double, &none()).await.0.expect("as it is")["Region"], "ap-northeast-1");
}

#[tokio::test]
async fn resources_that_failed_say_why() {
    let failed = [
        ("4", "tokyo", "ROLLBACK_IN_PROGRESS", "The following resource(s) failed to create: [UserPool]."),
        ("3", "Hook", "CREATE_FAILED", "Resource creation cancelled"),
        ("2", "UserPool", "CREATE_FAILED", "Invalid MFA"),
        ("1", "UserPool", "CREATE_IN_PROGRESS", ""),
    ];
    let double = Double::new(&[
        ("DescribeStacks", &[absent(), described("ROLLBACK_COMPLETE")]),
        ("CreateStack", &[answer("CreateStack", "<StackId>x</StackId>")]),
        ("DescribeStackEvents", &[events(&failed)]),
    ]);
    let (outcome, heard) = deploy(&double, &none()).await;
    let failure = expect_failure(outcome, Code::StackFailed);
    assert_eq!((failure.about.as_str(), failure.reason.as_str()), ("tokyo", "UserPool: Invalid MFA"));
    assert_eq!(heard.len(), 4, "all of it is told");
}

#[tokio::test]
async fn a_stack_that_cannot_be_changed_now_is_left_alone() {
    for status in ["ROLLBACK_COMPLETE", "UPDATE_IN_PROGRESS"] {
        let double = Double::new(&[("DescribeStacks", &[described(status)])]);
        let failure = expect_failure(deploy(&double, &none()).await.0, Code::StackFailed);
        assert!(failure.reason.starts_with(status), "{failure}");
        assert!(failure.message(Language::Japanese).contains(status), "{failure:?}");
    }
}

#[tokio::test]
async fn refusals_are_named() {
    for (code, message, expected) in [
        ("AccessDenied", "User is not authorized to perform: cloudformation:CreateStack", Code::NotAllowed),
        ("ValidationError", "Parameter 'Mfa' must be one of AllowedValues", Code::StackFailed),
        ("ExpiredToken", "The security token included in the request is expired", Code::SignInRequired),
        ("InvalidClientTokenId", "The security token included in the request is invalid.", Code::SignInRequired),
    ] {
        let double = Double::new(&[("DescribeStacks", &[absent()]), ("CreateStack", &[refusal(code, message)])]);
        let failure = expect_failure(deploy(&double, &none()).await.0, expected);
        assert!(failure.reason.contains(message), "{failure}");
    }
}

#[tokio::test]
async fn parameters_that_the_template_does_not_have_are_refused_before_anything_is_changed() {
    let double = Double::new(&[("DescribeStacks", &[absent()])]);
    let given = BTreeMap::from([("Prefix".to_owned(), "x".to_owned())]);
    assert_eq!(expect_failure(deploy(&double, &given).await.0, Code::Usage).about, "Prefix");
}

#[tokio::test]
async fn outputs_of_a_stack_that_there_is_not_are_none() {
    let double = Double::new(&[("DescribeStacks", &[absent()])]);
    let failure = expect_failure(double.stack().await.outputs().await, Code::StackFailed);
    assert_eq!(failure.about, "tokyo");
    let double = Double::new(&[("DescribeStacks", &[described("UPDATE_COMPLETE")])]);
    assert_eq!(double.stack().await.outputs().await.expect("outputs").len(), 2);
}

#[tokio::test]
async fn a_region_is_needed_and_the_way_must_be_safe() {
    let profiles = Profiles::new(&format!("[profile bench]\n{KEYS}"));
    let without = Stack::new("tokyo", profiles.profile("bench"), &Place::default()).await;
    assert!(expect_failure(without, Code::Usage).reason.contains("region"));
    let endpoint = Some("http://cloudformation.example".to_owned());
    let place = Place { region: Some("eu-west-1".into()), endpoint, ..Place::default() };
    expect_failure(Stack::new("tokyo", profiles.profile("bench"), &place).await, Code::Usage);
    let place = Place { endpoint: None, ..place };
    let stack = Stack::new("tokyo", profiles.profile("bench"), &place).await.expect("both are right");
    let shown = format!("{stack:?}");
    assert!(shown.contains("cloudformation.eu-west-1") && !shown.contains(SECRET), "{shown}");
}
