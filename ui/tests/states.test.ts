import { waitFor } from "@testing-library/svelte";
import { tick } from "svelte";
import { describe, expect, test } from "vitest";

import type { Challenge } from "../src/bindings/Challenge";
import type { Thing } from "../src/bindings/Thing";
import * as bench from "../src/host/fake/bench";
import * as desk from "../src/host/fake/devices-samples";
import * as runs from "../src/host/fake/journal";
import { fill, speak } from "./support/codes";
import { openDesk, openDevice } from "./support/desk";
import { expectAccessible, expectPlain } from "./support/plain";
import { by, challenge, FakeHost, has, on, open, openOn, openProvision, openSignIn, samples, shellSamples, toSites } from "./support/window";

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

const file = `${"vertrag-für-die-pumpe-am-ende-der-halle-".repeat(5)}.age`.slice(-200);
const names = {
  "a thing name as long as AWS allows": `Fleet_Index_${"A1".repeat(58)}`,
  "Japanese": "東京湾岸第二物流センター３号棟地下ポンプ室",
  "Hebrew": "מפעל חיפה 7",
  "Arabic": "محطة الضخ ٣",
  "a name that turns the text around it": "plant \u202egnitset\u202c 9",
  "markup": "<b>plant</b> & {name} \"9\"",
};

const turns = (name: string): boolean => /[\u0590-\u07ff\u202a-\u202e]/.test(name);

/** A name as a sentence holds it. */
const within = (name: string): string => (turns(name) ? `\u2068${name}\u2069` : name);

describe.each(Object.entries(names))("%s", (_, name) => {
  test("is shown whole as a site, an operator and a group, and turns no sentence around", async () => {
    const site = { ...samples.site, name };
    const operator = { ...samples.operator, name, groups: [name] };
    const entries = [...shellSamples.entries, { path: `/home/mori/${name}/${file}`, name, region: "ap-northeast-3", operator: name }];
    const { user } = await open({ start: { ...samples.signedIn, site, operator }, sites: entries });
    expect(by("operator").textContent).toContain(name);
    expect(by("groups").textContent).toContain(name);
    await toSites(user);
    const last = by(`entry-${entries.length - 1}`);
    for (const part of [name, file, `Signed in: ${within(name)}`]) expect(last.textContent).toContain(part);
    by(`remove-${entries.length - 1}`).click();
    await waitFor(() => expect(by("confirm-remove").textContent).toContain(`Remove ${within(name)} from the list?`));
    expect(document.querySelector("main b"), "no markup comes of it").toBeNull();
  });

  test("is shown whole as a thing, in its results, its page and its dialogs", async () => {
    const certificate = { ...desk.active, policies: [name], otherThings: [name] };
    const thing: Thing = { ...desk.thing, name, thingType: name, attributes: { [name]: name }, certificates: [certificate] };
    const { flow } = await openDesk({ things: [thing], lookUps: [{ ...desk.several, registry: { readAs: "serial-number", things: [{ ...thing, name: "x" }], elsewhere: [name], certificate: true } }] });
    flow.devices.query = name;
    await flow.devices.search();
    await waitFor(() => expect(by("results-heading").textContent).toContain(`Found for ${within(name)}:`));
    expect(by("results").textContent).toContain(name);
    await flow.devices.open(name);
    await waitFor(() => expect(document.querySelector("h1")?.textContent).toBe(name));
    expect(document.querySelector("dl")?.textContent).toContain(name);
    expect(document.querySelector(".certificates")?.textContent).toContain(`Also used by ${within(name)}`);
    by("revoke-all").click();
    await waitFor(() => expect(by("change").textContent).toContain(`Revoke for ${within(name)}?`));
    fill("typed-name", name);
    by("change-yes").click();
    await waitFor(() => expect(has("change")).toBe(false));
    await waitFor(() => expect(by("changed").textContent).toContain(within(name)));
  });

  test("is shown whole on the bench and in the journal", async () => {
    const row = bench.row(1, { state: "failed", failure: samples.failure("offline", "claim", name), retryable: true }, { serialNumber: name, thingName: name, label: name });
    const run = { ...runs.finished, serialNumber: name, thingName: name, operator: name, site: name };
    await open({ start: samples.signedIn, bench: { rows: [row], head: { ...bench.head, armed: true, expecting: 1 } }, runs: [run] });
    by("nav-bench").click();
    await waitFor(() => expect(by("row-1").textContent).toContain(name));
    expect(by("arm-lead").textContent).toBe(`Now plug in ${within(name)}`);
    by("nav-journal").click();
    await waitFor(() => expect(by(`run-${run.entry}`).textContent).toBe(name));
  });
});

