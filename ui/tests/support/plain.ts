import axe from "axe-core";
import { expect } from "vitest";

import type { Language } from "../../src/bindings/Language";
import { en } from "../../src/i18n/en";

const keys = new Set(Object.keys(en));
const texts = Object.values(en).filter((text) => /[A-Za-z]{4}/.test(text));
const exact = new Set<string>(texts.filter((text) => !text.includes("{")));
const filled = texts
  .filter((text) => text.includes("{") && /[A-Za-z]{4}/.test(text.replaceAll(/\{\w+\}/g, "")))
  .map((text) => new RegExp(`^${text.split(/\{\w+\}/).map(escape).join(".+")}$`));

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** The page, but for names from outside, speaks one language, names no key of a catalogue, and leaves nothing unfilled. */
export function expectPlain(language: Language, names: readonly string[] = []): void {
  expect(document.documentElement.lang).toBe(language);
  for (const words of spoken(language).filter((one) => !names.includes(one))) {
    expect(words).not.toMatch(/\bundefined\b|\bNaN\b|\[object|\{[a-z]+\}/i);
    expect(keys.has(words), `the key "${words}" stands where its text should`).toBe(false);
    if (language === "en") expect(words, "Japanese on an English page").not.toMatch(/[ぁ-ヿ]/);
    else expect(exact.has(words) || filled.some((one) => one.test(words)), `"${words}" is not translated`).toBe(false);
  }
}

export async function expectAccessible(): Promise<void> {
  // Contrast needs a layout; it is looked at in a real browser.
  const { violations } = await axe.run(document, { rules: { "color-contrast": { enabled: false } } });
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
}

/** What is read and read out, but for what is marked as another language, and reports, which are English. */
function spoken(language: Language): string[] {
  const found = new Set<string>();
  const all = document.body.querySelectorAll(`*:not(script, style, textarea, [lang]:not([lang="${language}"]) *, [lang]:not([lang="${language}"]))`);
  for (const one of all) {
    for (const name of ["aria-label", "title", "placeholder"]) found.add(one.getAttribute(name) ?? "");
    for (const node of one.childNodes) if (node.nodeType === Node.TEXT_NODE) found.add(node.textContent ?? "");
  }
  return [...found].map((words) => words.replace(/\s+/g, " ").trim()).filter((words) => words !== "");
}
