import { cleanup, waitFor } from "@testing-library/svelte";
import { describe, expect, test, vi } from "vitest";

import type { Code } from "../src/bindings/Code";
import type { Provisioned } from "../src/bindings/Provisioned";
import type { RunEvent } from "../src/bindings/RunEvent";
import * as desk from "../src/host/fake/devices-samples";
import { remedies } from "../src/state/remedies";
import { by, has, heading, input, on, openProvision, samples, startRun, target, text, type Opened } from "./support/window";

async function done(events: RunEvent[] = samples.events()): Promise<Opened> {
  const opened = await openProvision({ targets: [samples.drive, samples.otherDrive] });
  await startRun(opened);
  opened.host.emit(...events);
  await on("done");
  return opened;
}

async function failed(code: Code, at: Parameters<typeof samples.eventsUntil>[1] = "claim"): Promise<Opened> {
  const opened = await openProvision();
  await startRun(opened);
  opened.host.emit(...samples.eventsUntil(code, at));
  await on("failed");
  return opened;
}

function result(of: Partial<Provisioned>): RunEvent[] {
  return samples.events().map((event) => (event.event === "finished" ? { ...event, result: { ...event.result, ...of } } : event));
}

describe("the last screen of a run that worked", () => {
  test("says registered, with the thing, and that the drive may be unplugged", async () => {
    await done();
    expect(heading().textContent).toBe("Device registered");
    expect(document.activeElement).toBe(heading());
    expect(by("registered").textContent).toContain("Fleet_Index_SN-0042");
    expect(by("run-state").dataset["state"]).toBe("finished");
    expect(by("unplug").textContent?.trim()).toBe("Safe to unplug");
  });

  test.each([null, false])("does not say registered when the result is %s", async (registered) => {
    await done(result({ registered }));
    expect(has("registered")).toBe(false);
    expect(heading().textContent).toBe("Written and verified");
  });

  test.each(["flushed", "folder"] as const)("never says safe to unplug when the target is %s", async (release) => {
    await done(samples.events(release));
    expect(text()).not.toContain("Safe to unplug");
    expect(by("unplug").dataset["release"]).toBe(release);
  });

  test("says so when the check could not go past the cache", async () => {
    await done(
      samples.events().map((event) =>
        event.event === "step" && event.step === "verify" ? { ...event, detail: { pastCache: false } } : event,
      ),
    );
    expect(has("weak-check")).toBe(true);
  });

  test("says nothing of a journal that holds it, and calmly why one does not", async () => {
    await done();
    expect(has("unrecorded")).toBe(false);
    cleanup();
    const { user } = await done(samples.unrecorded(samples.events()));
    expect(heading().textContent).toBe("Device registered");
    expect(by("unrecorded").textContent).toContain("not fully recorded");
    expect(by("unrecorded").textContent).toContain(samples.full.en);
    expect(by("unrecorded").getAttribute("role")).toBeNull();
    await user.click(by("language"));
    expect(by("unrecorded").textContent).toContain("ジャーナルに記録されていません");
    expect(by("unrecorded").textContent).toContain(samples.full.ja);
  });

  test("lists files, certificates and the claim's end as details", async () => {
    await done();
    for (const part of ["claimCert.pem", "provisioning.json", samples.certificateId, samples.deviceCertificateId]) {
      expect(by("details").textContent).toContain(part);
    }
  });

  test("leads to the next device with site and sign-in, but no serial number, drive or claim", async () => {
    const { user } = await done();
    await user.click(by("next-device"));
    await on("provision");
    expect(input("serial-number").value).toBe("");
    expect(target(samples.drive.target).checked).toBe(false);
    expect(by("operator").textContent).toContain("mori@example.com");
    expect(text()).not.toContain(samples.certificateId);
    await startRun({ user } as Opened, "SN-0043");
    expect(has("countdown")).toBe(false);
    expect(by("step-target").dataset["status"]).toBe("waiting");
  });
});

