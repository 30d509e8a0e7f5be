import { waitFor } from "@testing-library/svelte";
import { describe, expect, test } from "vitest";

import type { FailureView } from "../src/bindings/FailureView";
import type { Language } from "../src/bindings/Language";
import * as fake from "../src/host/fake/bench";
import type { FakeHost } from "../src/host/fake/host";
import * as runs from "../src/host/fake/journal";
import { en } from "../src/i18n/en";
import { expectReport, expectTold, failures, fill, refuse, speak, told } from "./support/codes";
import { expectAccessible, expectPlain } from "./support/plain";
import { by, FakeHost as Host, has, on, open, openOn, samples, type Opened } from "./support/window";

async function openBench(bench: Partial<fake.BenchScript> = {}): Promise<Opened> {
  const opened = await open({ start: samples.signedIn, bench });
  by("nav-bench").click();
  await on("bench");
  return opened;
}

const stepName = (failed: FailureView): string => (failed.step === null ? "" : en[`step.${failed.step}`]);

/** Each failure in one language, the next one in the other. */
async function eachInTurn(work: (failed: FailureView, language: Language) => Promise<void>): Promise<void> {
  for (const [index, failed] of failures.entries()) {
    const language = index % 2 === 0 ? "en" : "ja";
    await speak(language);
    await work(failed, language);
  }
}

async function expectBothPlain(): Promise<void> {
  for (const language of ["en", "ja"] as const) {
    await speak(language);
    expectPlain(language, ["greengrass", "drive", "device-client"]);
  }
  await expectAccessible();
}

