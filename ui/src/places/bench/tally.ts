import type { FailureView } from "../../bindings/FailureView";
import type { BenchRow } from "../../host";

/** What a row is to somebody who looks for it. */
export type Group = "waiting" | "running" | "failed" | "done" | "skipped";

export const GROUPS: readonly Group[] = ["waiting", "running", "failed", "done", "skipped"];

export type Tally = Record<Group, number> & {
  all: number;
  /** Of those that failed: which may work with nothing changed, or were interrupted. */
  again: number;
};

const groups: Record<BenchRow["state"]["state"], Group> = {
  waiting: "waiting",
  assigned: "running",
  running: "running",
  done: "done",
  failed: "failed",
  interrupted: "failed",
  skipped: "skipped",
};

export function groupOf(state: BenchRow["state"]): Group {
  return groups[state.state];
}

/** May it work with nothing changed but the moment and the plug? */
function maySucceed(state: BenchRow["state"]): boolean {
  return state.state === "interrupted" || (state.state === "failed" && state.retryable);
}

export interface LeftOut {
  row: BenchRow;
  failure: FailureView;
}

/** What failed and is not tried again with the others. */
export function leftOut(rows: readonly BenchRow[]): LeftOut[] {
  return rows.flatMap((row) => (row.state.state === "failed" && !row.state.retryable ? [{ row, failure: row.state.failure }] : []));
}

export function tally(rows: readonly BenchRow[]): Tally {
  const counts: Tally = { all: rows.length, waiting: 0, running: 0, failed: 0, done: 0, skipped: 0, again: 0 };
  for (const { state } of rows) {
    counts[groupOf(state)] += 1;
    if (maySucceed(state)) counts.again += 1;
  }
  return counts;
}

const HOUR_MS = 3_600_000;
/** Too short a time says nothing of an hour. */
const AT_LEAST_MS = 60_000;

/** Devices an hour, over the last hour at most; `null` while that is not known. `now`: milliseconds since 1970. */
export function perHour(rows: readonly BenchRow[], now: number): number | null {
  const since = now - HOUR_MS;
  let began = now;
  let done = 0;
  for (const { state, started, ended } of rows) {
    if (state.state !== "done" || started === null || ended === null || Date.parse(ended) < since) continue;
    done += 1;
    began = Math.min(began, Math.max(Date.parse(started), since));
  }
  const span = now - began;
  return done < 2 || span < AT_LEAST_MS ? null : Math.round((done * HOUR_MS) / span);
}
