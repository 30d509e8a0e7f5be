import type { Code } from "../bindings/Code";

/**
 * What the operator does first about a failed run.
 *
 * - `retry`: the same again may work
 * - `choices`: another drive, serial number, file or thing is needed
 * - `sign-in`: the session is over
 * - `site`: the site file is wrong
 */
export type Remedy = "retry" | "choices" | "sign-in" | "site";

/** Every code has its remedy: a new one does not compile without. */
export const remedies: Record<Code | "unexpected", Remedy> = {
  "unexpected": "retry",
  "usage": "retry",
  "site-invalid": "site",
  "serial-number-invalid": "choices",
  "certificate-invalid": "choices",
  "certificate-unsupported": "choices",
  "key-mismatch": "choices",
  "p12-password": "choices",
  "thing-name-invalid": "choices",
  "not-offered": "choices",
  "recipe-invalid": "choices",
  "sign-in-required": "sign-in",
  "wrong-password": "sign-in",
  "too-many-attempts": "retry",
  "account-disabled": "sign-in",
  "invitation-expired": "sign-in",
  "user-unconfirmed": "sign-in",
  "password-reset-required": "sign-in",
  "password-reset-forbidden": "sign-in",
  "new-password-required": "sign-in",
  "password-policy": "sign-in",
  "mfa-required": "sign-in",
  "wrong-code": "sign-in",
  "session-expired": "sign-in",
  "sign-in-refused": "sign-in",
  "user-pool-not-found": "site",
  "client-not-found": "site",
  "srp-disabled": "site",
  "identity-pool-not-found": "site",
  "not-allowed": "retry",
  "template-not-found": "site",
  "throttled": "retry",
  "offline": "retry",
  "tls-untrusted": "retry",
  "clock-skew": "retry",
  "service-error": "retry",
  "claim-expired": "retry",
  "thing-not-found": "choices",
  "certificate-not-found": "choices",
  "certificate-duplicate": "choices",
  "certificate-shared": "choices",
  "registration-refused": "choices",
  "identity-refused": "retry",
  "role-alias-refused": "retry",
  "wrong-endpoint": "site",
  "echo-missing": "retry",
  "stack-failed": "retry",
  "target-gone": "choices",
  "target-full": "retry",
  "target-read-only": "choices",
  "target-damaged": "choices",
  "target-permission": "choices",
  "target-refused": "choices",
  "identity-present": "choices",
  "verify-mismatch": "retry",
  "identity-invalid": "choices",
  "certificate-expired": "retry",
  "port-busy": "retry",
  "port-permission": "choices",
  "device-silent": "retry",
  "device-rejected": "choices",
  "not-registered": "retry",
  "interrupted": "retry",
};
