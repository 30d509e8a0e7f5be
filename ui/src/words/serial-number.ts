import type { SiteView } from "../bindings/SiteView";

export type Verdict = "empty" | "accepted" | "refused";

/**
 * What the site's pattern says of a serial number, as far as this side can tell.
 *
 * The core has the last word: a pattern in a dialect that the web view does not speak is left to it.
 */
export function judge(serialNumber: string, site: SiteView): Verdict {
  const text = serialNumber.trim();
  if (text === "") return "empty";
  return compile(site.serialNumberPattern)?.test(text) === false ? "refused" : "accepted";
}

export function thingName(serialNumber: string, site: SiteView): string {
  return `${site.thingNamePrefix}${serialNumber.trim()}`;
}

/** Set operations mean something in Rust's dialect and pass as plain characters in this one. */
const SET_OPERATIONS = /&&|--|~~/;

function compile(pattern: string): RegExp | null {
  if (SET_OPERATIONS.test(pattern)) return null;
  try {
    // Unicode mode refuses what it does not know, `\z` for one, instead of guessing.
    return new RegExp(pattern, "u");
  } catch {
    return null;
  }
}
