import { cleanup, fireEvent, waitFor } from "@testing-library/svelte";
import { tick } from "svelte";
import { afterEach, describe, expect, test, vi } from "vitest";

import type { MenuCommand } from "../src/host";
import { by, FakeHost, has, heading, on, open, openOn, openProvision, samples, shellSamples, text } from "./support/window";

describe("the settings", () => {
  test("open from the header, take the focus, and close by their button", async () => {
    const { user } = await openProvision();
    await user.click(by("settings"));
    expect(document.activeElement).toBe(by("settings-dialog-heading"));
    await user.click(by("close-settings-dialog"));
    await waitFor(() => expect(has("settings-dialog")).toBe(false));
  });

  test.each(["light", "dark", "system"] as const)("show the window %s at once, and have it remembered", async (theme) => {
    const start = { ...samples.signedIn, theme: theme === "dark" ? ("light" as const) : ("dark" as const) };
    const { user, host } = await openProvision({ start });
    expect(document.documentElement.dataset["theme"]).toBe(start.theme);
    await user.click(by("settings"));
    await user.click(by(`theme-${theme}`));
    expect(document.documentElement.dataset["theme"]).toBe(theme);
    expect(host.calls("setTheme")).toEqual([theme]);
  });

  test("switch the language under the open dialog", async () => {
    const { user, host } = await openProvision();
    await user.click(by("settings"));
    await user.click(by("language-ja"));
    expect(by("settings-dialog-heading").textContent).toBe("設定");
    expect(document.documentElement.lang).toBe("ja");
    expect(host.calls("setLanguage")).toEqual(["ja"]);
  });

  test("that cannot be remembered hold all the same", async () => {
    const { user, host } = await openProvision();
    host.setTheme = () => Promise.reject(new Error("read-only"));
    host.setSound = () => Promise.reject(new Error("read-only"));
    await user.click(by("settings"));
    await user.click(by("theme-dark"));
    await user.click(by("sound"));
    expect(document.documentElement.dataset["theme"]).toBe("dark");
    expect(by<HTMLInputElement>("sound").checked).toBe(true);
  });
});

describe("Ctrl and a sign", () => {
  test.each([
    ["in", "above the semicolon, as on Japanese keyboards", { key: "+", code: "Semicolon", shiftKey: true }],
    ["in", "on a key of its own, as on German ones", { key: "+", code: "BracketRight" }],
    ["in", "on the number pad", { key: "+", code: "NumpadAdd" }],
    ["in", "the equals sign, below the plus on English ones", { key: "=", code: "Equal" }],
    ["out", "minus", { key: "-", code: "Minus" }],
    ["out", "minus on the number pad", { key: "-", code: "NumpadSubtract" }],
    ["actual", "zero", { key: "0", code: "Digit0" }],
  ])("size the page once: %s, by %s", async (to, _, init) => {
    for (const held of [{ ctrlKey: true }, { metaKey: true }]) {
      const { host } = await openProvision();
      expect(await fireEvent.keyDown(document.body, { ...init, ...held }), "no menu takes it again").toBe(false);
      expect(host.calls("zoom")).toEqual([to]);
      cleanup();
    }
  });

  test("open what the menu opens", async () => {
    const { host } = await openProvision();
    expect(await fireEvent.keyDown(document.body, { key: "o", ctrlKey: true })).toBe(false);
    await waitFor(() => expect(host.calls("chooseSite")).toHaveLength(1));
    expect(await fireEvent.keyDown(document.body, { key: ",", ctrlKey: true })).toBe(false);
    await waitFor(() => by("settings-dialog"));
    expect(await fireEvent.keyDown(document.body, { key: "o", ctrlKey: true }), "not from behind a dialog").toBe(true);
  });

  test.each([
    ["a sign that is typed", { key: "+", code: "Semicolon", shiftKey: true }],
    ["AltGr, which is Ctrl and Alt", { key: "+", code: "Semicolon", ctrlKey: true, altKey: true }],
  ])("are not %s", async (_, init) => {
    const { host } = await openProvision();
    expect(await fireEvent.keyDown(document.body, init)).toBe(true);
    expect(host.calls("zoom")).toEqual([]);
  });
});

