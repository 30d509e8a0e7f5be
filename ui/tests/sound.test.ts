import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { playOutcome } from "../src/words/earcon";
import { by, on, openProvision, samples, startRun } from "./support/window";

const notes: number[] = [];
let closed = 0;

class Volume {
  gain = { setValueAtTime: vi.fn(), linearRampToValueAtTime: vi.fn(), exponentialRampToValueAtTime: vi.fn() };
  connect = (to: unknown): unknown => to;
}

class Note {
  onended: (() => void) | null = null;
  constructor(_context: unknown, { frequency }: { frequency: number }) {
    notes.push(frequency);
  }
  connect = (to: unknown): unknown => to;
  start = vi.fn();
  stop = (): void => void queueMicrotask(() => this.onended?.());
}

class Context {
  currentTime = 0;
  destination = {};
  close = (): Promise<void> => Promise.resolve(void closed++);
}

beforeEach(() => {
  notes.length = closed = 0;
  vi.stubGlobal("AudioContext", Context);
  vi.stubGlobal("OscillatorNode", Note);
  vi.stubGlobal("GainNode", Volume);
});

afterEach(() => void vi.unstubAllGlobals());

describe("the sound of an outcome", () => {
  test("goes up for what worked and down for what did not, and lets the speaker go", async () => {
    playOutcome("done");
    const [low = 0, high = 0] = notes;
    expect(high).toBeGreaterThan(low);
    notes.length = 0;
    playOutcome("failed");
    const [from = 0, to = 0] = notes;
    expect(to).toBeLessThan(from);
    await vi.waitFor(() => expect(closed).toBe(2));
  });

  test("is not made unless somebody wants it", async () => {
    const opened = await openProvision();
    await startRun(opened);
    expect(by("sound-switch").getAttribute("aria-pressed")).toBe("false");
    opened.host.emit(...samples.events());
    await on("done");
    expect(notes).toEqual([]);
  });

  test("once switched on during a run is made at its end, once, and remembered", async () => {
    const opened = await openProvision();
    await startRun(opened);
    await opened.user.click(by("sound-switch"));
    expect(opened.host.calls("setSound")).toEqual([true]);
    expect(by("sound-switch").textContent).toContain("on");
    opened.host.emit(...samples.eventsUntil("offline", "claim"));
    await on("failed");
    expect(notes).toHaveLength(2);
  });

  test("is heard for trial in the settings", async () => {
    const { user } = await openProvision({ start: { ...samples.signedIn, sound: true } });
    await user.click(by("settings"));
    expect(by<HTMLInputElement>("sound").checked).toBe(true);
    await user.click(by("try-sound"));
    expect(notes).toHaveLength(2);
  });

  test("is left out where there is no speaker", () => {
    vi.stubGlobal("AudioContext", undefined);
    expect(() => playOutcome("done")).not.toThrow();
  });
});
