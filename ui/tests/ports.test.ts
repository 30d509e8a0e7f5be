import { waitFor } from "@testing-library/svelte";
import { describe, expect, test } from "vitest";

import { drivers } from "../src/host/fake/drivers";

import { by, has, on, openProvision, samples, target, type Opened } from "./support/window";

const { bridge, busyPort, drive, port } = samples;

async function choose(opened: Opened, value: string): Promise<void> {
  await opened.user.click(target(value));
}

async function provisioned(opened: Opened): Promise<unknown> {
  await opened.user.type(by("serial-number"), "SN-1{Enter}");
  await on("running");
  await waitFor(() => expect(opened.host.calls("provision")).toHaveLength(1));
  return opened.host.calls("provision")[0];
}

describe("a serial port", () => {
  test("shows what it is, its device's numbers, the driver that fits, and its path", async () => {
    await openProvision({ targets: [port] });
    for (const part of ["J-Link", "Serial port", "Serial number 000960012345", "USB ID 1366:1059", "Nordic nRF91 modem", "/dev/ttyACM0"]) {
      expect(by("targets").textContent).toContain(part);
    }
  });

  test("that another program holds cannot be chosen and says why", async () => {
    await openProvision({ targets: [busyPort] });
    expect(target(busyPort.target).disabled).toBe(true);
    expect(by("target-0-about").textContent).toContain("another program");
  });

  test("is spoken to with the driver that fits it, unless the operator knows better", async () => {
    const opened = await openProvision({ targets: [port] });
    await choose(opened, port.target);
    expect(by<HTMLSelectElement>("driver").value).toBe("nrf91");
    await opened.user.selectOptions(by("driver"), "zephyr");
    expect(await provisioned(opened)).toMatchObject({ target: port.target, driver: "zephyr" });
  });

  test("that nobody knows is asked what it is", async () => {
    const opened = await openProvision({ targets: [bridge] });
    await choose(opened, bridge.target);
    expect(by<HTMLSelectElement>("driver").selectedOptions[0]?.textContent).toBe("Ask the device");
    expect(by("driver-hint").textContent).toContain("does not know");
    expect(await provisioned(opened)).toMatchObject({ target: bridge.target, driver: null });
  });

  test("keeps the driver that was chosen for it, and for it alone", async () => {
    const opened = await openProvision({ targets: [port, bridge] });
    await choose(opened, bridge.target);
    await opened.user.selectOptions(by("driver"), "micropython");
    await choose(opened, port.target);
    expect(by<HTMLSelectElement>("driver").value).toBe("nrf91");
    await choose(opened, bridge.target);
    expect(by<HTMLSelectElement>("driver").value).toBe("micropython");
    await opened.user.selectOptions(by("driver"), "");
    expect(await provisioned(opened), "asking again is a choice, too").toMatchObject({ driver: null });
  });

  test("keeps a driver that is missing from the list, and a recipe's own name", async () => {
    const opened = await openProvision({ targets: [{ ...port, driver: "our-modem" }], drivers: { ...drivers, serial: drivers.serial.filter(({ name }) => name === "console") } });
    await choose(opened, port.target);
    expect(by<HTMLSelectElement>("driver").value).toBe("our-modem");
    expect([...by<HTMLSelectElement>("driver").options].map((one) => one.textContent)).toEqual(["Ask the device", "our-modem", "Linux console"]);
  });

  test("can be asked what it is where the list of drivers does not come", async () => {
    const opened = await openProvision({ targets: [bridge], drivers: samples.failure("service-error") });
    await choose(opened, bridge.target);
    expect([...by<HTMLSelectElement>("driver").options]).toHaveLength(1);
    expect(has("trouble")).toBe(false);
  });

  test("does not lose what is typed into its list to the serial number", async () => {
    const opened = await openProvision({ targets: [port] });
    await choose(opened, port.target);
    by("driver").focus();
    await opened.user.keyboard("z");
    expect(document.activeElement).toBe(by("driver"));
  });
});

test("a drive has no driver to choose, and none is sent", async () => {
  const opened = await openProvision({ targets: [drive, port] });
  await choose(opened, drive.target);
  expect(has("driver")).toBe(false);
  expect(await provisioned(opened)).toMatchObject({ target: drive.target, driver: null });
});
