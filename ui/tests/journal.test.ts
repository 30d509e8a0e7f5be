import { tick } from "svelte";
import { waitFor } from "@testing-library/svelte";
import axe from "axe-core";
import { describe, expect, test } from "vitest";

import type { Language } from "../src/bindings/Language";
import { FakeHost, type Script } from "../src/host/fake/host";
import * as runs from "../src/host/fake/journal";
import { filterOf, everything } from "../src/places/journal/wanted";
import { i18n } from "../src/i18n/index.svelte";
import { Flow } from "../src/state/flow.svelte";
import { by, has, heading, input, on, open, samples, text, type Opened } from "./support/window";

async function openJournal(script: Partial<Script> = {}, language: Language = "en"): Promise<Opened> {
  const opened = await open({ start: { ...samples.signedIn, language }, ...script });
  await opened.user.click(by("nav-journal"));
  await on("journal");
  return opened;
}

/** The serial numbers or things in the table. */
function listed(): string[] {
  return [...document.querySelectorAll("#journal-table tbody th button")].map((one) => one.textContent.trim());
}

async function lists(...expected: string[]): Promise<void> {
  await waitFor(() => expect(listed()).toEqual(expected));
}

function select(id: string): HTMLSelectElement {
  return by<HTMLSelectElement>(id);
}

const inTable = ["SN-0043", "SN-0042", "SN-0041", "SN-0040", "Fleet_Index_SN-0041", runs.long.thingName];

describe("the list", () => {
  test("names what was in hand where the run came to nobody's identity", async () => {
    const unread = { ...runs.failed, job: "verify", code: "identity-invalid", step: "read", serialNumber: "", thingName: "", certificateId: null };
    await openJournal({ runs: [unread, { ...unread, entry: 1, run: "run-1", target: "" }] });
    await lists("/media/mori/SENSOR", "run-1");
  });

  test("shows the newest runs first, with outcome and code in words, and takes the focus to its heading", async () => {
    await openJournal();
    await lists(...inTable);
    expect(document.activeElement).toBe(heading());
    const rows = [...document.querySelectorAll<HTMLElement>("#journal-table tbody tr")];
    expect(rows.map((row) => row.dataset["outcome"])).toEqual(["running", "finished", "failed", "interrupted", "failed", "finished"]);
    expect(rows[2]?.textContent).toMatch(/Failed.*target-full.*Provision/s);
    expect(rows[4]?.textContent, "a job of a newer Fieldkey by its own word").toContain("teleport");
  });

  test("says that nothing was recorded yet, and that nothing matches", async () => {
    const { user } = await openJournal({ runs: [] });
    await waitFor(() => expect(by("journal-empty").textContent).toContain("Nothing was recorded"));
    await user.type(by("journal-text"), "x");
    await waitFor(() => expect(by("journal-empty").textContent).toContain("No run matches"));
    expect(by("journal-found").textContent, "read out, too").toContain("No run matches");
  });

  test("says that it is loading", async () => {
    await openJournal({ runs: null });
    expect(by("journal-found").textContent).toContain("Loading");
  });

  test("says why it cannot be read, and tries again", async () => {
    const { user, host } = await openJournal({ runs: samples.failure("usage") });
    await waitFor(() => expect(by("journal-trouble").dataset["code"]).toBe("usage"));
    host.script.runs = runs.some;
    await user.click(by("journal-again"));
    await lists(...inTable);
    expect(has("journal-trouble")).toBe(false);
  });

  test("loads more on request, and the focus goes to the first that came", async () => {
    const { user } = await openJournal({ runs: runs.many });
    await waitFor(() => expect(listed()).toHaveLength(50));
    expect(by("journal-found").textContent).toContain("50; there are more");
    await user.click(by("load-more"));
    await waitFor(() => expect(listed()).toHaveLength(100));
    await waitFor(() => expect(document.activeElement?.id).toBe(`run-${runs.many[50]?.entry}`));
    await user.click(by("load-more"));
    await waitFor(() => expect(listed()).toHaveLength(120));
    expect(has("load-more")).toBe(false);
    expect(new Set(listed()).size, "none twice").toBe(120);
  });

  test("follows what is recorded, and keeps what was loaded below", async () => {
    const { user, host } = await openJournal({ runs: runs.many });
    await waitFor(() => expect(listed()).toHaveLength(50));
    await user.click(by("load-more"));
    await waitFor(() => expect(listed()).toHaveLength(100));
    host.journal.record([{ ...runs.running, entry: 1002 }, ...runs.many]);
    await waitFor(() => expect(listed()).toHaveLength(101));
    expect(listed()[0]).toBe("SN-0043");
    host.journal.record([{ ...runs.finished, entry: 1002 }, ...runs.many]);
    await waitFor(() => expect(listed()[0]).toBe("SN-0042"));
    expect(listed()).toHaveLength(101);
    expect(by("load-more"), "and there are still more").toBeTruthy();
  });

  test("is as it was when the operator comes back", async () => {
    const { user } = await openJournal();
    await user.type(by("journal-text"), "sn-0042");
    await lists("SN-0042");
    await user.click(by("nav-provision"));
    await user.click(by("nav-journal"));
    expect(input("journal-text").value).toBe("sn-0042");
    await lists("SN-0042");
  });
});

