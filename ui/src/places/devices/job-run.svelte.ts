import type { Release } from "../../bindings/Release";
import type { Step } from "../../bindings/Step";
import type { Verdict } from "../../bindings/Verdict";
import type { Why } from "../../bindings/Why";
import type { JsonValue } from "../../bindings/serde_json/JsonValue";
import type { JobEvent } from "../../host";
import type { Login } from "../../state/device-login";
import type { Patience, StepState } from "../../state/run.svelte";
import type { Trouble } from "../../state/trouble";

/** A check of `verify`, as its step told it. */
export interface CheckState {
  step: Step;
  verdict: Verdict;
  seen: string;
  /** Why it failed, or was skipped. */
  why: { en: string; ja: string } | null;
}

export interface LogIn {
  /** Who it was tried with; empty if nobody. */
  readonly user: string;
  again(login: Login): Promise<void>;
}

/** A run of any job, as its events tell it. Which steps it has is seen as they come. */
export class JobRun<Result> {
  id: string | null = $state(null);
  steps: StepState[] = $state([]);
  checks: CheckState[] = $state([]);
  result: Result | null = $state.raw(null);
  trouble: Trouble | null = $state.raw(null);
  /** When a claim ends, by `performance.now()`. */
  claimEnds: number | null = $state(null);
  /** Until when a registration is waited for, by `performance.now()`. */
  waitEnds: number | null = $state(null);
  release: Release | null = $state(null);
  patience: Patience | null = $state.raw(null);
  /** Why the journal does not hold all of this run. */
  unrecorded: Why | null = $state(null);
  cancelling = $state(false);

  /** The same again with a login, where the device in hand wants one. */
  readonly logIn: LogIn | null;

  readonly ended: boolean = $derived(this.result !== null || this.trouble !== null);
  readonly current: Step | null = $derived(this.steps.findLast((one) => one.status === "running")?.step ?? null);
  readonly waiting: boolean = $derived(this.current === "register" && this.waitEnds !== null);

  constructor(logIn: LogIn | null = null) {
    this.logIn = logIn;
  }

  /** Takes the next event. After the last one, nothing changes the run any more. */
  take(event: JobEvent<Result>): void {
    if (this.ended) return;
    switch (event.event) {
      case "started":
        this.id = event.run;
        break;
      case "step":
        this.#step(event);
        break;
      case "finished":
        this.unrecorded = event.unrecorded;
        this.result = event.result;
        break;
      case "failed":
        this.unrecorded = event.unrecorded;
        this.fail(event.failure);
        break;
    }
  }

  fail(trouble: Trouble): void {
    if (this.ended) return;
    const at = trouble.step ?? this.current;
    for (const one of this.steps) {
      if (one.step === at || one.status === "running") one.status = "failed";
    }
    this.trouble = trouble;
  }

  #step({ step, status, detail, ms }: Extract<JobEvent<Result>, { event: "step" }>): void {
    const known = this.steps.find((one) => one.step === step);
    if (known === undefined) {
      this.steps.push({ step, status, ms, since: performance.now() });
    } else {
      known.status = status;
      known.ms = ms;
    }
    this.#detail(step, detail);
  }

  #detail(step: Step, detail: Record<string, JsonValue>): void {
    const { throttled, againInMs, secondsLeft, release, verdict } = detail;
    const now = performance.now();
    this.patience = throttled === true && typeof againInMs === "number" ? { ms: againInMs, ends: now + againInMs } : null;
    if (typeof secondsLeft === "number") {
      if (step === "claim" || step === "read") this.claimEnds = now + secondsLeft * 1000;
      if (step === "register") this.waitEnds = now + secondsLeft * 1000;
    }
    if (isRelease(release)) this.release = release;
    if (verdict === "passed" || verdict === "failed" || verdict === "skipped") this.#check(step, verdict, detail);
  }

  #check(step: Step, verdict: Verdict, { seen, why }: Record<string, JsonValue>): void {
    this.checks.push({ step, verdict, seen: typeof seen === "string" ? seen : "", why: isWhy(why) ? why : null });
  }
}

const releases: readonly string[] = ["ejected", "flushed", "folder", "closed", "gone"] satisfies Release[];

function isRelease(value: JsonValue | undefined): value is Release {
  return typeof value === "string" && releases.includes(value);
}

function isWhy(value: JsonValue | undefined): value is { en: string; ja: string } {
  return typeof value === "object" && value !== null && "en" in value && "ja" in value;
}