describe("on the bench each code is told whole and can be reported", () => {
  test("where a call is refused", async () => {
    const calls: [keyof FakeHost, string][] = [
      ["armBench", "arm"],
      ["chooseBenchFile", "bench-load"],
      ["exportBench", "bench-export"],
      ["retryBench", "bench-retry-all"],
    ];
    const { host } = await openBench({ rows: [fake.row(1, fake.failed("offline", "claim"))] });
    for (const [index, failed] of failures.entries()) {
      const [call, button] = calls[index % calls.length] ?? ["armBench", "arm"];
      refuse(host, call, failed);
      by(button).click();
      expectTold({ note: await told("trouble", failed), failed, language: "en" });
      await speak("ja");
      expectTold({ note: by("trouble"), failed, language: "ja" });
      await expectReport("copy-trouble", failed);
      await speak("en");
    }
    await expectBothPlain();
  });

  test("where it cannot be opened, which is tried again by hand", async () => {
    const host = new Host({ start: samples.signedIn });
    await openOn(host);
    refuse(host, "watchBench", samples.failure("interrupted"));
    by("nav-bench").click();
    await on("bench");
    await eachInTurn(async (failed, language) => {
      refuse(host, "watchBench", failed);
      await waitFor(() => by("bench-open-again").click());
      expectTold({ note: await told("trouble", failed), failed, language });
      expect(document.querySelector(".bench .lead"), "what failed is not still being opened").toBeNull();
    });
    await expectBothPlain();
    host.watchBench = (onChange) => host.bench.watchBench(onChange);
    by("bench-open-again").click();
    await waitFor(() => by("arm"));
    expect(has("trouble")).toBe(false);
  });

  test("where a scan is refused, beside the field", async () => {
    const { host } = await openBench();
    await eachInTurn(async (failed, language) => {
      refuse(host, "scanBench", failed);
      fill("bench-scan", "SN 42");
      by("bench-scan-add").click();
      await waitFor(() => expect(by("bench-scan-result").textContent).toContain(failed[language].message));
      expect(by("bench-scan-result").textContent, "what to do").toContain(failed[language].help);
      expect(by("bench-scan-result").getAttribute("role")).toBe("status");
      for (const id of by("bench-scan").getAttribute("aria-describedby")?.split(" ") ?? []) expect(by(id)).toBeTruthy();
    });
    await expectBothPlain();
  });

  test("where it would hit every device, so that the bench waits", async () => {
    const { host } = await openBench({ head: { ...fake.head, armed: true } });
    await eachInTurn(async (failed, language) => {
      host.bench.change({ paused: { kind: "trouble", failure: failed } });
      const note = await told("bench-paused", failed);
      expectTold({ note, failed, language });
      await expectReport("copy-bench-paused", failed);
      expect(has("bench-go-on")).toBe(true);
    });
    await expectBothPlain();
  });

  test("in every row, whose button tries it again, and only what may work is tried all at once", async () => {
    const retryable = (index: number): boolean => index % 3 === 0;
    const rows = failures.map((failed, index) => {
      const state = { state: "failed" as const, failure: failed, retryable: retryable(index) };
      return fake.row(index + 1, state);
    });
    await openBench({ rows });
    await waitFor(() => by("row-1"));
    expect(by("bench-retry-all").textContent).toContain(`(${rows.filter((_, index) => retryable(index)).length})`);
    for (const language of ["en", "ja"] as const) {
      await speak(language);
      for (const [index, failed] of failures.entries()) {
        const row = by(`row-${index + 1}`);
        expect(row.querySelector(".more")?.textContent, failed.code).toBe(failed[language].message);
        expect(row.querySelector("button.secondary")?.textContent.trim()).toBe(language === "en" ? "Try again" : "再試行");
      }
    }
    await speak("en");
    for (const [index, failed] of failures.entries()) {
      by(`row-${index + 1}`).querySelector<HTMLElement>(".row-name")?.click();
      await waitFor(() => by("bench-details"));
      const shown = by("bench-details").textContent;
      for (const part of [failed.en.message, failed.en.help, stepName(failed), `Code: ${failed.code}`]) expect(shown, failed.code).toContain(part);
      expect(document.activeElement).toBe(by("bench-details-heading"));
      expect(has("bench-replace"), failed.code).toBe(failed.code === "identity-present");
      expect(has("bench-again")).toBe(true);
      await expectReport("bench-copy-report", failed);
      by("close-bench-details").click();
      await waitFor(() => expect(has("bench-details")).toBe(false));
    }
    for (const language of ["en", "ja"] as const) {
      await speak(language);
      expectPlain(language);
    }
  });

  test("in the lines of a list that became no row", async () => {
    const refused = failures.map((failure, index) => ({ line: index + 2, text: "x", why: { kind: "invalid" as const, failure } }));
    await openBench({ imported: { added: 0, refused } });
    await waitFor(() => by("bench-load").click());
    await waitFor(() => by("imported"));
    for (const language of ["en", "ja"] as const) {
      await speak(language);
      const shown = by("imported").textContent;
      for (const failed of failures) expect(shown).toContain(failed[language].message);
      expectPlain(language, ["greengrass", "drive", "device-client"]);
    }
  });
});

test("in the journal each code is told with its step, what to do, and a report", async () => {
  const failedRuns = failures.map((failure, index) => ({
    ...runs.finished, entry: 1000 - index, run: `run-${index}`, outcome: "failed" as const, code: failure.code, step: failure.step, failure,
  }));
  await open({ start: samples.signedIn, runs: failedRuns });
  by("nav-journal").click();
  await waitFor(() => by("load-more"));
  by("load-more").click();
  await waitFor(() => expect(document.activeElement?.id, "whoever reads on").toBe("run-950"));
  for (const { entry, failure } of failedRuns) {
    by(`run-${entry}`).click();
    await waitFor(() => by("run-detail"));
    expect(document.activeElement).toBe(by("run-detail-heading"));
    const shown = by("remedy").textContent;
    for (const part of [failure.en.message, failure.en.help, stepName(failure), `Code: ${failure.code}`]) expect(shown, failure.code).toContain(part);
    await speak("ja");
    expect(by("remedy").textContent).toContain(failure.ja.help);
    const report = await expectReport("copy-run-report", failure);
    for (const part of [runs.finished.thingName, runs.finished.site, runs.finished.startedAt]) expect(report).toContain(part);
    if (failure.code === "not-registered") expectPlain("ja");
    await speak("en");
    by("close-detail").click();
    await waitFor(() => expect(has("run-detail")).toBe(false));
  }
});
