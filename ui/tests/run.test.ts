import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import * as samples from "../src/host/fake/samples";
import { Run, STEPS } from "../src/state/run.svelte";

const request = { serialNumber: "SN-0042", target: samples.drive.target, driver: null, driverSettings: {}, replace: false };

function status(run: Run): Record<string, string> {
  return Object.fromEntries(run.steps.map((one) => [one.step, one.status]));
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a run", () => {
  test("begins with every step waiting, in the order they come", () => {
    const run = new Run(request, "Fleet_Index_SN-0042");
    expect(run.steps.map((one) => one.step)).toEqual(STEPS);
    expect(new Set(Object.values(status(run)))).toEqual(new Set(["waiting"]));
    expect(run.ended).toBe(false);
  });

  test("has one step under way at a time, and ends with all done", () => {
    const run = new Run(request, "Fleet_Index_SN-0042");
    for (const event of samples.events()) {
      run.take(event);
      expect(Object.values(status(run)).filter((one) => one === "running").length).toBeLessThanOrEqual(1);
    }
    expect(new Set(Object.values(status(run)))).toEqual(new Set(["done"]));
    expect(run.result?.registered).toBe(true);
    expect(run.deviceCertificate).toBe(samples.deviceCertificateId);
    expect(run.claimCertificate).toBe(samples.certificateId);
    expect(run.release).toBe("ejected");
    expect(run.totalMs).toBe(3 + 0 + 412 + 388 + 164 + 41 + 1240 + 6120);
  });

  test("counts the claim from AWS's own seconds, not from this machine's clock", () => {
    vi.setSystemTime("2001-01-01T00:00:00Z");
    const run = new Run(request, "Fleet_Index_SN-0042");
    const claimed = samples.events().slice(0, 9);
    claimed.forEach((event) => run.take(event));
    expect(run.claimEnds).toBe(performance.now() + 300_000);
  });

  test("keeps the wait's end when a second event of the step does not repeat it", () => {
    const run = new Run(request, "Fleet_Index_SN-0042");
    samples.events().slice(0, -2).forEach((event) => run.take(event));
    expect(run.waiting).toBe(true);
    expect(run.waitEnds).toBe(performance.now() + 298_000);
  });

  test("is changed by nothing after its last event", () => {
    const run = new Run(request, "Fleet_Index_SN-0042");
    samples.eventsUntil("target-full", "write").forEach((event) => run.take(event));
    samples.events().forEach((event) => run.take(event));
    run.fail(samples.failure("interrupted"));
    expect(run.result).toBeNull();
    expect(run.trouble?.code).toBe("target-full");
    expect(status(run)).toMatchObject({ claim: "done", write: "failed", verify: "waiting", register: "waiting" });
  });

  test("marks the step under way as failed when the failure names none", () => {
    const run = new Run(request, "Fleet_Index_SN-0042");
    samples.eventsUntil("offline", "claim").slice(0, -1).forEach((event) => run.take(event));
    run.take({ event: "failed", run: "r-0001", failure: samples.failure("interrupted"), unrecorded: null });
    expect(status(run)["claim"]).toBe("failed");
  });

  test("knows how long AWS asks for patience, until the step goes on", () => {
    const run = new Run(request, "Fleet_Index_SN-0042");
    samples.eventsUntilThrottled().forEach((event) => run.take(event));
    expect(run.current).toBe("claim");
    expect(run.patience).toEqual({ ms: 7_600, ends: performance.now() + 7_600 });
    run.take({ event: "step", step: "claim", status: "done", detail: { secondsLeft: 300 }, ms: 9000 });
    expect(run.patience).toBeNull();
    expect(status(run)["claim"]).toBe("done");
  });

  test.each([samples.full, null])("knows with its last event why the journal does not hold it: %s", (why) => {
    for (const events of [samples.events(), samples.eventsUntil("offline", "claim")]) {
      const run = new Run(request, "Fleet_Index_SN-0042");
      (why === null ? events : samples.unrecorded(events)).forEach((event) => run.take(event));
      expect(run.unrecorded).toEqual(why);
    }
  });

  test("survives details that it does not know", () => {
    const run = new Run(request, "Fleet_Index_SN-0042");
    const detail = { release: "thrown", secondsLeft: "soon", pastCache: null, certificateId: 7, throttled: true, againInMs: "soon" };
    run.take({ event: "step", step: "release", status: "done", detail, ms: 1 });
    run.take({ event: "step", step: "site", status: "running", detail: {}, ms: null });
    expect([run.release, run.claimEnds, run.waitEnds, run.pastCache, run.patience]).toEqual([null, null, null, null, null]);
  });
});
