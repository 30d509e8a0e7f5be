import type { ExportFormat } from "../../bindings/ExportFormat";
import type { FailureView } from "../../bindings/FailureView";
import type { JournalChain } from "../../bindings/JournalChain";
import type { JournalLooked } from "../../bindings/JournalLooked";
import type { RunChoices } from "../../bindings/RunChoices";
import type { RunFilter } from "../../bindings/RunFilter";
import type { RunPage } from "../../bindings/RunPage";
import type { RunView } from "../../bindings/RunView";
import type { JournalHost } from "../journal";
import { deviceCertificateId, failure } from "./samples";

const PAGE = 50;

/** What a fake journal holds, newest first, and how it answers. */
export interface JournalScript {
  /** `null`: they never come. */
  runs: RunView[] | FailureView | null;
  /** `null`: the check takes its time. */
  chain: JournalChain | FailureView | null;
  exported: string | FailureView | null;
}

export const whole: JournalChain = { state: "whole", entries: 1284, hash: deviceCertificateId, until: "2026-03-04T05:06:16.000Z" };
export const unused: JournalChain = { state: "whole", entries: 0, hash: "0".repeat(64), until: null };
export const broken: JournalChain = { state: "broken", breach: "altered", entry: 1187, soundUntil: "2026-03-03T23:41:00.000Z" };

export const finished: RunView = {
  entry: 1283,
  run: "5c1f0a9e77d2b340",
  job: "provision",
  startedAt: "2026-03-04T05:06:07.089Z",
  endedAt: "2026-03-04T05:06:16.000Z",
  site: "Tokyo plant",
  operator: "mori@example.com",
  serialNumber: "SN-0042",
  thingName: "Fleet_Index_SN-0042",
  target: "drive:/media/mori/SENSOR",
  device: "0781:5581:4C530001",
  certificateId: deviceCertificateId,
  outcome: "finished",
  code: null,
  step: null,
  registered: true,
  steps: [
    { step: "target", ms: 3 },
    { step: "sign-in", ms: 0 },
    { step: "credentials", ms: 412 },
    { step: "claim", ms: 388 },
    { step: "write", ms: 164 },
    { step: "verify", ms: 41 },
    { step: "register", ms: 7904 },
  ],
  failure: null,
};

export const running: RunView = {
  ...finished, entry: 1285, run: "run-1285", startedAt: "2026-03-04T05:09:00.000Z", serialNumber: "SN-0043",
  thingName: "Fleet_Index_SN-0043", endedAt: null, operator: null, certificateId: null, outcome: "running", registered: null, steps: [],
};
export const failed: RunView = {
  ...finished, entry: 1281, run: "run-1281", startedAt: "2026-03-04T04:58:12.000Z", serialNumber: "SN-0041",
  thingName: "Fleet_Index_SN-0041", outcome: "failed", code: "target-full", step: "write", registered: null,
  steps: finished.steps.slice(0, 4), failure: failure("target-full", "write"),
};
export const killed: RunView = {
  ...running, entry: 1279, run: "run-1279", startedAt: "2026-03-03T23:41:00.000Z", serialNumber: "SN-0040",
  thingName: "Fleet_Index_SN-0040", outcome: "interrupted", code: "interrupted", failure: failure("interrupted"),
};
export const newer: RunView = {
  ...failed, entry: 1277, run: "run-1277", job: "teleport", code: "warp-core-breach", step: "engage", failure: null, serialNumber: "",
  site: "大阪工場",
};
export const long: RunView = {
  ...finished, entry: 1275, run: "run-1275", serialNumber: "", thingName: `Fleet_Index_${"A-VERY-LONG-SERIAL-NUMBER-".repeat(4)}7`,
  operator: "maximiliane.von-und-zu-hohenfels-waldburg@subsidiary.example.com",
  site: "Shin-Yokohama-Kohoku New Town Distribution and Maintenance Centre, Building 12",
};

/** A day's work, and more below it. */
export const some: RunView[] = [running, finished, failed, killed, newer, long];
export const many: RunView[] = Array.from({ length: 120 }, (_, index) => ({
  ...finished,
  entry: 1000 - 2 * index,
  run: `run-${1000 - 2 * index}`,
  serialNumber: `SN-${String(1000 - index).padStart(4, "0")}`,
  thingName: `Fleet_Index_SN-${String(1000 - index).padStart(4, "0")}`,
}));

export const obligingJournal: JournalScript = { runs: some, chain: whole, exported: "/home/mori/journal.csv" };

/** A journal that is searched for real, if simply. */
export class FakeJournal implements JournalHost {
  #onChange: () => void = () => undefined;
  #stopped: () => void = () => undefined;
  /** A check that takes its time came so far. */
  look: (looked: JournalLooked) => void = () => undefined;

  constructor(
    readonly script: JournalScript,
    readonly answer: <T>(call: string, asked: unknown, answer: T | FailureView) => Promise<T>,
  ) {}

  journalPage = (filter: RunFilter, before: number | null): Promise<RunPage> => {
    const { runs } = this.script;
    if (runs === null) return new Promise(() => undefined);
    const page = Array.isArray(runs) ? pageOf(runs.filter((run) => meets(run, filter)), before) : runs;
    return this.answer<RunPage>("journalPage", { filter, before }, page);
  };

  journalChoices = (): Promise<RunChoices> => {
    const runs = Array.isArray(this.script.runs) ? this.script.runs : [];
    const each = (words: (string | null)[]) => [...new Set(words)].filter((word) => word !== null).sort();
    const of = (name: "site" | "job" | "code") => each(runs.map((run) => run[name]));
    return Promise.resolve({ sites: of("site"), jobs: of("job"), codes: of("code") });
  };

  checkJournal = (onProgress: (looked: JournalLooked) => void): Promise<JournalChain | null> => {
    const { chain } = this.script;
    if (chain !== null) return this.answer("checkJournal", undefined, chain);
    this.look = onProgress;
    return new Promise((resolve) => (this.#stopped = () => resolve(null)));
  };

  stopJournalCheck = async (): Promise<void> => {
    await this.answer("stopJournalCheck", undefined, null);
    this.#stopped();
  };

  exportJournal = (filter: RunFilter, format: ExportFormat): Promise<string | null> =>
    this.answer("exportJournal", { filter, format }, this.script.exported);

  watchJournal = async (onChange: () => void): Promise<void> => {
    this.#onChange = onChange;
  };

  /** Another run began, or one ended. */
  record(runs: RunView[]): void {
    this.script.runs = runs;
    this.#onChange();
  }
}

function pageOf(runs: RunView[], before: number | null): RunPage {
  const rest = before === null ? runs : runs.filter(({ entry }) => entry < before);
  const page = rest.slice(0, PAGE);
  return { runs: page, next: rest.length > PAGE ? (page.at(-1)?.entry ?? null) : null };
}

function meets(run: RunView, { text, outcome, job, code, site, since, until }: RunFilter): boolean {
  const all = [run.serialNumber, run.thingName, run.operator, run.site, run.device].join("\n").toLowerCase();
  const words = text.toLowerCase().split(/\s+/);
  return (
    (words.every((word) => all.includes(word)) || run.certificateId?.startsWith(text.toLowerCase()) === true) &&
    (outcome === undefined || run.outcome === outcome) &&
    (job === undefined || run.job === job) &&
    (code === undefined || run.code === code) &&
    (site === undefined || run.site === site) &&
    (since === undefined || run.startedAt >= since) &&
    (until === undefined || run.startedAt < until)
  );
}
