//! The user pool: sign-in with every challenge, tokens, forgotten passwords.

mod challenge;
mod device;
mod password;
mod refusal;
mod secret_hash;
mod sign_in;
mod tokens;

pub use challenge::{Answer, Challenge, Channel, FirstFactor};
pub(crate) use device::RememberedDevice;
pub(crate) use password::{confirm, forgot};
pub(crate) use secret_hash::ClientSecret;
pub use sign_in::Reply;
pub(crate) use sign_in::{Attempt, SignIn, SignedIn};
pub(crate) use tokens::{Renewal, Tokens, refresh, revoke};
