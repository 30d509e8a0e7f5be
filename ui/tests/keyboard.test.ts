import { waitFor } from "@testing-library/svelte";
import { expect, test } from "vitest";

import { signedIn } from "../src/host/fake/host";
import { by, has, on, open, samples, shellSamples } from "./support/window";

test("the whole job is done by keyboard alone, from the first start to the next device", async () => {
  const challenge = { kind: "new-password" as const, requiredAttributes: [] };
  const { user, host } = await open({ signIns: [{ state: "challenge", challenge }, signedIn] });

  await user.keyboard("{Enter}"); // the heading has the focus: Enter is the primary action
  await on("sign-in");

  await user.tab();
  expect(document.activeElement).toBe(by("email"));
  await user.keyboard("mori@example.com");
  await user.tab();
  await user.keyboard("Temporary-1{Enter}");
  await on("challenge-new-password");

  await user.tab();
  await user.keyboard("Correct-Horse-8");
  await user.tab();
  await user.tab();
  await user.keyboard("Correct-Horse-8{Enter}");
  await on("provision");

  await user.tab();
  await user.keyboard(" ");
  expect(document.activeElement).toMatchObject({ checked: true, value: samples.drive.target });
  await user.keyboard("SN-0042{Enter}");
  await on("running");

  await user.keyboard("{Escape}");
  expect(document.activeElement).toBe(by("keep-going"));
  await user.keyboard("{Enter}");
  await waitFor(() => expect(document.getElementById("confirm-cancel")).toBeNull());

  host.emit(...samples.events());
  await on("done");
  await user.keyboard("{Enter}");
  await on("provision");
});

test("Tab goes over a refused drive to what can be used", async () => {
  const { user } = await open({ start: samples.signedIn, targets: [samples.systemDrive] });
  await user.tab();
  expect(document.activeElement).toBe(by("choose-folder"));
  await user.tab();
  expect(document.activeElement).toBe(by("serial-number"));
  await user.tab();
  expect(document.activeElement).toBe(by("provision"));
});

test("practice, the settings and another site are reached by keyboard alone", async () => {
  const { user } = await open({ sites: shellSamples.entries });
  await waitFor(() => by("sites"));
  while (document.activeElement !== by("practise")) await user.tab();
  await user.keyboard("{Enter}");
  await on("provision");

  by("settings").focus();
  await user.keyboard("{Enter}");
  expect(document.activeElement).toBe(by("settings-dialog-heading"));
  while (document.activeElement !== by("sound")) await user.tab();
  await user.keyboard(" ");
  expect(by<HTMLInputElement>("sound").checked).toBe(true);
  by("language-ja").focus();
  await user.keyboard(" ");
  expect(document.documentElement.lang).toBe("ja");
  by("close-settings-dialog").focus();
  await user.keyboard("{Enter}");
  await waitFor(() => expect(has("settings-dialog")).toBe(false));

  by("site").focus();
  await user.keyboard("{Enter}{ArrowDown}{ArrowDown}{Enter}");
  await on("sign-in");
});
