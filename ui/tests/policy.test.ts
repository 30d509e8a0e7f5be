import { waitFor } from "@testing-library/svelte";
import { describe, expect, test } from "vitest";

import * as desk from "../src/host/fake/devices-samples";
import * as journal from "../src/host/fake/journal";
import { by, has, input, on, open, openProvision, openSignIn, samples, shellSamples, text, toSites } from "./support/window";

const { organisationEntries } = shellSamples;
const { policy } = samples;
const ruled = { ...samples.fresh, policy };
const inside = { ...samples.signedIn, operator: desk.clerk, policy };

describe("the organisation's sites", () => {
  test("come with their mark and without a way to remove them", async () => {
    await open({ sites: organisationEntries });
    await waitFor(() => expect(by("sites").children).toHaveLength(3));
    expect(by("entry-1").textContent).toContain("From your organisation");
    expect(has("open-1"), "it can be opened").toBe(true);
    expect(has("remove-1"), "it stays").toBe(false);
    expect(by("entry-2").textContent).not.toContain("From your organisation");
    expect(has("remove-2"), "one's own goes, even if it cannot be opened").toBe(true);
  });

  test("that are broken show every mistake by its line", async () => {
    const { user } = await open({ sites: organisationEntries });
    await waitFor(() => by("sites"));
    const entry = by("entry-0").textContent.replace(/\s+/g, " ");
    for (const part of ["osaka.json", "Line 3", "did you mean `region`?", "Line 14"]) expect(entry).toContain(part);
    expect(has("open-0")).toBe(false);
    await user.click(by("language"));
    expect(by("entry-0").textContent).toContain("3 行目");
    expect(by("entry-1").textContent).toContain("組織が用意したサイト");
  });

  test("are looked for anew whenever somebody comes to the list", async () => {
    const { host, user } = await openProvision({ sites: [] });
    host.script.sites = organisationEntries;
    await toSites(user);
    await waitFor(() => expect(by("sites").children).toHaveLength(3));
  });

  test("are switched to, but none that cannot be opened", async () => {
    const { user } = await openProvision({ sites: [...organisationEntries, { ...shellSamples.entries[1]! }] });
    await user.click(by("site"));
    const offered = [...document.querySelectorAll("#site-list .strong")].map((one) => one.textContent);
    expect(offered).toEqual(["Tokyo plant", "Osaka depot", "All sites…"]);
  });
});

