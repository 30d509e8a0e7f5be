import { tick } from "svelte";
import { describe, expect, test } from "vitest";

import { en } from "../src/i18n/en";
import { ja } from "../src/i18n/ja";
import { by, on, open, openProvision, openSignIn, samples, signIn, startRun, heading } from "./support/window";

describe("the catalogues", () => {
  test.each(Object.keys(en) as (keyof typeof en)[])("have the same placeholders in both languages: %s", (key) => {
    const names = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
    expect(names(ja[key])).toEqual(names(en[key]));
  });

  test("leave no text untranslated", () => {
    const same = (Object.keys(en) as (keyof typeof en)[]).filter((key) => en[key] === ja[key]);
    expect(same).toEqual([]);
  });
});

describe("the language", () => {
  test("is the one that the program starts with", async () => {
    await open({ start: { ...samples.fresh, language: "ja" } });
    expect(document.documentElement.lang).toBe("ja");
    expect(heading().textContent).toBe("サイトを開く");
  });

  test("is switched at once, everywhere, keeps what was typed, and is remembered", async () => {
    const { user, host } = await openProvision();
    await user.type(by("serial-number"), "SN-0042");
    await user.click(by("language"));
    expect(document.documentElement.lang).toBe("ja");
    expect(by("provision").textContent.trim()).toBe("デバイスをプロビジョニング");
    expect(by<HTMLInputElement>("serial-number").value).toBe("SN-0042");
    expect(host.calls("setLanguage")).toEqual(["ja"]);
    await user.click(by("language"));
    expect(by("provision").textContent.trim()).toBe("Provision device");
    expect(host.calls("setLanguage")).toEqual(["ja", "en"]);
  });

  test("of a failure follows the switch", async () => {
    const opened = await openSignIn({ signIns: [samples.failure("wrong-password")] });
    await signIn(opened);
    await opened.user.click(by("language"));
    expect(by("trouble").textContent).toContain("wrong-password の説明");
  });

  test("can be switched while a device is written to", async () => {
    const opened = await openProvision();
    await startRun(opened);
    opened.host.emit(...samples.events().slice(0, 11));
    await tick();
    await opened.user.click(by("language"));
    expect(by("step-write").textContent).toContain("書き込み");
    opened.host.emit(...samples.events().slice(11));
    await on("done");
    expect(heading().textContent).toBe("デバイスが登録されました");
    expect(by("unplug").textContent).toContain("安全に取り外せます");
  });

  test("that cannot be remembered is switched all the same", async () => {
    const { user, host } = await open();
    host.setLanguage = () => Promise.reject(new Error("read-only"));
    await user.click(by("language"));
    expect(heading().textContent).toBe("サイトを開く");
  });
});
