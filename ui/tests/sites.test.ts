import { render, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { tick } from "svelte";
import { describe, expect, test, vi } from "vitest";

import App from "../src/App.svelte";
import { by, FakeHost, has, heading, on, open, openProvision, openSignIn, samples, screenName, shellSamples, startRun, text, toSites } from "./support/window";

const { entries, brokenSite, practise } = shellSamples;
const osaka = { ...samples.site, path: "/home/mori/osaka-depot.json", name: "Osaka depot" };

describe("the first screen of a fresh install", () => {
  test("is focused on its heading, and offers a site file first, then a claim file and practice", async () => {
    await open();
    expect(screenName()).toBe("welcome");
    expect(document.activeElement).toBe(heading());
    expect([...document.querySelectorAll("main button")].map((one) => one.id)).toEqual(["choose-site", "open-claim-file", "practise"]);
    expect(has("sign-out")).toBe(false);
    expect(has("sites"), "an empty list is not shown").toBe(false);
  });

  test("leads to the sign-in, and the header then names site and region", async () => {
    const { user } = await open();
    await user.click(by("choose-site"));
    await on("sign-in");
    for (const part of ["Tokyo plant", "ap-northeast-1"]) expect(by("site").textContent).toContain(part);
  });

  test("stays when the file dialog is closed without a choice", async () => {
    const { user, host } = await open({ opened: null });
    await user.click(by("choose-site"));
    expect(host.calls("chooseSite")).toHaveLength(1);
    expect(screenName()).toBe("welcome");
    expect(has("trouble")).toBe(false);
  });

  test("shows why the remembered site could not be opened, with its mistakes", async () => {
    await open({ start: { ...samples.fresh, failure: brokenSite } });
    expect(by("trouble").dataset["code"]).toBe("site-invalid");
    expect(by("problems").textContent).toContain("osaka-depot.json");
  });

  test("lists the sites that were opened before", async () => {
    const { user, host } = await open({ sites: entries });
    await waitFor(() => expect(by("sites").children).toHaveLength(3));
    await user.click(by("open-1"));
    await on("sign-in");
    expect(host.calls("openSite")).toEqual(["/home/mori/osaka-depot.json"]);
  });
});

describe("practice", () => {
  test("leads straight to the work, and is marked on every screen in words", async () => {
    const opened = await open();
    await opened.user.click(by("practise"));
    await on("provision");
    expect(opened.host.calls("openPractise")).toHaveLength(1);
    expect(by("practise-banner").textContent).toContain("nothing here reaches AWS");
    expect(has("sign-out"), "the sign-in can be practised, too").toBe(true);
    await startRun(opened);
    expect(has("practise-banner")).toBe(true);
    opened.host.emit(...samples.events());
    await on("done");
    expect(has("practise-banner")).toBe(true);
    await opened.user.click(by("language"));
    expect(by("practise-banner").textContent).toContain("練習用サイト");
  });

  test("is not marked where the site is real", async () => {
    await openProvision();
    expect(has("practise-banner")).toBe(false);
  });

  test("ends with another site, and leaves nothing behind", async () => {
    const { user } = await open({ start: { ...samples.signedIn, ...practise }, opened: { ...samples.opened, site: osaka, operator: samples.operator } });
    await user.type(by("serial-number"), "SN-1");
    await toSites(user);
    expect(has("practise"), "one is practising already").toBe(false);
    await user.click(by("choose-site"));
    await on("provision");
    expect(has("practise-banner")).toBe(false);
    expect(by<HTMLInputElement>("serial-number").value).toBe("");
  });
});

describe("a broken site file", () => {
  test("shows every mistake by its line, and what to do", async () => {
    const { user } = await open({ opened: brokenSite });
    await user.click(by("choose-site"));
    await waitFor(() => by("problems"));
    const lines = [...by("problems").querySelectorAll("li")].map((one) => one.textContent.replace(/\s+/g, " ").trim());
    expect(lines).toHaveLength(3);
    expect(lines[0]).toContain("Line 3");
    expect(lines[0]).toContain("did you mean `region`?");
    expect(lines[1]).toContain("Not in the file");
    expect(lines[2]).toContain("Line 14");
    expect(by("trouble").querySelector("[role=alert]")?.textContent).toContain("The text of site-invalid");
    expect(by("trouble").contains(by("problems")), "a list with a button is not shouted").toBe(false);
    await user.click(by("language"));
    expect(by("problems").textContent).toContain("3 行目");
    expect(by("problems").textContent).toContain("`region` ではありませんか?");
  });

  test("is copied as lines that an editor jumps to, or shown where the clipboard is closed", async () => {
    const { user } = await open({ opened: brokenSite });
    await user.click(by("choose-site"));
    await waitFor(() => by("copy-problems"));
    const write = vi.spyOn(navigator.clipboard, "writeText");
    await user.click(by("copy-problems"));
    expect(write.mock.calls[0]?.[0]).toContain("/home/mori/osaka-depot.json:14: endpoints.iot:");
    write.mockRejectedValue(new Error("denied"));
    await user.click(by("copy-problems"));
    await waitFor(() => by("problems-text"));
  });

  test("opened while another site is open leads to the sites, and that site stays", async () => {
    const { host, user } = await openProvision({ opened: brokenSite, sites: entries });
    host.handOver("/home/mori/osaka-depot.json");
    await on("sites");
    expect(by("trouble").dataset["code"]).toBe("site-invalid");
    expect(by("site").textContent).toContain("Tokyo plant");
    await user.click(by("keep-site"));
    await on("provision");
    expect(has("trouble")).toBe(false);
  });
});

describe("the site switcher", () => {
  test("reaches another site in two clicks", async () => {
    const opened = { ...samples.opened, site: osaka, operator: samples.operator };
    const { user, host } = await openProvision({ sites: entries, opened });
    await user.click(by("site"));
    await user.click(by("switch-0"));
    await waitFor(() => expect(by("site").textContent).toContain("Osaka depot"));
    expect(host.calls("openSite")).toEqual(["/home/mori/osaka-depot.json"]);
    expect(screenName()).toBe("provision");
  });

  test("offers neither the open site nor one that cannot be read, and says who is signed in", async () => {
    const { user } = await openProvision({ sites: [...entries, { ...osaka, path: "/x.json", name: "Nagoya", operator: "sato@example.com", organisation: false, refused: null }] });
    await user.click(by("site"));
    const offered = [...by("site-list").querySelectorAll("button .strong")].map((one) => one.textContent);
    expect(offered).toEqual(["Osaka depot", "Nagoya", "All sites…"]);
    expect(by("switch-0").textContent).toContain("Nobody signed in");
    expect(by("switch-1").textContent).toContain("Signed in: sato@example.com");
  });

  test("is walked by arrow keys, and closed by Escape without leaving the screen", async () => {
    const { user } = await openProvision({ sites: entries });
    by("site").focus();
    await user.keyboard("{ArrowDown}");
    expect(by("site").getAttribute("aria-expanded")).toBe("true");
    await user.keyboard("{ArrowDown}");
    expect(document.activeElement).toBe(by("switch-0"));
    await user.keyboard("{ArrowDown}");
    expect(document.activeElement).toBe(by("change-site"));
    await user.keyboard("{ArrowDown}");
    expect(document.activeElement, "after the last comes the first").toBe(by("switch-0"));
    await user.keyboard("{Escape}");
    expect(has("site-list")).toBe(false);
    expect(document.activeElement).toBe(by("site"));
    expect(screenName()).toBe("provision");
  });

  test("closes when the focus goes elsewhere", async () => {
    const { user } = await openProvision({ sites: entries });
    await user.click(by("site"));
    await user.click(by("serial-number"));
    await waitFor(() => expect(has("site-list")).toBe(false));
  });
});

describe("the page of sites", () => {
  test("shows name, region, file and who is signed in, and which one is open", async () => {
    const { user } = await openProvision({ sites: entries });
    await toSites(user);
    expect(document.activeElement).toBe(heading());
    for (const part of ["Tokyo plant", "ap-northeast-1", "Signed in: mori@example.com", "/home/mori/tokyo-plant.json", "Open now"]) {
      expect(by("entry-0").textContent).toContain(part);
    }
    expect(by("entry-0").getAttribute("aria-current")).toBe("true");
    expect(by("entry-1").textContent).toContain("Nobody signed in");
    expect(by("entry-2").textContent).toContain("fukuoka.json");
    expect(by("entry-2").textContent).toContain("File not readable now");
  });

  test.each([
    [null, "Reading the list…"],
    [[], "No other site was opened"],
    [samples.failure("service-error"), "The text of service-error"],
  ])("of a list that is %j says so", async (sites, words) => {
    const { user } = await openProvision({ sites });
    await toSites(user);
    await waitFor(() => expect(text()).toContain(words));
  });

  test("is left for where one was by Escape and by the button", async () => {
    const { user, host } = await openSignIn();
    await toSites(user);
    await user.keyboard("{Escape}");
    await on("sign-in");
    await toSites(user);
    await user.click(by("keep-site"));
    await on("sign-in");
    expect(host.calls("chooseSite")).toHaveLength(0);
  });

  test("removes a site from the list only after a question that says what it means", async () => {
    const { user, host } = await openProvision({ sites: entries });
    await toSites(user);
    await user.click(by("remove-1"));
    expect(by("confirm-remove").textContent).toContain("You are signed out there. The file stays where it is: /home/mori/osaka-depot.json");
    expect(document.activeElement).toBe(by("keep-it"));
    await user.click(by("keep-it"));
    expect(host.calls("removeSite")).toHaveLength(0);
    await user.click(by("remove-1"));
    await user.click(by("remove-it"));
    await waitFor(() => expect(by("sites").children).toHaveLength(2));
    expect(host.calls("removeSite")).toEqual(["/home/mori/osaka-depot.json"]);
    expect(document.activeElement?.id, "the focus does not go with the row").toBe("sites-list-heading");
  });

  test("another site needs another sign-in where no session is left", async () => {
    const { user } = await open({ start: samples.signedIn, opened: { ...samples.opened, site: osaka } });
    await toSites(user);
    await user.click(by("choose-site"));
    await on("sign-in");
    expect(by("site").textContent).toContain("Osaka depot");
    expect(has("operator")).toBe(false);
  });

  test("another site goes on with the session that is there still, whoever's it is", async () => {
    const sato = { ...samples.operator, name: "sato@example.com" };
    const { user, host } = await open({ start: samples.signedIn, opened: { ...samples.opened, site: osaka, operator: sato } });
    await toSites(user);
    await user.click(by("choose-site"));
    await on("provision");
    expect(by("site").textContent).toContain("Osaka depot");
    expect(by("operator").textContent).toContain("sato@example.com");
    expect(host.calls("signIn")).toHaveLength(0);
  });

  test("a session that is kept but cannot be resumed leads to the sign-in, which says why", async () => {
    const opened = { ...samples.opened, site: osaka, failure: samples.failure("offline") };
    const { user } = await open({ start: samples.signedIn, opened });
    await toSites(user);
    await user.click(by("choose-site"));
    await on("sign-in");
    expect(by("trouble").dataset["code"]).toBe("offline");
  });
});

describe("a site file that comes from outside", () => {
  test("by a double-click is opened", async () => {
    const { host } = await open();
    host.handOver("/home/mori/tokyo-plant.json");
    await on("sign-in");
    expect(host.calls("openSite")).toEqual(["/home/mori/tokyo-plant.json"]);
  });

  test("by drop is opened, and the window says so while it hovers", async () => {
    const { host } = await open();
    host.drop({ state: "over" });
    await tick();
    expect(by("drop").textContent).toContain("Drop the site file");
    host.drop({ state: "dropped", paths: ["C:\\sites\\Tokyo.JSON"] });
    await on("sign-in");
    expect(has("drop")).toBe(false);
    expect(host.calls("openSite")).toEqual(["C:\\sites\\Tokyo.JSON"]);
  });

  test("that leaves the window again is not opened", async () => {
    const { host } = await open();
    host.drop({ state: "over" });
    host.drop({ state: "left" });
    await tick();
    expect(has("drop")).toBe(false);
    expect(host.calls("openSite")).toHaveLength(0);
  });

  test.each([
    [["/a.json", "/b.json"], "Drop one site file at a time"],
    [["/photo.png"], "This is not a site file"],
  ])("as %j is refused in words", async (paths, words) => {
    const { host, user } = await open();
    host.drop({ state: "dropped", paths });
    await tick();
    expect(by("notice").textContent).toContain(words);
    expect(by("notice").parentElement?.getAttribute("role")).toBe("status");
    await user.click(by("close-notice"));
    expect(has("notice")).toBe(false);
    expect(host.calls("openSite")).toHaveLength(0);
  });

  test("another file is refused in words where nothing takes it, though one works there", async () => {
    const { host } = await openProvision();
    host.drop({ state: "dropped", paths: ["/device.pem"] });
    await tick();
    expect(by("notice").textContent).toContain("This is not a site file");
  });

  test("waits while a device is written to: the sites say why, and the run goes on", async () => {
    const opened = await openProvision({ sites: entries });
    await startRun(opened);
    opened.host.handOver("/home/mori/osaka-depot.json");
    await on("sites");
    expect(by("under-way").textContent).toContain("A run is under way");
    await opened.user.click(by("open-1"));
    await opened.user.click(by("choose-site"));
    expect([...opened.host.calls("openSite"), ...opened.host.calls("chooseSite")]).toEqual([]);
    opened.host.emit(...samples.events());
    await waitFor(() => expect(has("under-way")).toBe(false));
    await opened.user.click(by("keep-site"));
    await on("done");
  });
});

test("a program that cannot start says so and can be asked again", async () => {
  const host = new FakeHost({ start: samples.failure("service-error", null, "the settings are unreadable") });
  render(App, { host });
  await waitFor(() => by("trouble"));
  expect(by("trouble").textContent).toContain("the settings are unreadable");
  host.script.start = samples.fresh;
  await userEvent.setup().click(by("start-again"));
  await on("welcome");
});
