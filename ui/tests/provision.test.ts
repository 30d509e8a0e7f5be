import { waitFor } from "@testing-library/svelte";
import { tick } from "svelte";
import { describe, expect, test } from "vitest";

import { by, FakeHost, has, input, on, openOn, openProvision, samples, screenName, target, text } from "./support/window";

const { drive, otherDrive, systemDrive, folder } = samples;

describe("the list of drives", () => {
  test("before the first look says that it is looking", async () => {
    await openProvision({ targets: null });
    expect(by("targets").textContent).toContain("Looking for devices…");
  });

  test("while empty says what to do, and a folder can be chosen still", async () => {
    await openProvision({ targets: [] });
    expect(by("targets").textContent).toContain("Plug it in");
    expect(has("choose-folder")).toBe(true);
  });

  test("shows name, size, serial number and path of each", async () => {
    await openProvision({ targets: [drive] });
    for (const part of ["SENSOR", "31.9 GB", "vfat", "4C530001", "/media/mori/SENSOR"]) {
      expect(by("targets").textContent).toContain(part);
    }
  });

  test("names a drive without label by the end of its path", async () => {
    await openProvision({ targets: [{ ...drive, label: null, target: "drive:/media/mori/1A2B-3C4D?driver=drive" }] });
    expect(document.querySelector(".choice-name")?.textContent).toBe("1A2B-3C4D");
    expect(document.querySelector(".path")?.textContent).toBe("/media/mori/1A2B-3C4D");
  });

  test.each([
    ["target-refused", "belongs to this computer"],
    ["target-read-only", "write-protected"],
    ["target-full", "no room"],
    ["target-permission", "may not write"],
    ["service-error", "service-error"],
  ] as const)("a drive refused as %s cannot be chosen and says why", async (refused, why) => {
    await openProvision({ targets: [{ ...systemDrive, refused }] });
    expect(target(systemDrive.target).disabled).toBe(true);
    expect(by("target-0-about").textContent).toContain(why);
  });

  test("follows plugging in and out", async () => {
    const { host } = await openProvision({ targets: [] });
    host.attach([drive]);
    await tick();
    expect(target(drive.target).checked).toBe(false);
    host.attach([drive, otherDrive]);
    await tick();
    expect(document.querySelectorAll("#targets input")).toHaveLength(2);
    host.attach([]);
    await tick();
    expect(document.querySelectorAll("#targets input")).toHaveLength(0);
  });

  test("loses the choice with the drive, says so, and does not take it again by itself", async () => {
    const { host, user } = await openProvision({ targets: [drive, otherDrive] });
    await user.click(target(drive.target));
    host.attach([otherDrive]);
    await tick();
    expect(by("targets").textContent).toContain("SENSOR was unplugged");
    expect(target(otherDrive.target).checked).toBe(false);
    host.attach([drive, otherDrive]);
    await tick();
    expect(target(drive.target).checked).toBe(false);
  });

  test("loses the choice when the drive turns out unusable", async () => {
    const { host, user } = await openProvision({ targets: [drive] });
    await user.click(target(drive.target));
    host.attach([{ ...drive, refused: "target-read-only" }]);
    await tick();
    expect(target(drive.target).checked).toBe(false);
  });

  test("that cannot be watched says why", async () => {
    const broken = new FakeHost({ start: samples.signedIn });
    broken.watchTargets = () => Promise.reject(samples.failure("service-error"));
    await openOn(broken);
    await waitFor(() => expect(by("targets-trouble").dataset["code"]).toBe("service-error"));
  });
});

describe("a choice of target", () => {
  test("is never made for the operator, not even of a single drive", async () => {
    await openProvision({ targets: [drive] });
    expect(target(drive.target).checked).toBe(false);
  });

  test("is taken from the command line if nothing else is usable", async () => {
    await openProvision({ start: { ...samples.signedIn, target: drive.target }, targets: [drive, systemDrive] });
    expect(target(drive.target).checked).toBe(true);
  });

  test("from the command line is asked for when a second drive is there", async () => {
    await openProvision({ start: { ...samples.signedIn, target: drive.target }, targets: [drive, otherDrive] });
    expect(target(drive.target).checked).toBe(false);
  });

  test("from the command line that is refused is not made", async () => {
    await openProvision({ start: { ...samples.signedIn, target: systemDrive.target }, targets: [systemDrive] });
    expect(target(systemDrive.target).checked).toBe(false);
  });

  test("may be a folder, which is then chosen", async () => {
    const { user } = await openProvision();
    await user.click(by("choose-folder"));
    await waitFor(() => expect(target(folder.target).checked).toBe(true));
    expect(by("targets").textContent).toContain("/home/mori/device");
  });

  test("a folder that is refused is listed with the reason and not chosen", async () => {
    const { user } = await openProvision({ folder: { ...folder, refused: "target-permission" } });
    await user.click(by("choose-folder"));
    await waitFor(() => expect(target(folder.target).disabled).toBe(true));
    expect(target(folder.target).checked).toBe(false);
  });

  test("a folder dialog closed without a choice changes nothing", async () => {
    const { user, host } = await openProvision({ folder: null });
    await user.click(target(drive.target));
    await user.click(by("choose-folder"));
    expect(host.calls("chooseFolder")).toHaveLength(1);
    expect(target(drive.target).checked).toBe(true);
  });
});

