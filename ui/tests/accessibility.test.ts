import axe from "axe-core";
import { waitFor } from "@testing-library/svelte";
import { tick } from "svelte";
import { describe, expect, test } from "vitest";

import type { Challenge } from "../src/bindings/Challenge";
import type { Language } from "../src/bindings/Language";
import * as bench from "../src/host/fake/bench";
import { by, on, open, samples, shellSamples, signIn, startRun, target, toSites, type Opened } from "./support/window";

const challenges: Challenge[] = [
  { kind: "new-password", requiredAttributes: ["name", "phone_number"] },
  { kind: "code", channel: "sms", destination: "+*******5678" },
  { kind: "select-mfa", options: ["totp", "email"] },
  { kind: "totp-setup", secret: samples.totpSecret, uri: "otpauth://totp/x", qr: "M0 0h1v1h-1z", qrSize: 29 },
  { kind: "select-first-factor", options: ["password", "sms"] },
];

type Visit = (language: Language) => Promise<unknown>;

/** Every screen, in the state in which it holds most. */
const visits: [string, Visit][] = [
  ["welcome", (language) =>
    open({ start: { ...samples.fresh, language, failure: shellSamples.brokenSite }, sites: shellSamples.entries })],
  ["sites", async (language) => {
    const { user } = await open({ start: { ...samples.signedIn, language, crash: shellSamples.crash }, sites: shellSamples.entries });
    await toSites(user);
    await user.click(by("site"));
    await user.click(by("remove-1"));
  }],
  ["welcome", (language) => open({ start: { ...samples.fresh, language, policy: samples.policy }, sites: shellSamples.organisationEntries })],
  ["sign-in", (language) => open({ start: { ...samples.signedOut, language, policy: samples.policy } })],
  ["provision", async (language) => {
    const policy = { ...samples.policy, failure: samples.failure("policy-invalid") };
    const { user } = await open({ start: { ...samples.signedIn, language, policy } });
    await user.click(by("settings"));
  }],
  ["sign-in", (language) => open({ start: { ...samples.signedOut, language, failure: samples.failure("session-expired") } })],
  ["forgot-password", forgot],
  ["reset-password", async (language) => {
    const { user } = await forgot(language);
    await user.type(by("email"), "mori@example.com{Enter}");
    await on("reset-password");
    await user.click(by("set-password"));
  }],
  ...challenges.map((challenge): [string, Visit] => [
    `challenge-${challenge.kind}`,
    async (language) => {
      const start = { ...samples.signedOut, language };
      await signIn(await open({ start, signIns: [{ state: "challenge", challenge }] }));
      await on(`challenge-${challenge.kind}`);
    },
  ]),
  ["provision", async (language) => {
    const { user } = await provision(language);
    await user.click(by("provision"));
    await user.type(by("serial-number"), "SN/42");
  }],
  ["provision", async (language) => {
    const { user } = await open({ start: { ...samples.signedIn, ...shellSamples.practise, language }, targets: [samples.port] });
    await user.click(target(samples.port.target));
    await user.click(by("settings"));
  }],
  ["provision", async (language) => {
    const { user, host } = await provision(language);
    host.drop({ state: "over" });
    await user.click(by("settings"));
    await user.click(by("about"));
    await waitFor(() => by("licences"));
  }],
  ["provision", async (language) => {
    const { renewing: updates, update } = shellSamples;
    const { user, host } = await open({ start: { ...samples.signedIn, language, updates }, update });
    await waitFor(() => by("update-ready"));
    await user.click(by("update-ready"));
    await user.click(by("install-update"));
    host.download({ done: 3_000_000, of: 22_000_000 });
  }],
  ["provision", async (language) => {
    const update = samples.failure("update-refused");
    const { user } = await open({ start: { ...samples.signedIn, language, updates: shellSamples.renewing }, update });
    await user.click(by("settings"));
    await user.click(by("look-for-update"));
    await waitFor(() => by("update-trouble"));
  }],
  ["provision", async (language) => {
    const { user } = await open({ start: { ...samples.signedIn, language }, targets: [samples.bridge] });
    await user.click(target(samples.bridge.target));
    await user.selectOptions(by("driver"), "console");
    await user.click(document.querySelector("#more-settings summary") as HTMLElement);
  }],
  ["failed", async (language) => {
    const { user, host } = await open({ start: { ...samples.signedIn, language }, targets: [samples.bridge] });
    await user.click(target(samples.bridge.target));
    await user.type(by("serial-number"), "SN-1{Enter}");
    await on("running");
    host.emit(...samples.eventsUntil("device-login", "target"));
    await on("failed");
    await user.click(by("try-again"));
  }],
  ["others", async (language) => {
    const opened = await others(language);
    await opened.user.click(by("cancel"));
  }],
  ["others", async (language) => {
    const opened = await others(language);
    opened.host.emit(...samples.events());
    await waitFor(() => by("go-on"));
  }],
  ["running", async (language) => {
    const opened = await provision(language);
    await startRun(opened);
    opened.host.emit(...samples.events().slice(0, -2));
    await tick();
    await opened.user.click(by("cancel"));
  }],
  ["done", async (language) => {
    const opened = await provision(language);
    await startRun(opened);
    opened.host.emit(...samples.unrecorded(samples.events()));
    await on("done");
    await opened.user.click(document.querySelector("summary") as HTMLElement);
  }],
  ["failed", async (language) => {
    const opened = await provision(language);
    await startRun(opened);
    opened.host.emit(...samples.eventsUntil("identity-present", "target"));
    await on("failed");
    await opened.user.click(by("replace"));
  }],
];

/** Somebody signed in while another operator's run goes on. */
async function others(language: Language): Promise<Opened> {
  const failed = { kind: "sign-in" as const, failure: samples.failure("session-expired") };
  const abe = { ...samples.operator, name: "abe@example.com" };
  const opened = await open({
    start: { ...samples.signedIn, language },
    targets: [samples.drive],
    bench: { head: { ...bench.head, armed: true, paused: failed }, rows: bench.rows(1) },
    signIns: [{ state: "signed-in", operator: abe }],
  });
  await startRun(opened);
  await opened.user.keyboard("{Control>}2{/Control}");
  await on("bench");
  await opened.user.click(by("bench-sign-in"));
  await on("sign-in");
  await signIn(opened, abe.name);
  await opened.user.keyboard("{Control>}1{/Control}");
  await on("others");
  return opened;
}

async function forgot(language: Language): Promise<Opened> {
  const opened = await open({ start: { ...samples.signedOut, language } });
  await opened.user.click(by("forgot-password"));
  await on("forgot-password");
  return opened;
}

function provision(language: Language): Promise<Opened> {
  const targets = [samples.drive, samples.systemDrive, samples.folder];
  return open({ start: { ...samples.signedIn, language }, targets });
}

describe.each<Language>(["en", "ja"])("in %s", (language) => {
  test.each(visits)("axe finds nothing on the screen `%s`", async (screen, visit) => {
    await visit(language);
    await on(screen);
    // Contrast needs a layout; it is looked at in a real browser.
    const { violations } = await axe.run(document, { rules: { "color-contrast": { enabled: false } } });
    expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
    expect(document.documentElement.lang).toBe(language);
  });

  test.each(visits)("the screen `%s` has one heading of the first level, and unique ids", async (screen, visit) => {
    await visit(language);
    await on(screen);
    expect(document.querySelectorAll("h1")).toHaveLength(1);
    const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  });
});
