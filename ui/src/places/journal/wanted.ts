import type { RunFilter } from "../../bindings/RunFilter";
import type { RunOutcome } from "../../bindings/RunOutcome";

/** What the operator looks for, as it stands in the fields: empty is anything. */
export interface Wanted {
  text: string;
  outcome: RunOutcome | "";
  job: string;
  code: string;
  site: string;
  /** The first day and the last, `2026-03-04`, by this computer's time zone. */
  since: string;
  until: string;
}

export const everything: Wanted = { text: "", outcome: "", job: "", code: "", site: "", since: "", until: "" };

export function isEverything(wanted: Wanted): boolean {
  return Object.values(wanted).every((one: string) => one.trim() === "");
}

export function filterOf({ text, outcome, job, code, site, since, until }: Wanted): RunFilter {
  const filter: RunFilter = { text: text.trim() };
  if (outcome !== "") filter.outcome = outcome;
  if (job !== "") filter.job = job;
  if (code !== "") filter.code = code;
  if (site !== "") filter.site = site;
  const [first, end] = [midnight(since, 0), midnight(until, 1)];
  if (first !== null) filter.since = first;
  if (end !== null) filter.until = end;
  return filter;
}

/** When a day begins, or one some days later. `null` for what is no day. */
function midnight(day: string, later: number): string | null {
  const [, year, month, date] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(day) ?? [];
  if (year === undefined) return null;
  const at = new Date(Number(year), Number(month) - 1, Number(date) + later);
  return Number.isNaN(at.getTime()) ? null : at.toISOString();
}
