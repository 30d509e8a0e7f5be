import { expect, test } from "vitest";
import { waitFor } from "@testing-library/svelte";

import type { FailureView } from "../src/bindings/FailureView";
import type { Language } from "../src/bindings/Language";
import type { JobEvent } from "../src/host";
import * as desk from "../src/host/fake/devices-samples";
import type { FakeHost } from "../src/host/fake/host";
import { drive } from "../src/host/fake/samples";
import type { View } from "../src/places/devices/devices.svelte";
import { remedies } from "../src/state/remedies";
import { expectReport, expectTold, failures, fill, refuse, SECRET, speak, told } from "./support/codes";
import { button, openDesk, openDevice, type Desk } from "./support/desk";
import { expectAccessible, expectPlain } from "./support/plain";
import { by, has, heading, target } from "./support/window";

interface Place {
  open: () => Promise<Desk>;
  fail: (opened: Desk, failed: FailureView) => unknown;
  note?: string;
  /** The button that does the same again. */
  again: string;
  except?: FailureView["code"][];
}

async function at(view: View): Promise<Desk> {
  const opened = await openDesk();
  opened.flow.devices.go(view);
  await waitFor(() => by("back"));
  return opened;
}

function press(call: keyof FakeHost, again: string, before: () => void = () => undefined): Place["fail"] {
  return ({ host }, failed) => {
    refuse(host, call, failed);
    before();
    by(again).click();
  };
}

async function registering(): Promise<Desk> {
  const opened = await at({ name: "register", thingName: "" });
  by("choose-files").click();
  await waitFor(() => by("thing-name"));
  fill("thing-name", desk.thing.name);
  return opened;
}

async function asking(pressed: () => HTMLElement): Promise<Desk> {
  const opened = await openDevice();
  pressed().click();
  await waitFor(() => by("change"));
  if (has("typed-name")) fill("typed-name", desk.thing.name);
  return opened;
}

const open: View = { name: "open", claim: null, ends: 0, run: null };

/** Where a call is refused, and the form stays. */
const forms: Record<string, Place> = {
  "the look-up": { open: () => openDesk(), fail: press("findDevices", "look-up", () => fill("device-query", "SN-0042")), again: "look-up" },
  "the look-up, by the registry alone": {
    open: () => openDesk(),
    fail: ({ host }, failure) => {
      host.findDevices = () => Promise.resolve({ ...desk.journalOnly, failure });
      fill("device-query", "SN-0042");
      by("look-up").click();
    },
    note: "registry-trouble",
    again: "look-up",
  },
  "a device's page": { open: () => openDevice(), fail: press("inspectThing", "refresh"), again: "refresh" },
  "a device's page that never came": {
    open: async () => {
      const opened = await openDesk();
      refuse(opened.host, "inspectThing", failures[0] as FailureView);
      await opened.flow.devices.open(desk.thing.name);
      return opened;
    },
    fail: press("inspectThing", "refresh"),
    again: "refresh",
    except: ["thing-not-found"],
  },
  "a device's history": { open: () => openDevice(), fail: press("deviceHistory", "refresh"), note: "history-trouble", again: "refresh" },
  "the activation of a certificate": {
    open: () => asking(() => button(/^Activate certificate/)),
    fail: press("changeCertificates", "change-yes"),
    note: "change-trouble",
    again: "change-yes",
  },
  "the deactivation of all": {
    open: () => asking(() => by("deactivate-all")),
    fail: press("changeCertificates", "change-yes"),
    note: "change-trouble",
    again: "change-yes",
  },
  "the revocation of a certificate": {
    open: () => asking(() => button(/^Revoke certificate/)),
    fail: press("changeCertificates", "change-yes"),
    note: "change-trouble",
    again: "change-yes",
  },
  "a certificate's preview": {
    open: () => at({ name: "register", thingName: "" }),
    fail: press("previewCertificate", "choose-files"),
    again: "choose-files",
    // A question first: whoever answers it is told then.
    except: ["p12-password"],
  },
  "a certificate that AWS would refuse": {
    open: () => at({ name: "register", thingName: "" }),
    fail: ({ host }, refused) => {
      host.previewCertificate = () => Promise.resolve({ ...desk.refusedPreview, refused });
      by("choose-files").click();
    },
    note: "preview-refused",
    again: "choose-files",
  },
  "files that are dropped": {
    open: () => at({ name: "register", thingName: "" }),
    fail: ({ host, flow }, failed) => {
      refuse(host, "takeDroppedFiles", failed);
      flow.devices.drag({ state: "dropped", paths: ["/x/pump-7.crt"] });
    },
    again: "choose-files",
  },
  "the registration of a certificate": { open: registering, fail: press("registerCertificate", "register"), again: "register" },
  "the folder of a claim file": {
    open: () => at({ name: "export", serialNumber: "SN-0042", run: null }),
    fail: press("chooseClaimFolder", "choose-claim-folder"),
    again: "export",
  },
  "the suggestion of a passphrase": {
    open: () => at({ name: "export", serialNumber: "SN-0042", run: null }),
    fail: press("suggestPassphrase", "suggest"),
    again: "suggest",
  },
  "the choice of a claim file": { open: () => at(open), fail: press("chooseClaimFile", "choose-claim-file"), again: "choose-claim-file" },
  "a claim file that is opened": {
    open: async () => {
      const opened = await at(open);
      by("choose-claim-file").click();
      await waitFor(() => by("chosen-file"));
      return opened;
    },
    fail: press("openClaimFile", "open-claim", () => fill("passphrase", SECRET)),
    again: "open-claim",
  },
};

