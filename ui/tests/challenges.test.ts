import { waitFor } from "@testing-library/svelte";
import { describe, expect, test, vi } from "vitest";

import type { Channel } from "../src/bindings/Channel";
import { signedIn } from "../src/host/fake/host";
import { by, challenge, has, heading, input, on, samples, text } from "./support/window";

describe("a first sign-in's new password", () => {
  const plain = { kind: "new-password" as const, requiredAttributes: [] };

  test("is typed twice and sent once", async () => {
    const { user, host } = await challenge(plain, signedIn);
    expect(document.activeElement).toBe(heading());
    await user.type(by("new-password"), "Correct-Horse-8");
    await user.type(by("new-password-again"), "Correct-Horse-8{Enter}");
    await on("provision");
    expect(host.calls("answer")).toEqual([{ kind: "new-password", newPassword: "Correct-Horse-8", attributes: {} }]);
  });

  test("is not sent while the two differ", async () => {
    const { user, host } = await challenge(plain, signedIn);
    await user.type(by("new-password"), "Correct-Horse-8");
    await user.type(by("new-password-again"), "Correct-Horse-9{Enter}");
    expect(by("new-password-again-error").textContent).toContain("not the same");
    expect(host.calls("answer")).toHaveLength(0);
  });

  test("that the pool finds weak is refused beside its field, in the pool's words", async () => {
    const { user } = await challenge(plain, samples.failure("password-policy", null, "must have uppercase characters"));
    await user.type(by("new-password"), "weak");
    await user.type(by("new-password-again"), "weak{Enter}");
    await waitFor(() => expect(by("new-password-error").textContent).toContain("must have uppercase characters"));
    expect(input("new-password").getAttribute("aria-describedby")).toBe("new-password-error");
    expect(input("new-password").value).toBe("");
    expect(document.activeElement).toBe(by("new-password"));
    expect(has("trouble")).toBe(false);
  });

  test("comes with the attributes that the pool requires, each by its name", async () => {
    const { user, host } = await challenge({ kind: "new-password", requiredAttributes: ["name", "custom:shift"] }, signedIn);
    expect(document.querySelector('label[for="attribute-name"]')?.textContent).toBe("Full name");
    expect(document.querySelector('label[for="attribute-custom:shift"]')?.textContent).toBe("custom:shift");
    await user.type(by("new-password"), "Correct-Horse-8");
    await user.type(by("new-password-again"), "Correct-Horse-8{Enter}");
    expect(document.activeElement).toBe(by("attribute-name"));
    await user.type(by("attribute-name"), "Mori Aoi");
    await user.type(by("attribute-custom:shift"), "night{Enter}");
    await on("provision");
    expect(host.calls("answer")).toMatchObject([{ attributes: { "name": "Mori Aoi", "custom:shift": "night" } }]);
  });
});

describe("a code", () => {
  test.each<[Channel, string | null, string]>([
    ["totp", null, "authenticator app"],
    ["sms", "+*******5678", "+*******5678"],
    ["sms", null, "your phone"],
    ["email", "m***@e***", "m***@e***"],
    ["email", null, "your e-mail address"],
  ])("by %s (%s) says where to find it", async (channel, destination, words) => {
    await challenge({ kind: "code", channel, destination }, signedIn);
    expect(text()).toContain(words);
  });

  test("is typed on a number pad, offered by the system, and sent without spaces around it", async () => {
    const { user, host } = await challenge({ kind: "code", channel: "totp", destination: null }, signedIn);
    expect(input("code").inputMode || input("code").getAttribute("inputmode")).toBe("numeric");
    expect(input("code").autocomplete).toBe("one-time-code");
    await user.type(by("code"), " 123456 {Enter}");
    await on("provision");
    expect(host.calls("answer")).toEqual([{ kind: "code", code: "123456" }]);
  });

  test("that is wrong can be typed again", async () => {
    const { user } = await challenge({ kind: "code", channel: "totp", destination: null }, samples.failure("wrong-code"), signedIn);
    await user.type(by("code"), "000000{Enter}");
    await waitFor(() => expect(by("trouble").dataset["code"]).toBe("wrong-code"));
    expect(input("code").value).toBe("");
    await user.type(by("code"), "123456{Enter}");
    await on("provision");
  });

  test("for a session that ran out leads back to the sign-in, which keeps the e-mail address", async () => {
    const { user } = await challenge({ kind: "code", channel: "sms", destination: null }, samples.failure("session-expired"));
    await user.type(by("code"), "123456{Enter}");
    await on("sign-in");
    expect(by("trouble").dataset["code"]).toBe("session-expired");
    expect(input("email").value).toBe("mori@example.com");
    expect(input("password").value).toBe("");
  });

  test("is not sent empty", async () => {
    const { user, host } = await challenge({ kind: "code", channel: "totp", destination: null });
    await user.click(by("submit-code"));
    expect(by("code-error").textContent).toContain("Enter the code");
    expect(host.calls("answer")).toHaveLength(0);
  });
});

describe("a choice", () => {
  test("of the second factor leads to its code", async () => {
    const { user, host } = await challenge(
      { kind: "select-mfa", options: ["totp", "sms"] },
      { state: "challenge", challenge: { kind: "code", channel: "sms", destination: null } },
    );
    await user.click(by("mfa-sms"));
    await user.click(by("choose-mfa"));
    await on("challenge-code");
    expect(host.calls("answer")).toEqual([{ kind: "mfa", channel: "sms" }]);
    expect(document.activeElement).toBe(heading());
  });

  test("of the first factor takes the first one offered on Enter", async () => {
    const { user, host } = await challenge({ kind: "select-first-factor", options: ["email", "password"] }, signedIn);
    await user.keyboard("{Enter}");
    await on("provision");
    expect(host.calls("answer")).toEqual([{ kind: "first-factor", factor: "email" }]);
  });
});

describe("setting up an authenticator app", () => {
  const setup = { kind: "totp-setup" as const, secret: samples.totpSecret, uri: "otpauth://totp/x", qr: "M0 0h1v1h-1z", qrSize: 29 };

  test("shows the QR code, and the secret in groups of four", async () => {
    await challenge(setup);
    expect(by("qr").getAttribute("viewBox")).toBe("0 0 29 29");
    expect(by("qr").querySelector("path")?.getAttribute("d")).toBe("M0 0h1v1h-1z");
    expect(by("qr").getAttribute("role")).toBe("img");
    const groups = [...by("totp-secret").querySelectorAll("code")].map((one) => one.textContent);
    expect(groups).toHaveLength(13);
    expect(groups.join("")).toBe(samples.totpSecret);
  });

  test("copies the secret without the gaps", async () => {
    const { user } = await challenge(setup);
    const write = vi.spyOn(navigator.clipboard, "writeText");
    await user.click(by("copy-secret"));
    expect(write).toHaveBeenCalledWith(samples.totpSecret);
    await waitFor(() => expect(by("copy-secret").textContent).toContain("Copied"));
  });

  test("ends with a code from the app", async () => {
    const { user, host } = await challenge(setup, signedIn);
    await user.type(by("code"), "123456{Enter}");
    await on("provision");
    expect(host.calls("answer")).toEqual([{ kind: "code", code: "123456" }]);
  });
});

test("Escape leaves any challenge for the sign-in", async () => {
  const { user } = await challenge({ kind: "select-mfa", options: ["totp"] });
  await user.keyboard("{Escape}");
  await on("sign-in");
  expect(input("email").value).toBe("mori@example.com");
});
