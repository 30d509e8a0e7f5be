import { waitFor } from "@testing-library/svelte";
import { tick } from "svelte";
import { afterEach, describe, expect, test, vi } from "vitest";

import type { BenchRow } from "../src/host";
import * as fake from "../src/host/fake/bench";
import { FakeHost } from "../src/host/fake/host";
import { moreOf } from "../src/places/bench/words";
import { Flow } from "../src/state/flow.svelte";
import { by, has, heading, input, on, open, samples, text, type Opened } from "./support/window";

async function openBench(script: Partial<fake.BenchScript> = {}): Promise<Opened> {
  const opened = await open({ start: samples.signedIn, bench: script });
  await opened.user.keyboard("{Control>}2{/Control}");
  await on("bench");
  await waitFor(() => by("arm-bar"));
  return opened;
}

const armed = (more: Partial<typeof fake.head> = {}) => ({ ...fake.head, armed: true, ...more });

function cells(id: number): string {
  return by(`row-${id}`).textContent.replace(/\s+/g, " ").trim();
}

function shownRows(): string[] {
  return [...document.querySelectorAll(".bench-table tbody tr")].map(({ id }) => id);
}

describe("the bench's state", () => {
  test("says in words that nothing starts by itself, and what arming will do in each mode", async () => {
    const { host } = await openBench({ rows: fake.rows(3) });
    expect(by("arm-state").textContent).toBe("Not armed");
    expect(by("arm-lead").textContent).toContain("each scanned serial number waits for the next device");
    host.bench.change({ settings: { ...fake.settings, mode: "in-order" } });
    await tick();
    expect(by("arm-lead").textContent).toContain("You see which one for 4 seconds before it starts");
  });

  test("is armed and disarmed by one button, and says so to everybody", async () => {
    const { host, user } = await openBench({ rows: fake.rows(3) });
    await user.click(by("arm"));
    expect(by("arm-state").textContent).toBe("Armed");
    expect(by("arm-state").getAttribute("role")).toBe("status");
    expect(has("set-up")).toBe(false);
    await user.click(by("arm"));
    expect(by("arm-state").textContent).toBe("Not armed");
    expect(host.calls("armBench")).toEqual([true, false]);
  });

  test("names the device that it waits for, and marks its row in words", async () => {
    await openBench({ rows: fake.rows(3), head: armed({ expecting: 2 }) });
    expect(by("arm-lead").textContent).toBe("Now plug in SN-0002");
    expect(cells(2)).toContain("Plug it in now");
    expect(cells(1)).not.toContain("Plug it in now");
  });

  test("in order names whose turn it is", async () => {
    const head = armed({ settings: { ...fake.settings, mode: "in-order" } });
    const { host } = await openBench({ rows: [fake.row(1, fake.done), fake.row(2)], head });
    expect(by("arm-lead").textContent).toContain("Next: SN-0002");
    host.bench.change({}, [fake.row(2, fake.done)]);
    await tick();
    expect(by("arm-lead").textContent).toContain("Every serial number");
  });

  test("stops all runs only after a question that says how many", async () => {
    const { host, user } = await openBench({ rows: fake.rows(3, (id) => fake.running(id)), head: armed() });
    await user.click(by("stop-all"));
    expect(by("confirm-stop-all").textContent).toContain("3 runs under way");
    expect(document.activeElement).toBe(by("keep-going"));
    await user.click(by("stop-them"));
    expect(host.calls("stopBench")).toEqual([null]);
  });
});

describe("the set-up", () => {
  test("is open on an empty bench and asks which device is which", async () => {
    const { host, user } = await openBench();
    expect(by<HTMLDetailsElement>("set-up").open).toBe(true);
    await user.click(document.querySelector('input[value="by-device-serial"]') as HTMLInputElement);
    expect(host.calls("setUpBench")).toEqual([{ ...fake.settings, mode: "by-device-serial" }]);
  });

  test("keeps the number side by side within what is possible", async () => {
    const { host, user } = await openBench();
    await user.clear(by("bench-at-once"));
    await user.type(by("bench-at-once"), "99{Tab}");
    expect(host.calls("setUpBench").at(-1)).toMatchObject({ atOnce: 32 });
  });
});

