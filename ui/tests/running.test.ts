import { cleanup, render, waitFor } from "@testing-library/svelte";
import { tick } from "svelte";
import { afterEach, describe, expect, test, vi } from "vitest";

import Countdown from "../src/parts/Countdown.svelte";
import { by, has, heading, on, openProvision, samples, screenName, startRun, text } from "./support/window";

const events = samples.events();
const waiting = events.slice(0, -2);

describe("the running screen", () => {
  test("shows each step's state in words, and its time once it is done", async () => {
    const opened = await openProvision();
    await startRun(opened);
    expect(document.activeElement).toBe(heading());
    expect(heading().textContent).toBe("Provisioning Fleet_Index_SN-0042");
    opened.host.emit(...events.slice(0, 10));
    await tick();
    expect(by("step-claim").dataset["status"]).toBe("done");
    expect(by("step-claim").textContent).toContain("Done");
    expect(by("step-claim").textContent).toContain("388 ms");
    expect(by("step-write").textContent).toContain("Under way");
    expect(by("step-verify").textContent).toContain("Waiting");
  });

  test("announces what is under way politely", async () => {
    const opened = await openProvision();
    await startRun(opened);
    expect(by("run-state").getAttribute("role")).toBe("status");
    for (const event of events.slice(0, -1)) {
      opened.host.emit(event);
      await tick();
      if (event.event !== "step" || event.status !== "running") continue;
      expect(by("run-state").dataset["step"]).toBe(event.step);
      expect(by("run-state").dataset["state"]).toBe(event.step === "register" ? "waiting" : "running");
    }
  });

  test("counts down the claim once there is one, then the wait", async () => {
    const opened = await openProvision();
    await startRun(opened);
    expect(has("countdown")).toBe(false);
    opened.host.emit(...events.slice(0, 10));
    await tick();
    expect(by("countdown").getAttribute("role")).toBe("timer");
    expect(by("countdown").textContent.trim()).toBe("5:00");
    expect(by("countdown-label").textContent).toBe("Claim valid for");
    opened.host.emit(...waiting.slice(10));
    await tick();
    expect(by("countdown-label").textContent).toBe("Time left to register");
    expect(by("countdown").textContent.trim()).toBe("4:58");
  });

  test.each([
    ["ejected", "Safe to unplug"],
    ["flushed", "Eject the drive in the system before you unplug it"],
    ["folder", "Nothing to unplug"],
  ] as const)("once the target is %s says `%s` while it waits for the device", async (release, words) => {
    const opened = await openProvision();
    await startRun(opened);
    const all = samples.events(release).slice(0, -2);
    opened.host.emit(...all.slice(0, 13));
    await tick();
    expect(has("unplug")).toBe(false);
    expect(text()).toContain("Keep the device plugged in");
    opened.host.emit(...all.slice(13));
    await tick();
    expect(by("unplug").dataset["release"]).toBe(release);
    expect(by("unplug").textContent).toContain(words);
    expect(text().includes("Safe to unplug")).toBe(release === "ejected");
    expect(text()).not.toContain("Keep the device plugged in");
  });

  test("says that AWS asks for patience and when it is asked again, until it goes on", async () => {
    const opened = await openProvision();
    await startRun(opened);
    opened.host.emit(...samples.eventsUntilThrottled());
    await tick();
    expect(by("run-state").getAttribute("role")).toBe("status");
    expect(by("run-state").textContent).toContain("Fetch the claim: AWS asks for patience");
    expect(by("run-state").textContent).toContain("Next try in 8 sec");
    expect(by("run-state").contains(by("countdown"))).toBe(false);
    expect(by("countdown-label").textContent).toBe("Next try in");
    expect(by("countdown").textContent.trim()).toBe("0:08");

    await opened.user.click(by("language"));
    expect(by("run-state").textContent).toContain("クレームの取得: AWS へのリクエストが集中している");
    expect(by("run-state").textContent).toContain("8 秒後に再試行します");
    await opened.user.click(by("language"));

    opened.host.emit(...events.slice(8, 10));
    await tick();
    expect(text()).not.toContain("patience");
    expect(by("countdown-label").textContent).toBe("Claim valid for");
  });

  test("offers neither another site nor the sign-out", async () => {
    const opened = await openProvision();
    await startRun(opened);
    expect(by("site").textContent).toContain("Tokyo plant");
    expect(by("site").tagName, "what shows the site is no button now").toBe("P");
    expect(has("sign-out")).toBe(false);
  });
});

