import { fireEvent, waitFor } from "@testing-library/svelte";
import { tick } from "svelte";
import { describe, expect, test } from "vitest";

import { places as table, type Place } from "../src/places/places";
import Elsewhere from "./support/Elsewhere.svelte";
import { by, FakeHost, has, heading, input, on, openOn, openSignIn, samples, startRun, target, type Opened } from "./support/window";

const bench: Place = { name: "bench", icon: "bench", component: Elsewhere };
const [provision] = table;
if (provision === undefined) throw new Error("the table has no place");
const places = [provision, bench];

async function openPlaces(): Promise<Opened> {
  return openOn(new FakeHost({ start: samples.signedIn }), places);
}

describe("the navigation", () => {
  test("is there once somebody is signed in, and marks the place that shows", async () => {
    await openPlaces();
    expect(by("nav-provision").getAttribute("aria-current")).toBe("page");
    expect(by("nav-bench").getAttribute("aria-current")).toBeNull();
    expect(by("nav-bench").closest("nav")?.getAttribute("aria-label")).toBe("Places");
  });

  test("is not there before the sign-in", async () => {
    await openSignIn();
    expect(document.querySelector("nav")).toBeNull();
  });

  test("leads to a place by click, whose heading gets the focus", async () => {
    const { user } = await openPlaces();
    await user.click(by("nav-bench"));
    await on("bench");
    await waitFor(() => expect(document.activeElement).toBe(heading()));
    expect(by("nav-bench").getAttribute("aria-current")).toBe("page");
  });

  test.each([
    ["Control", { ctrlKey: true }],
    ["Command", { metaKey: true }],
  ])("leads to a place by %s and its number", async (_name, keys) => {
    await openPlaces();
    await fireEvent.keyDown(document.body, { key: "2", ...keys });
    await on("bench");
    await fireEvent.keyDown(document.body, { key: "1", ...keys });
    await on("provision");
    await fireEvent.keyDown(document.body, { key: "3", ...keys });
    await tick();
    await on("provision");
  });

  test.each([
    ["a plain digit", {}],
    ["with Alt", { ctrlKey: true, altKey: true }],
    ["with Shift", { ctrlKey: true, shiftKey: true }],
  ])("is not meant by %s", async (_name, keys) => {
    await openPlaces();
    await fireEvent.keyDown(document.body, { key: "2", ...keys });
    await tick();
    await on("provision");
  });

  test("is not reached by keys while a question is open", async () => {
    const opened = await openPlaces();
    await startRun(opened);
    await opened.user.click(by("cancel"));
    await fireEvent.keyDown(document.body, { key: "2", ctrlKey: true });
    await tick();
    await on("running");
  });
});

describe("the work of a place", () => {
  test("is as it was when the operator comes back", async () => {
    const { user } = await openPlaces();
    await user.click(target(samples.drive.target));
    await user.type(by("serial-number"), "SN-0042");
    await user.click(by("nav-bench"));
    await on("bench");
    await user.click(by("nav-provision"));
    await on("provision");
    expect(input("serial-number").value).toBe("SN-0042");
    expect(target(samples.drive.target).checked).toBe(true);
  });

  test("goes on elsewhere, and shows its state in words: under way, then done", async () => {
    const opened = await openPlaces();
    await startRun(opened);
    expect(by("nav-provision").dataset["activity"], "the screen itself says it").toBeUndefined();
    await opened.user.click(by("nav-bench"));
    await on("bench");
    expect(by("nav-provision").textContent).toContain("Under way");
    opened.host.emit(...samples.events());
    await waitFor(() => expect(by("nav-provision").textContent).toContain("Done"));
    expect(by("elsewhere").getAttribute("role")).toBe("status");
    expect(by("elsewhere").textContent).toContain("Provision: Done");
    await on("bench");
    await opened.user.click(by("nav-provision"));
    await on("done");
    expect(has("registered")).toBe(true);
  });

  test("that failed elsewhere says so, and keeps what to do about it", async () => {
    const opened = await openPlaces();
    await startRun(opened);
    await opened.user.click(by("nav-bench"));
    opened.host.emit(...samples.eventsUntil("offline", "claim"));
    await waitFor(() => expect(by("nav-provision").textContent).toContain("Failed"));
    await opened.user.click(by("nav-provision"));
    await on("failed");
    expect(by("failure").dataset["code"]).toBe("offline");
  });

  test("keeps site and operator as they are until it is over, wherever one looks", async () => {
    const opened = await openPlaces();
    await startRun(opened);
    await opened.user.click(by("nav-bench"));
    await on("bench");
    expect(has("sign-out")).toBe(false);
    opened.host.emit(...samples.events());
    await waitFor(() => expect(has("sign-out")).toBe(true));
  });

  test("survives a session that ran out elsewhere, and the sign-in leads back to that place", async () => {
    const opened = await openPlaces();
    await startRun(opened);
    await opened.user.click(by("nav-bench"));
    await opened.user.click(by("expire"));
    await on("sign-in");
    opened.host.emit(...samples.events());
    await opened.user.type(by("password"), "Correct-Horse-7{Enter}");
    await on("bench");
    await opened.user.click(by("nav-provision"));
    await on("done");
  });

  test("is gone after a sign-out", async () => {
    const { user } = await openPlaces();
    await user.type(by("serial-number"), "SN-0042");
    await user.click(by("nav-bench"));
    await on("bench");
    await user.click(by("sign-out"));
    await on("sign-in");
    await user.type(by("email"), "sato@example.com");
    await user.type(by("password"), "Correct-Horse-7{Enter}");
    await on("provision");
    expect(input("serial-number").value).toBe("");
  });
});

test("no two places have the same name, and each has its text", () => {
  expect(new Set(table.map(({ name }) => name)).size).toBe(table.length);
});
