//! Who the operator is, as far as jobs are offered by it.

use fieldkey_core::ports::Groups;
use fieldkey_core::{Cloud, Operator};

use crate::support::api::Api;
use crate::support::aws::Double;
use crate::support::pool::{EMAIL, Settings, User};
use crate::support::signed_in;

fn of(names: &[&str]) -> Groups {
    Groups::Of(names.iter().map(|&name| name.to_owned()).collect())
}

#[tokio::test]
async fn an_operator_is_known_with_their_groups() {
    let user = User { groups: &["installers", "helpdesk"], ..User::default() };
    let double = Double::new(Settings::default(), user);
    let aws = double.aws();
    signed_in(&aws).await;
    let signed_in = Operator::sign_in(&aws).await.expect("signed in");
    assert_eq!((signed_in.name.as_str(), signed_in.groups), (EMAIL, of(&["installers", "helpdesk"])));
}

#[tokio::test]
async fn an_operator_without_a_group_has_none() {
    let aws = Double::plain().aws();
    let double = Double::plain();
    let of_none = double.aws();
    signed_in(&of_none).await;
    assert_eq!(Operator::sign_in(&of_none).await.expect("signed in").groups, of(&[]));
    assert!(Operator::sign_in(&aws).await.is_err(), "nobody is signed in there");
}

#[tokio::test]
async fn groups_follow_the_newest_token() {
    let double = Double::plain();
    let api = Api::new(&double);
    let aws = api.aws(&double);
    signed_in(&aws).await;
    double.pool().move_to(&["installers"]);
    double.pool().expire_id_tokens();
    aws.credentials().await.expect("renewed");
    assert_eq!(Operator::sign_in(&aws).await.expect("signed in").groups, of(&["installers"]));
}
