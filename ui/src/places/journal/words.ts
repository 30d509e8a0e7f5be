import type { RunOutcome } from "../../bindings/RunOutcome";
import type { RunView } from "../../bindings/RunView";
import { find, t } from "../../i18n/index.svelte";
import type { IconName } from "../../parts/icons";
import { numbers } from "../../words/intl";
import { written } from "../../words/report";
import { pathOf } from "../../words/target";

export const outcomes: readonly RunOutcome[] = ["running", "finished", "failed", "interrupted"];

/** How an outcome looks, always beside its word. */
export const looks: Record<RunOutcome, { icon: IconName; tone: "good" | "bad" | "warn" | "busy" }> = {
  running: { icon: "running", tone: "busy" },
  finished: { icon: "check", tone: "good" },
  failed: { icon: "cross", tone: "bad" },
  interrupted: { icon: "alert", tone: "warn" },
};

/** A job in words; one of a newer Fieldkey by its own. */
export function jobName(job: string): string {
  const key = find("journal.job", job);
  return key === null ? job : t(key);
}

export function stepName(step: string): string {
  const key = find("step", step);
  // Every text of a step stands alone.
  return key === null ? step : t(key);
}

/** What the run was about: its serial number, the thing where there is none, or what was in hand where nobody knew either. */
export function subject({ serialNumber, thingName, target, run }: RunView): string {
  return serialNumber || thingName || pathOf(target) || run;
}

/** A run for the help desk, as plain text. English field names, so that any desk can read it; no secrets. */
export function reportOf(run: RunView): string {
  return written("Fieldkey journal report", [
    ["run", run.run],
    ["job", run.job],
    ["started", run.startedAt],
    ["ended", run.endedAt],
    ["site", run.site],
    ["operator", run.operator],
    ["serial number", run.serialNumber],
    ["thing", run.thingName],
    ["target", run.target],
    ["device", run.device],
    ["certificate", run.certificateId],
    ["outcome", run.outcome],
    ["failed at", run.step],
    ["code", run.code],
    ["message", run.failure?.en.message],
    ["help", run.failure?.en.help],
    ...run.steps.map(({ step, ms }): [string, string] => [`step ${step}`, `${ms} ms`]),
  ]);
}

export function count(number: number): string {
  return numbers().format(number);
}
