//! `fieldkey stack …`.

use std::cell::Cell;
use std::collections::BTreeMap;

use fieldkey_cloud::{Happening, Place, Profile, Stack};
use fieldkey_core::{Failure, Language};
use serde_json::{Value, json};

use crate::output::{Output, line_to};
use crate::words::{self, Phrase};
use crate::{Ended, args};

pub(crate) async fn deploy(args: args::StackDeploy, language: Language) -> Result<(), Ended> {
    let output = Output::new(args.json, language);
    let stack = open(&args.stack).await?;
    let given = args.parameter.iter().cloned().collect();
    let watching = Watching { output: &output, over: Cell::new(false) };
    output.spin(&args.stack.name);
    let deployed = stack.deploy(&given, &|happening| tell(happening, &args, &output)).await;
    watching.over.set(true);
    output.clear();
    let described = described(&args.stack.name, &deployed?);
    if args.json {
        print(&json!({"event": "finished", "result": described}));
    } else {
        print_pretty(&described);
    }
    Ok(())
}

pub(crate) async fn outputs(args: args::StackOutputs) -> Result<(), Ended> {
    let described = described(&args.stack.name, &open(&args.stack).await?.outputs().await?);
    if args.json {
        print(&described)
    } else {
        print_pretty(&described)
    }
    Ok(())
}

async fn open(stack: &args::Stack) -> Result<Stack, Failure> {
    let place = Place { region: Some(stack.region.clone()), endpoint: stack.endpoint_url.clone(), extra_ca: None };
    Stack::new(&stack.name, Profile::named(&stack.aws_profile), &place).await
}

/// What happened to a resource: standard output is for the outputs, unless it is a script that reads.
fn tell(happening: &Happening, args: &args::StackDeploy, output: &Output) {
    let Happening { resource, kind, status, reason, .. } = happening;
    if args.json {
        print(&json!({
            "event": "resource", "resource": resource, "kind": kind, "status": status, "reason": reason,
        }));
        return;
    }
    let mark = match status.rsplit('_').next() {
        Some("COMPLETE") => '✓',
        Some("FAILED") => '✗',
        _ => '…',
    };
    output.say(format!("{mark} {status}  {kind}  {resource}  {reason}").trim_end());
    output.spin(&args.stack.name);
}

/// As `aws cloudformation describe-stacks` prints it, so that `site from-outputs` reads either.
fn described(name: &str, outputs: &BTreeMap<String, String>) -> Value {
    let outputs: Vec<Value> =
        outputs.iter().map(|(key, value)| json!({"OutputKey": key, "OutputValue": value})).collect();
    json!({"Stacks": [{"StackName": name, "Outputs": outputs}]})
}

fn print(value: &Value) {
    line_to(&mut std::io::stdout(), &value.to_string());
}

fn print_pretty(value: &Value) {
    line_to(&mut std::io::stdout(), &serde_json::to_string_pretty(value).unwrap_or_default());
}

/// Whoever stops watching a stack does not stop it.
struct Watching<'a> {
    output: &'a Output,
    over: Cell<bool>,
}

impl Drop for Watching<'_> {
    fn drop(&mut self) {
        if !self.over.get() {
            self.output.say(&words::say(Phrase::StackGoesOn, "", self.output.language()));
        }
    }
}

#[cfg(test)]
mod tests {
    use fieldkey_core::site::outputs::{Settings, from_stacks};

    use super::*;

    #[test]
    fn a_site_is_made_of_what_is_printed() {
        let outputs = [
            ("Region", "ap-northeast-1"),
            ("UserPoolId", "ap-northeast-1_AbCdEf123"),
            ("UserPoolClientId", "1h57kf5cpq17m0eml12EXAMPLE"),
            ("IdentityPoolId", "ap-northeast-1:0a1b2c3d-0000-4000-8000-0123456789ab"),
            ("ProvisioningTemplateName", "fieldkey"),
            ("ThingNamePrefix", "Fleet_Index_"),
            ("SerialNumberPattern", "^[A-Za-z0-9_-]{1,64}$"),
        ];
        let outputs = outputs.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        let printed = described("fieldkey", &outputs).to_string();
        let site = from_stacks(&printed, None, &Settings::new()).expect("a site");
        assert_eq!((site.name.as_str(), site.thing_name_prefix.as_str()), ("fieldkey", "Fleet_Index_"));
    }
}
