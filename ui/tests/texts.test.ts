import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { en } from "../src/i18n/en";

const root = join(import.meta.dirname, "..", "src");
const sources = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((name) => /\.(svelte|ts)$/.test(name) && !/^(bindings|i18n|host)\b/.test(name))
  .map((name) => readFileSync(join(root, name), "utf8"))
  .join("\n");

/** `step.${step}` and find("step", …) name every key of their form. */
const named = [...sources.matchAll(/"([\w.-]+)"/g)].map(([, key]) => key ?? "");
const formed = [...sources.matchAll(/`([\w-]+\.[^`\s]*\$\{[^`]*)`/g)].map(([, form]) => form ?? "");
const found = [...sources.matchAll(/find\("([\w.-]+)"/g)].map(([, prefix]) => `${prefix ?? ""}.\${}`);

function pattern(form: string): RegExp {
  const parts = form.split(/\$\{.*?\}/).map((part) => part.replaceAll(/[.\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("[\\w-]+")}$`);
}

test("no text is left that nobody shows", () => {
  const exact = new Set(named);
  const patterns = [...formed, ...found].filter((form) => /^[\w-]+\./.test(form)).map(pattern);
  const unused = Object.keys(en).filter((key) => !exact.has(key) && !patterns.some((one) => one.test(key)));
  expect(unused).toEqual([]);
});