describe("the search", () => {
  test("looks once for what was typed, after a pause, and keeps the focus", async () => {
    const { user, host } = await openJournal();
    await lists(...inTable);
    const before = host.calls("journalPage").length;
    await user.type(by("journal-text"), "mori 0041");
    await lists("SN-0041", "Fleet_Index_SN-0041");
    expect(document.activeElement).toBe(by("journal-text"));
    const asked = host.calls("journalPage").slice(before) as { filter: { text: string } }[];
    expect(asked.length, "not for each key").toBeLessThan(9);
    expect(asked.at(-1)?.filter.text).toBe("mori 0041");
  });

  test("looks at once on Enter", async () => {
    const { user, host } = await openJournal();
    await lists(...inTable);
    const before = host.calls("journalPage").length;
    await user.type(by("journal-text"), "SN-0042{Enter}");
    expect(host.calls("journalPage").length).toBeGreaterThan(before);
    await lists("SN-0042");
  });

  test("finds a certificate by how its ID begins", async () => {
    const { user } = await openJournal();
    await user.type(by("journal-text"), samples.deviceCertificateId.slice(0, 10));
    await lists("SN-0042", "SN-0041", "Fleet_Index_SN-0041", runs.long.thingName);
  });

  test("is not overtaken by the answer to an earlier question", async () => {
    const { user, host } = await openJournal();
    await lists(...inTable);
    let release = (): void => undefined;
    host.hold = new Promise((resolve) => (release = resolve));
    await user.type(by("journal-text"), "SN-0042{Enter}");
    host.hold = null;
    await user.clear(by("journal-text"));
    await user.type(by("journal-text"), "SN-0041{Enter}");
    await lists("SN-0041", "Fleet_Index_SN-0041");
    release();
    await tick();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(listed()).toEqual(["SN-0041", "Fleet_Index_SN-0041"]);
  });

  test("is narrowed by outcome, job, site and code, and cleared again", async () => {
    const { user } = await openJournal();
    await lists(...inTable);
    expect(has("clear-filters")).toBe(false);
    await user.selectOptions(select("journal-outcome"), "failed");
    await lists("SN-0041", "Fleet_Index_SN-0041");
    await user.click(document.querySelector(".more-filters summary") as HTMLElement);
    await user.selectOptions(select("journal-site"), "大阪工場");
    await lists("Fleet_Index_SN-0041");
    await user.selectOptions(select("journal-code"), "target-full");
    await lists();
    await user.click(by("clear-filters"));
    await lists(...inTable);
    expect(select("journal-outcome").value).toBe("");
    await user.selectOptions(select("journal-job"), "teleport");
    await lists("Fleet_Index_SN-0041");
  });

  test("takes days as this computer counts them, the last one included", () => {
    const filter = filterOf({ ...everything, since: "2026-03-04", until: "2026-03-31" });
    expect(filter.since).toBe(new Date(2026, 2, 4).toISOString());
    expect(filter.until).toBe(new Date(2026, 3, 1).toISOString());
    expect(filterOf({ ...everything, since: "soon" })).toEqual({ text: "" });
  });
});

