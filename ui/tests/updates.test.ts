import { waitFor } from "@testing-library/svelte";
import { expect, describe, test } from "vitest";

import type { Updates } from "../src/host";
import type { Script } from "../src/host/fake/host";
import { Renewal } from "../src/state/renewal.svelte";
import { by, FakeHost, has, input, open, openProvision, samples, shellSamples, startRun, text, type Opened } from "./support/window";

const { renewing, update } = shellSamples;

/** The settings of a window that renews itself. */
async function settings(script: Partial<Script> = {}, updates: Updates = renewing): Promise<Opened> {
  const opened = await openProvision({ start: { ...samples.signedIn, updates }, ...script });
  await opened.user.click(by("settings"));
  return opened;
}

describe("at the start, a new version", () => {
  test("is looked for by itself, and only said where there is one", async () => {
    const { host } = await openProvision({ start: { ...samples.signedIn, updates: renewing } });
    await waitFor(() => expect(host.calls("lookForUpdate"), "nobody asked").toEqual([true]));
    expect(has("update-ready")).toBe(false);
  });

  test("that is there has a button on every screen", async () => {
    const { user } = await open({ start: { ...samples.fresh, updates: renewing }, update });
    await waitFor(() => by("update-ready"));
    await user.click(by("update-ready"));
    for (const part of ["Fieldkey 0.2.0", "Dec 1, 2026"]) expect(by("update-found").textContent.replace(/\s+/g, " ")).toContain(part);
    expect(by("update-notes").querySelector("textarea")?.value).toBe(update.notes);
    expect(document.activeElement).toBe(by("update-dialog-heading"));
    await user.click(by("close-update-dialog"));
    await waitFor(() => expect(has("update-dialog")).toBe(false));
    await user.click(by("language"));
    expect(by("update-ready").textContent).toContain("新しいバージョン");
  });

  test("that cannot be looked for disturbs nobody", async () => {
    const { user } = await openProvision({ start: { ...samples.signedIn, updates: renewing }, update: samples.failure("update-unavailable") });
    expect(text()).not.toContain("update-unavailable");
    await user.click(by("settings"));
    expect(has("update-trouble")).toBe(false);
    expect(by("update-status").textContent.trim()).toBe("");
  });

  test.each([
    ["switched it off", { ...renewing, atStart: false }],
    ["leave it to others", { by: "others" }],
    ["may not", { by: "nobody" }],
  ] as const)("is not looked for where they %s", async (_, updates) => {
    const { host } = await openProvision({ start: { ...samples.signedIn, updates }, update });
    expect(host.calls("lookForUpdate")).toEqual([]);
    expect(has("update-ready")).toBe(false);
  });
});

describe("the settings", () => {
  test.each([
    [{ by: "others" } as const, "install the new version over it", "上書きインストール"],
    [{ by: "nobody" } as const, "Your organisation sees to updates", "組織が管理しています"],
    [{ by: "nowhere" } as const, "does not look for new versions", "確認しません"],
  ])("say who else sees to updates: %o", async (updates, en, ja) => {
    const { user } = await settings({ update }, updates);
    expect(by("updates").textContent).toContain(en);
    expect(has("look-for-update") || has("look-at-start") || has("install-update")).toBe(false);
    await user.click(by("language-ja"));
    expect(by("updates").textContent).toContain(ja);
  });

  test("say who is asked, and remember that nobody is to be", async () => {
    const { user, host } = await settings();
    expect(by("look-at-start-hint").textContent).toContain("updates.example.com");
    await user.click(by("look-at-start"));
    expect(host.calls("setLookAtStart")).toEqual([false]);
    expect(input("look-at-start").checked).toBe(false);
  });

  test("look when asked, and say that there is none", async () => {
    const { user, host } = await settings();
    await user.click(by("look-for-update"));
    await waitFor(() => expect(by("update-status").textContent).toContain("You have the newest version"));
    expect(host.calls("lookForUpdate")).toEqual([true, false]);
  });

  test("say why it cannot be said, and look again", async () => {
    const { user, host } = await settings({ update: samples.failure("update-unavailable") });
    await user.click(by("look-for-update"));
    await waitFor(() => expect(by("update-trouble").dataset["code"]).toBe("update-unavailable"));
    host.script.update = update;
    await user.click(by("look-for-update"));
    await waitFor(() => by("install-update"));
    expect(has("update-trouble")).toBe(false);
  });
});