describe("consoles on the bench", () => {
  const secret = "correct horse battery";
  const settings = { ...fake.settings, kind: "serial" as const, driver: "console" };

  test("have one user and one password for the batch, which the page hands over and forgets", async () => {
    const { host, user } = await openBench({ head: { ...fake.head, settings } });
    await user.type(by("bench-user"), "root{Tab}");
    expect(host.calls("setUpBench").at(-1)).toMatchObject({ driver: "console", driverSettings: { user: "root" } });
    await user.click(by("bench-password"));
    await user.keyboard(secret);
    expect(host.calls("setBenchPassword"), "not before it is typed").toEqual([]);
    await user.click(by("arm"));
    await waitFor(() => expect(host.calls("armBench")).toEqual([true]));
    expect(host.asked.map(({ call }) => call).filter((call) => call.endsWith("Password") || call === "armBench"), "in this order").toEqual(["setBenchPassword", "armBench"]);
    expect(host.calls("setBenchPassword")).toEqual([secret]);
    await user.click(by("arm"));
    await waitFor(() => expect(by("bench-password-kept").textContent).toContain("Entered, for this batch only"));
    expect(has("bench-password")).toBe(false);
    expect(document.body.innerHTML).not.toContain(secret);
    expect(JSON.stringify(host.calls("setUpBench"))).not.toContain(secret);
  });

  test("get another password where the first was wrong", async () => {
    const { host, user } = await openBench({ head: { ...fake.head, settings, hasPassword: true } });
    await user.click(by("bench-password-other"));
    await waitFor(() => expect(document.activeElement).toBe(by("bench-password")));
    expect(host.calls("setBenchPassword")).toEqual([null]);
  });

  /** As in a window: the program tells of a change a moment after it was asked for it. */
  function tellsLate(host: FakeHost): void {
    const { bench } = host;
    const tell = bench.change.bind(bench);
    bench.change = (...change) => void setTimeout(() => tell(...change), 30);
  }

  test("do not lose the focus when the program tells that it has the password, or has none", async () => {
    const { host, user } = await openBench({ head: { ...fake.head, settings: { ...settings, driverSettings: { user: "root" } } } });
    tellsLate(host);
    await user.type(by("bench-password"), `${secret}{Enter}`);
    await waitFor(() => expect(document.activeElement).toBe(by("bench-password-other")));
    await user.keyboard("{Enter}");
    await waitFor(() => expect(document.activeElement).toBe(by("bench-password")));
    expect(host.calls("setBenchPassword")).toEqual([secret, null]);
    await user.keyboard(secret);
    await user.click(by("bench-at-once"));
    await waitFor(() => expect(has("bench-password-kept")).toBe(true));
    expect(document.activeElement, "nobody is taken away from where they went").toBe(by("bench-at-once"));
  });

  test("show the password to whoever wants to look at it before it is handed over", async () => {
    const { host, user } = await openBench({ head: { ...fake.head, settings } });
    await user.type(by("bench-password"), secret);
    await user.click(by("show-bench-password"));
    expect([input("bench-password").type, input("bench-password").value]).toEqual(["text", secret]);
    await user.tab();
    await user.keyboard(" ");
    expect(input("bench-password").type, "by the keyboard, too").toBe("password");
    expect(host.calls("setBenchPassword")).toEqual([]);
    await user.tab();
    expect(host.calls("setBenchPassword")).toEqual([secret]);
  });

  test("keep what was typed a moment ago when something else is changed", async () => {
    const { host, user } = await openBench({ head: { ...fake.head, settings } });
    tellsLate(host);
    await user.type(by("bench-user"), "root");
    await user.click(by("bench-wait"));
    expect(host.calls("setUpBench").at(-1)).toMatchObject({ wait: false, driverSettings: { user: "root" } });
  });

  test("are as they were if the program does not take a change", async () => {
    const { user } = await openBench({ head: { ...fake.head, settings }, refuse: samples.failure("usage", "target") });
    await user.selectOptions(by("bench-driver"), "zephyr");
    await waitFor(() => expect(by<HTMLSelectElement>("bench-driver").value).toBe("console"));
  });

  test("that were found out to be some are told as such who logs in", async () => {
    const paused = { kind: "trouble" as const, failure: samples.failure("device-login", "target") };
    const { host, user } = await openBench({ rows: fake.rows(3), head: armed({ settings: { ...settings, driver: null }, paused }) });
    await user.click(by("bench-log-in"));
    await waitFor(() => expect(document.activeElement).toBe(by("bench-user")));
    expect(host.calls("setUpBench")).toMatchObject([{ driver: "console" }]);
    await user.type(by("bench-user"), "root");
    await user.click(by("bench-at-once"));
    expect(document.activeElement, "once they are there, they go where they want").toBe(by("bench-at-once"));
  });

  test("whose password was wrong have another one entered", async () => {
    const paused = { kind: "trouble" as const, failure: samples.failure("device-login", "target") };
    const head = armed({ settings: { ...settings, driverSettings: { user: "root" } }, hasPassword: true, paused });
    const { user } = await openBench({ rows: fake.rows(3), head });
    await user.click(by("bench-log-in"));
    await waitFor(() => expect(document.activeElement).toBe(by("bench-password-other")));
  });

  test("take further settings, and no other driver keeps them", async () => {
    const { host, user } = await openBench({ head: { ...fake.head, settings } });
    await user.type(by("setting-baud"), "9600{Tab}");
    await user.selectOptions(by("setting-flow"), "rts-cts");
    expect(host.calls("setUpBench").at(-1)).toMatchObject({ driverSettings: { baud: "9600", flow: "rts-cts" } });
    await user.clear(by("setting-baud"));
    await user.tab();
    expect(host.calls("setUpBench").at(-1)).toMatchObject({ driverSettings: { flow: "rts-cts" } });
    await user.selectOptions(by("bench-driver"), "zephyr");
    expect(host.calls("setUpBench").at(-1)).toMatchObject({ driver: "zephyr", driverSettings: {} });
    expect(has("bench-user")).toBe(false);
  });

  test("that only rows of the list name have the same login, whatever the other devices are", async () => {
    const paused = { kind: "trouble" as const, failure: samples.failure("device-login", "target") };
    const refused = { state: "failed" as const, failure: samples.failure("device-login", "target"), retryable: true };
    const { host, user } = await openBench({
      rows: [fake.row(1), fake.row(2, refused, { driver: "console" })],
      head: armed({ settings: { ...settings, driver: null }, paused }),
    });
    await user.click(by("bench-log-in"));
    await waitFor(() => expect(document.activeElement).toBe(by("bench-user")));
    expect(host.calls("setUpBench"), "the other rows' devices are still asked what they are").toEqual([]);
    await user.type(by("bench-user"), "root{Tab}");
    expect(host.calls("setUpBench").at(-1)).toMatchObject({ driver: null, driverSettings: { user: "root" } });
    await user.selectOptions(by("bench-driver"), "zephyr");
    expect(host.calls("setUpBench").at(-1), "it is still who logs in").toMatchObject({ driver: "zephyr", driverSettings: { user: "root" } });
    expect(has("bench-password")).toBe(true);
  });

  test("that want a login stop the batch, and one button leads to where it is entered", async () => {
    const paused = { kind: "trouble" as const, failure: samples.failure("device-login", "target") };
    const { host, user } = await openBench({ rows: fake.rows(3), head: armed({ settings: { ...settings, driverSettings: { user: "root" } }, paused }) });
    expect(by("bench-paused").dataset["code"]).toBe("device-login");
    await user.click(by("bench-log-in"));
    await waitFor(() => expect(document.activeElement).toBe(by("bench-password")));
    expect([host.calls("armBench"), host.calls("resumeBench")]).toEqual([[false], [undefined]]);
    expect(by<HTMLDetailsElement>("set-up").open).toBe(true);
  });

  test("of a drive there is none: its files are laid out", async () => {
    await openBench();
    expect([has("bench-user"), has("more-settings")]).toEqual([false, false]);
    const options = [...by<HTMLSelectElement>("bench-driver").options].map((one) => one.textContent.trim());
    expect(options).toEqual(["Fieldkey’s own files (usual)", "For AWS IoT Greengrass", "For the AWS IoT Device Client"]);
  });
});

