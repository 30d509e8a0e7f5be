import type { Certificate } from "../../bindings/Certificate";
import type { CertificateStatus } from "../../bindings/CertificateStatus";
import type { Thing } from "../../bindings/Thing";
import type { DeviceRun, KnownDevice, LookUp } from "../../host";
import { find, t, type Key } from "../../i18n/index.svelte";
import { dates } from "../../words/intl";

/** One line of the results. */
export type Hit =
  | { kind: "registry"; thingName: string; active: number; lastRun: DeviceRun | null }
  /** `gone`: the registry was asked for this very thing, and has none. */
  | { kind: "journal"; thingName: string; gone: boolean; lastRun: DeviceRun }
  | { kind: "elsewhere"; thingName: string };

/** What the registry has goes first; a thing that both know stands there once. */
export function hitsOf({ registry, journal }: LookUp, asked: string): Hit[] {
  const known = new Map(journal.map((one) => [one.thingName, one.lastRun]));
  const things = registry?.things ?? [];
  const names = new Set(things.map(({ name }) => name));
  // By a beginning it is never asked, and by a certificate's ID for no thing.
  const wasAskedFor = ({ thingName, serialNumber }: KnownDevice): boolean =>
    (registry?.readAs === "thing-name" && asked === thingName) || (registry?.readAs === "serial-number" && asked === serialNumber);
  return [
    ...things.map((thing): Hit => ({
      kind: "registry",
      thingName: thing.name,
      active: activeOf(thing).length,
      lastRun: known.get(thing.name) ?? null,
    })),
    ...journal
      .filter(({ thingName }) => !names.has(thingName))
      .map((one): Hit => ({ kind: "journal", thingName: one.thingName, gone: wasAskedFor(one), lastRun: one.lastRun })),
    ...(registry?.elsewhere ?? []).map((thingName): Hit => ({ kind: "elsewhere", thingName })),
  ];
}

export function activeOf(thing: Thing): Certificate[] {
  return thing.certificates.filter(({ status }) => status === "ACTIVE");
}

/** As many characters as the files of an identity are named by. */
export function shortId(id: string): string {
  return id.slice(0, 10);
}

export function statusWord(status: CertificateStatus): string {
  return t(`devices.status.${status}`);
}

export function statusKind(status: CertificateStatus): "good" | "warn" | "bad" {
  if (status === "ACTIVE") return "good";
  return status === "INACTIVE" || status === "REVOKED" ? "bad" : "warn";
}

/** `2 Nov 2026`. */
export function day(rfc3339: string): string {
  const at = new Date(rfc3339);
  return Number.isNaN(at.getTime()) ? rfc3339 : dates({ dateStyle: "medium" }).format(at);
}

/** `2 Nov 2026, 10:20`. */
export function minute(rfc3339: string): string {
  const at = new Date(rfc3339);
  if (Number.isNaN(at.getTime())) return rfc3339;
  return dates({ dateStyle: "medium", timeStyle: "short" }).format(at);
}

/** What a job of the journal is called here; a newer Fieldkey's keeps its own word. */
export function jobWord({ job, act }: DeviceRun): string {
  // One job for two of its acts.
  const key = find("devices.job", act === null ? job : `${job}-${act}`);
  return key === null ? job : t(key);
}

/** How a run ended. */
export function outcomeWord({ outcome, code }: DeviceRun): string {
  return outcome === "failed" ? t("devices.outcome.failed", { code: code ?? "?" }) : t(`devices.outcome.${outcome}`);
}

export function lastRun(run: DeviceRun): string {
  return t("devices.hit.last-run", { job: jobWord(run), at: minute(run.startedAt), outcome: outcomeWord(run) });
}

/** What a thing's state asks for, most urgent first. */
export function adviceOn(thing: Thing, now = Date.now()): Key[] {
  const active = activeOf(thing);
  const advice: Key[] = [];
  if (thing.certificates.length === 0) advice.push("devices.advice.no-certificate");
  else if (active.length === 0) {
    const activatable = thing.certificates.some(({ status }) => status === "INACTIVE");
    advice.push(activatable ? "devices.advice.none-active" : "devices.advice.none-usable");
  }
  if (active.some(({ expires }) => expires !== null && Date.parse(expires) < now)) advice.push("devices.advice.expired");
  if (active.some(({ policies }) => policies.length === 0)) advice.push("devices.advice.no-policy");
  if (active.length > 1) advice.push("devices.advice.several-active");
  if (active.some(({ otherThings }) => otherThings.length > 0)) advice.push("devices.advice.shared");
  return advice.length === 0 ? ["devices.advice.fine"] : advice;
}

/** The host refuses a shorter one. */
export const SHORTEST_PASSPHRASE = 12;
/** From here on, guessing it takes longer than anybody has. */
export const LONG_PASSPHRASE = 16;

/** Characters, as the host counts them. */
export function lengthOf(passphrase: string): number {
  return [...passphrase.trim()].length;
}