describe("the update", () => {
  async function found(): Promise<Opened> {
    const opened = await settings({ update });
    await waitFor(() => by("install-update"));
    return opened;
  }

  test("says how much is here, and that the window goes", async () => {
    const { user, host } = await found();
    await user.click(by("install-update"));
    const bar = (): HTMLProgressElement => by<HTMLProgressElement>("update-progress");
    expect(bar().position, "nobody knows yet of how much").toBe(-1);
    host.download({ done: 11_000_000, of: 22_000_000 });
    await waitFor(() => expect(bar().position).toBe(0.5));
    expect(by("update-found").textContent).toContain("11 MB of 22 MB");
    host.updateEnds(null);
    await waitFor(() => expect(by("update-ending").textContent).toContain("starts again"));
    expect(by<HTMLButtonElement>("install-update").disabled).toBe(true);
  });

  test("can be stopped, which is no failure", async () => {
    const { user } = await found();
    await user.click(by("install-update"));
    expect(document.activeElement, "it is where the other one was").toBe(by("stop-update"));
    await user.keyboard("{Enter}");
    await waitFor(() => expect(document.activeElement).toBe(by("install-update")));
    expect(has("update-trouble")).toBe(false);
  });

  test.each(["update-refused", "update-failed", "update-unavailable", "run-under-way"] as const)(
    "that fails with %s says so, and can be tried again",
    async (code) => {
      const { user, host } = await found();
      await user.click(by("install-update"));
      host.updateEnds(samples.failure(code));
      await waitFor(() => expect(by("update-trouble").dataset["code"]).toBe(code));
      await user.click(by("install-update"));
      expect(has("update-trouble")).toBe(false);
      expect(host.calls("installUpdate")).toHaveLength(2);
    },
  );

  test("stops when its dialog is closed, so that the window does not go while somebody types", async () => {
    const { user, host } = await open({ start: { ...samples.fresh, updates: renewing }, update });
    await waitFor(() => by("update-ready"));
    await user.click(by("update-ready"));
    await user.click(by("install-update"));
    await user.click(by("close-update-dialog"));
    await waitFor(() => expect(host.calls("stopUpdate")).toHaveLength(1));
    await user.click(by("update-ready"));
    await waitFor(() => expect(by<HTMLButtonElement>("install-update").disabled, "it can be begun anew").toBe(false));
  });

  test("that was refused is looked for anew, and the next try is for what is there now", async () => {
    const { user, host } = await found();
    await user.click(by("install-update"));
    host.script.update = { ...update, version: "0.2.1" };
    host.updateEnds(samples.failure("update-refused"));
    await waitFor(() => expect(by("update-found").textContent).toContain("0.2.1"));
    expect(by("update-trouble").dataset["code"], "what went wrong stays").toBe("update-refused");
  });

  test.each<[string, Script["update"], string | null]>([
    ["was taken back since is not offered any more", null, null],
    ["cannot be looked for anew stays", samples.failure("offline"), update.version],
  ])("that was refused and %s", async (_, since, version) => {
    const host = new FakeHost({ update });
    const renewal = new Renewal(host);
    await renewal.begin(renewing);
    host.script.update = since;
    const over = renewal.install();
    host.updateEnds(samples.failure("update-refused"));
    await over;
    expect(renewal.found?.version ?? null).toBe(version);
    expect(renewal.trouble?.code, "what went wrong stays, not what the second look met").toBe("update-refused");
    expect(renewal.busy, "it can be looked for again").toBe(false);
  });

  test("that was taken back leaves its dialog open, with what went wrong and the focus", async () => {
    const { user, host } = await open({ start: { ...samples.fresh, updates: renewing }, update });
    await waitFor(() => by("update-ready"));
    await user.click(by("update-ready"));
    await user.click(by("install-update"));
    host.script.update = null;
    host.updateEnds(samples.failure("update-unavailable"));
    await waitFor(() => expect(has("update-found")).toBe(false));
    expect(by("update-trouble").dataset["code"]).toBe("update-unavailable");
    expect(by("update-status").textContent).toContain("not offered any more");
    await waitFor(() => expect(document.activeElement).toBe(by("update-dialog-heading")));
    expect(has("update-ready"), "there is nothing to update to").toBe(false);
    await user.click(by("close-update-dialog"));
    await user.click(by("language"));
    await user.click(by("settings"));
    expect(by("update-status").textContent, "the settings say the same").toContain("取り下げられました");
    expect(by("update-trouble").dataset["code"]).toBe("update-unavailable");
  });

  test("waits for the device that is being written to", async () => {
    const opened = await openProvision({ start: { ...samples.signedIn, updates: renewing }, update });
    await startRun(opened);
    await opened.user.click(by("settings"));
    expect(by<HTMLButtonElement>("install-update").disabled).toBe(true);
    expect(by("update-hint").textContent).toContain("You can update when that is done, or the bench is disarmed");
    opened.host.emit({ event: "failed", run: "r-0001", failure: samples.failure("interrupted"), unrecorded: null });
    await waitFor(() => expect(by<HTMLButtonElement>("install-update").disabled).toBe(false));
  });
});
