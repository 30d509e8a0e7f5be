import type { ProvisionRequest } from "../bindings/ProvisionRequest";
import type { Provisioned } from "../bindings/Provisioned";
import type { Release } from "../bindings/Release";
import type { RunEvent } from "../bindings/RunEvent";
import type { Step } from "../bindings/Step";
import type { Why } from "../bindings/Why";
import type { JsonValue } from "../bindings/serde_json/JsonValue";
import type { Trouble } from "./trouble";

export const STEPS: readonly Step[] = [
  "target",
  "sign-in",
  "credentials",
  "claim",
  "write",
  "verify",
  "release",
  "register",
];

export type StepStatus = "waiting" | "running" | "done" | "failed";

export interface StepState {
  step: Step;
  status: StepStatus;
  /** How long it took, once it is done. */
  ms: number | null;
  /** When it began, by `performance.now()`. */
  since: number | null;
}

/** AWS asked for patience. */
export interface Patience {
  /** How long it was asked for. */
  ms: number;
  /** When AWS is asked again, by `performance.now()`. */
  ends: number;
}

/** One run, as its events tell it. */
export class Run {
  readonly request: Readonly<ProvisionRequest>;
  readonly thingName: string;
  /** What the operator chose is called, which may have gone since. */
  readonly deviceName: string | null;

  id: string | null = $state(null);
  steps: StepState[] = $state(STEPS.map((step) => ({ step, status: "waiting", ms: null, since: null })));
  result: Provisioned | null = $state.raw(null);
  trouble: Trouble | null = $state.raw(null);
  /** When the claim ends, by `performance.now()`: counted from AWS's own answer, not from this machine's clock. */
  claimEnds: number | null = $state(null);
  waitEnds: number | null = $state(null);
  release: Release | null = $state(null);
  pastCache: boolean | null = $state(null);
  /** While the step under way waits for AWS, and asks again. */
  patience: Patience | null = $state.raw(null);
  /** Why the journal does not hold all of this run. */
  unrecorded: Why | null = $state(null);
  /** The certificate that the device got for itself. */
  deviceCertificate: string | null = $state(null);
  claimCertificate: string | null = $state(null);
  cancelling = $state(false);

  readonly ended: boolean = $derived(this.result !== null || this.trouble !== null);
  readonly current: Step | null = $derived(this.steps.find((one) => one.status === "running")?.step ?? null);
  /** The credentials are on the device; only its registration is outstanding. */
  readonly waiting: boolean = $derived(this.current === "register");
  readonly totalMs: number = $derived(this.steps.reduce((sum, one) => sum + (one.ms ?? 0), 0));

  constructor(request: ProvisionRequest, thingName: string, deviceName: string | null = null) {
    this.request = request;
    this.thingName = thingName;
    this.deviceName = deviceName;
  }

  get serialNumber(): string {
    return this.request.serialNumber;
  }

  get target(): string {
    return this.request.target;
  }

  /** Takes the next event. After the last one, nothing changes the run any more. */
  take(event: RunEvent): void {
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

  #step({ step, status, detail, ms }: Extract<RunEvent, { event: "step" }>): void {
    const state = this.steps.find((one) => one.step === step);
    if (state !== undefined) {
      state.status = status;
      state.ms = ms;
      state.since ??= performance.now();
    }
    this.patience = patience(detail);
    this.#detail(step, detail);
  }

  #detail(step: Step, detail: Record<string, JsonValue>): void {
    const { secondsLeft, certificateId, release, pastCache } = detail;
    if (typeof secondsLeft === "number") {
      const ends = performance.now() + secondsLeft * 1000;
      if (step === "claim") this.claimEnds = ends;
      if (step === "register") this.waitEnds = ends;
    }
    if (typeof certificateId === "string") {
      if (step === "claim") this.claimCertificate = certificateId;
      if (step === "register") this.deviceCertificate = certificateId;
    }
    if (release === "ejected" || release === "flushed" || release === "folder" || release === "closed" || release === "gone") this.release = release;
    if (typeof pastCache === "boolean") this.pastCache = pastCache;
  }
}

function patience({ throttled, againInMs }: Record<string, JsonValue>): Patience | null {
  if (throttled !== true || typeof againInMs !== "number") return null;
  return { ms: againInMs, ends: performance.now() + againInMs };
}