describe("a run's particulars", () => {
  async function detail(run: { entry: number }): Promise<Opened> {
    const opened = await openJournal();
    await lists(...inTable);
    await opened.user.click(by(`run-${run.entry}`));
    return opened;
  }

  test("name all that was recorded, with the steps and their times", async () => {
    await detail(runs.finished);
    const shown = by("run-detail").textContent;
    for (const part of ["SN-0042", "Fleet_Index_SN-0042", "mori@example.com", "Tokyo plant", "/media/mori/SENSOR", "0781:5581:4C530001", samples.deviceCertificateId]) {
      expect(shown).toContain(part);
    }
    expect(shown).toMatch(/Fetch the claim\s*388/);
    expect(shown).toMatch(/Total time\s*8\.9/);
    expect(has("remedy"), "nothing is to be done about it").toBe(false);
  });

  test("take the focus, and give it back on Escape's close", async () => {
    await detail(runs.finished);
    expect(document.activeElement?.id).toBe("run-detail-heading");
    by<HTMLDialogElement>("run-detail").close();
    await waitFor(() => expect(has("run-detail")).toBe(false));
    expect(document.activeElement?.id).toBe(`run-${runs.finished.entry}`);
  });

  test("say what to do about a failure", async () => {
    await detail(runs.failed);
    expect(by("remedy").textContent).toContain("The text of target-full");
    expect(by("remedy").textContent).toContain("What to do about target-full.");
    expect(by("remedy").textContent).toContain("Failed at: Write");
  });

  test("say what to do where Fieldkey was killed in the middle, and of a newer one's code", async () => {
    const { user } = await detail(runs.killed);
    expect(by("remedy").textContent).toContain("Fieldkey ended in the middle of this run");
    expect(by("remedy").textContent).toContain("run the job again");
    await user.click(by("close-detail"));
    await user.click(by(`run-${runs.newer.entry}`));
    expect(by("remedy").textContent).toContain("Update Fieldkey");
    expect(by("remedy").textContent).toContain("engage");
  });

  test("of a run under way change when it ends", async () => {
    const { host } = await detail(runs.running);
    expect(by("remedy").textContent).toContain("still under way");
    host.journal.record([{ ...runs.finished, entry: runs.running.entry }, ...runs.some.slice(1)]);
    await waitFor(() => expect(has("remedy")).toBe(false));
  });

  test("copy the certificate's ID", async () => {
    const { user } = await detail(runs.finished);
    await user.click(by("copy-certificate"));
    await waitFor(() => expect(by("copy-certificate").textContent).toContain("Copied"));
    expect(await navigator.clipboard.readText()).toBe(samples.deviceCertificateId);
  });
});

