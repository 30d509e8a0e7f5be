import type { Why } from "../bindings/Why";
import { i18n } from "../i18n/index.svelte";
import type { StepState } from "../state/run.svelte";
import type { Trouble } from "../state/trouble";
import type { Whose } from "../state/whose";

/** A name, and what is known by it. */
type Fact = [string, string | null | undefined];

interface About {
  /** When it failed. */
  at: Date;
  whose: Whose;
  trouble: Trouble | null;
  /** What it was done with, by name. */
  facts?: readonly Fact[];
  steps?: readonly StepState[];
  /** Why the journal does not hold all of it. */
  unrecorded?: Why | null;
}

/** What failed, for the help desk, as plain text. English field names, so that any desk can read it; no secrets. */
export function report({ at, whose, trouble, facts = [], steps = [], unrecorded = null }: About): string {
  const { site, operator } = whose;
  const file = trouble?.site;
  return written("Fieldkey report", [
    ["at", at.toISOString()],
    ["site", site && `${site.name} (${site.region})`],
    ["operator", operator?.name],
    ["groups", operator?.groups.join(", ")],
    ...facts,
    ["failed at", trouble?.step],
    ["code", trouble?.code],
    ["message", trouble?.en.message],
    ["help", trouble?.en.help],
    ["message (ja)", i18n.language === "ja" ? trouble?.ja.message : null],
    ["site file", file?.path],
    ...steps.map(({ step, status, ms }): [string, string] => [`step ${step}`, ms === null ? status : `${status}, ${ms} ms`]),
    ["journal", unrecorded && `not written: ${unrecorded.en}`],
  ]);
}

/** Settings by their names, on one line. */
export function pairs(settings: Record<string, string | undefined>): string {
  return Object.entries(settings).map(([key, value]) => `${key}=${value ?? ""}`).join(", ");
}

/** What is known of it, line by line. */
export function written(title: string, facts: readonly Fact[]): string {
  const known = facts.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return [title, ...known.map(([name, value]) => `${name}: ${value}`)].join("\n");
}
