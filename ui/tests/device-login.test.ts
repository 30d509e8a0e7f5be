import { waitFor } from "@testing-library/svelte";
import { describe, expect, test } from "vitest";

import type { Language } from "../src/bindings/Language";
import type { RunEvent } from "../src/bindings/RunEvent";
import { FakeHost } from "../src/host/fake/host";
import { report } from "../src/words/report";
import { openDevice } from "./support/desk";
import { by, has, heading, input, on, openProvision, samples, target, text, type Opened } from "./support/window";

const { bridge, drive, port } = samples;
const secret = "correct horse battery";

async function console_(opened: Opened): Promise<void> {
  await opened.user.click(target(bridge.target));
  await opened.user.selectOptions(by("driver"), "console");
}

async function begun({ host, user }: Opened, times = 1): Promise<unknown> {
  if (has("serial-number")) await user.type(by("serial-number"), "SN-1{Enter}");
  await on("running");
  await waitFor(() => expect(host.calls("provision")).toHaveLength(times));
  return host.calls("provision").at(-1);
}

const failed = (code: Parameters<typeof samples.failure>[0]): RunEvent[] => [
  { event: "started", run: "r-1", job: "provision" },
  { event: "failed", run: "r-1", failure: samples.failure(code, "target"), unrecorded: null },
];

/** A run with a login that came to nothing. */
async function triedInVain(): Promise<Opened & { request: unknown }> {
  const opened = await openProvision({ targets: [bridge] });
  await console_(opened);
  await opened.user.type(input("device-user"), "root");
  expect(input("device-password").type).toBe("password");
  await opened.user.type(input("device-password"), secret);
  const request = await begun(opened);
  expect(page()).not.toContain(secret);
  opened.host.emit(...failed("device-silent"));
  await on("failed");
  return { ...opened, request };
}

/** All that the page shows or holds in its fields. */
function page(): string {
  const fields = [...document.querySelectorAll<HTMLInputElement>("input, textarea, select")].map(({ value }) => value);
  return document.body.innerHTML + fields.join("\n");
}