describe("the state of the records", () => {
  test("is checked on entering, and said plainly", async () => {
    const { user, host } = await openJournal();
    await waitFor(() => expect(by("chain").dataset["state"]).toBe("whole"));
    expect(by("chain").textContent).toContain("none of 1,284 entries was changed or removed");
    await user.click(by("check-journal"));
    await waitFor(() => expect(host.calls("checkJournal")).toHaveLength(2));
  });

  test.each(["altered", "missing", "cut-short", "rewritten", "head-missing", "index"] as const)(
    "names a breach, since when, and what it means: %s",
    async (breach) => {
      await openJournal({ chain: { state: "broken", breach, entry: 1187, soundUntil: "2026-03-03T23:41:00.000Z" } });
      await waitFor(() => expect(by("chain").dataset["state"]).toBe("broken"));
      expect(by("chain").textContent).toContain("1,187");
      expect(by("chain").textContent).toMatch(/Everything up to .*2026.* is as it was written/);
      expect(by("chain").textContent).toContain("Keep a copy");
    },
  );

  test("may leave nothing to rely on", async () => {
    await openJournal({ chain: { state: "broken", breach: "altered", entry: 1, soundUntil: null } });
    await waitFor(() => expect(by("chain").textContent).toContain("Do not rely on any"));
  });

  test("says that it is under way, and why it could not be told", async () => {
    const { user, host } = await openJournal({ chain: null });
    expect(by("chain").textContent).toContain("Checking");
    await user.click(by("check-journal"));
    expect(host.calls("checkJournal"), "not twice at once").toHaveLength(0);
    expect(has("stop-check"), "a check that is over at once is not to be cancelled").toBe(false);
  });

  test("says how far a check is, beside what is announced, and can be cancelled", async () => {
    const { user, host } = await openJournal({ chain: null });
    host.journal.look({ entries: 812_000, of: 2_000_000 });
    await waitFor(() => expect(by<HTMLProgressElement>("chain-progress").value).toBe(812_000));
    const bar = by<HTMLProgressElement>("chain-progress");
    expect([bar.max, bar.getAttribute("aria-labelledby")]).toEqual([2_000_000, "chain-checking"]);
    expect(bar.parentElement?.textContent).toContain("812,000 of 2,000,000 entries");
    expect(by("chain").textContent, "numbers that run would be read out").not.toContain("812,000");
    await user.click(by("stop-check"));
    await waitFor(() => expect(by("chain").textContent).toContain("was cancelled"));
    expect(host.calls("stopJournalCheck")).toHaveLength(1);
    expect(has("chain-progress")).toBe(false);
    expect(document.activeElement, "the button that went does not take the focus with it").toBe(by("check-journal"));
  });

  test("once cancelled it is checked again only if that is asked for", async () => {
    const { user, host } = await openJournal({ chain: null });
    host.journal.look({ entries: 1, of: 2 });
    await waitFor(() => expect(has("stop-check")).toBe(true));
    await user.click(by("stop-check"));
    await waitFor(() => expect(by("chain").textContent).toContain("cancelled"));
    host.script.chain = runs.whole;
    await user.click(by("nav-devices"));
    await on("devices");
    await user.click(by("nav-journal"));
    await on("journal");
    expect(host.calls("checkJournal"), "whoever comes back did not change their mind").toHaveLength(0);
    await user.click(by("check-journal"));
    await waitFor(() => expect(by("chain").dataset["state"]).toBe("whole"));
    expect(by("chain").textContent).not.toContain("cancelled");
  });

  test("that could not be told says why", async () => {
    await openJournal({ chain: samples.failure("usage") });
    await waitFor(() => expect(by("chain-trouble").dataset["code"]).toBe("usage"));
  });
});

describe("the export", () => {
  test("holds what is searched for, and says where it lies", async () => {
    const { user, host } = await openJournal();
    await user.selectOptions(select("journal-outcome"), "failed");
    expect(text()).toContain("The runs that match");
    await user.click(by("export-csv"));
    await waitFor(() => expect(by("exported").textContent).toContain("/home/mori/journal.csv"));
    await user.click(by("export-json"));
    expect(host.calls("exportJournal")).toEqual([
      { filter: { text: "", outcome: "failed" }, format: "csv" },
      { filter: { text: "", outcome: "failed" }, format: "json-lines" },
    ]);
  });

  test("that was called off says nothing, and one that failed says why", async () => {
    const { user, host } = await openJournal({ exported: null });
    await user.click(by("export-csv"));
    expect(by("exported").textContent.trim()).toBe("");
    host.script.exported = samples.failure("target-full");
    await user.click(by("export-csv"));
    await waitFor(() => expect(by("export-trouble").dataset["code"]).toBe("target-full"));
  });
});