describe("the scan field", () => {
  test("has the focus, and gets it back with the first letter that a scanner types anywhere", async () => {
    const { host, user } = await openBench({ rows: fake.rows(2), head: armed() });
    expect(document.activeElement).toBe(by("bench-scan"));
    by("bench-load").focus();
    await user.keyboard("SN-0002{Enter}");
    expect(host.calls("scanBench")).toEqual(["SN-0002"]);
    expect(host.calls("chooseBenchFile")).toEqual([]);
    await waitFor(() => expect(by("bench-scan-result").textContent).toContain("SN-0002: now plug in its device"));
    expect(input("bench-scan").value).toBe("");
  });

  test("adds what is new", async () => {
    const { user } = await openBench();
    await user.type(by("bench-scan"), "SN-77{Enter}");
    await waitFor(() => expect(by("bench-scan-result").textContent).toContain("SN-77 was added to the list"));
    expect(cells(1)).toContain("SN-77");
  });

  test("does not take letters from somebody who types elsewhere", async () => {
    const { user } = await openBench();
    await user.click(by("bench-paste"));
    await user.type(by("paste-text"), "SN-1{Enter}SN-2");
    expect(input("bench-scan").value).toBe("");
    expect(by<HTMLTextAreaElement>("paste-text").value).toBe("SN-1\nSN-2");
  });

  test.each([
    ["under-way", "is under way already"],
    ["done", "is done already"],
    ["starting", "starting"],
  ] as const)("says that a row is %s", async (now, words) => {
    const { user } = await openBench({ rows: fake.rows(1), scans: [{ row: 1, added: false, now }] });
    await user.type(by("bench-scan"), "SN-0001{Enter}");
    await waitFor(() => expect(by("bench-scan-result").textContent).toContain(words));
  });

  test("says why a serial number is refused, beside the field", async () => {
    const { user } = await openBench({ scans: [samples.failure("serial-number-invalid")] });
    await user.type(by("bench-scan"), "SN 1{Enter}");
    await waitFor(() => expect(has("bench-scan-error")).toBe(true));
    expect(by("bench-scan").getAttribute("aria-describedby")).toBe("bench-scan-error bench-scan-help");
  });
});