describe("how a device is spoken to", () => {
  test("is asked for where its driver has something to be told, and nowhere else", async () => {
    const opened = await openProvision({ targets: [drive, port, bridge] });
    expect([has("device-user"), has("more-settings")]).toEqual([false, false]);
    await opened.user.click(target(port.target));
    expect(has("device-user"), "a modem has no users").toBe(false);
    expect([...document.querySelectorAll("#more-settings [id^=setting-]")].map(({ id }) => id)).toEqual([
      "setting-sectag",
      "setting-sectag-hint",
      "setting-term",
      "setting-shell",
      "setting-baud",
      "setting-baud-hint",
      "setting-flow",
    ]);
    expect(by<HTMLDetailsElement>("more-settings").open, "nobody has to look at it").toBe(false);
    await console_(opened);
    expect([has("device-user"), has("device-password"), has("setting-dir")]).toEqual([true, true, true]);
    await opened.user.selectOptions(by("driver"), "");
    expect([has("device-user"), has("setting-baud"), has("setting-dir")]).toEqual([false, true, false]);
  });

  test("goes with the run: what was typed for this driver, and nothing that was typed for another", async () => {
    const opened = await openProvision({ targets: [bridge] });
    await opened.user.click(target(bridge.target));
    await opened.user.selectOptions(by("driver"), "zephyr");
    await opened.user.type(input("setting-sectag"), "7");
    await opened.user.selectOptions(by("setting-format"), "strt");
    await opened.user.selectOptions(by("driver"), "console");
    await opened.user.type(input("device-user"), " root ");
    await opened.user.type(input("setting-baud"), "9600");
    expect(await begun(opened)).toEqual({
      serialNumber: "SN-1",
      target: bridge.target,
      driver: "console",
      driverSettings: { user: "root", baud: "9600" },
      replace: false,
    });
    expect(opened.host.passwords, "none was typed").toEqual([null]);
  });

  test("is kept for the next device on the port, and forgotten with the operator", async () => {
    const opened = await openProvision({ targets: [bridge] });
    await console_(opened);
    await opened.user.type(input("device-user"), "root");
    await begun(opened);
    opened.host.emit(...samples.events("closed"));
    await on("done");
    await opened.user.click(by("next-device"));
    await opened.user.click(target(bridge.target));
    expect([by<HTMLSelectElement>("driver").value, input("device-user").value, input("device-password").value]).toEqual(["console", "root", ""]);
    await opened.user.click(by("sign-out"));
    await on("sign-in");
    await opened.user.type(by("email"), "mori@example.com");
    await opened.user.type(by("password"), "Correct-Horse-7{Enter}");
    await on("provision");
    await opened.user.click(target(bridge.target));
    expect([by<HTMLSelectElement>("driver").value, has("device-user")]).toEqual(["", false]);
  });

  test("of a drive is how files are laid out", async () => {
    const opened = await openProvision({ targets: [drive] });
    await opened.user.click(target(drive.target));
    expect(has("own-layout")).toBe(false);
    const options = [...by<HTMLSelectElement>("layout").options].map((one) => one.textContent.trim());
    expect(options).toEqual(["Fieldkey’s own files (usual)", "For AWS IoT Greengrass", "For the AWS IoT Device Client"]);
    await opened.user.selectOptions(by("layout"), "greengrass");
    expect(by("setting-root-hint").textContent).toBe("If empty: /greengrass/v2");
    await opened.user.type(input("setting-root"), "/opt/gg");
    expect(await begun(opened)).toMatchObject({ driver: "greengrass", driverSettings: { root: "/opt/gg" } });
  });

  test("at a site with a layout of its own is that, and the page says so", async () => {
    const opened = await openProvision({ start: { ...samples.signedIn, site: { ...samples.site, ownLayout: true } }, targets: [drive] });
    await opened.user.click(target(drive.target));
    expect(by("own-layout").textContent).toBe("The files are laid out as this site says.");
    const options = [...by<HTMLSelectElement>("layout").options].map((one) => one.textContent.trim());
    expect(options).toEqual(["As this site says (usual)", "Fieldkey’s own files", "For AWS IoT Greengrass", "For the AWS IoT Device Client"]);
    expect(await begun(opened), "without a driver's name it is the site's").toMatchObject({ driver: null, driverSettings: {} });
  });

  test("is not asked for at the practise site", async () => {
    const site = { ...samples.site, practise: true };
    const opened = await openProvision({ start: { ...samples.signedIn, site }, targets: [drive] });
    await opened.user.click(target(drive.target));
    expect(has("more-settings")).toBe(false);
  });
});

