//! What the user pool asks a person, and what they answer.

use std::collections::{BTreeMap, HashMap};

use secrecy::{ExposeSecret, SecretString};

/// A question that only the person can answer. The pool's questions to the program (SRP) are not among them.
#[derive(Clone, Debug)]
pub enum Challenge {
    /// First sign-in: a new password, and values for the attributes that the pool insists on.
    NewPassword { required_attributes: Vec<String> },
    /// A one-time code. `destination` is the masked address it was sent to.
    Code { channel: Channel, destination: Option<String> },
    /// Several second factors are set up; which one now?
    SelectMfa { options: Vec<Channel> },
    /// An authenticator app must be set up: its secret (Base32) and the `otpauth:` URI for a QR code.
    TotpSetup { secret: SecretString, uri: SecretString },
    /// No password sign-in for this person; how else?
    SelectFirstFactor { options: Vec<FirstFactor> },
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Channel {
    Totp,
    Sms,
    Email,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FirstFactor {
    Password,
    Email,
    Sms,
}

impl FirstFactor {
    pub(crate) fn from_wire(name: &str) -> Option<Self> {
        match name {
            "PASSWORD" => Some(Self::Password),
            "EMAIL_OTP" => Some(Self::Email),
            "SMS_OTP" => Some(Self::Sms),
            _ => None,
        }
    }

    pub(crate) fn wire(self) -> &'static str {
        match self {
            Self::Password => "PASSWORD",
            Self::Email => "EMAIL_OTP",
            Self::Sms => "SMS_OTP",
        }
    }
}

impl Channel {
    /// The e-mail factor is written in two ways.
    pub(crate) fn from_wire(name: &str) -> Option<Self> {
        match name {
            "SOFTWARE_TOKEN_MFA" => Some(Self::Totp),
            "SMS_MFA" | "SMS_OTP" => Some(Self::Sms),
            "EMAIL_MFA" | "EMAIL_OTP" => Some(Self::Email),
            _ => None,
        }
    }
}

/// The person's answer to the [`Challenge`] that stands.
#[derive(Debug)]
pub enum Answer {
    NewPassword { new_password: SecretString, attributes: BTreeMap<String, String> },
    Code(SecretString),
    Mfa(Channel),
    FirstFactor(FirstFactor),
}

/// People copy codes with the space that their app shows in the middle.
pub(crate) fn digits(code: &SecretString) -> String {
    code.expose_secret().split_whitespace().collect()
}

/// The attributes to fill in at NEW_PASSWORD_REQUIRED. `requiredAttributes` is a JSON array inside a string,
/// its items with or without the prefix `userAttributes.`.
pub(crate) fn required_attributes(parameters: &HashMap<String, String>) -> Vec<String> {
    let text = parameters.get("requiredAttributes").map_or("[]", String::as_str);
    let names: Vec<String> = serde_json::from_str(text).unwrap_or_default();
    names.into_iter().map(|name| name.strip_prefix("userAttributes.").unwrap_or(&name).to_owned()).collect()
}

/// The factors named in a JSON array inside a string, such as MFAS_CAN_CHOOSE: each once, with the pool's own
/// word for it.
pub(crate) fn channels(parameters: &HashMap<String, String>, key: &str) -> Vec<(Channel, String)> {
    let text = parameters.get(key).map_or("[]", String::as_str);
    let names: Vec<String> = serde_json::from_str(text).unwrap_or_default();
    let mut channels: Vec<(Channel, String)> = Vec::new();
    for name in names {
        if let Some(channel) = Channel::from_wire(&name)
            && !channels.iter().any(|(known, _)| *known == channel)
        {
            channels.push((channel, name));
        }
    }
    channels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn required_attributes_come_with_and_without_their_prefix() {
        let text = r#"["userAttributes.given_name","family_name"]"#;
        let parameters = HashMap::from([("requiredAttributes".to_owned(), text.to_owned())]);
        assert_eq!(required_attributes(&parameters), ["given_name", "family_name"]);
        assert!(required_attributes(&HashMap::new()).is_empty());
        let broken = HashMap::from([("requiredAttributes".to_owned(), "oops".to_owned())]);
        assert!(required_attributes(&broken).is_empty(), "garbage is no panic");
    }

    #[test]
    fn both_spellings_of_the_e_mail_factor_are_understood() {
        let text = r#"["EMAIL_OTP","EMAIL_MFA","SOFTWARE_TOKEN_MFA","FACE"]"#;
        let parameters = HashMap::from([("MFAS_CAN_CHOOSE".to_owned(), text.to_owned())]);
        let expected = [(Channel::Email, "EMAIL_OTP".to_owned()), (Channel::Totp, "SOFTWARE_TOKEN_MFA".to_owned())];
        assert_eq!(channels(&parameters, "MFAS_CAN_CHOOSE"), expected, "each once, in the pool's words");
    }
}
