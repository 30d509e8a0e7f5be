import { fireEvent, render, waitFor } from "@testing-library/svelte";
import { tick } from "svelte";
import { describe, expect, test } from "vitest";

import type { JobEvent } from "../src/host";
import * as bench from "../src/host/fake/bench";
import * as desk from "../src/host/fake/devices-samples";
import { FakeHost } from "../src/host/fake/host";
import SignIn from "../src/screens/SignIn.svelte";
import { Flow } from "../src/state/flow.svelte";
import { by, has, heading, input, on, open, openProvision, openSignIn, samples, shellSamples, signIn, toSites } from "./support/window";

const clerk = { ...samples.signedIn, operator: desk.clerk };

describe("a claim file", () => {
  test("is opened from the first screen without site and account, and Escape leads back", async () => {
    const { user } = await open();
    await user.click(by("open-claim-file"));
    await on("open-claim");
    expect(document.activeElement).toBe(heading());
    expect(has("nav-provision")).toBe(false);
    await fireEvent.keyDown(document.body, { key: "Escape" });
    await on("welcome");
  });

  test("is opened from the sign-in and written, with nobody signed in, and the way leads back there", async () => {
    const { user, host } = await openSignIn();
    await user.click(by("open-claim-file"));
    await on("open-claim");
    await user.click(by("choose-claim-file"));
    await waitFor(() => by("chosen-file"));
    await user.type(by("passphrase"), "four words nobody guesses{Enter}");
    await waitFor(() => by("write-claim"));
    await user.click(document.querySelector("#targets input:enabled") as HTMLElement);
    await user.click(by("write-claim"));
    await waitFor(() => expect(host.calls("writeClaim")).toHaveLength(1));
    expect(has("sign-out")).toBe(false);
    host.emit(...samples.events());
    await waitFor(() => by("next-claim"));
    await user.click(by("back"));
    await on("sign-in");
  });

  test("leaves nothing behind when a site is opened in between", async () => {
    const { user, host } = await open();
    await user.click(by("open-claim-file"));
    host.handOver("/home/mori/tokyo-plant.json");
    await on("sign-in");
    await signIn({ user, host });
    await on("provision");
    await user.click(by("nav-devices"));
    await waitFor(() => by("device-query"));
  });
});

describe("a device of the journal", () => {
  test("is looked up by the help desk", async () => {
    const flow = new Flow(new FakeHost({ start: clerk }));
    await flow.begin();
    flow.journal.openDevice?.("SN-0042");
    expect(flow.place).toBe("devices");
    await waitFor(() => expect(flow.devices.asked).toBe("SN-0042"));
  });

  test("takes nobody away from a run at the help desk", async () => {
    const host = new FakeHost({ start: clerk });
    const flow = new Flow(host);
    await flow.begin();
    void flow.devices.verify({ target: "drive:/media/x", driver: null, driverSettings: {}, mqtt: true, direct: false, bucket: null });
    flow.journal.openDevice?.("SN-0042");
    expect(flow.devices.view.name).toBe("verify");
    expect(host.calls("findDevices")).toEqual([]);
  });
});

describe("files dropped at the help desk", () => {
  test("are certificates to register, unless it is one site file", async () => {
    const { user, host } = await openProvision({ start: clerk });
    await user.click(by("nav-devices"));
    host.drop({ state: "over" });
    await tick();
    expect(by("drop").textContent).toContain("a certificate to register it");
    host.drop({ state: "dropped", paths: ["/device.pem", "/device.key"] });
    await waitFor(() => expect(host.calls("takeDroppedFiles")).toEqual([["/device.pem", "/device.key"]]));
    expect(has("drop-zone")).toBe(true);
    host.drop({ state: "dropped", paths: ["/osaka.json"] });
    await waitFor(() => expect(host.calls("openSite")).toEqual(["/osaka.json"]));
  });

  test("by somebody who may not register are refused in words", async () => {
    const { user, host } = await openProvision({ start: { ...samples.signedIn, operator: { ...samples.operator, may: ["inspect"] } } });
    await user.click(by("nav-devices"));
    host.drop({ state: "dropped", paths: ["/device.pem"] });
    await tick();
    expect(by("notice").textContent).toContain("This is not a site file");
    expect(host.calls("takeDroppedFiles")).toEqual([]);
  });
});