describe("the password of a device's own user", () => {
  test("goes to the program with the run and is nowhere in the page afterwards", async () => {
    const { host, request } = await triedInVain();
    expect(host.passwords).toEqual([secret]);
    expect(JSON.stringify(request), "what is kept for trying again does not hold it").not.toContain(secret);
    expect(page()).not.toContain(secret);
  });

  test("need not be typed again to try again, and goes from the program once nobody does", async () => {
    const opened = await triedInVain();
    await opened.user.click(by("try-again"));
    expect(await begun(opened, 2)).toMatchObject({ driverSettings: { user: "root" } });
    expect(opened.host.passwords, "the program has it still").toEqual([secret, null]);
    opened.host.emit(...failed("device-silent"));
    await on("failed");
    expect(opened.host.calls("forgetDeviceLogin")).toHaveLength(0);
    await opened.user.click(by("change-choices"));
    await on("provision");
    expect(opened.host.calls("forgetDeviceLogin")).toHaveLength(1);
    expect(input("device-password").value).toBe("");
  });

  test("is not sent to another device or another kind than it was typed for", async () => {
    const opened = await openProvision({ targets: [bridge, port] });
    await console_(opened);
    await opened.user.type(input("device-password"), secret);
    await opened.user.click(target(port.target));
    await console_(opened);
    expect(input("device-password").value).toBe("");
    await opened.user.type(input("device-password"), secret);
    await opened.user.selectOptions(by("driver"), "micropython");
    await begun(opened);
    expect(opened.host.passwords).toEqual([null]);
  });

  test("goes when its device is unplugged", async () => {
    const opened = await openProvision({ targets: [bridge] });
    await console_(opened);
    await opened.user.type(input("device-password"), secret);
    opened.host.attach([]);
    opened.host.attach([bridge]);
    await waitFor(() => expect(target(bridge.target).checked).toBe(false));
    await opened.user.click(target(bridge.target));
    expect(input("device-password").value).toBe("");
  });

  test.each(["en", "ja"] as const)("is asked for after a run that wanted it, in the field that is wanted first (%s)", async (language: Language) => {
    const opened = await openProvision({ start: { ...samples.signedIn, language }, targets: [bridge] });
    await opened.user.click(target(bridge.target));
    expect(await begun(opened)).toMatchObject({ driver: null });
    opened.host.emit(...failed("device-login"));
    await on("failed");
    expect(by("failure").textContent, "what to do, without a word of an environment").not.toContain("FIELDKEY");
    await waitFor(() => expect(document.activeElement).toBe(input("device-user")));
    await opened.user.click(by("try-again"));
    expect(by("device-user-error").textContent).toBe(language === "en" ? "Enter who logs in on the device" : "デバイスにログインするユーザー名を入力してください");
    expect(opened.host.calls("provision"), "without a user the same would come of it").toHaveLength(1);

    await opened.user.type(input("device-user"), "root");
    await opened.user.type(input("device-password"), `${secret}{Enter}`);
    expect(await begun(opened, 2)).toMatchObject({ driver: "console", driverSettings: { user: "root" } });
    expect(opened.host.passwords).toEqual([null, secret]);
    opened.host.emit(...failed("device-login"));
    await on("failed");
    await waitFor(() => expect(document.activeElement, "the user stands, the password was wrong").toBe(input("device-password")));
    expect([input("device-user").value, input("device-password").value]).toEqual(["root", ""]);
    expect(page()).not.toContain(secret);
  });

  test("is not in the report, which says how the device was spoken to", async () => {
    await triedInVain();
    const told = by<HTMLTextAreaElement>("report").value;
    expect(told).toContain("driver: console\nsettings: user=root\n");
    expect(told).not.toContain(secret);
    expect(report, "one report for all").toBeTypeOf("function");
  });
});

describe("at the help desk", () => {
  async function reissuing(): Promise<{ host: FakeHost; user: Opened["user"] }> {
    const { host, flow, user } = await openDevice();
    host.attach([bridge]);
    await user.click(by("to-reissue"));
    await waitFor(() => expect(has("targets")).toBe(true));
    await user.click(target(bridge.target));
    expect(flow.devices.view.name).toBe("reissue");
    return { host, user };
  }

  test("a device is spoken to as in any other place", async () => {
    const { host, user } = await reissuing();
    await user.selectOptions(by("driver"), "console");
    await user.type(input("device-user"), "root");
    await user.type(input("device-password"), secret);
    await user.click(by("reissue"));
    await user.click(by("reissue-yes"));
    await waitFor(() => expect(host.calls("reissue")).toMatchObject([{ target: bridge.target, driver: "console", driverSettings: { user: "root" } }]));
    expect(host.passwords).toEqual([secret]);
    expect(page()).not.toContain(secret);
  });

  test("a run that wanted a login is done again with one, and asks nothing else anew", async () => {
    const { host, user } = await reissuing();
    await user.click(by("compromised"));
    await user.click(by("reissue"));
    await user.click(by("reissue-yes"));
    await waitFor(() => expect(host.calls("reissue")).toHaveLength(1));
    host.emit({ event: "failed", run: "r-1", failure: samples.failure("device-login", "target"), unrecorded: null });
    await waitFor(() => expect(document.activeElement).toBe(input("device-user")));
    await user.type(input("device-user"), "root");
    await user.type(input("device-password"), `${secret}{Enter}`);
    await waitFor(() => expect(host.calls("reissue")).toHaveLength(2));
    expect(host.calls("reissue")[1]).toMatchObject({ driver: "console", driverSettings: { user: "root" }, compromised: true });
    expect(host.passwords).toEqual([null, secret]);
    expect(page()).not.toContain(secret);
    expect(heading().textContent).toContain("Re-issuing");
    expect(text()).not.toContain(secret);
  });
});