describe("cancelling", () => {
  test("is asked about on Escape, and Escape again keeps going", async () => {
    const opened = await openProvision();
    await startRun(opened);
    await opened.user.keyboard("{Escape}");
    expect(by("confirm-cancel").textContent).toContain("Stop provisioning?");
    expect(document.activeElement).toBe(by("keep-going"));
    by<HTMLDialogElement>("confirm-cancel").close();
    await waitFor(() => expect(has("confirm-cancel")).toBe(false));
    expect(opened.host.calls("cancel")).toHaveLength(0);
  });

  test("does not let Escape close the question it has just opened", async () => {
    const opened = await openProvision();
    await startRun(opened);
    const escape = new KeyboardEvent("keydown", { key: "Escape", bubbles: true, cancelable: true });
    heading().dispatchEvent(escape);
    expect(escape.defaultPrevented).toBe(true);
  });

  test("stops the run, which then ends as interrupted", async () => {
    const opened = await openProvision();
    await startRun(opened);
    await opened.user.click(by("cancel"));
    await opened.user.click(by("stop"));
    await on("failed");
    expect(opened.host.calls("cancel")).toHaveLength(1);
    expect(by("failure").dataset["code"]).toBe("interrupted");
  });

  test("says that it is stopping until the run has ended", async () => {
    const opened = await openProvision();
    opened.host.cancel = () => Promise.resolve();
    await startRun(opened);
    await opened.user.click(by("cancel"));
    await opened.user.click(by("stop"));
    expect(by("run-state").textContent.trim()).toBe("Stopping…");
    await opened.user.click(by("cancel"));
    expect(has("confirm-cancel")).toBe(false);
  });

  test("the wait says that the credentials are on the device already", async () => {
    const opened = await openProvision();
    await startRun(opened);
    opened.host.emit(...waiting);
    await tick();
    expect(by("cancel").textContent).toContain("Stop waiting");
    await opened.user.click(by("cancel"));
    expect(by("confirm-cancel").textContent).toContain("on the device already");
  });

  test("is no longer asked about when the run ends by itself", async () => {
    const opened = await openProvision();
    await startRun(opened);
    await opened.user.keyboard("{Escape}");
    opened.host.emit(...events);
    await on("done");
    expect(has("confirm-cancel")).toBe(false);
  });
});

test("a run that is stopped before it could begin is not begun", async () => {
  const opened = await openProvision();
  let over: () => void = () => undefined;
  opened.host.provision = (request, _password, onEvent) => {
    opened.host.asked.push({ call: "provision", with: request });
    samples.eventsUntil("offline", "claim").forEach(onEvent);
    return new Promise((resolve) => (over = resolve));
  };
  await opened.user.click(document.querySelector("#targets input") as HTMLInputElement);
  await opened.user.type(by("serial-number"), "SN-0042{Enter}");
  await on("failed");
  await opened.user.click(by("try-again"));
  await on("running");
  await opened.user.click(by("cancel"));
  await opened.user.click(by("stop"));
  over();
  await on("provision");
  expect(opened.host.calls("provision"), "only the one that failed").toHaveLength(1);
});

describe("a run's end", () => {
  test("by an event after its call has returned is waited for", async () => {
    const opened = await openProvision();
    let late: (() => void) | undefined;
    opened.host.provision = (_request, _password, onEvent) => {
      late = () => events.forEach(onEvent);
      return Promise.resolve();
    };
    await startRun(opened);
    expect(screenName()).toBe("running");
    late?.();
    await on("done");
  });

  test("without any last event is a bug, and is shown as one", async () => {
    const opened = await openProvision();
    opened.host.provision = () => Promise.reject("the worker panicked");
    await opened.user.click(document.querySelector("#targets input") as HTMLInputElement);
    await opened.user.type(by("serial-number"), "SN-1{Enter}");
    await on("failed");
    expect(by("failure").dataset["code"]).toBe("unexpected");
    expect(by("failure").textContent).toContain("the worker panicked");
  });
});

describe("the countdown", () => {
  afterEach(() => void vi.useRealTimers());

  test("says what happens at its end where that is not the end of anything", () => {
    cleanup();
    render(Countdown, { label: "Next try in", ends: performance.now() - 1, over: "now" });
    expect(by("countdown").textContent.trim()).toBe("now");
  });

  test.each([
    [300_000, 0, "5:00"],
    [300_000, 1_000, "4:59"],
    [300_000, 240_500, "1:00"],
    [300_000, 299_100, "0:01"],
    [300_000, 300_000, "over"],
    [300_000, 400_000, "over"],
  ])("of %i ms shows after %i ms: %s", async (lasts, later, shown) => {
    cleanup();
    vi.useFakeTimers();
    render(Countdown, { label: "Claim valid for", ends: performance.now() + lasts });
    await vi.advanceTimersByTimeAsync(later);
    expect(by("countdown").textContent.trim()).toBe(shown);
  });
});