describe("a list", () => {
  test("that is loaded whole is counted; the lines that are not rows are named with the reason", async () => {
    const { host, user } = await openBench();
    await user.click(by("bench-load"));
    await waitFor(() => expect(by("bench-note").textContent).toContain("3 added to the list"));
    host.bench.script.imported = {
      added: 1,
      refused: [
        { line: 4, text: "SN-0003", why: { kind: "duplicate", row: 3 } },
        { line: 9, text: "a b", why: { kind: "invalid", failure: samples.failure("serial-number-invalid") } },
        { line: 12, text: '"x', why: { kind: "unclosed" } },
      ],
    };
    await user.click(by("bench-load"));
    await waitFor(() => expect(by("imported").textContent).toContain("1 added, 3 not"));
    expect(by("imported").textContent).toMatch(/4\s*SN-0003\s*In the list already, as number 3/);
    await user.click(by("close-imported"));
    await waitFor(() => expect(has("imported")).toBe(false));
  });

  test("is pasted, exported, and put away after a question", async () => {
    const { host, user } = await openBench({ rows: fake.rows(2) });
    await user.click(by("bench-paste"));
    await user.type(by("paste-text"), "SN-9");
    await user.click(by("paste-add"));
    expect(host.calls("importBench")).toEqual(["SN-9"]);
    await user.click(by("bench-export"));
    await waitFor(() => expect(by("bench-note").textContent).toContain("/home/mori/bench.csv"));
    await user.click(by("bench-new"));
    expect(document.activeElement).toBe(by("keep-batch"));
    await user.click(by("begin-new"));
    await waitFor(() => expect(has("bench-empty")).toBe(true));
  });

  test("cannot be put away while something runs", async () => {
    await openBench({ rows: [fake.running(1)], head: armed() });
    expect(has("bench-new")).toBe(false);
  });
});

const mixed: BenchRow[] = [
  fake.row(1, fake.done),
  fake.running(2, "write"),
  fake.row(3, fake.failed("verify-mismatch", "verify")),
  fake.row(4, fake.failed("identity-present", "target", false)),
  fake.row(5, { state: "interrupted", step: "write", by: "crash" }),
  fake.row(6, { state: "skipped" }),
  fake.row(7),
  fake.row(8, { state: "assigned", picked: false, startsInMs: 4000 }),
];

