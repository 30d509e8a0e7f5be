import { cleanup, waitFor } from "@testing-library/svelte";
import { tick } from "svelte";
import { describe, expect, test } from "vitest";

import type { Language } from "../src/bindings/Language";
import * as desk from "../src/host/fake/devices-samples";
import { drive, failure, provisioned, site as realSite } from "../src/host/fake/samples";
import { practise } from "../src/host/fake/shell";
import { openDesk, openDevice, type Desk } from "./support/desk";
import { by, has, heading, input, target, text } from "./support/window";

describe("re-issuing", () => {
  async function asked(opened: Desk): Promise<void> {
    await opened.user.click(by("to-reissue"));
    await opened.user.click(target(drive.target));
    await opened.user.click(by("reissue"));
  }

  test("asks with the thing, the target and the old certificates, then follows the run", async () => {
    const opened = await openDevice();
    await asked(opened);
    const question = by("confirm-reissue").textContent;
    for (const part of [desk.thing.name, "SENSOR", "once the new one is proved: 0d51b7c3a9"]) expect(question).toContain(part);
    await opened.user.click(by("reissue-yes"));
    await waitFor(() => expect(heading().textContent).toBe(`Re-issuing ${desk.thing.name}`));
    expect(opened.flow.devices.activity).toBe("running");
    opened.host.emit(...desk.reissueEvents());
    await waitFor(() => expect(heading().textContent).toBe("Re-issued"));
    expect(text()).toContain("Deactivated: 0d51b7c3a9");
    expect(text()).toContain("Safe to unplug");
    expect(opened.host.calls("reissue")).toEqual([{ serialNumber: "SN-0042", target: drive.target, driver: null, driverSettings: {}, way: "device", compromised: false }]);
  });

  test("a key that may be known changes the order, and the question says so", async () => {
    const opened = await openDevice();
    await opened.user.click(by("to-reissue"));
    await opened.user.click(by("compromised"));
    await opened.user.click(by("way-here"));
    await opened.user.click(target(drive.target));
    await opened.user.click(by("reissue"));
    expect(by("confirm-reissue").textContent).toContain("deactivated now");
    await opened.user.click(by("reissue-yes"));
    expect(opened.host.calls("reissue")).toMatchObject([{ way: "here", compromised: true }]);
  });

  test("a failed run says what is left as it was, and stays when another place was visited", async () => {
    const opened = await openDevice();
    await asked(opened);
    await opened.user.click(by("reissue-yes"));
    opened.host.emit(...desk.reissueEvents().slice(0, 10), { event: "failed", run: "r-0009", failure: failure("claim-expired", "claim"), unrecorded: null });
    await waitFor(() => expect(heading().textContent).toBe("Not re-issued"));
    expect(by("run-state").dataset["code"]).toBe("claim-expired");
    expect(opened.flow.devices.activity).toBe("failed");
    await opened.user.click(by("back"));
    await waitFor(() => expect(opened.host.calls("inspectThing"), "the registry may have changed").toHaveLength(1));
  });

  test("without a target nothing begins", async () => {
    const { host, user } = await openDevice();
    await user.click(by("to-reissue"));
    await user.click(by("reissue"));
    expect(has("targets-error")).toBe(true);
    expect(host.calls("reissue")).toEqual([]);
  });
});

