//! Error codes: the stable names that scripts and the window act on.

use std::fmt;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What went wrong, in the one word that scripts and the window act on.
///
/// Written in kebab-case everywhere (`wrong-password`). Its texts are in [`crate::text`].
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
#[ts(export)]
pub enum Code {
    // The call's words and the site file
    Usage,
    SiteInvalid,
    SerialNumberInvalid,
    CertificateInvalid,
    CertificateUnsupported,
    KeyMismatch,
    P12Password,
    ThingNameInvalid,
    NotOffered,
    /// A file that describes a modem.
    RecipeInvalid,
    /// This computer's record of runs.
    JournalUnavailable,
    /// One run at a time, and one at a device.
    RunUnderWay,
    /// The organisation's policy for this computer.
    PolicyInvalid,
    NotAllowedByPolicy,
    /// A newer Fieldkey, which was found, could not be put in this one's place.
    UpdateFailed,
    // A claim in a file
    ClaimFileInvalid,
    ClaimFileExpired,
    PassphraseWrong,
    PassphraseShort,
    // Sign-in
    SignInRequired,
    WrongPassword,
    TooManyAttempts,
    AccountDisabled,
    InvitationExpired,
    UserUnconfirmed,
    PasswordResetRequired,
    PasswordResetForbidden,
    NewPasswordRequired,
    PasswordPolicy,
    MfaRequired,
    WrongCode,
    SessionExpired,
    SignInRefused,
    UserPoolNotFound,
    ClientNotFound,
    SrpDisabled,
    // AWS said no, or did not answer
    IdentityPoolNotFound,
    NotAllowed,
    TemplateNotFound,
    Throttled,
    Offline,
    TlsUntrusted,
    ClockSkew,
    ServiceError,
    ClaimExpired,
    ThingNotFound,
    CertificateNotFound,
    CertificateDuplicate,
    CertificateShared,
    RegistrationRefused,
    IdentityRefused,
    RoleAliasRefused,
    WrongEndpoint,
    EchoMissing,
    StackFailed,
    /// Nobody says whether there is a newer Fieldkey, or hands it out.
    UpdateUnavailable,
    /// What was handed out is not what was signed.
    UpdateRefused,
    // The device
    TargetGone,
    TargetFull,
    TargetReadOnly,
    TargetDamaged,
    TargetPermission,
    TargetRefused,
    IdentityPresent,
    VerifyMismatch,
    IdentityInvalid,
    CertificateExpired,
    PortBusy,
    PortPermission,
    DeviceSilent,
    DeviceRejected,
    /// It wants somebody of its own to log in.
    DeviceLogin,
    // Written, but
    NotRegistered,
    /// A mistake in Fieldkey itself.
    InternalError,
    Interrupted,
}

impl Code {
    /// Every code, for tests that walk the texts.
    pub const ALL: [Self; 75] = [
        Self::Usage,
        Self::SiteInvalid,
        Self::SerialNumberInvalid,
        Self::CertificateInvalid,
        Self::CertificateUnsupported,
        Self::KeyMismatch,
        Self::P12Password,
        Self::ThingNameInvalid,
        Self::NotOffered,
        Self::RecipeInvalid,
        Self::JournalUnavailable,
        Self::RunUnderWay,
        Self::PolicyInvalid,
        Self::NotAllowedByPolicy,
        Self::UpdateFailed,
        Self::ClaimFileInvalid,
        Self::ClaimFileExpired,
        Self::PassphraseWrong,
        Self::PassphraseShort,
        Self::SignInRequired,
        Self::WrongPassword,
        Self::TooManyAttempts,
        Self::AccountDisabled,
        Self::InvitationExpired,
        Self::UserUnconfirmed,
        Self::PasswordResetRequired,
        Self::PasswordResetForbidden,
        Self::NewPasswordRequired,
        Self::PasswordPolicy,
        Self::MfaRequired,
        Self::WrongCode,
        Self::SessionExpired,
        Self::SignInRefused,
        Self::UserPoolNotFound,
        Self::ClientNotFound,
        Self::SrpDisabled,
        Self::IdentityPoolNotFound,
        Self::NotAllowed,
        Self::TemplateNotFound,
        Self::Throttled,
        Self::Offline,
        Self::TlsUntrusted,
        Self::ClockSkew,
        Self::ServiceError,
        Self::ClaimExpired,
        Self::ThingNotFound,
        Self::CertificateNotFound,
        Self::CertificateDuplicate,
        Self::CertificateShared,
        Self::RegistrationRefused,
        Self::IdentityRefused,
        Self::RoleAliasRefused,
        Self::WrongEndpoint,
        Self::EchoMissing,
        Self::StackFailed,
        Self::UpdateUnavailable,
        Self::UpdateRefused,
        Self::TargetGone,
        Self::TargetFull,
        Self::TargetReadOnly,
        Self::TargetDamaged,
        Self::TargetPermission,
        Self::TargetRefused,
        Self::IdentityPresent,
        Self::VerifyMismatch,
        Self::IdentityInvalid,
        Self::CertificateExpired,
        Self::PortBusy,
        Self::PortPermission,
        Self::DeviceSilent,
        Self::DeviceRejected,
        Self::DeviceLogin,
        Self::NotRegistered,
        Self::InternalError,
        Self::Interrupted,
    ];

