import type { BenchRow } from "../../host";
import { i18n, t } from "../../i18n/index.svelte";
import type { IconName } from "../../parts/icons";
import { written } from "../../words/report";

export type Tone = "good" | "warn" | "bad" | "busy" | "";

interface Look {
  icon: IconName;
  tone: Tone;
}

const looks: Record<BenchRow["state"]["state"], Look> = {
  waiting: { icon: "dot", tone: "" },
  assigned: { icon: "plug", tone: "busy" },
  running: { icon: "running", tone: "busy" },
  done: { icon: "check", tone: "good" },
  failed: { icon: "cross", tone: "bad" },
  interrupted: { icon: "alert", tone: "warn" },
  skipped: { icon: "dot", tone: "" },
};

export function lookOf({ state }: BenchRow["state"]): Look {
  return looks[state];
}

/** The state in a word. */
export function wordOf(state: BenchRow["state"]): string {
  if (state.state === "done" && state.registered === true) return t("bench.state.registered");
  return t(`bench.state.${state.state}`);
}

/** What there is to say beyond the word; empty if nothing. */
export function moreOf(row: BenchRow): string {
  const { state } = row;
  switch (state.state) {
    case "running":
      return state.throttled ? t("bench.throttled") : t(`step.${state.step}`);
    case "failed":
      return state.failure[i18n.language].message;
    case "interrupted":
      return adviceOf(state.step, state.by);
    case "done":
      return row.release === "flushed" ? t("unplug.flushed") : "";
    case "waiting":
    case "assigned":
    case "skipped":
      return "";
  }
}

type Interrupted = Extract<BenchRow["state"], { state: "interrupted" }>;

/** What is on the device after a run was cut off, and what to do. */
function adviceOf(step: Interrupted["step"], by: Interrupted["by"]): string {
  if (step === "register" || step === "release") return t("bench.interrupted.written");
  if (step === "write" || step === "verify") return t("bench.interrupted.writing");
  return t(by === "crash" ? "bench.interrupted.crash" : "bench.interrupted.untouched");
}

/** A row for the help desk, as plain text. English field names, so that any desk can read it; no secrets. */
export function report(row: BenchRow, site: string, operator: string): string {
  const { state } = row;
  const failure = state.state === "failed" ? state.failure : null;
  return written("Fieldkey bench report", [
    ["run", row.run],
    ["site", site],
    ["operator", operator],
    ["serial number", row.serialNumber],
    ["thing", row.thingName],
    ["state", state.state],
    ["failed at", failure?.step ?? (state.state === "interrupted" ? state.step : null)],
    ["code", failure?.code],
    ["message", failure?.en.message],
    ["help", failure?.en.help],
    ["target", row.target],
    ["device", row.device],
    ["driver", row.driver],
    ["claim certificate", row.certificateId],
    ["device certificate", row.deviceCertificateId],
    ["started", row.started],
    ["ended", row.ended],
    ["attempts", String(row.attempts)],
  ]);
}
