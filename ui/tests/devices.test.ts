import { waitFor } from "@testing-library/svelte";
import { tick } from "svelte";
import { describe, expect, test } from "vitest";

import type { Job } from "../src/bindings/Job";
import type { LookUp } from "../src/host";
import * as desk from "../src/host/fake/devices-samples";
import { failure, operator } from "../src/host/fake/samples";
import { button, openDesk, openDevice, type Desk } from "./support/desk";
import { by, has, heading, input, text } from "./support/window";

const installer = { ...operator, may: ["provision", "enroll", "register", "verify", "inspect", "export-claim"] satisfies Job[] };

describe("looking up", () => {
  test("a scanner's Enter opens the one thing that is found", async () => {
    const { host, user } = await openDesk({ lookUps: [{ ...desk.lookedUp }] });
    await user.keyboard("SN-0042{Enter}");
    await waitFor(() => expect(heading().textContent).toBe(desk.thing.name));
    expect(host.calls("findDevices")).toEqual(["SN-0042"]);
    expect(document.activeElement).toBe(heading());
    expect(host.calls("inspectThing"), "the look-up said it all").toEqual([]);
  });

  test("several are listed, each with where it is known", async () => {
    const { user } = await openDesk({ lookUps: [desk.several] });
    await user.type(input("device-query"), "SN-0042{Enter}");
    await waitFor(() => expect(document.querySelectorAll("#results li")).toHaveLength(4));
    expect(text()).toContain("Active certificates: 1");
    expect(text()).toContain("From this computer's journal; open it to ask the registry");
    expect(text(), "the registry was not asked for it").not.toContain("Only in this computer's journal");
    expect(text(), "a thing of another fleet cannot be opened").toContain("none of this site's things");
    expect(document.querySelectorAll("#results button")).toHaveLength(3);
  });

  test.each<[string, LookUp, string, boolean]>([
    ["a serial number", desk.nothing, "SN-0042", true],
    ["a thing's name", { ...desk.nothing, registry: { readAs: "thing-name", things: [], elsewhere: [], certificate: false } }, desk.thing.name, true],
    ["a beginning", desk.nothing, "SN-004", false],
    ["a registry that is silent", { ...desk.nothing, registry: null, failure: failure("offline") }, "SN-0042", false],
  ])("what the journal alone has is said to be gone only where the registry was asked for it: %s", async (_, lookUp, asked, gone) => {
    const { user } = await openDesk({ lookUps: [{ ...lookUp, journal: [desk.known] }] });
    await user.type(input("device-query"), `${asked}{Enter}`);
    await waitFor(() => expect(document.querySelectorAll("#results li")).toHaveLength(1));
    expect(text()).toContain(gone ? "Only in this computer's journal" : "open it to ask the registry");
  });

  test.each<[string, LookUp, string]>([
    ["gone", desk.nothing, "Neither the registry of Tokyo plant"],
    ["impossible", { ...desk.nothing, registry: { readAs: "nothing", things: [], elsewhere: [], certificate: false } }, "cannot belong to this site"],
    ["unused", { ...desk.nothing, registry: { readAs: "certificate-id", things: [], elsewhere: [], certificate: true } }, "no thing uses it"],
    ["offline", { registry: null, failure: failure("offline"), journal: [] }, "has not worked on"],
  ])("nothing found says why and what to do: %s", async (_, lookUp, words) => {
    const { user } = await openDesk({ lookUps: [lookUp] });
    await user.type(input("device-query"), "X{Enter}");
    await waitFor(() => expect(by("nothing-found").textContent).toContain(words));
  });

  test("without the registry the journal answers, and its failure is shown", async () => {
    const { user } = await openDesk({ lookUps: [desk.journalOnly], things: [failure("offline")] });
    await user.type(input("device-query"), "SN{Enter}");
    await waitFor(() => expect(has("registry-trouble")).toBe(true));
    await user.click(button(/^Fleet_Index_SN-0042\b/));
    await waitFor(() => expect(by("history").children).toHaveLength(4));
    expect(by("trouble").dataset["code"]).toBe("offline");
  });

  test("a thing that only the journal knows shows its history and what to do", async () => {
    const { flow } = await openDesk({ things: [failure("thing-not-found")] });
    await flow.devices.open("Fleet_Index_SN-9");
    await waitFor(() => expect(by("thing-missing").textContent).toContain("Provision the device"));
    expect(has("trouble"), "said once is enough").toBe(false);
    expect(by("history").children.length).toBeGreaterThan(0);
  });

  test("the history tells a certificate that was deactivated from one that was revoked, where the run came so far", async () => {
    const revoked = { ...desk.ran, job: "revoke", target: "" };
    const history = [
      { ...revoked, run: "r-3", act: "delete" as const },
      { ...revoked, run: "r-2", act: "deactivate" as const },
      { ...revoked, run: "r-1", outcome: "failed" as const, code: "offline", step: "credentials" },
    ];
    const { flow } = await openDesk({ things: [failure("thing-not-found")], history });
    await flow.devices.open("Fleet_Index_SN-9");
    await waitFor(() => expect(by("history").children).toHaveLength(3));
    const words = [...by("history").querySelectorAll(".strong")].map((job) => job.textContent);
    expect(words).toEqual(["Certificate revoked", "Certificate deactivated", "Certificate deactivated or revoked"]);
  });

  test("what was looked up is offered again, newest first", async () => {
    const { flow, user } = await openDevice();
    flow.devices.back();
    await waitFor(() => expect(heading().textContent).toBe("Devices"));
    await user.click(document.querySelector(".recent button") as HTMLElement);
    await waitFor(() => expect(heading().textContent).toBe(desk.thing.name));
  });

  test("another operator sees nothing of the last one", async () => {
    const { flow } = await openDevice();
    flow.devices.forget();
    const { recent, thing, history, found, query } = flow.devices;
    expect({ recent, thing, history, found, query }).toEqual({ recent: [], thing: null, history: null, found: null, query: "" });
  });
});