describe.each<Language>(["en", "ja"])("in %s", (language) => {
  const states: [string, Partial<Script>, (opened: Opened) => unknown][] = [
    ["a full list", { runs: runs.many }, () => waitFor(() => expect(listed()).toHaveLength(50))],
    ["nothing recorded", { runs: [] }, () => waitFor(() => expect(has("journal-empty")).toBe(true))],
    ["loading", { runs: null, chain: null }, () => undefined],
    ["an unreadable journal", { runs: samples.failure("usage"), chain: samples.failure("usage") }, () => waitFor(() => by("journal-trouble"))],
    ["a check that takes its time", { chain: null }, async ({ host }) => {
      host.journal.look({ entries: 1, of: 2 });
      await waitFor(() => expect(has("stop-check")).toBe(true));
    }],
    ["a broken chain", { chain: runs.broken }, () => waitFor(() => expect(by("chain").dataset["state"]).toBe("broken"))],
    ["a failed run's particulars", {}, async ({ user }) => {
      await lists(...inTable);
      await user.click(by(`run-${runs.failed.entry}`));
    }],
  ];

  test.each(states)("axe finds nothing on the journal with %s", async (_, script, reach) => {
    await reach(await openJournal(script, language));
    const { violations } = await axe.run(document, { rules: { "color-contrast": { enabled: false } } });
    expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
    const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    expect(i18n.language).toBe(language);
  });
});

test("dates and numbers follow the language", async () => {
  await openJournal({}, "ja");
  await waitFor(() => expect(by("chain").textContent).toContain("1,284 件"));
  await lists(...inTable);
  expect(by("journal-table").textContent).toContain("2026/03/04");
});

describe("another journal", () => {
  test("is not said to be what an earlier one was found to be, nor to be exported", async () => {
    const host = new FakeHost({ start: samples.signedIn, chain: runs.broken });
    const flow = new Flow(host);
    await flow.begin();
    const { journal } = flow;
    let release: () => void = () => undefined;
    host.hold = new Promise((resolve) => (release = resolve));
    const asked = [journal.check(), journal.export("csv")];
    journal.forget();
    expect([journal.checking, journal.exporting], "the next one may be asked at once").toEqual([false, null]);
    release();
    await Promise.all(asked);
    expect([journal.chain, journal.exported]).toEqual([null, null]);
    await journal.check();
    expect(journal.chain).toEqual(runs.broken);
  });

  test.each<[string, (flow: Flow) => unknown]>([
    ["another site is opened", (flow) => flow.openPractise()],
    ["somebody signs out", (flow) => flow.signOut()],
    ["another operator is there", (flow) => flow.journal.disown()],
  ])("ends the check of this one: %s", async (_, leave) => {
    const host = new FakeHost({ start: samples.signedIn, chain: null });
    const flow = new Flow(host);
    await flow.begin();
    const checked = flow.journal.check();
    await leave(flow);
    expect(host.calls("stopJournalCheck"), "nobody waits for it any more").toHaveLength(1);
    await checked;
    expect([flow.journal.checking, flow.journal.stopped], "and nobody cancelled one of the next journal").toEqual([false, false]);
    flow.journal.forget();
    expect(host.calls("stopJournalCheck"), "where none is under way there is none to end").toHaveLength(1);
  });

  test("does not show why an earlier one could not be read", async () => {
    const host = new FakeHost({ start: samples.signedIn, chain: samples.failure("usage"), exported: samples.failure("usage") });
    const flow = new Flow(host);
    await flow.begin();
    const asked = [flow.journal.check(), flow.journal.export("csv")];
    flow.journal.forget();
    await Promise.all(asked);
    expect([flow.journal.chainTrouble, flow.journal.exportTrouble]).toEqual([null, null]);
  });
});