    /// The command line's exit status for this code.
    pub fn exit_status(self) -> u8 {
        match self {
            Self::Usage
            | Self::SiteInvalid
            | Self::SerialNumberInvalid
            | Self::CertificateInvalid
            | Self::CertificateUnsupported
            | Self::KeyMismatch
            | Self::P12Password
            | Self::ThingNameInvalid
            | Self::NotOffered
            | Self::RecipeInvalid
            | Self::JournalUnavailable
            | Self::RunUnderWay
            | Self::PolicyInvalid
            | Self::NotAllowedByPolicy
            | Self::UpdateFailed
            | Self::ClaimFileInvalid
            | Self::ClaimFileExpired
            | Self::PassphraseWrong
            | Self::PassphraseShort => 2,
            Self::SignInRequired
            | Self::WrongPassword
            | Self::TooManyAttempts
            | Self::AccountDisabled
            | Self::InvitationExpired
            | Self::UserUnconfirmed
            | Self::PasswordResetRequired
            | Self::PasswordResetForbidden
            | Self::NewPasswordRequired
            | Self::PasswordPolicy
            | Self::MfaRequired
            | Self::WrongCode
            | Self::SessionExpired
            | Self::SignInRefused
            | Self::UserPoolNotFound
            | Self::ClientNotFound
            | Self::SrpDisabled => 3,
            Self::IdentityPoolNotFound
            | Self::NotAllowed
            | Self::TemplateNotFound
            | Self::Throttled
            | Self::Offline
            | Self::TlsUntrusted
            | Self::ClockSkew
            | Self::ServiceError
            | Self::ClaimExpired
            | Self::ThingNotFound
            | Self::CertificateNotFound
            | Self::CertificateDuplicate
            | Self::CertificateShared
            | Self::RegistrationRefused
            | Self::IdentityRefused
            | Self::RoleAliasRefused
            | Self::WrongEndpoint
            | Self::EchoMissing
            | Self::StackFailed
            | Self::UpdateUnavailable
            | Self::UpdateRefused => 4,
            Self::TargetGone
            | Self::TargetFull
            | Self::TargetReadOnly
            | Self::TargetDamaged
            | Self::TargetPermission
            | Self::TargetRefused
            | Self::IdentityPresent
            | Self::VerifyMismatch
            | Self::IdentityInvalid
            | Self::CertificateExpired
            | Self::PortBusy
            | Self::PortPermission
            | Self::DeviceSilent
            | Self::DeviceRejected
            | Self::DeviceLogin => 5,
            Self::NotRegistered => 6,
            // As of any program in Rust that panics.
            Self::InternalError => 101,
            Self::Interrupted => 130,
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_written_in_kebab_case() {
        assert_eq!(Code::WrongPassword.to_string(), "wrong-password");
        assert_eq!(Code::TlsUntrusted.to_string(), "tls-untrusted");
    }

    #[test]
    fn all_names_every_code_once() {
        let mut seen = std::collections::HashSet::new();
        for code in Code::ALL {
            assert!(seen.insert(code), "{code} is listed twice");
        }
        // The last variant's discriminant is the count less one: a code missing from ALL fails here.
        assert_eq!(Code::Interrupted as usize + 1, Code::ALL.len());
    }
}
