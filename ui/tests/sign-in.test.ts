import { waitFor } from "@testing-library/svelte";
import { describe, expect, test } from "vitest";

import { by, has, heading, input, on, open, openProvision, openSignIn, samples, screenName, signIn, text, toSites } from "./support/window";

describe("sign-in", () => {
  test("sends what was typed and leads to provisioning", async () => {
    const opened = await openSignIn();
    await opened.user.click(by("stay-signed-in"));
    await signIn(opened, " mori@example.com ", "Correct-Horse-7");
    await on("provision");
    const asked = { user: "mori@example.com", password: "Correct-Horse-7", staySignedIn: true };
    expect(opened.host.calls("signIn")).toEqual([asked]);
    expect(by("operator").textContent).toContain("mori@example.com");
  });

  test("starts with the heading focused", async () => {
    await openSignIn();
    expect(document.activeElement).toBe(heading());
  });

  test("asks nobody while a field is empty, and goes to that field", async () => {
    const { user, host } = await openSignIn();
    await user.click(by("sign-in"));
    expect(document.activeElement).toBe(by("email"));
    expect(input("password").getAttribute("aria-invalid")).toBe("true");
    await user.type(by("email"), "mori@example.com{Enter}");
    expect(document.activeElement).toBe(by("password"));
    expect(host.calls("signIn")).toHaveLength(0);
  });

  test("after a wrong password keeps the e-mail address, clears the password and goes there", async () => {
    const opened = await openSignIn({ signIns: [samples.failure("wrong-password")] });
    await signIn(opened);
    await waitFor(() => expect(by("trouble").dataset["code"]).toBe("wrong-password"));
    expect(input("email").value).toBe("mori@example.com");
    expect(input("password").value).toBe("");
    await waitFor(() => expect(document.activeElement).toBe(by("password")));
  });

  test("a second try that works leaves nothing of the first one's failure", async () => {
    const opened = await openSignIn({
      signIns: [samples.failure("wrong-password"), { state: "signed-in", operator: samples.operator }],
    });
    await signIn(opened);
    await waitFor(() => by("trouble"));
    await signIn(opened);
    await on("provision");
    expect(has("trouble")).toBe(false);
  });

  test("says that it is under way, and does not start twice", async () => {
    const opened = await openSignIn();
    let go = (): void => undefined;
    opened.host.hold = new Promise((resolve) => (go = resolve));
    await signIn(opened);
    expect(by("sign-in").textContent).toContain("Signing in…");
    expect(by("sign-in").getAttribute("aria-disabled")).toBe("true");
    await opened.user.type(by("password"), "again{Enter}");
    go();
    await on("provision");
    expect(opened.host.calls("signIn")).toHaveLength(1);
  });

  test("the password is shown only while asked", async () => {
    const { user } = await openSignIn();
    expect(input("password").type).toBe("password");
    await user.click(by("show-password"));
    expect(input("password").type).toBe("text");
    expect(by("show-password").getAttribute("aria-label")).toBe("Hide password");
    await user.click(by("show-password"));
    expect(input("password").type).toBe("password");
  });

  test("without a keychain cannot be kept, and says so", async () => {
    await openSignIn({ start: { ...samples.signedOut, keychain: false } });
    expect(input("stay-signed-in").disabled).toBe(true);
    expect(by("stay-signed-in-hint").textContent).toContain("until Fieldkey is closed");
  });

  test("that lasts as long as the program is marked in the header", async () => {
    await openProvision({ start: { ...samples.signedIn, operator: { ...samples.operator, kept: false } } });
    expect(by("operator").textContent).toContain("until Fieldkey is closed");
  });

  test("shows the groups in the header: the site's by their names here, others as they are called", async () => {
    const groups = ["helpdesk", "installers", "night-shift"];
    const { user } = await openProvision({ start: { ...samples.signedIn, operator: { ...samples.operator, groups } } });
    expect(by("groups").textContent).toBe("Groups: Help desk, Installers, and night-shift");
    await user.click(by("language"));
    expect(by("groups").textContent).toBe("グループ: ヘルプデスク、設置担当、night-shift");
  });

  test("of somebody in no group shows none", async () => {
    await openProvision({ start: { ...samples.signedIn, operator: { ...samples.operator, groups: [] } } });
    expect(has("groups")).toBe(false);
  });

  test("kept from before skips this screen", async () => {
    await openProvision();
    expect(screenName()).toBe("provision");
    expect(by("operator").textContent).not.toContain("until Fieldkey is closed");
  });

  test("a session that ran out meanwhile is named", async () => {
    await openSignIn({ start: { ...samples.signedOut, failure: samples.failure("session-expired") } });
    expect(by("trouble").dataset["code"]).toBe("session-expired");
  });

  test("a bug is shown as one, with its reason", async () => {
    const opened = await openSignIn();
    opened.host.signIn = () => Promise.reject(new Error("missing field `user`"));
    await signIn(opened);
    await waitFor(() => expect(by("trouble").dataset["code"]).toBe("unexpected"));
    expect(by("trouble").textContent).toContain("missing field `user`");
  });
});

