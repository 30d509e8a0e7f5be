import { tick } from "svelte";
import { expect, vi } from "vitest";

import type { Code } from "../../src/bindings/Code";
import type { FailureView } from "../../src/bindings/FailureView";
import type { Language } from "../../src/bindings/Language";
import type { Step } from "../../src/bindings/Step";
import type { FakeHost } from "../../src/host/fake/host";
import { failure } from "../../src/host/fake/samples";
import { en } from "../../src/i18n/en";
import { i18n } from "../../src/i18n/index.svelte";
import { ja } from "../../src/i18n/ja";
import { remedies } from "../../src/state/remedies";
import { by } from "./window";

export const codes = Object.keys(remedies).filter((code) => code !== "unexpected") as Code[];

const steps = Object.keys(en).flatMap((key) => (key.startsWith("step.") ? [key.slice("step.".length) as Step] : []));

/** Every code once; of four failures, one names no step. */
export const failures: FailureView[] = codes.map((code, index) =>
  failure(code, index % 4 === 3 ? null : (steps[index % steps.length] ?? null)),
);

/** Everything that the tests type into a field that must not be told on. */
export const SECRET = "Correct-Horse-Battery-7";

/** From now on, a call of the host is refused so. */
export function refuse(host: FakeHost, call: keyof FakeHost, refusal: FailureView): void {
  Object.assign(host, { [call]: () => Promise.reject(refusal) });
}

/** Whatever shows follows the language by itself. */
export async function speak(language: Language): Promise<void> {
  i18n.language = language;
  document.documentElement.lang = language;
  await tick();
}

/** Types faster than anybody could. */
export function fill(id: string, value: string): void {
  const field = by<HTMLInputElement>(id);
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/** The note of a failure, once it shows. */
export async function told(id: string, { code }: FailureView): Promise<HTMLElement> {
  for (let turn = 0; turn < 200; turn++) {
    const note = document.getElementById(id);
    if (note?.dataset["code"] === code) return note;
    await tick();
    await new Promise((resolve) => setTimeout(resolve));
  }
  throw new Error(`#${id} does not tell ${code}:\n${document.body.textContent}`);
}

interface Telling {
  note: HTMLElement;
  failed: FailureView;
  language: Language;
  /** Where the step is named, if not in the note. */
  stepIn?: () => HTMLElement;
}

/** What failed and where, why, and what to do next: in this language and in no other. */
export function expectTold({ note, failed, language, stepIn = () => note }: Telling): void {
  const { code, step } = failed;
  const [words, other] = language === "en" ? [failed.en, failed.ja] : [failed.ja, failed.en];
  const catalogue: Record<string, string> = language === "en" ? en : ja;
  const shown = note.textContent;
  const alert = note.getAttribute("role") === "alert" ? note : note.querySelector("[role=alert]");
  expect(alert?.textContent, `${code}: what failed is said by itself`).toContain(words.message);
  expect(alert?.textContent, `${code}: so is what to do`).toContain(words.help);
  expect(shown, `${code}: in the other language`).not.toContain(other.message);
  expect(shown, `${code}: its word for the help desk`).toContain((catalogue["failed.code"] ?? "").replace("{code}", code));
  if (step !== null) expect(stepIn().textContent, `${code}: the step`).toContain(catalogue[`step.${step}`]);
  expect(shown, code).not.toMatch(/undefined|NaN|\[object|\{\w+\}/);
}

/** The report that a button copies names the failure, and nothing that was typed in secret. */
export async function expectReport(button: string, failed: FailureView): Promise<string> {
  const write = vi.spyOn(navigator.clipboard, "writeText").mockResolvedValue();
  by(button).click();
  await tick();
  const text = write.mock.calls.at(-1)?.[0] ?? "";
  write.mockRestore();
  for (const part of [`code: ${failed.code}`, failed.en.message, failed.en.help]) expect(text, failed.code).toContain(part);
  if (failed.step !== null) expect(text, failed.code).toContain(`failed at: ${failed.step}`);
  expect(text, failed.code).not.toMatch(/undefined|\[object|BEGIN|PRIVATE/);
  expect(text, `${failed.code}: no secret`).not.toContain(SECRET);
  return text;
}
