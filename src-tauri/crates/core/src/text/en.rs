//! English.

use crate::{Code, Step};

pub(super) fn text(code: Code) -> (&'static str, &'static str) {
    match code {
        Code::Usage => (
            "This cannot be done like that: {about}",
            "Check what was given. The command tells with --help what it takes.",
        ),
        Code::SiteInvalid => (
            "The site file `{about}` has a mistake",
            "Correct the file, or ask whoever set up the site for a new one. `fieldkey site check` lists every mistake.",
        ),
        Code::SerialNumberInvalid => (
            "This site does not accept the serial number `{about}`",
            "Compare it with the label on the device and enter it again.",
        ),
        Code::CertificateInvalid => (
            "`{about}` is not a certificate or key that can be read",
            "Give a certificate as PEM, DER (.cer) or PKCS#12 (.p12, .pfx), exported once more if need be.",
        ),
        Code::CertificateUnsupported => (
            "AWS IoT does not take this certificate: {about}",
            "Make one with an RSA key of 2048 bits or more, or an ECDSA key on P-256, P-384 or P-521, signed with SHA-256, SHA-384 or SHA-512.",
        ),
        Code::KeyMismatch => (
            "The private key does not belong to the certificate: {about}",
            "Export both together, or give the key that the certificate was made with.",
        ),
        Code::P12Password => (
            "The password of `{about}` is wrong or missing",
            "Enter the password chosen when it was exported. An empty one is one, too.",
        ),
        Code::ThingNameInvalid => (
            "This site does not have things named `{about}`",
            "Compare the name with the site's prefix and the device's serial number.",
        ),
        Code::NotOffered => (
            "This site does not offer it: {about}",
            "Use another way, or ask whoever set up the site to add it and to send a new site file.",
        ),
        Code::RecipeInvalid => (
            "The driver file `{about}` is not valid",
            "Correct the line that is named; docs/drivers.md says what belongs there.",
        ),
        Code::JournalUnavailable => (
            "The journal cannot be read",
            "Check that this computer's disk has room and that the folder of your account can be written, then try again. Devices are provisioned without it, but nothing records that.",
        ),
        Code::RunUnderWay => {
            ("Another run is under way: {about}", "Wait until it is over, or stop it; then try again.")
        }
        Code::PolicyInvalid => (
            "The policy of your organisation, `{about}`, cannot be used",
            "Until it is put right, everything that a policy can switch off is off. Tell whoever looks after this computer: `fieldkey policy check` lists every mistake.",
        ),
        Code::NotAllowedByPolicy => (
            "Your organisation has switched this off on this computer, in `{about}`",
            "If you need it for your work, ask whoever looks after this computer.",
        ),
        Code::UpdateFailed => (
            "The new version could not take the place of `{about}`",
            "Check that the disk has room and that you may write to this folder, then try again; or install the new version by hand.",
        ),
        Code::ClaimFileInvalid => (
            "`{about}` is no claim file that can be used",
            "If the file's name is right, ask whoever sent it to export the claim again and to send the file as it is, not its content.",
        ),
        Code::ClaimFileExpired => (
            "The claim in `{about}` has expired",
            "Ask whoever sent it to export a fresh claim: each one works for five minutes only. Check this computer's clock, too.",
        ),
        Code::PassphraseWrong => (
            "The passphrase does not open `{about}`",
            "Type it as you were told it, capital letters and hyphens included. It belongs to this one file.",
        ),
        Code::PassphraseShort => {
            ("The passphrase is too short: {about}", "Choose a longer one, or let Fieldkey suggest one.")
        }
        Code::SignInRequired => (
            "You are not signed in",
            "Sign in with your e-mail address and password (a script: FIELDKEY_PASSWORD); an engineer, with the AWS profile.",
        ),
        Code::WrongPassword => (
            "The e-mail address or the password is wrong",
            "Try again. If you forgot the password, reset it or ask your administrator.",
        ),
        Code::TooManyAttempts => {
            ("Too many tries", "Wait up to 15 minutes, then try once more. Trying earlier makes the wait longer.")
        }
        Code::AccountDisabled => ("This account is disabled", "Ask your administrator to enable it."),
        Code::InvitationExpired => {
            ("The temporary password has expired", "Ask your administrator for a new invitation.")
        }
        Code::UserUnconfirmed => ("This account has not been confirmed yet", "Ask your administrator to confirm it."),
        Code::PasswordResetRequired => (
            "The password of this account must be reset",
            "Choose `Forgot password` in the window and follow the steps.",
        ),
        Code::PasswordResetForbidden => (
            "This site does not let you reset the password yourself",
            "Ask your administrator for a new temporary password.",
        ),
        Code::NewPasswordRequired => (
            "A new password must be chosen at the first sign-in",
            "Sign in at a terminal or in the window, or set FIELDKEY_NEW_PASSWORD.",
        ),
        Code::PasswordPolicy => {
            ("The new password is not strong enough for this site", "Choose one that meets the rules, and try again.")
        }
        Code::MfaRequired => (
            "This account needs a second factor: {about}",
            "Sign in at a terminal or in the window; for an authenticator app, set FIELDKEY_TOTP.",
        ),
        Code::WrongCode => (
            "The code is wrong or too old",
            "Enter the newest code. If it keeps failing, check this computer's clock and your phone's.",
        ),
        Code::SessionExpired => ("The sign-in has run out", "Sign in again."),
        Code::SignInRefused => {
            ("The site's own rules refused the sign-in", "Ask your administrator; pass on the words in brackets.")
        }
        Code::UserPoolNotFound => (
            "There is no user pool `{about}`",
            "Check `userPoolId` and `region` in the site file, or ask whoever set up the site.",
        ),
        Code::ClientNotFound => (
            "The user pool has no app client `{about}`, or its secret is not the one given",
            "Check `userPoolClientId` in the site file, and FIELDKEY_CLIENT_SECRET if the client has a secret.",
        ),
        Code::SrpDisabled => (
            "The app client `{about}` does not allow sign-in with a password (SRP)",
            "Ask whoever set up the site to turn on ALLOW_USER_SRP_AUTH for it.",
        ),
        Code::IdentityPoolNotFound => (
            "The identity pool `{about}` does not exist or does not accept this sign-in",
            "Check `identityPoolId` in the site file, or ask whoever set up the site.",
        ),
        Code::NotAllowed => ("You are not allowed to do this: {about}", "Ask your administrator for the permission."),
        Code::TemplateNotFound => (
            "The provisioning template `{about}` does not exist or is switched off",
            "Check `provisioningTemplateName` and `region` in the site file, or ask whoever set up the site.",
        ),
        Code::Throttled => ("AWS asks for patience: too many calls at once", "Wait a minute and try again."),
        Code::Offline => {
            ("{about} could not be reached", "Check the network connection, the VPN and the proxy, then try again.")
        }
        Code::TlsUntrusted => (
            "The certificate of {about} is not trusted",
            "If your company inspects network traffic, ask its IT for the certificate and name it as `caFile` in the site file. Otherwise do not go on in this network.",
        ),
        Code::ClockSkew => {
            ("This computer's clock is wrong: {about}", "Set the date, time and time zone, then try again.")
        }
        Code::ServiceError => (
            "{about} gave an answer that makes no sense",
            "Try again. If it persists, check the proxy, and the AWS Health Dashboard for the site's region.",
        ),
        Code::ClaimExpired => {
            ("The claim's five minutes were over before it was on the device", "Try again; a fresh claim is made.")
        }
        Code::ThingNotFound => (
            "There is no thing `{about}` at this site",
            "Check the serial number, and whether this is the right site: each region and account has things of its own.",
        ),
        Code::CertificateNotFound => (
            "The certificate `{about}` is not attached to this thing, or is gone",
            "Look the thing up to see its certificates.",
        ),
        Code::CertificateDuplicate => (
            "The certificate `{about}` is registered already",
            "Look the thing up. To use it with another thing, revoke it there first.",
        ),
        Code::CertificateShared => (
            "The certificate is also used by: {about}",
            "Re-issue the device to give it a certificate of its own. To detach this one, or to stop all of them, ask an AWS administrator.",
        ),
        Code::RegistrationRefused => (
            "The site refused to register `{about}`",
            "Check the serial number. If it is right, ask whoever set up the site: the template or its own check said no.",
        ),
        Code::IdentityRefused => (
            "{about} closed the connection to this identity",
            "Look the thing up: its certificate must be active, attached to the thing, and have a policy, in this region and account.",
        ),
        Code::RoleAliasRefused => (
            "The credentials endpoint refused this identity: {about}",
            "Check that the certificate is active and attached to the thing, and that its policy allows iot:AssumeRoleWithCertificate on the role alias.",
        ),
        Code::WrongEndpoint => (
            "{about} is not the endpoint that was needed",
            "Check `dataEndpoint` and `credentialsEndpoint` in the site file: data and credentials have one each.",
        ),
        Code::EchoMissing => (
            "What was published on `{about}` did not come back",
            "The device's policy must allow to subscribe to that topic and to receive from it.",
        ),
        Code::StackFailed => (
            "The stack `{about}` was not deployed",
            "Mend what the words in brackets name, then deploy again. A stack that could not be made at all is deleted first.",
        ),
        Code::UpdateUnavailable => (
            "{about} gives no updates",
            "You can go on with the version that you have. Check this computer's network, or a proxy in between, and look again later.",
        ),
        Code::UpdateRefused => (
            "What {about} gives as an update is not what was signed",
            "Nothing was changed. Go on with the version that you have, and tell whoever gave you Fieldkey: somebody may be trying to pass another program off as it.",
        ),
        Code::TargetGone => (
            "`{about}` is not there",
            "Plug the device in again and wait until it shows up. Nothing on it counts as written.",
        ),
        Code::TargetFull => ("`{about}` has no room for the credentials", "Make room on the device, then try again."),
        Code::TargetReadOnly => (
            "`{about}` is write-protected",
            "Look for a lock switch. If there is none, the drive may be damaged: try another one.",
        ),
        Code::TargetDamaged => (
            "The file system of `{about}` is damaged: it was pulled in the middle of a write",
            "Have the system repair it: Windows offers to when it is plugged in; on a Mac, First Aid in Disk Utility; on Linux, unmount it and run `fsck.vfat -a` on it. Or format it. Then try again.",
        ),
        Code::TargetPermission => {
            ("You may not write to `{about}`", "Choose another folder, or ask for the right to write there.")
        }
        Code::TargetRefused => ("`{about}` cannot be used", "Choose the device's drive or an empty folder."),
        Code::IdentityPresent => {
            ("`{about}` holds credentials already", "If this is the right device and they may go, replace them.")
        }
        Code::VerifyMismatch => (
            "What was read back from `{about}` is not what was written",
            "The drive or its cable is faulty: try another port, then another drive.",
        ),
        Code::IdentityInvalid => {
            ("The identity in `{about}` is not whole", "Enrol the device again, and replace what is there.")
        }
        Code::CertificateExpired => (
            "The certificate is not valid now: {about}",
            "Check this computer's clock. If it is right, re-issue the identity.",
        ),
        Code::PortBusy => (
            "`{about}` is in use by another program",
            "Close the terminal program or other tool that has the port open, then try again.",
        ),
        Code::PortPermission => (
            "You may not use the serial port `{about}`",
            "On Linux, have yourself added to the group that owns the port (often `dialout`), sign in again, and retry.",
        ),
        Code::DeviceSilent => (
            "The device at `{about}` does not answer",
            "Check that it is switched on, that the cable carries data, and the port's speed and driver; then try again.",
        ),
        Code::DeviceRejected => (
            "The device at `{about}` refused",
            "Check that the driver is the right one for this device and its firmware, and that it has room.",
        ),
        Code::DeviceLogin => (
            "The device at `{about}` wants somebody to log in",
            "Enter the user and the password of the device's own account, and try again.",
        ),
        Code::NotRegistered => (
            "The credentials are on the device, but `{about}` has not registered itself in time",
            "Check that the device is on, starts its provisioning and reaches the network. When the claim's five minutes are over, provision it again: only a fresh claim helps then.",
        ),
        Code::InternalError => (
            "Something went wrong in Fieldkey itself",
            "Nothing that you did is to blame. If a device was being written, what it holds may be incomplete: provision it once more before it is used. If it happens again, send the diagnostics to whoever looks after Fieldkey.",
        ),
        Code::Interrupted => (
            "Stopped before it was done",
            "Nothing is half-written. If the write was done, what was written is on the device and may still come into use; look the thing up, or run it again.",
        ),
    }
}

pub(super) fn step(step: Step) -> &'static str {
    match step {
        Step::Site => "Site and serial number",
        Step::Target => "Check the device",
        Step::SignIn => "Sign-in",
        Step::Credentials => "AWS access",
        Step::Claim => "Fetch the claim",
        Step::Write => "Write",
        Step::Verify => "Verify",
        Step::Release => "Release the device",
        Step::Register => "Registration",
        Step::Key => "Make a key",
        Step::Certificate => "Fetch the certificate",
        Step::Prove => "Prove the identity",
        Step::TakeBack => "Take back",
        Step::Read => "Read",
        Step::LookUp => "Look up",
        Step::Status => "Change the status",
        Step::Delete => "Delete",
        Step::KeyMatch => "Certificate and key",
        Step::Validity => "Validity",
        Step::Chain => "Issuer",
        Step::Connect => "Connect",
        Step::Subscribe => "Subscribe",
        Step::Echo => "Publish and receive",
        Step::TemporaryCredentials => "Temporary credentials",
        Step::Caller => "Who they are",
        Step::S3List => "List the bucket",
        Step::S3Get => "Read an object",
    }
}

pub(super) fn conclusion(registered: bool) -> &'static str {
    if registered { "registered" } else { "not registered" }
}
