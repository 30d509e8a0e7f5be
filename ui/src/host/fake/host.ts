import type { Answer } from "../../bindings/Answer";
import type { Attached } from "../../bindings/Attached";
import type { FailureView } from "../../bindings/FailureView";
import type { Language } from "../../bindings/Language";
import type { Opened } from "../../bindings/Opened";
import type { RunEvent } from "../../bindings/RunEvent";
import type { SignIn } from "../../bindings/SignIn";
import type { Start } from "../../bindings/Start";
import type { CodeSent, Credentials, Host, PasswordReset, ProvisionRequest } from "../host";
import { drive, failure, folder, fresh, opened, operator } from "./samples";

/** What a fake host answers. Lists are answered in order, their last entry again and again. */
export interface Script {
  start: Start | FailureView;
  opened: Opened | FailureView | null;
  /** To the sign-in, then to each answer. */
  signIns: (SignIn | FailureView)[];
  forgot: CodeSent | FailureView;
  resets: (FailureView | null)[];
  /** `null`: the first look never ends. */
  targets: Attached[] | null;
  folder: Attached | FailureView | null;
  /** Plays a run by itself; without it, `emit` does. */
  play: ((request: ProvisionRequest, host: FakeHost) => void) | null;
}

export const signedIn: SignIn = { state: "signed-in", operator };

const obliging: Script = {
  start: fresh,
  opened,
  signIns: [signedIn],
  forgot: { destination: "m***@e***" },
  resets: [null],
  targets: [drive],
  folder,
  play: null,
};

/** A program that answers by script, remembers what it was asked, and does nothing. */
export class FakeHost implements Host {
  readonly script: Script;
  readonly asked: { call: string; with?: unknown }[] = [];
  /** Set, it holds every answer back until it resolves. */
  hold: Promise<void> | null = null;

  #onChange: (attached: Attached[]) => void = () => undefined;
  #onEvent: (event: RunEvent) => void = () => undefined;
  #runOver: () => void = () => undefined;

  constructor(script: Partial<Script> = {}) {
    this.script = { ...obliging, ...script };
  }

  start = (): Promise<Start> => this.#answer("start", undefined, this.script.start);
  chooseSite = (): Promise<Opened | null> => this.#answer("chooseSite", undefined, this.script.opened);
  signIn = (request: Credentials): Promise<SignIn> => this.#answer("signIn", request, next(this.script.signIns));
  answer = (answer: Answer): Promise<SignIn> => this.#answer("answer", answer, next(this.script.signIns));
  forgotPassword = (user: string): Promise<CodeSent> => this.#answer("forgotPassword", user, this.script.forgot);
  signOut = (): Promise<void> => this.#answer("signOut", undefined, undefined);
  chooseFolder = (): Promise<Attached | null> => this.#answer("chooseFolder", undefined, this.script.folder);
  setLanguage = (language: Language): Promise<void> => this.#answer("setLanguage", language, undefined);

  async confirmForgotPassword(request: PasswordReset): Promise<void> {
    await this.#answer("confirmForgotPassword", request, next(this.script.resets));
  }

  async watchTargets(onChange: (attached: Attached[]) => void): Promise<void> {
    this.#onChange = onChange;
    if (this.script.targets !== null) onChange(this.script.targets);
  }

  async provision(request: ProvisionRequest, onEvent: (event: RunEvent) => void): Promise<void> {
    this.asked.push({ call: "provision", with: request });
    this.#onEvent = onEvent;
    const over = new Promise<void>((resolve) => (this.#runOver = resolve));
    this.script.play?.(request, this);
    await over;
  }

  async cancel(): Promise<void> {
    this.asked.push({ call: "cancel" });
    this.emit({ event: "failed", run: "r-0001", failure: failure("interrupted"), unrecorded: null });
  }

  /** Plugs in and unplugs. */
  attach(attached: Attached[]): void {
    this.#onChange(attached);
  }

  emit(...events: RunEvent[]): void {
    for (const event of events) {
      this.#onEvent(event);
      if (event.event === "finished" || event.event === "failed") this.#runOver();
    }
  }

  /** The arguments of each call of one kind. */
  calls(call: string): unknown[] {
    return this.asked.filter((one) => one.call === call).map((one) => one.with);
  }

  async #answer<T>(call: string, asked: unknown, answer: T | FailureView): Promise<T> {
    this.asked.push({ call, with: asked });
    await this.hold;
    if (typeof answer === "object" && answer !== null && "code" in answer) throw answer;
    return answer as T;
  }
}

function next<T>(answers: T[]): T {
  const [first] = answers;
  if (answers.length > 1) answers.shift();
  return first as T;
}