describe("the table", () => {
  test("says each state in a word beside its icon, and what there is to know", async () => {
    await openBench({ rows: mixed, head: armed() });
    expect(cells(1)).toContain("Registered");
    expect(cells(2)).toMatch(/Running ?Write/);
    expect(cells(3)).toContain("Failed");
    expect(cells(5)).toContain("the device may hold a part of it");
    expect(cells(6)).toContain("Skipped");
    expect(cells(8)).toMatch(/Ready ?Starts in 4 s/);
    for (const badge of document.querySelectorAll(".badge")) expect(badge.querySelector("svg")).not.toBeNull();
  });

  test("is filtered by what a row is, with the count on each filter", async () => {
    const { user } = await openBench({ rows: mixed, head: armed() });
    const filter = (name: string) => document.querySelector(`.filter[data-filter="${name}"]`) as HTMLElement;
    expect(["all", "waiting", "running", "failed", "done", "skipped"].map((name) => filter(name).textContent.replace(/\D/g, ""))).toEqual(
      ["8", "1", "2", "3", "1", "1"],
    );
    await user.click(filter("failed"));
    expect(shownRows()).toEqual(["row-3", "row-4", "row-5"]);
  });

  test("says so when a filter leaves nothing", async () => {
    const { user } = await openBench({ rows: fake.rows(2) });
    await user.click(document.querySelector('.filter[data-filter="done"]') as HTMLElement);
    expect(by("bench-empty-filter").textContent).toContain("None of the rows");
  });

  test("follows a row live, and leaves the others as they are", async () => {
    const { host } = await openBench({ rows: fake.rows(2, (id) => fake.running(id, "claim")), head: armed() });
    host.bench.change({}, [fake.running(1, "verify")]);
    await tick();
    expect(cells(1)).toContain("Verify");
    expect(cells(2)).toContain("Fetch the claim");
  });

  test("is walked with the arrows, and one row at a time is in the way of Tab", async () => {
    const { user } = await openBench({ rows: fake.rows(30) });
    const name = (id: number) => document.querySelector<HTMLElement>(`#row-${id} .row-name`);
    expect(document.querySelectorAll('.bench-table button[tabindex="0"]')).toHaveLength(2);
    name(1)?.focus();
    await user.keyboard("{ArrowDown}{ArrowDown}");
    expect(document.activeElement).toBe(name(3));
    await user.keyboard("{End}");
    expect(document.activeElement).toBe(name(30));
    await user.keyboard("{Home}{PageDown}");
    expect(document.activeElement).toBe(name(11));
    await user.keyboard("{Enter}");
    expect(by("bench-details").textContent).toContain("Fleet_Index_SN-0011");
  });

  test("offers what helps each row", async () => {
    const { host, user } = await openBench({ rows: mixed, head: armed() });
    const action = (id: number) => document.querySelector<HTMLElement>(`#row-${id} td:last-child button`) as HTMLElement;
    for (const id of [2, 3, 6, 7]) await user.click(action(id));
    expect(host.calls("stopBench")).toEqual([2]);
    expect(host.calls("retryBench")).toEqual([
      { rows: [3], replace: false },
      { rows: [6], replace: false },
    ]);
    expect(host.calls("skipBench")).toEqual([7]);
    expect(action(3).getAttribute("aria-label")).toBe("Try again: SN-0003");
  });

  test("tries all again that may work, and counts only those", async () => {
    const { host, user } = await openBench({ rows: mixed });
    expect(by("bench-retry-all").textContent.trim()).toBe("Retry all failed (2)");
    await user.click(by("bench-retry-all"));
    expect(host.calls("retryBench")).toEqual([{ rows: null, replace: false }]);
  });

  test("says what is left out of that, and why, and leads there", async () => {
    const { user } = await openBench({ rows: mixed });
    const note = by("bench-left-out");
    expect(note.textContent).toContain("leaves out 1");
    expect(note.textContent).toContain(samples.failure("identity-present").en.message);
    expect(by("bench-retry-all").getAttribute("aria-describedby")).toBe("bench-left-out-why");
    await user.click(note.querySelector("button") as HTMLElement);
    expect(by("bench-details").textContent).toContain("SN-0004");
  });

  test("shows three that are left out, counts the others, and says nothing where none is", async () => {
    const { host } = await openBench({ rows: fake.rows(5, (id) => fake.row(id, fake.failed("target-refused", "target", false))) });
    expect(has("bench-retry-all"), "there is nothing to try again").toBe(false);
    expect(by("bench-left-out-why").textContent, "nor anything to be left out of").toMatch(/^Failed: 5\. Without a change/);
    expect([...by("bench-left-out").querySelectorAll("button")].map((row) => row.textContent.trim())).toEqual(["SN-0001", "SN-0002", "SN-0003"]);
    expect(by("bench-left-out").textContent).toContain("and 2 more");
    host.bench.change({}, fake.rows(5, (id) => fake.row(id, fake.failed("offline", "claim"))));
    await waitFor(() => expect(by("bench-retry-all").textContent).toContain("(5)"));
    expect(has("bench-left-out")).toBe(false);
  });

  test("shows five hundred rows and takes thirty-two changes at a time", async () => {
    const { host } = await openBench({ rows: fake.rows(500), head: armed() });
    expect(shownRows()).toHaveLength(500);
    const began = performance.now();
    for (const step of ["claim", "write", "verify"] as const) {
      host.bench.change({}, fake.rows(32, (id) => fake.running(id, step)));
      await tick();
    }
    expect(cells(32)).toContain("Verify");
    expect(performance.now() - began).toBeLessThan(3_000);
  });
});

