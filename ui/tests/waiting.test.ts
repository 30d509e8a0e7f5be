import { waitFor } from "@testing-library/svelte";
import { tick } from "svelte";
import { describe, expect, test } from "vitest";

import type { Challenge } from "../src/bindings/Challenge";
import * as desk from "../src/host/fake/devices-samples";
import { fill, speak } from "./support/codes";
import { openDesk, openDevice } from "./support/desk";
import { expectPlain } from "./support/plain";
import { by, challenge, FakeHost, has, on, open, openOn, openProvision, openSignIn, samples, toSites } from "./support/window";

/** An answer that does not come. */
function pend(host: FakeHost, call: keyof FakeHost): () => number {
  let asked = 0;
  Object.assign(host, { [call]: () => ((asked += 1), new Promise(() => undefined)) });
  return () => asked;
}

/** What is read out by itself. */
function announced(): string {
  return [...document.querySelectorAll("[role=status], [role=alert], [aria-live]")].map((one) => one.textContent).join(" ");
}

const code: Challenge = { kind: "code", channel: "totp", destination: null };

/** A form whose answer is outstanding: what waits, its button, and what is said. */
const waits: [string, keyof FakeHost, string, string, string, () => Promise<FakeHost>][] = [
  ["the file dialog", "chooseSite", "choose-site", "One moment…", "お待ちください…", async () => (await open()).host],
  ["the sign-in", "signIn", "sign-in", "Signing in…", "サインインしています…", async () => {
    const { host } = await openSignIn();
    fill("email", "mori@example.com");
    fill("password", "Correct-Horse-7");
    return host;
  }],
  ["the code for a password", "forgotPassword", "send-code", "Sending…", "送信しています…", async () => {
    const { host } = await openSignIn();
    by("forgot-password").click();
    await on("forgot-password");
    fill("email", "mori@example.com");
    return host;
  }],
  ["a code", "answer", "submit-code", "Checking…", "確認しています…", async () => {
    const { host } = await challenge(code);
    fill("code", "123456");
    return host;
  }],
  ["a new password", "answer", "set-password", "Setting…", "設定しています…", async () => {
    const { host } = await challenge({ kind: "new-password", requiredAttributes: [] });
    fill("new-password", "Correct-Horse-8");
    fill("new-password-again", "Correct-Horse-8");
    return host;
  }],
  ["a choice", "answer", "choose-mfa", "One moment…", "お待ちください…", async () => (await challenge({ kind: "select-mfa", options: ["totp"] })).host],
  ["a look-up", "findDevices", "look-up", "Looking…", "検索しています…", async () => {
    const { host } = await openDesk();
    fill("device-query", "SN-0042");
    return host;
  }],
  ["a change of certificates", "changeCertificates", "change-yes", "One moment…", "お待ちください…", async () => {
    const { host } = await openDevice();
    by("deactivate-all").click();
    await waitFor(() => by("change"));
    return host;
  }],
  ["a registration", "registerCertificate", "register", "One moment…", "お待ちください…", async () => {
    const { host, flow } = await openDesk();
    flow.devices.go({ name: "register", thingName: desk.thing.name });
    await tick();
    by("choose-files").click();
    await waitFor(() => by("register"));
    return host;
  }],
  ["a claim file", "openClaimFile", "open-claim", "Opening…", "開いています…", async () => {
    const { host, flow } = await openDesk();
    flow.devices.go({ name: "open", claim: null, ends: 0, run: null });
    await tick();
    by("choose-claim-file").click();
    await waitFor(() => by("chosen-file"));
    fill("passphrase", desk.passphrase);
    return host;
  }],
];