describe("registering a certificate", () => {
  test("dropped files are shown first, and registered for the thing only then", async () => {
    const { host, flow, user } = await openDevice();
    flow.devices.drag({ state: "over" });
    flow.devices.drag({ state: "dropped", paths: ["/x/pump-7.crt", "/x/pump-7.key"] });
    await waitFor(() => expect(by("preview").textContent).toContain("CN=Kawasaki Plant CA"));
    expect(host.calls("registerCertificate")).toEqual([]);
    expect(by("preview").textContent).toContain("Belongs to the certificate");
    expect(input("thing-name").value, "dropped on the device's page").toBe(desk.thing.name);
    await user.click(by("register"));
    await waitFor(() => expect(has("registered")).toBe(true));
    expect(text()).toContain("no device can connect with it until it is activated");
    expect(host.calls("registerCertificate")).toEqual([{ files: ["f1", "f2"], password: null, thingName: desk.thing.name, status: "INACTIVE" }]);
  });

  test("what AWS would refuse cannot be registered, and the reason is shown", async () => {
    const { flow, user } = await openDesk({ previews: [desk.refusedPreview] });
    flow.devices.go({ name: "register", thingName: "" });
    await tick();
    await user.click(by("choose-files"));
    await waitFor(() => expect(by("preview-refused").dataset["code"]).toBe("certificate-unsupported"));
    expect(has("register") || has("thing-name")).toBe(false);
    expect(by("preview").textContent).toContain("signed with its own key");
  });

  test("an encrypted file asks for its password, and again if it is wrong", async () => {
    const { flow, host, user } = await openDesk({ previews: [failure("p12-password"), failure("p12-password"), desk.preview] });
    flow.devices.go({ name: "register", thingName: "" });
    await tick();
    await user.click(by("choose-files"));
    await waitFor(() => expect(has("file-password")).toBe(true));
    expect(has("trouble"), "a question is no mistake").toBe(false);
    await user.type(input("file-password"), "wrong{Enter}");
    await waitFor(() => expect(by("trouble").dataset["code"]).toBe("p12-password"));
    await user.type(input("file-password"), "right{Enter}");
    await waitFor(() => expect(has("preview")).toBe(true));
    expect(host.calls("previewCertificate")).toMatchObject([{ password: null }, { password: "wrong" }, { password: "right" }]);
  });

  test("a thing of another fleet is refused before AWS is asked", async () => {
    const { flow, host, user } = await openDesk();
    flow.devices.go({ name: "register", thingName: "" });
    await tick();
    await user.click(by("choose-files"));
    await waitFor(() => expect(has("thing-name")).toBe(true));
    await user.type(input("thing-name"), "Other_7{Enter}");
    expect(text()).toContain("begin with Fleet_Index_ and go on");
    expect(host.calls("registerCertificate")).toEqual([]);
  });
});

describe("verifying an identity", () => {
  test("lists each check with its verdict and why", async () => {
    const { flow, host, user } = await openDesk({ verify: desk.verifyEvents() });
    flow.devices.go({ name: "verify", thingName: "", run: null });
    await tick();
    await user.click(target(drive.target));
    await user.click(by("verify"));
    await waitFor(() => expect(heading().textContent).toBe("The identity does not pass"));
    const verdicts = [...document.querySelectorAll<HTMLElement>("#checks li")].map(({ dataset }) => `${dataset["check"]} ${dataset["verdict"]}`);
    expect(verdicts.slice(0, 5)).toEqual(["key-match passed", "validity passed", "chain passed", "connect failed", "subscribe skipped"]);
    expect(by("checks").textContent).toContain("the certificate is inactive");
    expect(by("failure").dataset["code"]).toBe("identity-refused");
    expect(host.calls("verifyIdentity")).toEqual([{ target: drive.target, driver: null, driverSettings: {}, mqtt: true, direct: false, bucket: null }]);
  });

  test("success says how much was proved, and what was not", async () => {
    const { flow, user } = await openDesk({ verify: desk.provedEvents() });
    flow.devices.go({ name: "verify", thingName: "", run: null });
    await tick();
    await user.click(target(drive.target));
    await user.click(by("verify"));
    await waitFor(() => expect(text()).toContain("Checks passed: 3. Skipped: 1."));
    expect(has("another-thing"), "nobody said whose it should be").toBe(false);
  });

  test.each([
    [desk.thing.name, false],
    ["Fleet_Index_SN-0007", true],
  ])("from the page of %s success warns of another thing's identity, and leads back to that page", async (expected, warns) => {
    const { flow, user } = await openDesk({ verify: desk.provedEvents(), things: [{ ...desk.thing, name: expected }] });
    await flow.devices.open(expected);
    await tick();
    await user.click(by("to-verify"));
    await user.click(target(drive.target));
    await user.click(by("verify"));
    await waitFor(() => expect(text()).toContain("Checks passed: 3."));
    expect(has("another-thing")).toBe(warns);
    if (warns) expect(by("another-thing").textContent).toContain("This is Fleet_Index_SN-0042, not Fleet_Index_SN-0007");
    await user.click(by("back"));
    await waitFor(() => expect(heading().textContent).toBe(expected));
  });
});

