import axe from "axe-core";
import { waitFor } from "@testing-library/svelte";
import { describe, expect, test } from "vitest";

import type { Language } from "../src/bindings/Language";
import * as fake from "../src/host/fake/bench";
import { bench as en } from "../src/i18n/en/bench";
import { bench as ja } from "../src/i18n/ja/bench";
import { by, on, open, samples, text, type Opened } from "./support/window";

type Visit = (opened: Opened) => Promise<unknown>;

const armed = { ...fake.head, armed: true };
const failed = fake.row(2, fake.failed("identity-present", "target", false));
const everything: Partial<fake.BenchScript> = {
  rows: [fake.row(1, fake.done), failed, fake.running(3), fake.row(4), fake.row(5, { state: "skipped" })],
  head: {
    ...armed,
    expecting: 4,
    devices: [fake.idle(7, "ambiguous"), fake.idle(8, "settling")],
    paused: { kind: "trouble", failure: samples.failure("offline") },
    recovered: true,
    unsaved: samples.full,
    unrecorded: { en: "disk I/O error", ja: "disk I/O error" },
  },
};

const states: [string, Partial<fake.BenchScript>, Visit?][] = [
  ["empty", {}],
  ["opening", { head: null }],
  ["set up", { rows: fake.rows(32) }],
  [
    "set up for consoles",
    { head: { ...fake.head, settings: { ...fake.settings, kind: "serial", driver: "console", driverSettings: { user: "root" } } } },
    ({ user }) => user.click(document.querySelector("#more-settings summary") as HTMLElement),
  ],
  ["with a password", { head: { ...fake.head, hasPassword: true, settings: { ...fake.settings, kind: "serial", driver: "console" } } }],
  ["whose devices want a login", { rows: fake.rows(2), head: { ...armed, paused: { kind: "trouble", failure: samples.failure("device-login") } } }],
  ["with 32 running", { rows: fake.rows(32, (id) => fake.running(id)), head: armed }],
  ["in every trouble at once", everything],
  ["signed out", { rows: fake.rows(2), head: { ...armed, paused: { kind: "sign-in", failure: samples.failure("session-expired") } } }],
  ["with details open", { rows: [fake.row(1), failed] }, ({ user }) => user.click(document.querySelector("#row-2 .row-name") as HTMLElement)],
  ["with a list being pasted", {}, ({ user }) => user.click(by("bench-paste"))],
  [
    "with lines that were refused",
    { imported: { added: 0, refused: [{ line: 1, text: "x", why: { kind: "full" } }] } },
    async ({ user }) => {
      await user.click(by("bench-load"));
      await waitFor(() => by("imported"));
    },
  ],
];

describe.each<Language>(["en", "ja"])("in %s", (language) => {
  test.each(states)("axe finds nothing on a bench %s", async (_, script, visit) => {
    const opened = await open({ start: { ...samples.signedIn, language }, bench: script });
    await opened.user.keyboard("{Control>}2{/Control}");
    await on("bench");
    await visit?.(opened);
    // Contrast needs a layout; it is looked at in a real browser.
    const { violations } = await axe.run(document, { rules: { "color-contrast": { enabled: false } } });
    expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
    const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    expect(document.querySelectorAll("h1")).toHaveLength(1);
    expect(text()).not.toMatch(/bench\.[a-z]|\{[a-z]+\}/);
  });
});

test("every text of the bench differs between the languages", () => {
  const texts = Object.entries(en) as [keyof typeof ja, string][];
  expect(texts.filter(([key, words]) => ja[key] === words)).toEqual([]);
});