describe("while an answer is outstanding", () => {
  test.each(waits)("%s is said to be under way, and is not asked for twice", async (_, call, button, en, ja, reach) => {
    const asked = pend(await reach(), call);
    by(button).click();
    await tick();
    expect(by(button).getAttribute("aria-disabled")).toBe("true");
    expect(by<HTMLButtonElement>(button).disabled, "it keeps the focus").toBe(false);
    for (const [language, words] of [["ja", ja], ["en", en]] as const) {
      await speak(language);
      expect(announced()).toContain(words);
    }
    by(button).click();
    await tick();
    expect(asked()).toBe(1);
  });

  test.each<[string, () => Promise<unknown>, string]>([
    ["the list of sites", async () => toSites((await open({ start: samples.signedIn, sites: null })).user), "Reading the list…"],
    ["what is plugged in", () => openProvision({ targets: null }), "Looking for devices…"],
    ["the bench", async () => ((await open({ start: samples.signedIn, bench: { head: null } })), by("nav-bench").click(), on("bench")), "Opening the bench…"],
    ["the journal", async () => ((await open({ start: samples.signedIn, runs: null })), by("nav-journal").click(), on("journal")), "Loading the runs…"],
    ["the state of the records", async () => ((await open({ start: samples.signedIn, chain: null })), by("nav-journal").click(), on("journal")), "Checking every record…"],
    ["the preview of a certificate", async () => {
      const { host, flow } = await openDesk();
      pend(host, "previewCertificate");
      flow.devices.go({ name: "register", thingName: "" });
      await tick();
      by("choose-files").click();
    }, "One moment…"],
    ["a thing", async () => {
      const { host, flow } = await openDesk();
      pend(host, "inspectThing");
      void flow.devices.open(desk.thing.name);
    }, "Looking…"],
  ])("%s is said to be on its way", async (_, reach, words) => {
    await reach();
    await waitFor(() => expect(announced()).toContain(words));
  });

  test("a device's history shows that it is on its way, and no empty history", async () => {
    const { host, flow } = await openDesk();
    pend(host, "deviceHistory");
    await flow.devices.open(desk.thing.name);
    await waitFor(() => expect(document.querySelector("section:has(#history-heading)")?.textContent).toContain("Looking…"));
    expect(document.body.textContent).not.toContain("Nothing was done with it");
  });
});

describe("where there is nothing", () => {
  test.each<[string, () => Promise<unknown>, string[]]>([
    ["the sites", async () => toSites((await open({ start: samples.signedIn })).user), ["No other site was opened on this computer yet."]],
    ["a device that nobody worked on", async () => {
      const { flow } = await openDesk({ things: [desk.bareThing], history: [] });
      await flow.devices.open(desk.thing.name);
    }, ["No certificate is attached", "No attributes", "Nothing was done with it from this computer", "It has no certificate"]],
    ["the devices", () => openProvision({ targets: [] }), ["No device found. Plug it in"]],
    ["the bench", async () => ((await open({ start: samples.signedIn })), by("nav-bench").click(), on("bench")), ["Scan their labels, load a CSV file"]],
    ["the journal", async () => ((await open({ start: samples.signedIn, runs: [] })), by("nav-journal").click(), on("journal")), ["Nothing was recorded on this computer yet"]],
  ])("%s say what to do instead of showing an empty frame", async (_, reach, words) => {
    await reach();
    for (const one of words) await waitFor(() => expect(document.body.textContent).toContain(one));
    expect(document.querySelector("main tbody tr, main ol:empty, main ul:empty")).toBeNull();
    for (const language of ["ja", "en"] as const) {
      await speak(language);
      expectPlain(language, ["drive", "greengrass", "device-client"]);
    }
  });

  test("a watch that failed does not pretend that nothing is plugged in", async () => {
    const host = new FakeHost({ start: samples.signedIn });
    host.watchTargets = () => Promise.reject(samples.failure("service-error"));
    await openOn(host);
    await waitFor(() => by("targets-again"));
    expect(by("targets").textContent).not.toContain("No device found");
    expect(by("targets").textContent).not.toContain("Looking");
    host.watchTargets = async (onChange) => onChange([samples.drive]);
    by("targets-again").click();
    await waitFor(() => expect(by("targets").textContent).toContain("SENSOR"));
    expect(has("targets-trouble")).toBe(false);
  });
});
