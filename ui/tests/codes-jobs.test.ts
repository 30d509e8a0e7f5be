import { waitFor } from "@testing-library/svelte";
import { expect, test } from "vitest";

import type { FailureView } from "../src/bindings/FailureView";
import type { Language } from "../src/bindings/Language";
import type { JobEvent } from "../src/host";
import * as desk from "../src/host/fake/devices-samples";
import type { FakeHost } from "../src/host/fake/host";
import { drive } from "../src/host/fake/samples";
import { remedies } from "../src/state/remedies";
import { expectReport, expectTold, failures, SECRET, speak, told } from "./support/codes";
import { openDevice, type Desk } from "./support/desk";
import { expectAccessible, expectPlain } from "./support/plain";
import { by, has, heading } from "./support/window";

const inHand = { target: drive.target, driver: null, driverSettings: {} };

type Job = (opened: Desk) => Promise<void>;

/** A run that begins, takes a step and fails. */
function failing(failure: FailureView) {
  return (...asked: unknown[]): Promise<void> => {
    const onEvent = asked.at(-1) as (event: JobEvent<never>) => void;
    onEvent({ event: "started", run: "r-0001", job: "verify" });
    onEvent({ event: "step", step: "sign-in", status: "done", detail: {}, ms: 3 });
    onEvent({ event: "step", step: failure.step ?? "connect", status: "running", detail: {}, ms: null });
    onEvent({ event: "failed", run: "r-0001", failure, unrecorded: null });
    return Promise.resolve();
  };
}

const jobs: Record<string, [call: keyof FakeHost, start: Job]> = {
  "re-issuing": ["reissue", ({ flow }) => flow.devices.reissue(desk.thing.name, { serialNumber: "SN-0042", ...inHand, way: "device", compromised: false })],
  "verifying": ["verifyIdentity", ({ flow }) => flow.devices.verify({ ...inHand, mqtt: true, direct: false, bucket: null })],
  "exporting a claim": ["exportClaim", ({ flow }) => flow.devices.exportClaim({ serialNumber: "SN-0042", passphrase: SECRET, folder: "/x" })],
  "writing a claim": ["writeClaim", ({ flow }) => {
    flow.devices.go({ name: "open", claim: desk.openedClaim, ends: performance.now() + 200_000, run: null });
    return flow.devices.writeClaim({ ...inHand, replace: false });
  }],
};

test.each(Object.entries(jobs))(
  "a failed run of %s says at which step, why and what to do for each code, with what helps first and a report",
  async (_, [call, start]) => {
    const opened = await openDevice();
    opened.flow.devices.targets.choose(drive.target);
    let language: Language = "en";
    for (const failed of failures) {
      Object.assign(opened.host, { [call]: failing(failed) });
      await start(opened);
      const note = await told("failure", failed);
      const first = has("device-user") ? by("device-user") : heading();
      await waitFor(() => expect(document.activeElement, `${failed.code}: what is wanted has the focus, else the heading`).toBe(first));
      const lead = (): HTMLElement => document.querySelector(".lead") ?? note;
      expectTold({ note, failed, language, stepIn: lead });
      language = language === "en" ? "ja" : "en";
      await speak(language);
      expectTold({ note: by("failure"), failed, language, stepIn: lead });

      const [primary, ...others] = document.querySelectorAll("button.primary");
      expect(others, failed.code).toEqual([]);
      const remedy = remedies[failed.code];
      const does = { "retry": "again", "choices": "again", "sign-in": "sign-in-again", "site": "choose-another-site" }[remedy];
      expect(primary?.id, failed.code).toBe(does);
      const retry = language === "en" ? "Try again" : "再試行";
      expect(primary?.textContent.trim() === retry, `${failed.code}: Try again stands exactly where it helps`).toBe(remedy === "retry");
      expect(has("again") && has("back"), `${failed.code}: nobody is stuck`).toBe(true);

      const report = await expectReport("copy-report", failed);
      for (const part of ["run: r-0001", "site: Tokyo plant", "operator: sato@example.com", "step sign-in: "]) expect(report).toContain(part);
      if (failed.code === "session-expired") for (const other of ["en", "ja"] as const) {
        await speak(other);
        expectPlain(other);
        await expectAccessible();
      }
      await speak(language);
      opened.flow.devices.go({ name: "search" });
    }
  },
);

test("a session that ran out in a job leads to the sign-in, and the form waits for whoever comes back", async () => {
  const opened = await openDevice();
  const expired = failures.find(({ code }) => code === "session-expired") as FailureView;
  Object.assign(opened.host, { reissue: failing(expired) });
  await jobs["re-issuing"]?.[1](opened);
  await told("failure", expired);
  by("sign-in-again").click();
  expect(opened.flow.screen.name).toBe("sign-in");
  expect(opened.flow.devices.view).toMatchObject({ name: "reissue", thingName: desk.thing.name, run: null });
});

test("a site file that is wrong for a job leads to the sites", async () => {
  const opened = await openDevice();
  const wrong = failures.find(({ code }) => code === "template-not-found") as FailureView;
  Object.assign(opened.host, { reissue: failing(wrong) });
  await jobs["re-issuing"]?.[1](opened);
  await told("failure", wrong);
  by("choose-another-site").click();
  expect(opened.flow.place).toBe("sites");
});

test("an identity is called bad only by a check that judged it, not by a network that failed", async () => {
  const opened = await openDevice();
  const [offline, refused] = ["offline", "identity-refused"].map((one) => failures.find(({ code }) => code === one) as FailureView);
  for (const [failure, words] of [[offline, "Not verified"], [refused, "The identity does not pass"]] as const) {
    if (failure === undefined) throw new Error("no such code");
    opened.host.verifyIdentity = (_request, _password, onEvent) => {
      onEvent({ event: "started", run: "r-0001", job: "verify" });
      const why = { en: failure.en.message, ja: failure.ja.message };
      onEvent({ event: "step", step: "connect", status: "done", detail: { verdict: "failed", code: failure.code, why }, ms: 9 });
      onEvent({ event: "failed", run: "r-0001", failure, unrecorded: null });
      return Promise.resolve();
    };
    await jobs["verifying"]?.[1](opened);
    await told("failure", failure);
    expect(heading().textContent).toBe(words);
    opened.flow.devices.go({ name: "search" });
  }
});
