import { render, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { describe, expect, test } from "vitest";

import App from "../src/App.svelte";
import { by, FakeHost, has, heading, on, open, openSignIn, samples, screenName, text } from "./support/window";

describe("the site screen", () => {
  test("is the first one while no site is known, with its heading focused", async () => {
    await open();
    expect(screenName()).toBe("site");
    expect(document.activeElement).toBe(heading());
    expect(has("sign-out")).toBe(false);
  });

  test("leads to the sign-in, and the header then names site and region", async () => {
    const { user } = await open();
    await user.click(by("choose-site"));
    await on("sign-in");
    expect(by("site").textContent).toContain("Tokyo plant");
    expect(by("site").textContent).toContain("ap-northeast-1");
  });

  test("stays when the file dialog is closed without a choice", async () => {
    const { user, host } = await open({ opened: null });
    await user.click(by("choose-site"));
    expect(host.calls("chooseSite")).toHaveLength(1);
    expect(screenName()).toBe("site");
    expect(has("trouble")).toBe(false);
  });

  test("shows what is wrong with a site file and offers another", async () => {
    const { user } = await open({ opened: samples.failure("site-invalid", "site", "The site file has a mistake: `regoin`") });
    await user.click(by("choose-site"));
    await waitFor(() => expect(by("trouble").textContent).toContain("`regoin`"));
    expect(by("trouble").dataset["code"]).toBe("site-invalid");
    expect(by("trouble").getAttribute("role")).toBe("alert");
    expect(by("choose-site").getAttribute("aria-disabled")).toBeNull();
  });

  test("shows why the remembered site could not be opened", async () => {
    await open({ start: { ...samples.fresh, failure: samples.failure("site-invalid") } });
    expect(by("trouble").dataset["code"]).toBe("site-invalid");
  });

  test("a change of mind keeps the site, by Escape too", async () => {
    const { user, host } = await openSignIn();
    await user.click(by("change-site"));
    await on("site");
    expect(text()).toContain("Now: Tokyo plant (ap-northeast-1)");
    await user.keyboard("{Escape}");
    await on("sign-in");
    expect(host.calls("chooseSite")).toHaveLength(0);
  });

  const osaka = { ...samples.site, name: "Osaka depot" };

  test("another site needs another sign-in where no session is left", async () => {
    const { user } = await open({ start: samples.signedIn, opened: { ...samples.opened, site: osaka } });
    await user.click(by("change-site"));
    await user.click(by("choose-site"));
    await on("sign-in");
    expect(by("site").textContent).toContain("Osaka depot");
    expect(has("operator")).toBe(false);
  });

  test("another site goes on with the session that is there still, whoever's it is", async () => {
    const sato = { ...samples.operator, name: "sato@example.com" };
    const { user, host } = await open({ start: samples.signedIn, opened: { ...samples.opened, site: osaka, operator: sato } });
    await user.click(by("change-site"));
    await user.click(by("choose-site"));
    await on("provision");
    expect(by("site").textContent).toContain("Osaka depot");
    expect(by("operator").textContent).toContain("sato@example.com");
    expect(host.calls("signIn")).toHaveLength(0);
  });

  test("a session that is kept but cannot be resumed leads to the sign-in, which says why", async () => {
    const opened = { ...samples.opened, site: osaka, failure: samples.failure("offline") };
    const { user } = await open({ start: samples.signedIn, opened });
    await user.click(by("change-site"));
    await user.click(by("choose-site"));
    await on("sign-in");
    expect(by("trouble").dataset["code"]).toBe("offline");
  });
});

test("a program that cannot start says so and can be asked again", async () => {
  const host = new FakeHost({ start: samples.failure("service-error", null, "the settings are unreadable") });
  render(App, { host });
  await waitFor(() => by("trouble"));
  expect(by("trouble").textContent).toContain("the settings are unreadable");
  host.script.start = samples.fresh;
  await userEvent.setup().click(by("start-again"));
  await on("site");
});