describe("a row's details", () => {
  test("say what failed and what to do, with a report that is copied", async () => {
    const { user } = await openBench({ rows: mixed });
    await user.click(document.querySelector("#row-3 .row-name") as HTMLElement);
    const report = by<HTMLTextAreaElement>("bench-report").value;
    expect(report).toContain("serial number: SN-0003");
    expect(report).toContain("code: verify-mismatch");
    expect(report).toContain("operator: mori@example.com");
    await user.click(by("bench-again"));
    expect(has("bench-details")).toBe(false);
  });

  test("replace what a device holds only after a question that names the thing", async () => {
    const { host, user } = await openBench({ rows: mixed });
    await user.click(document.querySelector("#row-4 .row-name") as HTMLElement);
    await user.click(by("bench-replace"));
    expect(by("confirm-replace").textContent).toContain("Fleet_Index_SN-0004");
    await user.click(by("replace-it"));
    expect(host.calls("retryBench")).toEqual([{ rows: [4], replace: true }]);
  });

  test.each([
    ["target", "operator", "Nothing was written"],
    ["claim", "crash", "Fieldkey ended before anything was written"],
    ["verify", "crash", "may hold a part"],
    ["register", "crash", "nobody saw it register"],
  ] as const)("say what a run cut off at %s left behind", (step, by, words) => {
    expect(moreOf(fake.row(1, { state: "interrupted", step, by }))).toContain(words);
  });
});

describe("devices that are nobody's", () => {
  test("are listed with the reason, and given to the row that is expected", async () => {
    const devices = [fake.idle(7, "before-arming"), fake.idle(8, "ambiguous"), fake.idle(9, "done-already")];
    const { host, user } = await openBench({ rows: fake.rows(3), head: armed({ expecting: 2, devices }) });
    expect(document.querySelectorAll(".idle-devices .card")).toHaveLength(2);
    expect(text()).toContain("Was here before the bench was armed");
    await user.click(document.querySelector(".idle-devices button") as HTMLElement);
    expect(host.calls("pickForBench")).toEqual([{ row: 2, target: "drive:/media/mori/SENSOR7" }]);
  });

  test("are given to nobody while no row is chosen", async () => {
    const { user } = await openBench({ rows: fake.rows(3), head: armed({ devices: [fake.idle(7, "not-scanned")] }) });
    expect(document.querySelector(".idle-devices button")).toBeNull();
    document.querySelector<HTMLElement>("#row-3 .row-name")?.focus();
    await tick();
    expect(document.querySelector(".idle-devices button")?.textContent.trim()).toBe("Use for SN-0003");
    await user.keyboard("x");
    expect(document.activeElement).toBe(by("bench-scan"));
  });
});