describe("a device's page", () => {
  test("shows thing, certificates, policies and history", async () => {
    await openDevice();
    const shown = text();
    for (const part of ["pump-controller", "Kawasaki East", "0d51b7c3a9", "Active", "Inactive", "fieldkey-device", "Also used by Fleet_Index_SN-0007", "Identity verified", "Failed: identity-refused"]) {
      expect(shown).toContain(part);
    }
  });

  test.each([
    [desk.bareThing, "no certificate, so it cannot connect"],
    [{ ...desk.thing, certificates: [desk.inactive] }, "activate the right one, or re-issue"],
    [{ ...desk.thing, certificates: [{ ...desk.inactive, status: "REVOKED" as const }] }, "none can be activated, so it cannot connect: re-issue"],
    [{ ...desk.thing, certificates: [{ ...desk.active, status: "REVOKED" as const }, desk.inactive] }, "activate the right one"],
    [{ ...desk.thing, certificates: [{ ...desk.active, expires: "2020-01-01T00:00:00Z" }] }, "has expired"],
    [{ ...desk.thing, certificates: [{ ...desk.active, policies: [] }] }, "has no policy"],
    [{ ...desk.thing, certificates: [desk.active, { ...desk.active, id: "b".repeat(64) }] }, "More than one"],
    [{ ...desk.thing, certificates: [{ ...desk.active, otherThings: ["x"] }] }, "Another thing uses"],
    [desk.thing, "nothing wrong"],
  ])("says what to do about its state", async (thing, advice) => {
    await openDevice({ lookUps: [{ ...desk.lookedUp, registry: { readAs: "serial-number", things: [thing], elsewhere: [], certificate: false }, journal: [] }] });
    expect(by("advice").textContent).toContain(advice);
  });

  test("deactivating names the thing and the certificate, and the page looks again", async () => {
    const { host, user } = await openDevice();
    await user.click(button(/^Deactivate certificate 0d51b7c3a9/));
    expect(by("change").textContent).toContain(desk.thing.name);
    expect(by("change").textContent).toContain("0d51b7c3a9");
    expect(document.activeElement, "Enter must not do it by accident").toBe(by("change-no"));
    await user.click(by("change-yes"));
    await waitFor(() => expect(by("changed").textContent).toContain("Deactivated"));
    expect(host.calls("changeCertificates")).toEqual([{ thingName: desk.thing.name, certificateId: desk.active.id, act: "deactivate" }]);
    expect(host.calls("inspectThing")).toEqual([desk.thing.name]);
    expect(has("change")).toBe(false);
  });

  test("revoking needs the thing's name typed", async () => {
    const { host, user } = await openDevice();
    await user.click(by("revoke-all"));
    await user.type(input("typed-name"), "Fleet_Index_SN-0043{Enter}");
    expect(text()).toContain("This is not the thing's name");
    expect(host.calls("changeCertificates")).toEqual([]);
    expect(by("change").textContent, "what hangs on it, too").toContain("Fleet_Index_SN-0007");
    expect(by("change").textContent, "which says the same of this one").not.toContain("revoked there");
    expect(by("change").textContent, "what can be done").toContain("once an AWS administrator has detached it");
    await user.clear(input("typed-name"));
    await user.type(input("typed-name"), `${desk.thing.name}{Enter}`);
    await waitFor(() => expect(has("change")).toBe(false));
    expect(host.calls("changeCertificates")).toEqual([{ thingName: desk.thing.name, certificateId: null, act: "delete" }]);
  });

  test("a refused change stays in its dialog with what to do", async () => {
    const { user } = await openDevice({ change: failure("certificate-shared") });
    await user.click(button(/^Deactivate certificate/));
    await user.click(by("change-yes"));
    await waitFor(() => expect(by("change-trouble").dataset["code"]).toBe("certificate-shared"));
    expect(has("change")).toBe(true);
  });

  test("the next question says nothing of the last one's failure, and neither does the page", async () => {
    const { host, user } = await openDevice({ change: failure("certificate-shared") });
    await user.click(button(/^Revoke certificate/));
    await user.type(input("typed-name"), `${desk.thing.name}{Enter}`);
    await waitFor(() => expect(has("change-trouble")).toBe(true));
    await user.click(by("change-no"));
    expect([has("change"), has("trouble")]).toEqual([false, false]);
    await user.click(by("deactivate-all"));
    expect([has("change"), has("change-trouble")]).toEqual([true, false]);

    // Given up while it was asked: its failure is the page's, and no other question's.
    let release: () => void = () => undefined;
    host.hold = new Promise((resolve) => (release = resolve));
    await user.click(by("change-yes"));
    await user.click(by("change-no"));
    host.hold = null;
    release();
    await waitFor(() => expect(has("trouble")).toBe(true));
    await user.click(by("deactivate-all"));
    expect([has("change"), has("change-trouble")]).toEqual([true, false]);
  });

  test("whoever may not change anything is told whom to ask", async () => {
    await openDevice({}, "en", installer);
    expect(by("may-not").textContent).toContain("Help desk");
    for (const id of ["revoke-all", "deactivate-all", "to-reissue"]) expect(has(id), id).toBe(false);
  });
});

