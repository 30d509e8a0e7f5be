import { waitFor } from "@testing-library/svelte";
import { expect } from "vitest";

import type { FailureView } from "../../src/bindings/FailureView";
import type { Language } from "../../src/bindings/Language";
import type { FakeHost } from "../../src/host/fake/host";
import { expectReport, expectTold, failures, refuse, SECRET, speak, told } from "./codes";
import { expectAccessible, expectPlain } from "./plain";
import { by } from "./window";

/** Where one thing can be refused again and again. */
export interface Teller<Opened extends { host: FakeHost }> {
  open: () => Promise<Opened>;
  /** Has it refused there. */
  fail: (opened: Opened, failed: FailureView) => unknown;
  /** The ID of the note that tells of it. */
  note?: string;
  /** The button that does the same again. */
  again: string;
  /** What shows it in another way, for which other tests are. */
  except?: FailureView["code"][];
}

/** One after the other, each a refusal of the same call. */
export function press(call: keyof FakeHost, again: string, before: () => void = () => undefined): Teller<{ host: FakeHost }>["fail"] {
  return ({ host }, failed) => {
    refuse(host, call, failed);
    before();
    by(again).click();
  };
}

/** Each code is told whole, in both languages, can be tried again and reported. `names`: foreign words that may stand there. */
export async function expectEachTold<Opened extends { host: FakeHost }>(opened: Opened, teller: Teller<Opened>, names: string[]): Promise<void> {
  const { fail, note = "trouble", again, except = [] } = teller;
  let language: Language = "en";
  await speak(language);
  for (const failed of failures.filter(({ code }) => !except.includes(code))) {
    await fail(opened, failed);
    expectTold({ note: await told(note, failed), failed, language });
    language = language === "en" ? "ja" : "en";
    await speak(language);
    expectTold({ note: by(note), failed, language });
    await waitFor(() => expect(by(again).getAttribute("aria-disabled"), `${failed.code}: the same can be tried again`).not.toBe("true"));
    await expectReport(`copy-${note}`, failed);
  }
  expect(document.body.innerHTML, "nothing secret is left in the page").not.toContain(SECRET);
  for (const other of ["en", "ja"] as const) {
    await speak(other);
    expectPlain(other, names);
  }
  await expectAccessible();
}