describe("sign-out", () => {
  test("forgets the operator, the e-mail address and the serial number", async () => {
    const { user, host } = await openProvision();
    await user.type(by("serial-number"), "SN-1");
    await user.click(by("sign-out"));
    await on("sign-in");
    expect(host.calls("signOut")).toHaveLength(1);
    expect(has("operator")).toBe(false);
    expect(input("email").value).toBe("");
  });
});

describe("a forgotten password", () => {
  test("is replaced in two steps, and the sign-in says so", async () => {
    const { user, host } = await openSignIn();
    await user.type(by("email"), "mori@example.com");
    await user.click(by("forgot-password"));
    await on("forgot-password");
    expect(input("email").value).toBe("mori@example.com");

    await user.click(by("send-code"));
    await on("reset-password");
    expect(text()).toContain("A code was sent to m***@e***.");

    await user.type(by("code"), "123456");
    await user.type(by("new-password"), "Correct-Horse-8");
    await user.type(by("new-password-again"), "Correct-Horse-8");
    await user.click(by("set-password"));
    await on("sign-in");
    const asked = { user: "mori@example.com", code: "123456", newPassword: "Correct-Horse-8" };
    expect(host.calls("confirmForgotPassword")).toEqual([asked]);
    expect(text()).toContain("The password was changed");
    expect(input("email").value).toBe("mori@example.com");
  });

  test("cannot be replaced where the pool forbids it", async () => {
    const { user } = await openSignIn({ forgot: samples.failure("password-reset-forbidden") });
    await user.click(by("forgot-password"));
    await user.type(by("email"), "mori@example.com{Enter}");
    await waitFor(() => expect(by("trouble").dataset["code"]).toBe("password-reset-forbidden"));
    expect(screenName()).toBe("forgot-password");
  });

  test("a wrong code goes back to the code, a weak password beside its field", async () => {
    const { user } = await openSignIn({
      resets: [samples.failure("wrong-code"), samples.failure("password-policy", null, "must have symbols")],
    });
    await user.click(by("forgot-password"));
    await user.type(by("email"), "mori@example.com{Enter}");
    await on("reset-password");
    const fill = async () => {
      await user.clear(by("code"));
      await user.type(by("code"), "000000");
      await user.type(by("new-password"), "weak");
      await user.type(by("new-password-again"), "weak{Enter}");
    };
    await fill();
    await waitFor(() => expect(document.activeElement).toBe(by("code")));
    expect(by("trouble").dataset["code"]).toBe("wrong-code");
    await fill();
    await waitFor(() => expect(by("new-password-error").textContent).toContain("must have symbols"));
    expect(has("trouble")).toBe(false);
  });

  test("Escape leads back to the sign-in", async () => {
    const { user } = await openSignIn();
    await user.click(by("forgot-password"));
    await on("forgot-password");
    await user.keyboard("{Escape}");
    await on("sign-in");
  });
});

test("the e-mail address of a kept session is known when it has to be renewed", async () => {
  const { user } = await open({ start: samples.signedIn });
  await toSites(user);
  await user.click(by("choose-site"));
  await on("sign-in");
  expect(input("email").value).toBe("mori@example.com");
});
