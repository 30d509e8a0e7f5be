import type { FailureView } from "../../bindings/FailureView";
import type { Step } from "../../bindings/Step";
import type {
  BenchChange,
  BenchDevice,
  BenchHead,
  BenchHost,
  BenchImported,
  BenchPick,
  BenchRetry,
  BenchRow,
  BenchScanned,
  BenchSettings,
} from "../bench";
import { failure } from "./samples";

/** What a fake bench holds and answers. */
export interface BenchScript {
  /** `null`: the bench never opens. */
  head: BenchHead | null;
  rows: BenchRow[];
  scans: (BenchScanned | FailureView)[];
  imported: BenchImported | FailureView | null;
  exported: string | FailureView | null;
  /** What each other call is refused with. */
  refuse: FailureView | null;
  /** Its runs go on by themselves. */
  plays: boolean;
}

export const settings: BenchSettings = { mode: "scan-then-plug", kind: "drive", driver: null, driverSettings: {}, atOnce: 8, wait: true };

export const head: BenchHead = {
  settings,
  armed: false,
  expecting: null,
  paused: null,
  devices: [],
  recovered: false,
  hasPassword: false,
  putAside: null,
  unsaved: null,
  unrecorded: null,
};

const hash = "3b4c1f7d9a02e6b58c11d0f4e7a2935c6d8e0b1f2a3c4d5e6f708192a3b4c5d6";

export function row(id: number, state: BenchRow["state"] = { state: "waiting" }, more: Partial<BenchRow> = {}): BenchRow {
  const serialNumber = `SN-${String(id).padStart(4, "0")}`;
  const begun = state.state !== "waiting" && state.state !== "skipped" && state.state !== "assigned";
  const here = begun || state.state === "assigned";
  const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();
  const started = begun ? ago(state.state === "running" ? 4 + (id % 30) : 3000 - id * 20) : null;
  return {
    id,
    serialNumber,
    thingName: `Fleet_Index_${serialNumber}`,
    driver: null,
    parameters: {},
    state,
    target: here ? `drive:/media/mori/SENSOR${id}` : null,
    label: here ? `SENSOR${id}` : null,
    device: here ? `0781:5581:4C53${String(id).padStart(4, "0")}` : null,
    run: begun ? `r-${id}` : null,
    certificateId: begun ? hash : null,
    deviceCertificateId: null,
    release: null,
    started,
    ended: started !== null && state.state !== "running" ? new Date(Date.parse(started) + 21_000).toISOString() : null,
    attempts: begun ? 1 : 0,
    ...more,
  };
}

const STEPS: readonly Step[] = ["target", "credentials", "claim", "write", "verify", "release", "register"];

export function running(id: number, step: Step = STEPS[id % STEPS.length] ?? "write"): BenchRow {
  return row(id, { state: "running", step, since: new Date().toISOString(), throttled: id % 11 === 0 && step === "claim" });
}

export const done: BenchRow["state"] = { state: "done", registered: true };

export function failed(code: FailureView["code"], step: Step, retryable = true): BenchRow["state"] {
  return { state: "failed", failure: failure(code, step), retryable };
}

export function idle(number: number, why: BenchDevice["idle"]): BenchDevice {
  const label = `SENSOR${number}`;
  return { target: `drive:/media/mori/${label}`, label, serialNumber: `4C53000${number}`, row: null, idle: why, refused: null };
}

export function rows(count: number, make: (id: number) => BenchRow = (id) => row(id)): BenchRow[] {
  return Array.from({ length: count }, (_, index) => make(index + 1));
}

export const emptyBench: BenchScript = {
  head,
  rows: [],
  scans: [],
  imported: { added: 3, refused: [] },
  exported: "/home/mori/bench.csv",
  refuse: null,
  plays: false,
};

/** A bench that answers by script; what it is asked goes to whoever notes it. */
export class FakeBench implements BenchHost {
  readonly script: BenchScript;
  readonly #note: (call: string, asked: unknown) => void;
  #onChange: (change: BenchChange) => void = () => undefined;