describe("a failed run", () => {
  test.each(Object.keys(remedies).filter((code) => code !== "unexpected") as Code[])(
    "with %s says what failed, what to do and the code, and offers one primary action",
    async (code) => {
      await failed(code);
      expect(by("failure").textContent).toContain(`The text of ${code}`);
      expect(by("failure").textContent).toContain(`What to do about ${code}.`);
      expect(by("failure").dataset["code"]).toBe(code);
      expect(text()).toContain("Failed at: Fetch the claim");
      expect(document.querySelectorAll("button.primary")).toHaveLength(1);
      const primary = { "retry": "try-again", "choices": "change-choices", "sign-in": "sign-in-again", "site": "choose-another-site" };
      expect(by(primary[remedies[code]]).classList.contains("primary")).toBe(true);
      expect(has("registered")).toBe(false);
    },
  );

  test("names the device by its label and the serial number that were chosen, above the cause, though it has gone", async () => {
    const { host } = await failed("target-gone");
    host.attach([]);
    const chosen = by("failed-device");
    for (const part of ["SN-0042", "SENSOR (/media/mori/SENSOR)"]) expect(chosen.textContent).toContain(part);
    expect(chosen.compareDocumentPosition(by("failure")) & Node.DOCUMENT_POSITION_FOLLOWING).toBeTruthy();
  });

  test("shows the steps that were reached, the last one failed", async () => {
    await failed("target-full", "write");
    expect(by("step-claim").dataset["status"]).toBe("done");
    expect(by("step-write").dataset["status"]).toBe("failed");
    expect(by("step-write").textContent).toContain("Failed");
    expect(has("step-verify")).toBe(false);
    expect(has("unplug")).toBe(false);
  });

  test("can be tried again with the same choices", async () => {
    const { user, host } = await failed("offline");
    await user.click(by("try-again"));
    await on("running");
    await waitFor(() => expect(host.calls("provision")).toHaveLength(2));
    expect(host.calls("provision")[1]).toEqual(host.calls("provision")[0]);
  });

  test("is tried again on Enter, and left for the choices on Escape", async () => {
    const { user } = await failed("offline");
    await user.keyboard("{Escape}");
    await on("provision");
    expect(input("serial-number").value).toBe("SN-0042");
    expect(target(samples.drive.target).checked).toBe(true);
  });

  test("of which the drive has gone leads to the choices instead of another run", async () => {
    const { user, host } = await failed("verify-mismatch", "verify");
    host.attach([]);
    await user.click(by("try-again"));
    await on("provision");
    expect(text()).toContain("SENSOR was unplugged");
    expect(host.calls("provision")).toHaveLength(1);
  });

  test("by a session that ran out leads over the sign-in back to the choices", async () => {
    const { user } = await failed("session-expired", "sign-in");
    await user.click(by("sign-in-again"));
    await on("sign-in");
    expect(input("email").value).toBe("mori@example.com");
    await user.type(by("password"), "Correct-Horse-7{Enter}");
    await on("provision");
    expect(input("serial-number").value).toBe("SN-0042");
  });

  test("after the write says that the credentials are on the device, and whether it may be unplugged", async () => {
    await failed("not-registered", "register");
    expect(heading().textContent).toBe("Written, but not registered");
    expect(by("unplug").dataset["release"]).toBe("ejected");
  });
});

describe("a failed run and another target", () => {
  const clerk = { start: { ...samples.signedIn, operator: desk.clerk }, targets: [samples.drive, samples.otherDrive] };

  /** Fails, and goes to the help desk to choose the other drive there. */
  async function chosenElsewhere(code: Code): Promise<Opened> {
    const opened = await openProvision(clerk);
    await startRun(opened);
    opened.host.emit(...samples.eventsUntil(code, "target"));
    await on("failed");
    await opened.user.click(by("nav-devices"));
    await opened.user.click(by("to-verify"));
    await waitFor(() => expect(target(samples.drive.target).checked, "a choice of another place is none here").toBe(false));
    await opened.user.click(target(samples.otherDrive.target));
    await opened.user.click(by("nav-provision"));
    await on("failed");
    return opened;
  }

  test("replaces what the question named, whatever is chosen at the help desk", async () => {
    const { user, host } = await chosenElsewhere("identity-present");
    await user.click(by("replace"));
    expect(by("confirm-replace").textContent).toContain("/media/mori/SENSOR");
    await user.click(by("replace-it"));
    await waitFor(() => expect(host.calls("provision")).toHaveLength(2));
    expect(host.calls("provision")[1]).toMatchObject({ target: samples.drive.target, replace: true });
  });

  test("is tried again where it failed, with what was asked then", async () => {
    const { user, host } = await chosenElsewhere("offline");
    await user.click(by("try-again"));
    await waitFor(() => expect(host.calls("provision")).toHaveLength(2));
    expect(host.calls("provision")[1]).toEqual(host.calls("provision")[0]);
  });

  test("keeps what was chosen for the next device apart from what is chosen at the help desk", async () => {
    const { user, host } = await openProvision(clerk);
    await user.click(target(samples.drive.target));
    await user.type(by("serial-number"), "SN-0042");
    await user.click(by("nav-devices"));
    await user.click(by("to-verify"));
    await user.click(target(samples.otherDrive.target));
    await user.click(by("nav-provision"));
    await on("provision");
    expect(target(samples.drive.target).checked).toBe(true);
    await user.type(by("serial-number"), "{Enter}");
    await waitFor(() => expect(host.calls("provision")).toMatchObject([{ target: samples.drive.target }]));
  });

  test.each([
    ["one after the other", [[], [{ ...samples.drive, device: "0781:5581:B" }]]],
    ["between two looks", [[{ ...samples.drive, device: "0781:5581:B" }]]],
  ])("replaces nothing on a device that came to the same place: %s", async (_when, looks) => {
    const drive = { ...samples.drive, device: "0781:5581:A" };
    const opened = await openProvision({ start: { ...samples.signedIn, target: drive.target }, targets: [drive] });
    await startRun(opened);
    opened.host.emit(...samples.eventsUntil("identity-present", "target"));
    await on("failed");
    for (const look of looks) opened.host.attach(look);
    await opened.user.click(by("replace"));
    await opened.user.click(by("replace-it"));
    await on("provision");
    expect(text()).toContain("SENSOR was unplugged");
    expect(opened.host.calls("provision")).toHaveLength(1);
  });
});