describe("an answer that comes after the clerk has left", () => {
  /** Holds what is asked next until `release`. */
  function held(host: Desk["host"]): () => void {
    let release: () => void = () => undefined;
    host.hold = new Promise((resolve) => (release = resolve));
    return () => {
      host.hold = null;
      release();
    };
  }

  test("to a look-up at one site is not shown at the next", async () => {
    const { flow, host } = await openDesk({ lookUps: [{ ...desk.lookedUp, journal: [] }] });
    flow.devices.query = "SN-0042";
    const release = held(host);
    const looked = flow.devices.search();
    flow.devices.forget();
    expect(flow.devices.busy, "the next site's clerk need not wait for it").toBe(false);
    release();
    await looked;
    expect(flow.devices.view.name).toBe("search");
    expect([flow.devices.found, flow.devices.thing, flow.devices.recent, flow.devices.asked]).toEqual([null, null, [], ""]);
  });

  test("with a thing or its history, at another site's thing of the same name, is dropped", async () => {
    const { flow, host } = await openDesk();
    const release = held(host);
    const opened = flow.devices.open(desk.thing.name);
    flow.devices.forget();
    flow.devices.go({ name: "device", thingName: desk.thing.name });
    release();
    await opened;
    await tick();
    expect([flow.devices.thing, flow.devices.history]).toEqual([null, null]);
  });

  test("with a failure leaves the next screen alone, which may ask at once", async () => {
    const { flow, host } = await openDesk({ lookUps: [failure("offline"), { ...desk.lookedUp, journal: [] }] });
    flow.devices.query = "SN-1";
    const release = held(host);
    const first = flow.devices.search();
    flow.devices.go({ name: "search" });
    const second = flow.devices.search();
    release();
    await Promise.all([first, second]);
    expect(flow.devices.trouble).toBeNull();
    expect(flow.devices.thing?.name).toBe(desk.thing.name);
  });
});
