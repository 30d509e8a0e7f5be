import { waitFor } from "@testing-library/svelte";
import axe from "axe-core";
import { describe, expect, test } from "vitest";

import { i18n } from "../src/i18n/index.svelte";
import { by, has, input, on, openProvision, openSignIn, samples, shellSamples, startRun, text, type Opened } from "./support/window";

const start = { ...samples.signedIn, ...shellSamples.practise };

async function openPanel(): Promise<Opened> {
  const opened = await openProvision({ start });
  await opened.user.click(by("practise-panel").querySelector("summary") as HTMLElement);
  await waitFor(() => by("practise-turn-0"));
  return opened;
}

function item(index: number): HTMLElement {
  return by(`practise-turn-${index}`).closest("li") as HTMLElement;
}

describe("the pretended devices", () => {
  test("are there at the practise site, and how many are plugged in is said while the panel is folded", async () => {
    await openProvision({ start });
    await waitFor(() => expect(by("practise-panel").textContent).toContain("10 of 10 plugged in"));
    expect(by<HTMLDetailsElement>("practise-panel").open).toBe(false);
  });

  test("are all that can be written to: no real folder is offered", async () => {
    await openProvision({ start });
    expect(has("choose-folder")).toBe(false);
  });

  test("are not asked for at a real site", async () => {
    const { host } = await openProvision();
    expect(has("practise-panel")).toBe(false);
    expect(host.calls("watchPractise")).toEqual([]);
  });

  test("say what each of them practises, in both languages", async () => {
    const { user } = await openPanel();
    expect(item(7).textContent).toContain("BAD CABLE");
    expect(item(7).textContent).toContain("Does not hold what is written, the first time");
    await user.click(by("language"));
    expect(item(7).textContent).toContain("1 回目は正しく書き込めません");
  });

  test("are pulled and plugged in again by one button, which keeps the focus", async () => {
    const { user, host } = await openPanel();
    await user.click(by("practise-turn-1"));
    await waitFor(() => expect(item(1).textContent).toContain("Not plugged in"));
    expect(document.activeElement).toBe(by("practise-turn-1"));
    await user.click(by("practise-turn-1"));
    await waitFor(() => expect(item(1).textContent).not.toContain("Not plugged in"));
    expect(host.calls("pullPractise")).toEqual(["drive:/practise/2"]);
    expect(host.calls("plugBackPractise")).toEqual(["drive:/practise/2"]);
  });

  test("get another one of the chosen kind and fault", async () => {
    const { user, host } = await openPanel();
    await user.click(by("practise-plug"));
    await user.selectOptions(by("practise-kind"), "serial");
    await user.selectOptions(by("practise-fault"), "loose-plug");
    await user.click(by("practise-plug"));
    expect(host.calls("plugPractise")).toEqual([
      { kind: "drive", fault: null },
      { kind: "serial", fault: "loose-plug" },
    ]);
    await waitFor(() => expect(item(11).textContent).toContain("PRACTISE 12"));
  });

  test("that cannot be plugged in say why", async () => {
    const { user, host } = await openPanel();
    host.practise.refuse = samples.failure("usage");
    await user.click(by("practise-plug"));
    await waitFor(() => expect(by("practise-trouble").dataset["code"]).toBe("usage"));
  });

  test("can be pulled while one is written to, and on the bench", async () => {
    const opened = await openPanel();
    await startRun(opened);
    expect(by<HTMLDetailsElement>("practise-panel").open, "it stays unfolded").toBe(true);
    await opened.user.click(by("practise-turn-0"));
    expect(opened.host.calls("pullPractise")).toHaveLength(1);
    await opened.user.click(by("nav-bench"));
    await on("bench");
    await waitFor(() => expect(item(0).textContent).toContain("Not plugged in"));
    expect(opened.host.calls("watchPractise"), "followed once").toHaveLength(1);
  });

  test.each(["en", "ja"] as const)("are accessible (%s)", async (language) => {
    await openPanel();
    i18n.language = language;
    const { violations } = await axe.run(document.body, { rules: { "color-contrast": { enabled: false } } });
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join()}`)).toEqual([]);
  });
});

describe("the sign-in at the practise site", () => {
  test("says whom one can be, and fills the address in", async () => {
    const { user, host } = await openSignIn({ start: { ...samples.signedOut, site: shellSamples.practise.site } });
    expect(text()).toContain("the code is 123456");
    await user.click(by("as-mfa"));
    expect(input("email").value).toBe("mfa@example.com");
    expect(document.activeElement).toBe(by("password"));
    await user.keyboard("anything-8{Enter}");
    await on("provision");
    expect(host.calls("signIn")).toEqual([{ user: "mfa@example.com", password: "anything-8", staySignedIn: false }]);
  });

  test("at a real site has no such hints", async () => {
    await openSignIn();
    expect(has("sign-in-hints")).toBe(false);
  });
});

test("to practise anew leaves nothing of before on the screen, and the new devices show", async () => {
  const { user, host } = await openPanel();
  await user.type(by("serial-number"), "SN-0042");
  host.menu("practise");
  await waitFor(() => expect(host.calls("openPractise")).toHaveLength(1));
  await waitFor(() => expect(input("serial-number").value).toBe(""));
  await waitFor(() => expect(by("practise-panel").textContent).toContain("10 of 10 plugged in"));
  expect(host.calls("watchPractise")).toHaveLength(2);
});
