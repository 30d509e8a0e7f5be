import axe from "axe-core";
import { tick } from "svelte";
import { describe, expect, test } from "vitest";

import type { Language } from "../src/bindings/Language";
import type { DevicesScript } from "../src/host/fake/devices";
import * as desk from "../src/host/fake/devices-samples";
import { drive, failure } from "../src/host/fake/samples";
import type { View } from "../src/places/devices/devices.svelte";
import { openDesk, openDevice } from "./support/desk";
import { by, target } from "./support/window";

type Visit = (language: Language) => Promise<unknown>;

async function at(view: View, language: Language, script: Partial<DevicesScript> = {}) {
  const opened = await openDesk(script, language);
  opened.flow.devices.go(view);
  await tick();
  return opened;
}

async function searched(language: Language, script: Partial<DevicesScript>): Promise<void> {
  const { flow } = await openDesk(script, language);
  flow.devices.query = "SN-0042";
  await flow.devices.search();
}

/** Every view, in the state in which it holds most. */
const visits: [string, Visit][] = [
  ["search", (language) => openDesk({}, language)],
  ["results", (language) => searched(language, { lookUps: [{ ...desk.several, failure: failure("offline") }] })],
  ["nothing found", (language) => searched(language, { lookUps: [desk.nothing] })],
  ["device", (language) => openDevice({}, language)],
  ["change", async (language) => {
    const { user } = await openDevice({ change: failure("throttled") }, language);
    await user.click(by("revoke-all"));
    await user.type(by("typed-name"), "x{Enter}");
  }],
  ["re-issue", async (language) => {
    const { user } = await openDevice({}, language);
    await user.click(by("to-reissue"));
    await user.click(target(drive.target));
    await user.click(by("reissue"));
  }],
  ["re-issuing", async (language) => {
    const { host, flow } = await openDevice({}, language);
    void flow.devices.reissue(desk.thing.name, { serialNumber: "SN-0042", target: drive.target, driver: null, driverSettings: {}, way: "device", compromised: false });
    await tick();
    host.emit(...desk.reissueEvents().slice(0, -4));
  }],
  ["register", async (language) => {
    const { user } = await at({ name: "register", thingName: "" }, language);
    await user.click(by("choose-files"));
    await user.click(by("register"));
  }],
  ["verify", async (language) => {
    const { user } = await at({ name: "verify", thingName: "", run: null }, language);
    await user.click(by("direct"));
  }],
  ["verified", async (language) => {
    const { user } = await at({ name: "verify", thingName: "", run: null }, language, { verify: desk.verifyEvents() });
    await user.click(target(drive.target));
    await user.click(by("verify"));
  }],
  ["export", async (language) => {
    const { user } = await at({ name: "export", serialNumber: "", run: null }, language);
    await user.click(by("export"));
    await user.click(by("suggest"));
  }],
  ["exported", async (language) => {
    const { flow } = await openDesk({ exportClaim: desk.exportEvents() }, language);
    await flow.devices.exportClaim({ serialNumber: "SN-0042", passphrase: desk.passphrase, folder: "/x" }, true);
    await tick();
    by("show-suggested").click();
  }],
  ["open", async (language) => {
    const { user } = await at({ name: "open", claim: null, ends: 0, run: null }, language);
    await user.click(by("open-claim"));
  }],
  ["write", (language) => at({ name: "open", claim: desk.openedClaim, ends: performance.now() + 90_000, run: null }, language)],
  ["write for practice", (language) => at({ name: "open", claim: desk.practiceClaim, ends: performance.now() + 90_000, run: null }, language)],
];

describe.each<Language>(["en", "ja"])("in %s", (language) => {
  test.each(visits)("axe finds nothing at the help desk's `%s`, which has one heading and unique ids", async (_, visit) => {
    await visit(language);
    await tick();
    // Contrast needs a layout; it is looked at in a real browser.
    const { violations } = await axe.run(document, { rules: { "color-contrast": { enabled: false } } });
    expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
    expect(document.querySelectorAll("h1")).toHaveLength(1);
    const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    const words = document.body.textContent;
    expect(/[぀-ヿ]/.test(words)).toBe(language === "ja");
  });
});