describe("exporting a claim", () => {
  async function form(script = {}): Promise<Desk> {
    const opened = await openDesk({ exportClaim: desk.exportEvents(), ...script });
    opened.flow.devices.go({ name: "export", serialNumber: "SN-0042", run: null });
    await tick();
    return opened;
  }

  test("shows the file's name and its countdown, and keeps no passphrase", async () => {
    const { flow, host, user } = await form();
    await user.type(input("passphrase"), "a long and private phrase");
    await user.type(input("passphrase-again"), "a long and private phrase");
    await user.click(by("choose-claim-folder"));
    await user.click(by("export"));
    await waitFor(() => expect(by("claim-file").textContent).toBe("claim-SN-0042-until-1405Z.age"));
    expect(by("countdown").textContent).toMatch(/^\s*(5:00|4:59)\s*$/);
    expect(host.calls("exportClaim")).toMatchObject([{ serialNumber: "SN-0042", folder: "/home/sato/claims" }]);
    const { view, trouble, found } = flow.devices;
    expect(JSON.stringify({ view, trouble, found, page: document.body.innerHTML })).not.toContain("private phrase");
  });

  test("a short passphrase, two different ones and a missing folder are refused in turn", async () => {
    const { host, user } = await form();
    await user.type(input("passphrase"), "elevenchars");
    await user.click(by("export"));
    expect(text()).toContain("Use at least 12 characters");
    await user.type(input("passphrase"), " and more");
    expect(text()).toContain("The two passphrases are not the same");
    await user.type(input("passphrase-again"), "elevenchars and more");
    await user.click(by("export"));
    expect(has("claim-folder-error")).toBe(true);
    expect(document.activeElement).toBe(by("choose-claim-folder"));
    expect(host.calls("exportClaim")).toEqual([]);
  });

  test("a suggested passphrase fills both fields and is shown to be read out", async () => {
    const { user } = await form();
    await user.click(by("suggest"));
    await waitFor(() => expect(by("suggested").textContent).toBe(desk.passphrase));
    expect([input("passphrase").value, input("passphrase-again").value]).toEqual([desk.passphrase, desk.passphrase]);
    expect(by("strength-words").textContent).toContain("Good length");
    await user.type(input("passphrase"), "!");
    expect(has("suggested"), "what is shown is what is used").toBe(false);
  });

  async function exported(script = {}): Promise<Desk> {
    const opened = await form(script);
    const { user } = opened;
    await user.click(by("suggest"));
    await waitFor(() => expect(has("suggested")).toBe(true));
    await user.click(by("choose-claim-folder"));
    await waitFor(() => expect(has("claim-folder")).toBe(true));
    await user.click(by("export"));
    return opened;
  }

  function held({ flow: { devices } }: Desk): string {
    const { suggested, view, trouble, found } = devices;
    return JSON.stringify({ suggested, view, trouble, found, page: document.body.innerHTML });
  }

  test("a suggested passphrase is there to be told on, once somebody wants to see it, until Done", async () => {
    const opened = await exported();
    const { user } = opened;
    await waitFor(() => expect(has("claim-file")).toBe(true));
    expect(document.body.innerHTML, "it stands on no screen by itself").not.toContain(desk.passphrase);
    await user.click(by("show-suggested"));
    expect(by("suggested").textContent).toBe(desk.passphrase);
    await user.click(by("copy-suggested"));
    expect(await navigator.clipboard.readText()).toBe(desk.passphrase);
    await user.click(by("show-suggested"));
    expect(has("suggested")).toBe(false);
    await user.click(by("done"));
    expect(held(opened)).not.toContain(desk.passphrase);
  });

  test.each<[string, (opened: Desk) => unknown]>([
    ["another claim", ({ user }) => user.click(by("export-again"))],
    ["another place or the sign-in", () => cleanup()],
    ["another operator", ({ flow }) => flow.devices.forget()],
    ["another operator while it ran", ({ flow }) => flow.devices.disown()],
  ])("a suggested passphrase is gone with %s", async (_, leave) => {
    const opened = await exported();
    await waitFor(() => expect(has("claim-file")).toBe(true));
    await opened.user.click(by("show-suggested"));
    expect(held(opened)).toContain(desk.passphrase);
    await leave(opened);
    await tick();
    expect(held(opened)).not.toContain(desk.passphrase);
  });

  test("a suggested passphrase is gone with an export that failed", async () => {
    const opened = await exported({ exportClaim: [{ event: "failed", run: "r-0011", failure: failure("offline", "claim"), unrecorded: null }] });
    await waitFor(() => expect(has("failure")).toBe(true));
    await waitFor(() => expect(held(opened)).not.toContain(desk.passphrase));
  });

  test("a suggested passphrase is gone with its claim", async () => {
    const opened = await exported({
      exportClaim: desk.exportEvents().map((event) =>
        event.event === "step" && event.step === "claim" && event.status === "done" ? { ...event, detail: { secondsLeft: 2 } } : event,
      ),
    });
    await waitFor(() => expect(has("show-suggested")).toBe(true));
    await waitFor(() => expect(heading().textContent).toBe("The claim has expired"));
    expect(has("show-suggested")).toBe(false);
    expect(held(opened)).not.toContain(desk.passphrase);
  });

  test("a typed passphrase is known, and not shown", async () => {
    const { flow } = await openDesk({ exportClaim: desk.exportEvents() });
    await flow.devices.exportClaim({ serialNumber: "SN-0042", passphrase: desk.passphrase, folder: "/x" });
    await waitFor(() => expect(has("claim-file")).toBe(true));
    expect(has("show-suggested")).toBe(false);
  });

  test("a file whose time is over says so", async () => {
    const events = desk.exportEvents().map((event) =>
      event.event === "step" && event.step === "claim" && event.status === "done" ? { ...event, detail: { secondsLeft: 0 } } : event,
    );
    const { user } = await form({ exportClaim: events });
    await user.click(by("suggest"));
    await user.click(by("choose-claim-folder"));
    await user.click(by("export"));
    await waitFor(() => expect(heading().textContent).toBe("The claim has expired"));
    expect(by("export-again").textContent).toContain("fresh claim");
  });
});

