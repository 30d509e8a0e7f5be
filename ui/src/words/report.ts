import type { SiteView } from "../bindings/SiteView";
import type { OperatorView } from "../bindings/OperatorView";
import { i18n } from "../i18n/index.svelte";
import type { Run } from "../state/run.svelte";

interface About {
  run: Run;
  site: SiteView | null;
  operator: OperatorView | null;
  at: Date;
}

/** A failed run for the help desk, as plain text. English field names, so that any desk can read it; no secrets. */
export function report({ run, site, operator, at }: About): string {
  const trouble = run.trouble;
  const lines: [string, string | null | undefined][] = [
    ["run", run.id],
    ["at", at.toISOString()],
    ["site", site && `${site.name} (${site.region})`],
    ["operator", operator?.name],
    ["groups", operator?.groups.join(", ")],
    ["target", run.target],
    ["serial number", run.serialNumber],
    ["thing", run.thingName],
    ["claim certificate", run.claimCertificate],
    ["failed at", trouble?.step],
    ["code", trouble?.code],
    ["message", trouble?.en.message],
    ["help", trouble?.en.help],
    ["message (ja)", i18n.language === "ja" ? trouble?.ja.message : null],
    ...run.steps.map(({ step, status, ms }): [string, string] => [
      `step ${step}`,
      ms === null ? status : `${status}, ${ms} ms`,
    ]),
    ["journal", run.unrecorded && `not written: ${run.unrecorded}`],
  ];
  const known = lines.filter(([, value]) => value !== null && value !== undefined);
  return ["Fieldkey report", ...known.map(([name, value]) => `${name}: ${value}`)].join("\n");
}
