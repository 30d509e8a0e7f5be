import { beforeAll, describe, expect, test } from "vitest";

import { breakBrowserHabits } from "../src/shell/browser-habits";

beforeAll(() => breakBrowserHabits(window));

function prevented(on: string, event: Event): boolean {
  const made = document.createElement("div");
  made.innerHTML = on;
  document.body.append(made);
  return !(made.firstElementChild ?? made).dispatchEvent(event);
}

const key = (init: KeyboardEventInit): KeyboardEvent => new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...init });
const menu = (): MouseEvent => new MouseEvent("contextmenu", { bubbles: true, cancelable: true });

describe("the page is not reloaded", () => {
  test.each<[string, KeyboardEventInit]>([
    ["F5", { key: "F5" }],
    ["Ctrl+F5", { key: "F5", ctrlKey: true }],
    ["Ctrl+R", { key: "r", ctrlKey: true }],
    ["Ctrl+Shift+R", { key: "R", ctrlKey: true, shiftKey: true }],
    ["Command+R", { key: "r", metaKey: true }],
    ["the keyboard's own key", { key: "BrowserRefresh" }],
  ])("by %s, not even from a field", (_name, init) => {
    expect(prevented("<input>", key(init))).toBe(true);
  });

  test.each<[string, KeyboardEventInit]>([
    ["a letter", { key: "r" }],
    ["copying", { key: "c", ctrlKey: true }],
    ["the way to a place", { key: "1", ctrlKey: true }],
  ])("but %s works", (_name, init) => {
    expect(prevented("<input>", key(init))).toBe(false);
  });
});

describe("the web view's menu", () => {
  test.each(["<p>", "<button>", '<input type="radio">', "<h1>"])("does not open on %s", (on) => {
    expect(prevented(on, menu())).toBe(true);
  });

  test.each(["<input>", '<input type="password">', "<textarea>"])("opens on %s, to paste", (on) => {
    expect(prevented(on, menu())).toBe(false);
  });
});