describe("what one left in the places", () => {
  test("is gone at another site", async () => {
    const { user, host } = await openProvision({ start: clerk, sites: shellSamples.entries, opened: { ...samples.opened, site: { ...samples.site, path: "/other.json" }, operator: desk.clerk } });
    await user.type(by("serial-number"), "SN-0042");
    await user.click(by("nav-devices"));
    await user.type(by("device-query"), "SN-0042");
    await toSites(user);
    await user.click(by("choose-site"));
    await on("provision");
    expect(host.calls("chooseSite")).toHaveLength(1);
    expect(input("serial-number").value).toBe("");
    await user.click(by("nav-devices"));
    expect(input("device-query").value).toBe("");
  });

  test("is gone for another operator, and there for the same one", async () => {
    const abe = { ...desk.clerk, name: "abe@example.com" };
    const flow = new Flow(new FakeHost({ start: clerk, signIns: [{ state: "signed-in", operator: desk.clerk }, { state: "signed-in", operator: abe }] }));
    await flow.begin();
    flow.provision.serialNumber = "SN-0042";
    flow.toSignIn();
    await flow.signIn({ user: desk.clerk.name, password: "Correct-Horse-7", staySignedIn: false });
    expect(flow.provision.serialNumber).toBe("SN-0042");
    flow.toSignIn();
    await flow.signIn({ user: "abe@example.com", password: "Correct-Horse-7", staySignedIn: false });
    expect(flow.provision.serialNumber).toBe("");
  });
});

describe("while the site changes", () => {
  test("nothing is started for the one that still shows", async () => {
    const host = new FakeHost({ start: clerk, bench: { rows: bench.rows(2) } });
    const flow = new Flow(host);
    await flow.begin();
    await flow.bench.watch();
    flow.provision.targets.choose(samples.drive.target);
    flow.provision.serialNumber = "SN-0042";
    let release: () => void = () => undefined;
    host.hold = new Promise((resolve) => (release = resolve));
    const opening = flow.openSite("/other.json");
    await flow.provision.start();
    await flow.devices.verify({ target: "drive:/media/x", driver: null, driverSettings: {}, mqtt: true, direct: false, bucket: null });
    await flow.devices.exportClaim({ serialNumber: "SN-0042", passphrase: "four words nobody guesses", folder: "/claims" });
    await flow.bench.arm(true);
    await flow.bench.enter("SN-0001");
    await flow.bench.retry([1]);
    const started = host.asked.map(({ call }) => call).filter((call) => /provision|verify|exportClaim|arm|scan|retry/.test(call));
    expect(started).toEqual([]);
    expect([flow.provision.stage.name, flow.devices.view.name]).toEqual(["provision", "search"]);
    release();
    await opening;
  });

  test("the window says to wait", async () => {
    const { host } = await openProvision({ start: clerk });
    host.hold = new Promise(() => undefined);
    host.handOver("/other.json");
    await waitFor(() => expect(by("changing").textContent).toBe("One moment…"));
    expect(by("changing").getAttribute("role")).toBe("status");
  });
});

describe("a file that is double-clicked", () => {
  test("to start the program is opened once that has begun", async () => {
    const host = new FakeHost({ start: samples.signedIn });
    const flow = new Flow(host);
    const begun = flow.begin();
    await flow.handOver("/osaka.json");
    expect(host.calls("openSite")).toEqual([]);
    await begun;
    await waitFor(() => expect(host.calls("openSite")).toEqual(["/osaka.json"]));
  });

  test("while another one is opened waits for that", async () => {
    const { host } = await openProvision();
    let release: () => void = () => undefined;
    host.hold = new Promise((resolve) => (release = resolve));
    host.handOver("/osaka.json");
    host.handOver("/nagoya.json");
    await tick();
    expect(host.calls("openSite")).toEqual(["/osaka.json"]);
    release();
    await waitFor(() => expect(host.calls("openSite")).toEqual(["/osaka.json", "/nagoya.json"]));
  });
});

