import type { Answer } from "../bindings/Answer";
import type { Attached } from "../bindings/Attached";
import type { Drivers } from "../bindings/Drivers";
import type { Language } from "../bindings/Language";
import type { ProvisionRequest } from "../bindings/ProvisionRequest";
import type { RunEvent } from "../bindings/RunEvent";
import type { SignIn } from "../bindings/SignIn";
import type { Start } from "../bindings/Start";
import type { BenchHost } from "./bench";
import type { DevicesHost } from "./devices";
import type { JournalHost } from "./journal";
import type { PractiseHost } from "./practise";
import type { ShellHost } from "./shell";
import type { SitesHost } from "./sites";
import type { UpdatesHost } from "./updates";

export type { Start };

export type { ProvisionRequest };

/**
 * What the window asks of the program behind it.
 *
 * A refusal that the program expects rejects with a `FailureView`; anything else it rejects with is a bug.
 */
export interface Host extends BenchHost, DevicesHost, JournalHost, PractiseHost, ShellHost, SitesHost, UpdatesHost {
  start(): Promise<Start>;

  signIn(request: Credentials): Promise<SignIn>;
  answer(answer: Answer): Promise<SignIn>;
  forgotPassword(user: string): Promise<CodeSent>;
  confirmForgotPassword(request: PasswordReset): Promise<void>;
  signOut(): Promise<void>;

  /** Calls `onChange` with all attached targets, now and whenever they change. */
  watchTargets(onChange: (attached: Attached[]) => void): Promise<void>;

  /** Every driver, by the name that `--driver` takes; recipes of this computer's own among them. */
  drivers(): Promise<Drivers>;

  /** Opens the system's folder dialog. `null` if the operator closed it. */
  chooseFolder(): Promise<Attached | null>;

  /**
   * Resolves when the run is over, however it ended: the outcome comes by `onEvent`.
   * `password`: of the device's own user. The program keeps it for trying a failed run again with `null`, on the same
   * device and for the same user.
   */
  provision(request: ProvisionRequest, password: string | null, onEvent: (event: RunEvent) => void): Promise<void>;
  cancel(): Promise<void>;
  /** Nobody tries again what failed: the device's password goes. */
  forgetDeviceLogin(): Promise<void>;

  setLanguage(language: Language): Promise<void>;
}

export interface Credentials {
  user: string;
  password: string;
  staySignedIn: boolean;
}

export interface CodeSent {
  /** Where the code went, masked by Cognito: `a***@e***`. */
  destination: string | null;
}

export interface PasswordReset {
  user: string;
  code: string;
  newPassword: string;
}