describe("what interrupts a batch", () => {
  test("an ended session is said once, and leads to the sign-in and back", async () => {
    const head = armed({ paused: { kind: "sign-in", failure: samples.failure("session-expired") } });
    const { user } = await openBench({ rows: fake.rows(3, (id) => fake.running(id)), head });
    expect(by("arm-state").textContent).toBe("Paused");
    expect(by("bench-paused").getAttribute("role")).toBe("alert");
    await user.click(by("bench-sign-in"));
    await on("sign-in");
    await user.type(by("email"), "{Control>}a{/Control}mori@example.com");
    await user.type(by("password"), "Correct-Horse-7{Enter}");
    await on("bench");
  });

  test("trouble that would hit every device is named, and gone on from", async () => {
    const head = armed({ paused: { kind: "trouble", failure: samples.failure("offline", "claim") } });
    const { host, user } = await openBench({ rows: fake.rows(3), head });
    expect(by("bench-paused").dataset["code"]).toBe("offline");
    await user.click(by("bench-go-on"));
    expect(host.calls("resumeBench")).toHaveLength(1);
    await waitFor(() => expect(has("bench-paused")).toBe(false));
  });

  test("a crash is told with the number of runs that were cut off", async () => {
    const cutOff = (id: number): BenchRow => fake.row(id, { state: "interrupted", step: "write", by: "crash" });
    await openBench({ rows: fake.rows(4, cutOff), head: { ...fake.head, recovered: true } });
    expect(by("bench-recovered").textContent).toContain("4 runs were cut off");
    expect(by("arm-state").textContent).toBe("Not armed");
  });

  test("a disk that is full is said while the runs go on", async () => {
    await openBench({ rows: fake.rows(1), head: armed({ unsaved: samples.full }) });
    expect(by("bench-unsaved").textContent).toContain(samples.full.en);
  });

  test("a call that is refused is shown", async () => {
    const { user } = await openBench({ rows: mixed, refuse: samples.failure("target-gone") });
    await user.click(by("bench-retry-all"));
    await waitFor(() => expect(by("trouble").dataset["code"]).toBe("target-gone"));
  });
});

describe("what is announced", () => {
  afterEach(() => void vi.useRealTimers());

  test("is how far the batch is, once for many devices, and no single step", async () => {
    const { host, user } = await openBench({ rows: fake.rows(4, (id) => fake.running(id)), head: armed() });
    host.bench.change({}, [fake.running(1, "verify")]);
    await tick();
    expect(by("bench-said").textContent).toBe("");
    host.bench.change({}, [fake.row(1, fake.done)]);
    host.bench.change({}, [fake.row(2, fake.failed("target-gone", "write"))]);
    await waitFor(() => expect(by("bench-said").textContent).toBe("1 of 4 done, 1 failed, 2 to go"));
    expect(by("bench-said").getAttribute("role")).toBe("status");
    await user.click(by("language"));
    expect(by("bench-said").textContent, "in whichever language shows").toBe("4 台中 1 台完了、失敗 1、残り 2");
  });

  test("the heading names the place", async () => {
    await openBench();
    expect(heading().textContent).toBe("Bench");
  });
});

test("nothing of a batch stays when the operator signs out", async () => {
  const { host, user } = await openBench({ rows: fake.rows(2) });
  await user.click(by("sign-out"));
  await on("sign-in");
  host.bench.change({}, [fake.row(1, fake.done)]);
  await tick();
  expect(text()).not.toContain("SN-0001");
});

test("a batch that could not be read is said to be put aside, and where, in both languages", async () => {
  const file = "/home/mori/.local/share/fieldkey/bench/3b4c1f7d.aside.json";
  const { user } = await openBench({ head: { ...fake.head, putAside: file } });
  expect(by("bench-put-aside").textContent).toContain("The last batch of this site cannot be read");
  expect(by("bench-put-aside").textContent).toContain(file);
  expect(by("bench-put-aside").getAttribute("role")).toBe("status");
  await user.click(by("language"));
  expect(by("bench-put-aside").textContent).toContain("前回のバッチを読み取れません");
});

