use fieldkey_core::Operator;

use super::*;
use crate::{Answer, Challenge, SHOWN_CODE};

fn code<T: std::fmt::Debug>(outcome: Result<T, Failure>) -> Code {
    outcome.expect_err("refused").code
}

#[tokio::test(start_paused = true)]
async fn any_address_and_any_password_of_eight_characters_will_do() {
    let practise = Practise::new().expect("a site");
    for (user, password) in [("mori", "eight888"), ("@example.com", "eight888"), ("mori@example.com", "seven77")] {
        assert_eq!(code(practise.sign_in(user, &password.into()).await), Code::WrongPassword, "{user} {password}");
    }
    assert_eq!(code(Operator::sign_in(&practise).await), Code::SignInRequired);
    assert_eq!(practise.sign_in(" mori@example.com ", &"八文字のパスワード".into()).await, Ok(Reply::SignedIn));
    assert_eq!(practise.who().as_deref(), Some("mori@example.com"));
    practise.sign_out();
    assert_eq!(practise.who(), None);
}

#[tokio::test(start_paused = true)]
async fn a_temporary_password_is_replaced_and_a_weak_one_can_be_chosen_again() {
    let practise = Practise::new().expect("a site");
    let reply = practise.sign_in("New@example.com", &"eight888".into()).await;
    assert_eq!(reply, Ok(Reply::Challenge(Challenge::NewPassword)));
    assert_eq!(practise.who(), None, "half a sign-in is none");
    let answer = async |new: &str| practise.answer(Answer::NewPassword(new.into())).await;
    assert_eq!(code(answer("short").await), Code::PasswordPolicy);
    assert_eq!(answer("long enough").await, Ok(Reply::SignedIn));
    assert_eq!(practise.who().as_deref(), Some("New@example.com"));
}

#[tokio::test(start_paused = true)]
async fn a_code_is_asked_for_until_it_is_right() {
    let practise = Practise::new().expect("a site");
    let reply = practise.sign_in("mfa@example.com", &"eight888".into()).await;
    assert_eq!(reply, Ok(Reply::Challenge(Challenge::Code)));
    let answer = async |code: &str| practise.answer(Answer::Code(code.into())).await;
    assert_eq!(code(answer("654321").await), Code::WrongCode);
    assert_eq!(answer("123 456").await, Ok(Reply::SignedIn));
    assert_eq!(code(answer(SHOWN_CODE).await), Code::SessionExpired, "nothing is asked any more");
}

#[tokio::test(start_paused = true)]
async fn a_forgotten_password_is_reset_with_the_shown_code() {
    let practise = Practise::new().expect("a site");
    assert_eq!(practise.forgot_password("mori@example.com").await, Ok(Some("m***@e***".into())));
    let reset = async |code: &str, new: &str| practise.confirm_forgot_password(&code.into(), &new.into()).await;
    assert_eq!(code(reset("000000", "eight888").await), Code::WrongCode);
    assert_eq!(code(reset(SHOWN_CODE, "seven77").await), Code::PasswordPolicy);
    assert_eq!(reset(SHOWN_CODE, "eight888").await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn nothing_works_before_the_sign_in() {
    let practise = Practise::new().expect("a site");
    assert_eq!(code(practise.claim().await), Code::SignInRequired);
    assert_eq!(code(practise.thing("Practise_SN-0001").await), Code::SignInRequired);
}