describe("credentials that are there already", () => {
  test("are replaced only after a question that names target and thing", async () => {
    const { user, host } = await failed("identity-present", "target");
    await user.click(by("replace"));
    expect(by("confirm-replace").textContent).toContain("/media/mori/SENSOR");
    expect(by("confirm-replace").textContent).toContain("Fleet_Index_SN-0042");
    expect(by("confirm-replace").textContent).toContain("stays active at AWS until the help desk deactivates it under Devices");
    expect(document.activeElement).toBe(by("leave-it"));
    await user.click(by("replace-it"));
    await on("running");
    await waitFor(() => expect(host.calls("provision")).toHaveLength(2));
    expect(host.calls("provision")[1]).toMatchObject({ target: samples.drive.target, replace: true });
  });

  test("stay when the question is declined, and Enter never replaces them", async () => {
    const { user, host } = await failed("identity-present", "target");
    await user.click(by("replace"));
    await user.click(by("leave-it"));
    expect(has("confirm-replace")).toBe(false);
    heading().focus();
    await user.keyboard("{Enter}");
    await on("provision");
    expect(host.calls("provision")).toHaveLength(1);
  });

  test("are not offered for replacement after any other failure", async () => {
    await failed("target-full", "target");
    expect(has("replace")).toBe(false);
  });
});

test("a failed run that the journal did not take says so, and its report says why", async () => {
  const opened = await openProvision();
  await startRun(opened);
  opened.host.emit(...samples.unrecorded(samples.eventsUntil("offline", "claim")));
  await on("failed");
  expect(by("failure").dataset["code"]).toBe("offline");
  expect(by("unrecorded").textContent).toContain(samples.full.en);
  expect(by<HTMLTextAreaElement>("report").value).toContain(`journal: not written: ${samples.full.en}`);
});

describe("the report", () => {
  test("holds what the help desk needs, and no secret", async () => {
    const { user } = await failed("not-allowed");
    const write = vi.spyOn(navigator.clipboard, "writeText");
    await user.click(by("copy-report"));
    const report = write.mock.calls[0]?.[0] ?? "";
    const parts = ["r-0001", "Tokyo plant (ap-northeast-1)", "groups: installers", "SN-0042", "Fleet_Index_SN-0042", "not-allowed", "failed at: claim", "step credentials: done, 412 ms"];
    for (const part of parts) expect(report).toContain(part);
    expect(report).not.toContain("journal");
    expect(report).not.toMatch(/BEGIN|PRIVATE|password/i);
  });

  test("opens for copying by hand where the clipboard is closed", async () => {
    const { user } = await failed("not-allowed");
    vi.spyOn(navigator.clipboard, "writeText").mockRejectedValue(new Error("denied"));
    await user.click(by("copy-report"));
    await waitFor(() => expect(by<HTMLDetailsElement>("report-details").open).toBe(true));
    expect(by<HTMLTextAreaElement>("report").value).toContain("not-allowed");
  });
});