describe("the about box", () => {
  test("shows version and licences", async () => {
    const { user } = await openProvision();
    await user.click(by("settings"));
    await user.click(by("about"));
    await waitFor(() => expect(by("version").textContent).toBe("Version 0.1.0"));
    expect(by("licences").querySelector("textarea")?.value).toContain("MIT OR Apache-2.0");
    expect(has("settings-dialog")).toBe(false);
  });

  test("says why it knows nothing", async () => {
    const { host } = await openProvision({ about: samples.failure("service-error") });
    host.menu("about");
    await waitFor(() => expect(by("about-trouble").dataset["code"]).toBe("service-error"));
  });
});

describe("the diagnostics", () => {
  test("are copied, and it is said", async () => {
    const { user, host } = await openProvision();
    const write = vi.spyOn(navigator.clipboard, "writeText");
    host.menu("about");
    await waitFor(() => by("copy-diagnostics"));
    await user.click(by("copy-diagnostics"));
    expect(write).toHaveBeenCalledWith("Fieldkey 0.1.0\nLinux 6.12 x86_64");
    await waitFor(() => expect(by("diagnostics-copied").textContent).toContain("on the clipboard"));
  });

  test("are copied from the menu, too, and said on whatever screen shows", async () => {
    const { host } = await open();
    host.menu("copy-diagnostics");
    await waitFor(() => expect(by("notice").textContent).toContain("on the clipboard"));
  });

  test("are shown for copying by hand where the clipboard is closed", async () => {
    const { host } = await openProvision();
    vi.spyOn(navigator.clipboard, "writeText").mockRejectedValue(new Error("denied"));
    host.menu("copy-diagnostics");
    await waitFor(() => expect(by<HTMLTextAreaElement>("diagnostics").value).toContain("Linux 6.12"));
    expect(by("diagnostics-by-hand").textContent).toContain("Select all of the text");
    expect(has("notice")).toBe(false);
  });

  describe("where the clipboard takes a promise", () => {
    /** What is put on the clipboard, whose answer is `write`'s. */
    function clipboard(write: () => Promise<void>): Promise<Blob>[] {
      const given: Promise<Blob>[] = [];
      vi.stubGlobal("ClipboardItem", class {
        constructor(items: Record<string, Promise<Blob>>) {
          given.push(items["text/plain"] as Promise<Blob>);
        }
      });
      vi.spyOn(navigator.clipboard, "write").mockImplementation(write);
      return given;
    }

    afterEach(() => {
      vi.unstubAllGlobals();
      vi.restoreAllMocks();
    });

    test("are given to it in the click itself, before they are there", async () => {
      const { host } = await openProvision();
      const given = clipboard(() => Promise.resolve());
      const text = vi.spyOn(navigator.clipboard, "writeText");
      host.menu("about");
      await waitFor(() => by("copy-diagnostics"));
      let release: () => void = () => undefined;
      host.hold = new Promise((resolve) => (release = resolve));
      by("copy-diagnostics").click();
      expect(given, "nothing was waited for").toHaveLength(1);
      host.hold = null;
      release();
      await waitFor(() => expect(by("diagnostics-copied").textContent).toContain("on the clipboard"));
      expect((await given[0])?.size).toBe("Fieldkey 0.1.0\nLinux 6.12 x86_64".length);
      expect(text).not.toHaveBeenCalled();
    });

    test("go the old way where it refuses them", async () => {
      const { host } = await openProvision();
      clipboard(() => Promise.reject(new Error("denied")));
      const text = vi.spyOn(navigator.clipboard, "writeText").mockResolvedValue();
      host.menu("copy-diagnostics");
      await waitFor(() => expect(by("notice").textContent).toContain("on the clipboard"));
      expect(text).toHaveBeenCalledWith("Fieldkey 0.1.0\nLinux 6.12 x86_64");
    });

    test("that cannot be had are said to be so", async () => {
      const { host } = await openProvision({ diagnostics: samples.failure("service-error") });
      clipboard(() => Promise.reject(new Error("denied")));
      host.menu("copy-diagnostics");
      await waitFor(() => expect(by("notice").textContent).toContain("The text of service-error"));
    });
  });

  test("that cannot be had are said to be so", async () => {
    const { host } = await openProvision({ diagnostics: samples.failure("service-error") });
    host.menu("copy-diagnostics");
    await waitFor(() => expect(by("notice").textContent).toContain("The text of service-error"));
  });
});

