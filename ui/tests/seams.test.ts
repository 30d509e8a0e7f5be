import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

import { describe, expect, test } from "vitest";

import { FakeHost } from "../src/host/fake/host";
import { failure, signedOut } from "../src/host/fake/samples";
import { Flow } from "../src/state/flow.svelte";

const root = join(import.meta.dirname, "..", "src");
const files = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((name) => /\.(svelte|ts|css)$/.test(name) && !name.startsWith("bindings"))
  .map((name) => ({ name: relative(".", name).replaceAll("\\", "/"), text: readFileSync(join(root, name), "utf8") }));

describe("the sources", () => {
  test("name Tauri in one folder only", () => {
    const with_ = files.filter(({ text }) => text.includes("@tauri-apps/")).map(({ name }) => name);
    expect(with_).toEqual(["host/tauri.ts"]);
  });

  test("hold no inline style, no raw HTML and no inline script, which the content security policy forbids", () => {
    const bad = /\sstyle[=:]|\{@html|<style|innerHTML|javascript:/;
    const markup = files.filter(({ name }) => name.endsWith(".svelte"));
    expect(markup.filter(({ text }) => bad.test(text)).map(({ name }) => name)).toEqual([]);
  });

  test("write nothing to the console and keep nothing in the browser's storage", () => {
    const bad = /console\.|localStorage|sessionStorage|document\.cookie/;
    expect(files.filter(({ text }) => bad.test(text)).map(({ name }) => name)).toEqual([]);
  });
});

test("the flow holds no password and no code after a call with them", async () => {
  const flow = new Flow(new FakeHost({ start: signedOut, signIns: [failure("wrong-password")] }));
  await flow.begin();
  await flow.signIn({ user: "mori@example.com", password: "Correct-Horse-7", staySignedIn: true });
  await flow.answer({ kind: "code", code: "314159" });
  await flow.resetPassword({ code: "271828", newPassword: "Correct-Horse-8" });
  const { user, screen, trouble, site, operator, provision } = flow;
  const held = JSON.stringify({ user, screen, trouble, site, operator, serialNumber: provision.serialNumber });
  expect(held).toContain("mori@example.com");
  expect(held).not.toMatch(/Correct-Horse|314159|271828/);
});