  constructor(script: Partial<BenchScript>, note: (call: string, asked: unknown) => void) {
    this.script = { ...emptyBench, ...script };
    this.#note = note;
  }

  async watchBench(onChange: (change: BenchChange) => void): Promise<void> {
    this.#note("watchBench", undefined);
    this.#onChange = onChange;
    const { head, rows, plays } = this.script;
    if (head === null) return;
    onChange({ head, whole: true, rows });
    if (plays) setInterval(() => this.#play(), 120);
  }

  /** Changes what the page sees. */
  change(head: Partial<BenchHead>, rows: BenchRow[] = []): void {
    const { script } = this;
    if (script.head === null) return;
    script.head = { ...script.head, ...head };
    script.rows = [...script.rows];
    for (const row of rows) script.rows[row.id - 1] = row;
    this.#onChange({ head: script.head, whole: false, rows });
  }

  setUpBench = (settings: BenchSettings): Promise<void> => this.#do("setUpBench", settings, () => this.change({ settings }));
  setBenchPassword = (password: string | null): Promise<void> =>
    this.#do("setBenchPassword", password, () => this.change({ hasPassword: password !== null }));
  armBench = (armed: boolean): Promise<void> => this.#do("armBench", armed, () => this.change({ armed }));
  pickForBench = (request: BenchPick): Promise<void> => this.#do("pickForBench", request);
  retryBench = (request: BenchRetry): Promise<void> => this.#do("retryBench", request);
  skipBench = (id: number): Promise<void> =>
    this.#do("skipBench", id, () => this.change({}, [row(id, { state: "skipped" })]));
  stopBench = (id: number | null): Promise<void> => this.#do("stopBench", id);
  resumeBench = (): Promise<void> => this.#do("resumeBench", undefined, () => this.change({ paused: null }));
  clearBench = (): Promise<void> =>
    this.#do("clearBench", undefined, () => {
      this.script.rows = [];
      this.#onChange({ head: this.script.head ?? head, whole: true, rows: [] });
    });
  importBench = (text: string): Promise<BenchImported> => this.#answer("importBench", text, this.script.imported ?? { added: 0, refused: [] });
  chooseBenchFile = (): Promise<BenchImported | null> => this.#answer("chooseBenchFile", undefined, this.script.imported);
  exportBench = (): Promise<string | null> => this.#answer("exportBench", undefined, this.script.exported);

  async scanBench(serialNumber: string): Promise<BenchScanned> {
    const next = this.script.scans.shift();
    if (next !== undefined) return this.#answer("scanBench", serialNumber, next);
    const known = this.script.rows.find((one) => one.serialNumber === serialNumber);
    const id = known?.id ?? this.script.rows.length + 1;
    const thingName = `Fleet_Index_${serialNumber}`;
    if (known === undefined) this.change({}, [row(id, { state: "waiting" }, { serialNumber, thingName })]);
    const expecting = this.script.head?.armed === true && this.script.head.settings.mode === "scan-then-plug";
    if (expecting) this.change({ expecting: id });
    return this.#answer("scanBench", serialNumber, { row: id, added: known === undefined, now: expecting ? "expecting" : "listed" });
  }

  /** Every run takes its next step now and then. */
  #play(): void {
    const under = this.script.rows.filter(({ state }) => state.state === "running");
    const next = under[Math.floor(Math.random() * under.length)];
    if (next?.state.state !== "running") return;
    const step = STEPS[STEPS.indexOf(next.state.step) + 1];
    const ended = new Date().toISOString();
    const changed: BenchRow = step
      ? { ...next, state: { state: "running", step, since: ended, throttled: false } }
      : { ...next, state: done, ended };
    this.change({}, [changed]);
  }

  async #do(call: string, asked: unknown, then: () => void = () => undefined): Promise<void> {
    await this.#answer(call, asked, this.script.refuse);
    then();
  }

  async #answer<T>(call: string, asked: unknown, answer: T | FailureView): Promise<T> {
    this.#note(call, asked);
    if (typeof answer === "object" && answer !== null && "code" in answer) throw answer;
    return answer as T;
  }
}