describe("the menu", () => {
  test.each<[MenuCommand, () => void]>([
    ["open-site", () => expect(text()).toContain("Sign in")],
    ["sites", () => expect(heading().textContent).toBe("Sites")],
    ["practise", () => expect(has("practise-banner")).toBe(true)],
    ["settings", () => expect(has("settings-dialog")).toBe(true)],
    ["about", () => expect(has("about-dialog")).toBe(true)],
    ["language-ja", () => expect(document.documentElement.lang).toBe("ja")],
    ["language-en", () => expect(document.documentElement.lang).toBe("en")],
    ["theme-dark", () => expect(document.documentElement.dataset["theme"]).toBe("dark")],
    ["theme-light", () => expect(document.documentElement.dataset["theme"]).toBe("light")],
    ["theme-system", () => expect(document.documentElement.dataset["theme"]).toBe("system")],
  ])("does `%s`", async (command, seen) => {
    const start = { ...samples.signedIn, language: command === "language-en" ? ("ja" as const) : ("en" as const) };
    const { host } = await openProvision({ start, opened: { ...samples.opened, site: { ...samples.site, path: "/other.json" } } });
    host.menu(command);
    await waitFor(seen);
  });

  test("leads back from the sites to a place, and nowhere while nobody is signed in", async () => {
    const { host } = await openProvision();
    host.menu("sites");
    await on("sites");
    host.menu("provision");
    await on("provision");
  });

  test("does not lead to a place past the sign-in, nor to one that there is not", async () => {
    const { host } = await open({ start: samples.signedOut });
    host.menu("provision");
    host.menu("bench");
    await tick();
    await on("sign-in");
  });

  test("that does not come is no trouble: all is on the page", async () => {
    const host = new FakeHost({ start: samples.signedOut });
    const absent = (): Promise<void> => Promise.reject(new Error("no menu"));
    host.watchMenu = host.watchDrops = host.watchOpened = absent;
    const { user } = await openOn(host);
    await tick();
    expect(has("trouble")).toBe(false);
    await user.click(by("settings"));
    expect(has("settings-dialog")).toBe(true);
  });
});

describe("a crash of the last start", () => {
  const start = { ...samples.signedIn, crash: shellSamples.crash };

  test("is told on the first screen, copied whole, and dismissed for good", async () => {
    const { user, host } = await openProvision({ start });
    expect(by("crash").textContent).toContain("went wrong in Fieldkey itself");
    expect(document.activeElement, "it does not take the focus from the work").toBe(heading());
    const write = vi.spyOn(navigator.clipboard, "writeText");
    await user.click(by("copy-crash"));
    expect(write.mock.calls[0]?.[0]).toBe(`${shellSamples.crash.at}\n${shellSamples.crash.text}`);
    await user.click(by("dismiss-crash"));
    expect(has("crash")).toBe(false);
    expect(document.activeElement).toBe(heading());
    expect(host.calls("dismissCrash")).toHaveLength(1);
  });

  test("is shown for copying by hand where the clipboard is closed", async () => {
    const { user } = await openProvision({ start });
    vi.spyOn(navigator.clipboard, "writeText").mockRejectedValue(new Error("denied"));
    await user.click(by("copy-crash"));
    await waitFor(() => expect(by<HTMLDetailsElement>("crash-details").open).toBe(true));
    expect(by<HTMLTextAreaElement>("crash-report").value).toContain("no web view");
  });

  test("is not told where there was none", async () => {
    await openProvision();
    expect(has("crash")).toBe(false);
  });
});

test("a scanner's digits do not go behind an open dialog", async () => {
  const { user } = await openProvision();
  await user.click(by("settings"));
  await fireEvent.keyDown(by("settings-dialog-heading"), { key: "7" });
  expect(document.activeElement).toBe(by("settings-dialog-heading"));
});