describe("what the organisation has switched off", () => {
  test("is explained on the first screen, and not to be clicked", async () => {
    const { user } = await open({ start: ruled, sites: organisationEntries });
    await waitFor(() => by("sites"));
    expect(text()).toContain("Your organisation has put its sites on this computer");
    expect(by("choose-off").textContent).toContain("only its own sites");
    expect(has("choose-site")).toBe(false);
    for (const id of ["practise", "open-claim-file"]) {
      expect(by<HTMLButtonElement>(id).disabled, id).toBe(true);
      const hint = by(by(id).getAttribute("aria-describedby") ?? "");
      expect(hint.textContent, id).toContain("switched this off");
    }
    expect(has("policy-note"), "nothing is wrong").toBe(false);
    await user.click(by("language"));
    expect(text()).toContain("組織のサイトがこのパソコンに用意されています");
    expect(by("practise-hint").textContent).toContain("組織のポリシーにより使用できません");
  });

  test("opens the organisation's sites all the same", async () => {
    const { user, host } = await open({ start: ruled, sites: organisationEntries });
    await waitFor(() => by("open-1"));
    await user.click(by("open-1"));
    await on("sign-in");
    expect(host.calls("openSite")).toEqual(["/etc/fieldkey/sites/tokyo.json"]);
  });

  test("says whom to ask where there is no site yet", async () => {
    const { user } = await open({ start: ruled, sites: [] });
    await waitFor(() => expect(text()).toContain("No site is on this computer yet"));
    await user.click(by("language"));
    expect(text()).toContain("このパソコンにはまだサイトがありません");
  });

  test("is said at the sign-in, in both languages", async () => {
    const { user } = await openSignIn({ start: { ...samples.signedOut, policy } });
    expect(input("stay-signed-in").disabled).toBe(true);
    expect(by("stay-signed-in-hint").textContent).toContain("Your organisation does not let you stay signed in");
    expect(by("claim-off").textContent).toContain("switched claim files off");
    await user.click(by("language"));
    expect(by("stay-signed-in-hint").textContent).toContain("組織のポリシー");
    expect(by("claim-off").textContent).toContain("クレームファイルを使用できません");
  });

  test("takes the bench's place, which is not set to work", async () => {
    const { user, host } = await openProvision({ start: inside });
    await user.click(by("nav-bench"));
    await on("bench");
    expect(by("bench-off").textContent).toContain("One device at a time");
    expect(has("bench-load")).toBe(false);
    expect(host.calls("watchBench")).toEqual([]);
    await user.click(by("language"));
    expect(by("bench-off").textContent).toContain("ベンチを使用できません");
  });

  test("leaves the journal to be read, and not to be exported", async () => {
    const { user, host } = await openProvision({ start: inside, runs: journal.some });
    await user.click(by("nav-journal"));
    await waitFor(() => by("export-csv"));
    expect(by<HTMLButtonElement>("export-csv").disabled && by<HTMLButtonElement>("export-json").disabled).toBe(true);
    expect(by("export-off").textContent).toContain("switched this off");
    await user.click(by("export-csv"));
    expect(host.calls("exportJournal")).toEqual([]);
  });

  test("is told apart from what one's group may not do, at the help desk", async () => {
    const { user } = await openProvision({ start: inside });
    await user.click(by("nav-devices"));
    await waitFor(() => by("to-export"));
    for (const id of ["to-export", "to-open"]) {
      expect(by<HTMLButtonElement>(id).disabled, id).toBe(true);
      expect(by(`${id}-about`).textContent, id).toContain("Your organisation has switched this off");
    }
    expect(by<HTMLButtonElement>("to-verify").disabled).toBe(false);
  });

  test("is listed under Settings, with the file that says so", async () => {
    const { user } = await openProvision({ start: { ...samples.signedIn, policy: { ...policy, off: ["bench", "practise"] } } });
    await user.click(by("settings"));
    const listed = [...by("policy").querySelectorAll("li")].map((one) => one.textContent.trim());
    expect(listed).toEqual(["The bench", "Practise"]);
    expect(by("policy").textContent).toContain("/etc/fieldkey/policy.json");
  });

  test("names the policy where the menu or a dropped file asks for it anyway", async () => {
    const refused = { ...samples.failure("not-allowed-by-policy", "site"), path: "/home/mori/own.json", problems: [] };
    const { host } = await openProvision({ start: inside, opened: refused, sites: organisationEntries });
    host.handOver("/home/mori/own.json");
    await on("sites");
    expect(by("trouble").dataset["code"]).toBe("not-allowed-by-policy");
  });

  test("is nothing without a policy", async () => {
    const { user } = await openProvision({ start: { ...samples.signedIn, operator: desk.clerk } });
    for (const place of ["bench", "journal", "devices"]) {
      await user.click(by(`nav-${place}`));
      expect(document.querySelectorAll(".switched-off"), place).toHaveLength(0);
    }
    await toSites(user);
    expect(has("choose-off") || has("practise-off")).toBe(false);
    await user.click(by("settings"));
    expect(has("policy")).toBe(false);
  });
});

describe("a policy that cannot be used", () => {
  test("is said on every screen with its code and what to do, and all is off", async () => {
    const broken = { ...policy, failure: samples.failure("policy-invalid", null, "The policy cannot be used (line 3)") };
    const { user } = await openProvision({ start: { ...samples.signedIn, policy: broken }, sites: organisationEntries });
    for (const place of ["provision", "bench", "journal"]) {
      await user.click(by(`nav-${place}`));
      expect(by("policy-note").dataset["code"], place).toBe("policy-invalid");
      for (const part of ["line 3", "What to do about policy-invalid", "Code: policy-invalid"]) expect(by("policy-note").textContent).toContain(part);
    }
    expect(has("provision") || has("nav-provision"), "provisioning goes on").toBe(true);
    await toSites(user);
    expect(has("choose-off") && has("practise-off")).toBe(true);
  });
});
