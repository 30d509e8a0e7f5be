import { waitFor } from "@testing-library/svelte";
import { tick } from "svelte";
import { describe, expect, test } from "vitest";

import type { Thing } from "../src/bindings/Thing";
import type { SiteFailure } from "../src/host";
import * as bench from "../src/host/fake/bench";
import * as desk from "../src/host/fake/devices-samples";
import * as runs from "../src/host/fake/journal";
import { fill, speak } from "./support/codes";
import { openDesk } from "./support/desk";
import { expectAccessible } from "./support/plain";
import { by, has, open, samples, shellSamples, toSites } from "./support/window";

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
    const entries = [...shellSamples.entries, { path: `/home/mori/${name}/${file}`, name, region: "ap-northeast-3", operator: name, organisation: false, refused: null }];
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
    const sites = each(40, (index) => ({ path: `/sites/${index}.json`, name: "Plant", region: "eu-central-1", operator: null, organisation: false, refused: null }));
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
    const { brokenSite } = shellSamples;
    const one: SiteFailure = { ...brokenSite, problems: brokenSite.problems.slice(0, 1) };
    await open({ start: { ...samples.fresh, failure: one } });
    expect(by("problems").textContent).toContain("1 mistake in the file:");
    expect(document.querySelectorAll("#problems li")).toHaveLength(1);
  });
});

test("a site file that cannot be read at all has no lines, but a report that names it", async () => {
  const unreadable: SiteFailure = { ...shellSamples.brokenSite, problems: [] };
  await open({ opened: unreadable });
  by("choose-site").click();
  await waitFor(() => by("copy-trouble"));
  expect(by("problems").textContent).toContain(shellSamples.brokenSite.path);
  expect(document.querySelector("#problems ol")).toBeNull();
});