test.each(Object.entries(forms))(
  "at the help desk, of %s each code is told whole, in both languages, can be tried again and reported",
  async (_, { open, fail, note = "trouble", again, except = [] }) => {
    const opened = await open();
    let language: Language = "en";
    await speak(language);
    for (const failed of failures.filter(({ code }) => !except.includes(code))) {
      await fail(opened, failed);
      expectTold({ note: await told(note, failed), failed, language });
      language = language === "en" ? "ja" : "en";
      await speak(language);
      expectTold({ note: by(note), failed, language });
      await waitFor(() => expect(by(again).getAttribute("aria-disabled"), failed.code).not.toBe("true"));
      await expectReport(`copy-${note}`, failed);
    }
    for (const other of ["en", "ja"] as const) {
      await speak(other);
      expectPlain(other, ["MicroPython"]);
    }
    await expectAccessible();
  },
);

type Job = (opened: Desk) => Promise<void>;

/** A run that begins, takes a step and fails. */
function failing(failure: FailureView) {
  return (_: unknown, onEvent: (event: JobEvent<never>) => void): Promise<void> => {
    onEvent({ event: "started", run: "r-0001", job: "verify" });
    onEvent({ event: "step", step: "sign-in", status: "done", detail: {}, ms: 3 });
    onEvent({ event: "step", step: failure.step ?? "connect", status: "running", detail: {}, ms: null });
    onEvent({ event: "failed", run: "r-0001", failure, unrecorded: null });
    return Promise.resolve();
  };
}

const jobs: Record<string, [call: keyof FakeHost, start: Job]> = {
  "re-issuing": ["reissue", ({ flow }) => flow.devices.reissue(desk.thing.name, { serialNumber: "SN-0042", target: drive.target, way: "device", compromised: false })],
  "verifying": ["verifyIdentity", ({ flow }) => flow.devices.verify({ target: drive.target, mqtt: true, direct: false, bucket: null })],
  "exporting a claim": ["exportClaim", ({ flow }) => flow.devices.exportClaim({ serialNumber: "SN-0042", passphrase: SECRET, folder: "/x" })],
  "writing a claim": ["writeClaim", ({ flow }) => {
    flow.devices.go({ name: "open", claim: desk.openedClaim, ends: performance.now() + 200_000, run: null });
    return flow.devices.writeClaim({ target: drive.target, replace: false });
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
      expect(document.activeElement, `${failed.code}: the heading has the focus`).toBe(heading());
      const lead = (): HTMLElement => document.querySelector(".lead") ?? note;
      expectTold({ note, failed, language, stepIn: lead });
      language = language === "en" ? "ja" : "en";
      await speak(language);
      expectTold({ note: by("failure"), failed, language, stepIn: lead });

      const [primary, ...others] = document.querySelectorAll("button.primary");
      expect(others, failed.code).toEqual([]);
      const remedy = remedies[failed.code];
      const first = { "retry": "again", "choices": "again", "sign-in": "sign-in-again", "site": "choose-another-site" }[remedy];
      expect(primary?.id, failed.code).toBe(first);
      const retry = language === "en" ? "Try again" : "再試行";
      expect(primary?.textContent.trim() === retry, `${failed.code}: Try again stands exactly where it helps`).toBe(remedy === "retry");
      expect(has("again") && has("back"), `${failed.code}: nobody is stuck`).toBe(true);

      const report = await expectReport("copy-report", failed);
      for (const part of ["run: r-0001", "site: Tokyo plant", "operator: sato@example.com", "step sign-in: "]) expect(report).toContain(part);
      if (failed.code === "session-expired") for (const other of ["en", "ja"] as const) {
        await speak(other);
        expectPlain(other);
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
    opened.host.verifyIdentity = (_, onEvent) => {
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