describe("what the operator asks while an answer is outstanding", () => {
  /** An answer that comes when the test says so. */
  function late<T>(answer: T): { promise: Promise<T>; come: () => void } {
    let come: () => void = () => undefined;
    const promise = new Promise<T>((resolve) => (come = () => resolve(answer)));
    return { promise, come };
  }

  const running = { rows: fake.rows(3, (id) => fake.running(id)), head: armed() };

  test.each(["importBench", "chooseBenchFile"] as const)("stops and disarms at once, whatever %s waits for", async (call) => {
    const { host, user } = await openBench(running);
    const { bench } = host;
    bench[call] = () => new Promise<never>(() => undefined);
    if (call === "chooseBenchFile") await user.click(by("bench-load"));
    else {
      await user.click(by("bench-paste"));
      await user.type(by("paste-text"), "SN-9");
      await user.click(by("paste-add"));
    }
    if (has("paste-text")) await user.keyboard("{Escape}");
    await user.click(by("stop-all"));
    await user.click(by("stop-them"));
    await user.click(by("arm"));
    expect(host.calls("stopBench")).toEqual([null]);
    expect(host.calls("armBench")).toEqual([false]);
  });

  test("is asked in its turn and not dropped, and a file dialog holds nothing up", async () => {
    const { host, user } = await openBench({ rows: mixed });
    const first = late(undefined);
    const { skipBench } = host.bench;
    host.bench.skipBench = (row) => first.promise.then(() => skipBench(row));
    host.bench.chooseBenchFile = () => new Promise(() => undefined);
    await user.click(by("bench-load"));
    await user.click(document.querySelector("#row-7 td:last-child button") as HTMLElement);
    await user.click(document.querySelector("#row-3 td:last-child button") as HTMLElement);
    expect(host.calls("retryBench")).toEqual([]);
    first.come();
    await waitFor(() => expect(host.calls("retryBench")).toEqual([{ rows: [3], replace: false }]));
    expect(host.calls("skipBench")).toEqual([7]);
  });

  test("is not asked at the next site, whose operator never meant it", async () => {
    const host = new FakeHost({ start: samples.signedIn });
    const flow = new Flow(host);
    await flow.begin();
    const first = late(undefined);
    host.bench.skipBench = () => first.promise;
    host.bench.exportBench = () => first.promise.then(() => "/home/mori/bench.csv");
    const asked = [flow.bench.skip(1), flow.bench.retry([1]), flow.bench.export()];
    flow.bench.forget();
    first.come();
    await Promise.all(asked);
    expect(host.calls("retryBench")).toEqual([]);
    expect(flow.bench.exported).toBeNull();
  });

  test("scans stay in the order they were read in, however long each takes", async () => {
    const { host, user } = await openBench({ rows: fake.rows(3), head: armed() });
    const first = late(undefined);
    const asked: string[] = [];
    const scan = host.bench.scanBench.bind(host.bench);
    host.bench.scanBench = async (text) => {
      asked.push(text);
      if (text === "SN-0001") await first.promise;
      return scan(text);
    };
    await user.keyboard("SN-0001{Enter}SN-0002{Enter}");
    expect(asked, "the second waits for the first").toEqual(["SN-0001"]);
    first.come();
    await waitFor(() => expect(by("bench-scan-result").textContent).toContain("SN-0002"));
    expect(asked).toEqual(["SN-0001", "SN-0002"]);
    expect(by("arm-lead").textContent).toBe("Now plug in SN-0002");
  });
});

describe("changes of a bench", () => {
  async function bench(): Promise<Flow["bench"]> {
    const flow = new Flow(new FakeHost({ start: samples.signedIn }));
    await flow.begin();
    return flow.bench;
  }

  test("that come before the whole of it say nothing", async () => {
    const one = await bench();
    one.take({ head: fake.head, whole: false, rows: [fake.row(5)] });
    expect([one.head, one.rows]).toEqual([null, []]);
  });

  test("leave no holes in the list, in whatever order they come", async () => {
    const one = await bench();
    one.take({ head: fake.head, whole: true, rows: fake.rows(2) });
    one.take({ head: fake.head, whole: false, rows: [fake.row(4), fake.row(3), fake.row(9)] });
    expect(one.rows.map(({ id }) => id)).toEqual([1, 2, 3, 4]);
    expect(one.tally.all).toBe(4);
  });
});