describe("opening a claim file", () => {
  async function opened(script = {}, language: Language = "en"): Promise<Desk> {
    const one = await openDesk(script, language);
    one.flow.devices.go({ name: "open", claim: null, ends: 0, run: null });
    await tick();
    await one.user.click(by("choose-claim-file"));
    await waitFor(() => expect(has("chosen-file")).toBe(true));
    await one.user.type(input("passphrase"), `${desk.passphrase}{Enter}`);
    return one;
  }

  test("writes the claim onto the device within its time", async () => {
    const { host, user } = await opened();
    await waitFor(() => expect(heading().textContent).toBe(`Write the claim for ${desk.thing.name}`));
    expect(by("countdown").textContent).toMatch(/3:3\d/);
    await user.click(target(drive.target));
    await user.click(by("write-claim"));
    await waitFor(() => expect(host.calls("writeClaim")).toEqual([{ target: drive.target, driver: null, driverSettings: {}, replace: false }]));
    host.emit(
      { event: "started", run: "r-1", job: "open-claim" },
      { event: "step", step: "release", status: "done", detail: { release: "ejected" }, ms: 3 },
      { event: "finished", run: "r-1", result: { ...provisioned(), registered: null }, unrecorded: null },
    );
    await waitFor(() => expect(heading().textContent).toBe("Written and verified"));
    expect(text()).toContain("must register itself within the time left");
  });

  test.each<[Language, string, string]>([
    ["en", "no real device can register with it", "It is for practice"],
    ["ja", "実際のデバイスの登録には使えません", "練習用クレーム"],
  ])("a claim for practice is said to be one before it is written onto a real device, and after: %s", async (language, before, after) => {
    const { flow, host, user } = await opened({ openedClaims: [desk.practiceClaim] }, language);
    await waitFor(() => expect(by("claim-for-practice").textContent).toContain(before));
    expect(host.calls("writeClaim"), "nothing is written yet").toEqual([]);
    await user.click(target(drive.target));
    await user.click(by("write-claim"));
    await waitFor(() => expect(flow.devices.activity).toBe("running"));
    host.emit({ event: "finished", run: "r-1", result: { ...provisioned(), registered: null, practice: true }, unrecorded: null });
    await waitFor(() => expect(by("run-state").textContent).toContain(after));
    expect(by("run-state").textContent, "to start the device is of no use").not.toMatch(/Start it now|すぐにデバイスを起動/);
    expect(has("countdown"), "no registration is waited for").toBe(false);
  });

  test.each([
    ["a claim of a real site", desk.openedClaim, realSite],
    ["a pretended device", desk.practiceClaim, practise.site],
  ])("nothing of practice is said of %s", async (_, claim, site) => {
    const { flow, host, user } = await opened({ openedClaims: [claim] });
    flow.site = site;
    await waitFor(() => expect(has("write-claim")).toBe(true));
    expect(has("claim-for-practice")).toBe(false);
    await user.click(target(drive.target));
    await user.click(by("write-claim"));
    await waitFor(() => expect(flow.devices.activity).toBe("running"));
    host.emit({ event: "finished", run: "r-1", result: { ...provisioned(), registered: null, practice: claim.practice }, unrecorded: null });
    await waitFor(() => expect(by("run-state").textContent).toContain("Start it now"));
    expect(has("countdown")).toBe(true);
  });

  test("a wrong passphrase is asked for again", async () => {
    await opened({ openedClaims: [failure("passphrase-wrong")] });
    await waitFor(() => expect(by("trouble").dataset["code"]).toBe("passphrase-wrong"));
    expect(document.activeElement).toBe(input("passphrase"));
  });

  test("a claim that is over is not written; a fresh one must be asked for", async () => {
    const { host, user } = await opened({ openedClaims: [{ ...desk.openedClaim, secondsLeft: 0 }] });
    await waitFor(() => expect(by("claim-over").textContent).toContain("export a fresh claim"));
    expect(has("targets")).toBe(false);
    await user.click(by("write-claim"));
    expect(host.calls("writeClaim")).toEqual([]);
    expect(heading().textContent).toBe("Open a claim file");
  });

  test("what is on the device goes only after a question that names it", async () => {
    const present = failure("identity-present", "target");
    const { host, user } = await opened({ writeClaim: [{ event: "failed", run: "r", failure: present, unrecorded: null }] });
    await waitFor(() => expect(has("targets")).toBe(true));
    await user.click(target(drive.target));
    await user.click(by("write-claim"));
    await waitFor(() => expect(has("replace")).toBe(true));
    await user.click(by("replace"));
    expect(by("confirm-replace").textContent).toContain("/media/mori/SENSOR");
    await user.click(by("replace-it"));
    await waitFor(() => expect(host.calls("writeClaim")).toMatchObject([{ replace: false }, { replace: true }]));
  });
});