describe("another operator, while a run of before is under way", () => {
  const abe = { ...desk.clerk, name: "abe@example.com" };

  async function comes(host: FakeHost): Promise<Flow> {
    const flow = new Flow(host);
    await flow.begin();
    return flow;
  }

  const signInAsAbe = async (flow: Flow): Promise<void> => {
    flow.toSignIn();
    await flow.signIn({ user: abe.name, password: "Correct-Horse-7", staySignedIn: false });
  };

  const host = (): FakeHost => new FakeHost({ start: clerk, signIns: [{ state: "signed-in", operator: abe }] });

  const verifies = async (host: FakeHost, flow: Flow): Promise<void> => {
    flow.devices.targets.choose(samples.drive.target);
    void flow.devices.verify({ target: samples.drive.target, driver: null, driverSettings: {}, mqtt: true, direct: false, bucket: null });
    await waitFor(() => expect(host.calls("verifyIdentity")).toHaveLength(1));
  };

  const inVain: JobEvent<never>[] = [
    { event: "started", run: "r-1", job: "verify" },
    { event: "failed", run: "r-1", failure: samples.failure("offline"), unrecorded: null },
  ];

  test("sees that it goes on and that it is over, and nothing of what it is", async () => {
    const with_ = host();
    const flow = await comes(with_);
    flow.provision.targets.choose(samples.drive.target);
    flow.provision.serialNumber = "SN-0042";
    void flow.provision.start();
    await flow.devices.open(desk.thing.name);
    await waitFor(() => expect(with_.calls("provision")).toHaveLength(1));
    await signInAsAbe(flow);
    expect(flow.provision.stage, "the device stays plugged in").toEqual({ name: "others", over: false });
    expect(flow.underWay).toBe(true);
    expect([flow.devices.view.name, flow.devices.thing, flow.devices.recent]).toEqual(["search", null, []]);
    expect([flow.provision.serialNumber, flow.provision.targets.chosen]).toEqual(["", null]);

    with_.emit(...samples.events());
    await waitFor(() => expect(flow.provision.stage).toEqual({ name: "others", over: true }));
    expect(flow.provision.activity, "no other place says that it is done").toBe("idle");
    flow.provision.toChoices();
    expect(flow.provision.stage).toEqual({ name: "provision" });
  });

  test("may stop it, and can begin a run of their own then", async () => {
    const with_ = host();
    const flow = await comes(with_);
    flow.provision.targets.choose(samples.drive.target);
    flow.provision.serialNumber = "SN-0042";
    void flow.provision.start();
    await waitFor(() => expect(with_.calls("provision")).toHaveLength(1));
    await signInAsAbe(flow);
    await flow.provision.cancelOthers();
    await waitFor(() => expect(flow.provision.stage).toEqual({ name: "others", over: true }));
    flow.provision.toChoices();
    flow.provision.targets.choose(samples.drive.target);
    flow.provision.serialNumber = "SN-0043";
    void flow.provision.start();
    await waitFor(() => expect(with_.calls("provision")).toMatchObject([{ serialNumber: "SN-0042" }, { serialNumber: "SN-0043" }]));
  });

  test("sees no more of one at the help desk", async () => {
    const with_ = host();
    const flow = await comes(with_);
    await verifies(with_, flow);
    await signInAsAbe(flow);
    expect(flow.devices.view).toEqual({ name: "others", over: false });
    with_.emit(...inVain);
    await waitFor(() => expect(flow.devices.view).toEqual({ name: "others", over: true }));
    expect(flow.devices.activity).toBe("idle");
  });

  test("can open a claim file once it is over, and is told so until then", async () => {
    const with_ = host();
    const flow = await comes(with_);
    await verifies(with_, flow);
    flow.toSignIn();
    render(SignIn, { flow, passwordChanged: false });
    const openIt = by<HTMLButtonElement>("open-claim-file");
    expect(openIt.disabled, "there is one run at a time").toBe(true);
    expect(by(openIt.getAttribute("aria-describedby") ?? "").textContent).toContain("when it is over");
    flow.openClaimFile();
    expect(flow.screen.name, "nor by another way").toBe("sign-in");
    expect(flow.devices.view.name, "and the run stays in its place").toBe("verify");

    with_.emit(...inVain);
    await waitFor(() => expect(openIt.disabled).toBe(false));
    expect(has("claim-later")).toBe(false);
    openIt.click();
    expect(flow.devices.view.name).toBe("open");
  });

  test.each([
    ["another operator came", { name: "others", over: false }, (flow: Flow) => signInAsAbe(flow)],
    ["somebody signed out", { name: "provision" }, (flow: Flow) => flow.signOut()],
  ] as const)("does not find one begin that still waited for its turn when %s", async (_, meanwhile, leave) => {
    const with_ = host();
    const begun: string[] = [];
    let over: () => void = () => undefined;
    with_.provision = async ({ serialNumber }, _password, onEvent) => {
      begun.push(serialNumber);
      onEvent({ event: "failed", run: "r-1", failure: samples.failure("offline"), unrecorded: null });
      await new Promise<void>((resolve) => (over = resolve));
    };
    const flow = await comes(with_);
    flow.provision.targets.choose(samples.drive.target);
    flow.provision.serialNumber = "SN-0042";
    void flow.provision.start();
    const { stage } = flow.provision;
    if (stage.name !== "running") throw new Error("it has not begun");
    await waitFor(() => expect(flow.provision.stage.name).toBe("failed"));
    const again = flow.provision.again(stage.run);
    expect(flow.provision.stage.name, "the one before is not quite over").toBe("running");

    await leave(flow);
    expect(flow.provision.stage).toEqual(meanwhile);
    over();
    await again;
    expect(begun, "nobody is here who asked for it").toEqual(["SN-0042"]);
    expect(flow.provision.stage).toEqual({ name: "provision" });
    expect(flow.underWay).toBe(false);
  });

  test("is not who began it: that one finds it as it was", async () => {
    const with_ = new FakeHost({ start: clerk, signIns: [{ state: "signed-in", operator: desk.clerk }] });
    const flow = await comes(with_);
    flow.provision.targets.choose(samples.drive.target);
    flow.provision.serialNumber = "SN-0042";
    void flow.provision.start();
    flow.toSignIn();
    await flow.signIn({ user: desk.clerk.name, password: "Correct-Horse-7", staySignedIn: false });
    expect(flow.provision.stage.name).toBe("running");
  });
});
