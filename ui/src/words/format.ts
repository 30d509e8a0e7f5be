import { dates, lists, numbers } from "./intl";

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

/** `31.9 GB`, in the thousands that drives are sold by. */
export function bytes(count: number): string {
  const power = Math.min(Math.floor(Math.log10(Math.max(count, 1)) / 3), UNITS.length - 1);
  return inUnit(count / 1000 ** power, UNITS[power] ?? "byte", 1);
}

/** `840 ms`, `2.4 sec`. */
export function duration(ms: number): string {
  return ms < 1000 ? inUnit(ms, "millisecond", 0) : inUnit(ms / 1000, "second", 1);
}

/** `8 sec`: as long as that at most. */
export function wholeSeconds(ms: number): string {
  return inUnit(Math.ceil(ms / 1000), "second", 0);
}

/** `4:59`; never below zero. */
export function minutesAndSeconds(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** A time of today's run, by the machine's clock. */
export function timeOfDay(rfc3339: string): string {
  const at = new Date(rfc3339);
  if (Number.isNaN(at.getTime())) return rfc3339;
  return dates({ dateStyle: "medium", timeStyle: "medium" }).format(at);
}

/** `Dec 1, 2026`, by the machine's clock. */
export function day(rfc3339: string): string {
  const at = new Date(rfc3339);
  return Number.isNaN(at.getTime()) ? rfc3339 : dates({ dateStyle: "medium" }).format(at);
}

/** `A, B and C`. */
export function list(names: readonly string[]): string {
  return lists({ type: "conjunction" }).format(names);
}

function inUnit(value: number, unit: string, digits: number): string {
  return numbers({ style: "unit", unit, unitDisplay: "short", maximumFractionDigits: digits }).format(value);
}
