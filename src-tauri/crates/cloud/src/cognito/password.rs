//! Forgotten passwords.

use fieldkey_core::{Code, Failure};
use secrecy::{ExposeSecret, SecretString};

use super::challenge::digits;
use super::refusal::failure;
use super::secret_hash::ClientSecret;
use crate::connection::Connection;
use crate::refusal::refusal;

/// Has a code sent. Returns the masked address it went to.
///
/// # Errors
/// `password-reset-forbidden` where only an administrator may reset.
pub(crate) async fn forgot(
    connection: &Connection,
    client: &ClientSecret,
    user: &str,
) -> Result<Option<String>, Failure> {
    let call =
        connection.idp.forgot_password().client_id(&client.client_id).username(user).set_secret_hash(client.hash(user));
    match call.send().await {
        Ok(answer) => Ok(answer.code_delivery_details.and_then(|details| details.destination)),
        Err(error) => {
            let refusal = refusal(error, &connection.idp_host())?;
            Err(match (refusal.name.as_str(), failure(&refusal, connection)) {
                // Pools with admin_only recovery, and accounts without a verified address, answer so.
                ("InvalidParameterException" | "NotAuthorizedException", plain)
                    if matches!(
                        plain.code,
                        Code::SignInRefused | Code::SessionExpired | Code::PasswordResetForbidden
                    ) =>
                {
                    refusal.failure(Code::PasswordResetForbidden)
                }
                (_, plain) => plain,
            })
        }
    }
}

/// Sets the new password with the code that was sent.
pub(crate) async fn confirm(
    connection: &Connection,
    client: &ClientSecret,
    user: &str,
    code: &SecretString,
    new_password: &SecretString,
) -> Result<(), Failure> {
    let call = connection
        .idp
        .confirm_forgot_password()
        .client_id(&client.client_id)
        .username(user)
        .set_secret_hash(client.hash(user))
        .confirmation_code(digits(code))
        .password(new_password.expose_secret());
    match call.send().await {
        Ok(_) => Ok(()),
        Err(error) => Err(failure(&refusal(error, &connection.idp_host())?, connection)),
    }
}
