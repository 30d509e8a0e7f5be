import type { Code } from "../bindings/Code";
import type { FailureView } from "../bindings/FailureView";
import type { Step } from "../bindings/Step";
import type { Words } from "../bindings/Words";
import type { SiteFailure } from "../host";
import { textIn } from "../i18n/index.svelte";

/** What the window shows when something did not work: an expected failure, or a bug. */
export interface Trouble {
  code: Code | "unexpected";
  step: Step | null;
  en: Words;
  ja: Words;
  /** Of a site file that cannot be opened. */
  site?: Pick<SiteFailure, "path" | "problems">;
}

/** Makes something showable of whatever a host's promise was rejected with. */
export function asTrouble(thrown: unknown): Trouble {
  if (isFailureView(thrown)) return isSiteFailure(thrown) ? { ...thrown, site: thrown } : thrown;
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  const words = (language: "en" | "ja"): Words => ({
    message: textIn(language, "unexpected.message", { reason }),
    help: textIn(language, "unexpected.help"),
  });
  return { code: "unexpected", step: null, en: words("en"), ja: words("ja") };
}

function isFailureView(thrown: unknown): thrown is FailureView {
  return typeof thrown === "object" && thrown !== null && "code" in thrown && "en" in thrown && "ja" in thrown;
}

function isSiteFailure(failure: FailureView): failure is SiteFailure {
  return "path" in failure && "problems" in failure && Array.isArray(failure.problems);
}