describe("the serial number", () => {
  test("shows the thing name it makes, and the review names thing and target", async () => {
    const { user } = await openProvision();
    expect(has("review")).toBe(false);
    await user.type(by("serial-number"), " SN-0042 ");
    expect(text()).toContain("Thing name: Fleet_Index_SN-0042");
    await user.click(target(drive.target));
    expect(by("review").textContent).toContain("Fleet_Index_SN-0042");
    expect(by("review").textContent).toContain("SENSOR (/media/mori/SENSOR)");
  });

  test("outside the site's pattern is refused while it is typed, and not sent", async () => {
    const { user, host } = await openProvision();
    await user.click(target(drive.target));
    await user.type(by("serial-number"), "SN/42");
    expect(by("serial-number-error").textContent).toContain("does not accept");
    await user.keyboard("{Enter}");
    expect(screenName()).toBe("provision");
    expect(host.calls("provision")).toHaveLength(0);
    await user.type(by("serial-number"), "{Backspace}{Backspace}{Backspace}-42");
    expect(has("serial-number-error")).toBe(false);
  });

  test("scanned anywhere on the screen lands in its field and starts", async () => {
    const { user, host } = await openProvision();
    await user.click(target(drive.target));
    await user.keyboard("SN-0042{Enter}");
    await on("running");
    expect(host.calls("provision")).toEqual([{ serialNumber: "SN-0042", target: drive.target, driver: null, driverSettings: {}, replace: false }]);
  });

  test("scanned before a drive is chosen does not start, says what is missing and goes there", async () => {
    const { user, host } = await openProvision();
    await user.keyboard("SN-0042{Enter}");
    expect(host.calls("provision")).toHaveLength(0);
    expect(by("targets").textContent).toContain("Choose where the credentials go");
    expect(document.activeElement).toBe(target(drive.target));
    expect(input("serial-number").value).toBe("SN-0042");
  });

  test("scanned after another one replaces it, wherever the focus is, and Enter starts with the new one alone", async () => {
    const { user, host } = await openProvision({ targets: [drive, otherDrive] });
    await user.keyboard("SN-0042{Enter}");
    await user.click(target(drive.target));
    await user.keyboard("SN-0043");
    expect(input("serial-number").value, "scanned with the focus on a drive").toBe("SN-0043");
    await new Promise((resolve) => setTimeout(resolve, 60));
    await user.keyboard("SN-0044{Enter}");
    await on("running");
    expect(host.calls("provision"), "scanned with the focus in the field").toMatchObject([{ serialNumber: "SN-0044" }]);
  });

  test("scanned after a failed run replaces that run's", async () => {
    const opened = await openProvision();
    await opened.user.click(target(drive.target));
    await opened.user.keyboard("SN-0042{Enter}");
    await on("running");
    await waitFor(() => expect(opened.host.calls("provision")).toHaveLength(1));
    opened.host.emit(...samples.eventsUntil("target-full", "write"));
    await on("failed");
    await opened.user.keyboard("{Escape}");
    await on("provision");
    await opened.user.keyboard("SN-0043");
    expect(input("serial-number").value).toBe("SN-0043");
  });

  test("typed by hand is added to, as in any field", async () => {
    const { user } = await openProvision();
    await user.type(by("serial-number"), "SN-00");
    await new Promise((resolve) => setTimeout(resolve, 60));
    for (const key of "4210") {
      await user.keyboard(key);
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    expect(input("serial-number").value).toBe("SN-004210");
  });

  test("that is missing is asked for", async () => {
    const { user } = await openProvision();
    await user.click(target(drive.target));
    await user.click(by("provision"));
    expect(document.activeElement).toBe(by("serial-number"));
    expect(by("serial-number-error").textContent).toContain("Enter the serial number");
  });
});

test("the primary button is called exactly `Provision device`", async () => {
  await openProvision();
  expect(by("provision").textContent.trim()).toBe("Provision device");
});

test("very long names are shown whole", async () => {
  const label = "LABEL_".repeat(20);
  const site = { ...samples.site, name: "Plant ".repeat(30).trim() };
  await openProvision({ start: { ...samples.signedIn, site }, targets: [{ ...drive, label }] });
  expect(by("targets").textContent).toContain(label);
  expect(by("site").textContent).toContain(site.name);
});
