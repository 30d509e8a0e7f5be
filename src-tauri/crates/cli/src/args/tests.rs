use fieldkey_core::x509;

use super::*;

fn command(words: &str) -> Command {
    Args::try_parse_from(words.split_whitespace()).unwrap_or_else(|error| panic!("{words}: {error}")).command
}

fn is_no_call(words: &str) -> bool {
    Args::try_parse_from(words.split_whitespace()).is_err()
}

#[test]
fn provision_is_understood_as_the_contract_writes_it() {
    let Command::Provision(args) = command(
        "fieldkey provision --site s.json --user a@b.c --serial-number SN --target drive:/m/x --driver drive \
         --param A=1 --param B=x=y --replace --wait 60 --json",
    ) else {
        panic!("another command");
    };
    assert_eq!(args.device.param, [("A".into(), "1".into()), ("B".into(), "x=y".into())]);
    assert!(args.replace && args.json);
    assert_eq!(args.wait, Some(60));
}

#[test]
fn enroll_is_understood_as_the_contract_writes_it() {
    let call = "fieldkey enroll --site S --user U --serial-number SN --target drive:/x --via claim";
    let Command::Enroll(args) = command(call) else { panic!("another command") };
    assert_eq!((args.via, args.key, args.key_type), (Via::Claim, Key::Host, None), "the key is made here by default");
    let more = format!("{call} --key aws --key-type rsa-2048 --driver greengrass --param A=1 --replace --json");
    let Command::Enroll(args) = command(&more) else { panic!("another command") };
    assert_eq!(args.key, Key::Aws);
    assert_eq!(args.key_type.map(x509::KeyType::from), Some(x509::KeyType::Rsa2048));
    let direct =
        "fieldkey enroll --site S --serial-number SN --target drive:/x --via direct --aws-profile P --policy N";
    let Command::Enroll(args) = command(direct) else { panic!("another command") };
    assert_eq!((args.who.signer.aws_profile.as_deref(), args.policy.as_deref()), (Some("P"), Some("N")));
}

#[test]
fn register_needs_a_site_and_a_thing_only_when_it_registers() {
    let Command::Register(args) = command("fieldkey register --site S --user U --thing T --certificate c.pem") else {
        panic!("another command");
    };
    assert_eq!(args.status, Status::Inactive, "AWS's own default");
    assert!(
        matches!(command("fieldkey register --certificate c.p12 --preview"), Command::Register(args) if args.preview)
    );
    assert!(is_no_call("fieldkey register --certificate c.pem --thing T"), "the site is missing");
    assert!(is_no_call("fieldkey register --certificate c.pem --site S"), "the thing is missing");
}

#[test]
fn a_thing_is_named_in_exactly_one_way() {
    for job in ["inspect", "revoke"] {
        let call = format!("fieldkey {job} --site S --user U");
        assert!(!is_no_call(&format!("{call} --thing T")) && !is_no_call(&format!("{call} --serial-number SN")));
        assert!(is_no_call(&call) && is_no_call(&format!("{call} --thing T --serial-number SN")), "{job}");
    }
}

#[test]
fn what_is_activated_is_named() {
    assert!(is_no_call("fieldkey activate --site S --user U --thing T"), "a compromised one could come back");
}

#[test]
fn the_other_calls_of_the_contract_are_understood() {
    for call in [
        "verify --site S --identity F --mqtt --direct --s3 B --user U --json",
        "inspect --site S --serial-number SN --aws-profile P --json",
        "reissue --site S --user U --serial-number SN --target drive:/x --via provision --wait 60 --compromised --json",
        "reissue --site S --user U --serial-number SN --target drive:/x --via api --key host --key-type p-256",
        "revoke --site S --user U --thing T --certificate 0123456789 --deactivate --yes --aws-profile P --json",
        "activate --site S --user U --serial-number SN --certificate 0123456789 --aws-profile P --json",
        "site from-outputs - --stack N --name Tokyo --set roleAlias=a --set region=b --output site.json --replace",
        "site from-outputs outputs.json",
        "stack deploy --aws-profile P --region R --name N --parameter K=V --parameter L=W --json",
        "stack outputs --aws-profile P --region R --name N --json",
        "sign-out --site S --user U",
        "site list --json",
        "policy show --json",
        "policy check",
        "policy check policy.json --json",
        "history --serial-number SN --json",
        "history --search mori --outcome failed --since 2026-03-04 --until 2026-03-05T00:00:00+09:00 --limit 5 --json",
        "history --outcome interrupted --csv",
        "history --check --json",
        "targets --json",
    ] {
        command(&format!("fieldkey {call}"));
    }
}

#[test]
fn what_would_be_overlooked_in_the_history_is_refused() {
    for words in ["--csv --json", "--csv --limit 5", "--check --search x", "--since yesterday", "--outcome ended"] {
        assert!(is_no_call(&format!("fieldkey history {words}")), "{words}");
    }
}

#[test]
fn a_driver_that_a_file_brings_is_taken_like_those_that_are_offered() {
    let call = "fieldkey provision --site s --serial-number SN --target serial:/x --driver";
    for driver in ["nrf91", "my-modem"] {
        let Command::Provision(args) = command(&format!("{call} {driver}")) else { panic!("another command") };
        assert_eq!(args.device.driver.as_deref(), Some(driver));
    }
}

#[test]
fn only_a_file_that_is_named_can_be_replaced() {
    assert!(is_no_call("fieldkey site from-outputs outputs.json --replace"), "what is printed replaces nothing");
}

#[test]
fn a_password_is_never_an_argument() {
    let provision = "fieldkey provision --site s --serial-number S --target drive:/x";
    assert!(!is_no_call(provision));
    assert!(is_no_call(&format!("{provision} --password x")), "arguments are seen by everybody on the machine");
    assert!(is_no_call("fieldkey register --certificate c.p12 --preview --password x"));
}