test("a file's name of 200 characters is shown whole where it is picked and where it was written", async () => {
  expect(file).toHaveLength(200);
  const picked = { id: "f", name: file, bytes: 12 };
  const { flow } = await openDesk({ files: [picked], claimFile: picked, exportClaim: desk.exportEvents().map((event) =>
    event.event === "finished" ? { ...event, result: { ...event.result, path: `/x/${file}`, file: { ...event.result.file, name: file } } } : event) });
  flow.devices.go({ name: "register", thingName: "" });
  await tick();
  by("choose-files").click();
  await waitFor(() => expect(by("files").textContent).toContain(file));
  flow.devices.go({ name: "open", claim: null, ends: 0, run: null });
  await tick();
  by("choose-claim-file").click();
  await waitFor(() => expect(by("chosen-file").textContent).toBe(file));
  await flow.devices.exportClaim({ serialNumber: "SN-0042", passphrase: desk.passphrase, folder: "/x" });
  await waitFor(() => expect(by("claim-file").textContent).toBe(file));
});

describe("many", () => {
  const each = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));

  test("results, certificates and runs of a device are all there, each under its own name", async () => {
    const certificates = each(60, (index) => ({ ...desk.active, id: String(index).padStart(64, "a") }));
    const elsewhere = each(200, (index) => `Other_${index}`);
    const history = each(100, (index) => ({ ...desk.ran, run: `r-${index}` }));
    const { flow } = await openDesk({ things: [{ ...desk.thing, certificates }], history, lookUps: [{ ...desk.several, registry: { readAs: "certificate-id", things: [], elsewhere, certificate: true } }] });
    flow.devices.query = "SN";
    await flow.devices.search();
    await waitFor(() => expect(by("results").children).toHaveLength(203));
    await flow.devices.open(desk.thing.name);
    await waitFor(() => expect(by("history").children).toHaveLength(100));
    expect(document.querySelectorAll(".certificates tbody tr")).toHaveLength(60);
    expect(by("certificates-heading").textContent).toContain("(60)");
  });

  test("sites, drives and mistakes of a file are all there, and one is told apart from the other", async () => {
    const sites = each(40, (index) => ({ path: `/sites/${index}.json`, name: "Plant", region: "eu-central-1", operator: null }));
    const problems = each(50, (index) => ({ key: `key${index}`, line: index + 1, en: "there is no such key", ja: "このようなキーはありません" }));
    const targets = each(32, (index) => ({ ...samples.drive, target: `drive:/media/mori/SENSOR${index}` }));
    const { user, host } = await open({ start: samples.signedIn, sites, targets });
    expect(document.querySelectorAll("#targets input")).toHaveLength(32);
    expect(by("targets").textContent).toContain("/media/mori/SENSOR31");
    await toSites(user);
    await waitFor(() => expect(document.querySelectorAll("#sites > li")).toHaveLength(40));
    host.chooseSite = () => Promise.reject({ ...shellSamples.brokenSite, problems });
    by("choose-site").click();
    await waitFor(() => expect(document.querySelectorAll("#problems li")).toHaveLength(50));
    expect(by("problems").textContent).toContain("50 mistakes in the file:");
    expect(has("copy-trouble"), "the list is the report").toBe(false);
    await speak("ja");
    expect(by("problems").textContent).toContain("50 行目");
    await expectAccessible();
  });

  test("of one is said in the singular", async () => {
    await open({ start: { ...samples.fresh, failure: { ...shellSamples.brokenSite, problems: shellSamples.brokenSite.problems.slice(0, 1) } as never } });
    expect(by("problems").textContent).toContain("1 mistake in the file:");
    expect(document.querySelectorAll("#problems li")).toHaveLength(1);
  });
});

test("a site file that cannot be read at all has no lines, but a report that names it", async () => {
  await open({ start: samples.fresh, opened: { ...shellSamples.brokenSite, problems: [] } });
  by("choose-site").click();
  await waitFor(() => by("copy-trouble"));
  expect(by("problems").textContent).toContain(shellSamples.brokenSite.path);
  expect(document.querySelector("#problems ol")).toBeNull();
});
