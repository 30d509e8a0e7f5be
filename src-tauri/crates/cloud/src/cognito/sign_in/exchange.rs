//! The two calls that a sign-in is made of: InitiateAuth and RespondToAuthChallenge.

use std::collections::HashMap;

use aws_sdk_cognitoidentityprovider::types::{AuthFlowType, AuthenticationResultType, ChallengeNameType};
use fieldkey_core::{Code, Failure};

use super::SignIn;
use crate::cognito::refusal::failure;
use crate::refusal::{Refusal, refusal};

/// Both calls answer alike, in two types.
pub(super) struct Wire {
    pub(super) challenge: Option<ChallengeNameType>,
    pub(super) session: Option<String>,
    pub(super) parameters: HashMap<String, String>,
    /// AvailableChallenges: what SELECT_CHALLENGE lets choose from.
    pub(super) offers: Vec<ChallengeNameType>,
    pub(super) result: Option<AuthenticationResultType>,
}

impl SignIn {
    /// USER_SRP_AUTH; where the client has only the newer USER_AUTH, that with SRP preferred.
    pub(super) async fn initiate(&mut self) -> Result<Wire, Failure> {
        let answer = match self.initiate_as(AuthFlowType::UserSrpAuth).await? {
            Err(refusal) if forgets_the_device(&refusal) && self.forget_device() => {
                self.initiate_as(AuthFlowType::UserSrpAuth).await?
            }
            answer => answer,
        };
        match answer {
            Ok(wire) => Ok(wire),
            Err(srp) if srp.says("USER_SRP_AUTH is not enabled") => {
                let newer = self.initiate_as(AuthFlowType::UserAuth).await?;
                newer.map_err(|newer| match newer.says("USER_AUTH") {
                    // Neither is on: the first refusal names what the site should turn on.
                    true => failure(&srp, &self.connection),
                    false => failure(&newer, &self.connection),
                })
            }
            Err(refusal) => Err(failure(&refusal, &self.connection)),
        }
    }

    async fn initiate_as(&mut self, flow: AuthFlowType) -> Result<Result<Wire, Refusal>, Failure> {
        let srp_a = self.fresh_srp()?;
        let user = &self.attempt.user;
        let mut call = self
            .connection
            .idp
            .initiate_auth()
            .client_id(&self.client.client_id)
            .auth_parameters("USERNAME", user)
            .auth_parameters("SRP_A", srp_a);
        if flow == AuthFlowType::UserAuth {
            call = call.auth_parameters("PREFERRED_CHALLENGE", "PASSWORD_SRP");
        }
        if let Some(hash) = self.client.hash(user) {
            call = call.auth_parameters("SECRET_HASH", hash);
        }
        if let Some(device) = &self.attempt.device {
            call = call.auth_parameters("DEVICE_KEY", &device.key);
        }
        match call.auth_flow(flow).send().await {
            Ok(answer) => Ok(Ok(Wire {
                challenge: answer.challenge_name,
                session: answer.session,
                parameters: answer.challenge_parameters.unwrap_or_default(),
                offers: answer.available_challenges.unwrap_or_default(),
                result: answer.authentication_result,
            })),
            Err(error) => refusal(error, &self.connection.idp_host()).map(Err),
        }
    }

    pub(super) async fn respond(
        &mut self,
        name: &ChallengeNameType,
        responses: Vec<(String, String)>,
    ) -> Result<Wire, Failure> {
        let user = &self.internal_user;
        let mut call = self
            .connection
            .idp
            .respond_to_auth_challenge()
            .client_id(&self.client.client_id)
            .challenge_name(name.clone())
            .set_session(self.session.clone())
            .challenge_responses("USERNAME", user);
        if let Some(hash) = self.client.hash(user) {
            call = call.challenge_responses("SECRET_HASH", hash);
        }
        if let Some(device) = &self.attempt.device {
            call = call.challenge_responses("DEVICE_KEY", &device.key);
        }
        for (key, value) in responses {
            call = call.challenge_responses(key, value);
        }
        let refusal = match call.send().await {
            Ok(answer) => {
                return Ok(Wire {
                    challenge: answer.challenge_name,
                    session: answer.session,
                    parameters: answer.challenge_parameters.unwrap_or_default(),
                    offers: answer.available_challenges.unwrap_or_default(),
                    result: answer.authentication_result,
                });
            }
            Err(error) => refusal(error, &self.connection.idp_host())?,
        };
        let about_the_device = match name {
            ChallengeNameType::DeviceSrpAuth | ChallengeNameType::DevicePasswordVerifier => {
                matches!(refusal.name.as_str(), "NotAuthorizedException" | "ResourceNotFoundException")
            }
            _ => forgets_the_device(&refusal),
        };
        if about_the_device && self.forget_device() {
            return self.initiate().await;
        }
        // A code of an authenticator app that was used before: the next one will do. Any other code is as old as
        // the session.
        if refusal.name == "ExpiredCodeException" && !refusal.says("already been used") {
            return Err(refusal.failure(Code::SessionExpired));
        }
        Err(failure(&refusal, &self.connection))
    }

    /// Signs in as from a new computer. False if it was one already.
    fn forget_device(&mut self) -> bool {
        self.internal_user.clone_from(&self.attempt.user);
        self.attempt.device.take().is_some()
    }
}

fn forgets_the_device(refusal: &Refusal) -> bool {
    refusal.name == "ResourceNotFoundException" && refusal.says("device")
}
