import { describe, expect, test } from "vitest";

import * as fake from "../src/host/fake/bench";
import { perHour, tally } from "../src/places/bench/tally";
import { report } from "../src/places/bench/words";

const NOON = Date.parse("2026-11-22T12:00:00Z");
const minutesAgo = (minutes: number) => new Date(NOON - minutes * 60_000).toISOString();

function ended(id: number, minutes: number) {
  return fake.row(id, fake.done, { started: minutesAgo(minutes + 1), ended: minutesAgo(minutes) });
}

describe("the rate", () => {
  test("is what was done since the first began, as an hour would have it", () => {
    expect(perHour([ended(1, 29), ended(2, 20), ended(3, 1)], NOON)).toBe(6);
  });

  test("forgets what is longer ago than an hour", () => {
    expect(perHour([ended(1, 300), ended(2, 200), ended(3, 30), ended(4, 10)], NOON)).toBe(Math.round((2 * 60) / 31));
  });

  test("is not known of one device, nor in the first minute", () => {
    expect(perHour([ended(1, 10)], NOON)).toBeNull();
    const justNow = { started: minutesAgo(0.5), ended: minutesAgo(0.1) };
    expect(perHour([fake.row(1, fake.done, justNow), fake.row(2, fake.done, justNow)], NOON)).toBeNull();
  });
});

test("the tally counts every row once", () => {
  const rows = [
    fake.row(1),
    fake.row(2, { state: "assigned", picked: true, startsInMs: 0 }),
    fake.running(3),
    fake.row(4, fake.done),
    fake.row(5, fake.failed("offline", "claim")),
    fake.row(6, fake.failed("target-refused", "target", false)),
    fake.row(7, { state: "interrupted", step: null, by: "operator" }),
    fake.row(8, { state: "skipped" }),
  ];
  expect(tally(rows)).toEqual({ all: 8, waiting: 1, running: 2, failed: 3, done: 1, skipped: 1, again: 2 });
});

test("a report names what is known and leaves out what is not", () => {
  const text = report(fake.row(4, { state: "interrupted", step: "write", by: "crash" }), "Tokyo plant", "mori");
  expect(text).toContain("state: interrupted\nfailed at: write\n");
  expect(text).not.toMatch(/null|undefined|driver:/);
});
