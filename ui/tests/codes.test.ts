import { render, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";

import App from "../src/App.svelte";
import type { Challenge } from "../src/bindings/Challenge";
import type { Script } from "../src/host/fake/host";
import { failures, fill, refuse, SECRET, speak, told } from "./support/codes";
import { expectEachTold, press, type Teller } from "./support/telling";
import { by, challenge, FakeHost, has, heading, on, open, openOn, openSignIn, samples, shellSamples, toSites, type Opened } from "./support/window";

type Place = Teller<Opened>;

function answering(of: Challenge, again: string, before?: () => void, except: Place["except"] = []): Place {
  return { open: () => challenge(of), fail: press("answer", again, before), again, except: ["session-expired", ...except] };
}

function newPassword(): void {
  fill("new-password", SECRET);
  fill("new-password-again", SECRET);
}

const earlier = samples.failure("interrupted");
const totp: Challenge = { kind: "totp-setup", secret: samples.totpSecret, uri: "otpauth://totp/x", qr: "M0 0h1v1h-1z", qrSize: 29 };

const places: Record<string, Place> = {
  "the start": {
    open: async () => {
      const host = new FakeHost({ start: earlier });
      render(App, { host });
      await told("trouble", earlier);
      return { host, user: userEvent.setup() };
    },
    fail: press("start", "start-again"),
    again: "start-again",
  },
  "the first screen": { open: () => open(), fail: press("chooseSite", "choose-site"), again: "choose-site" },
  "the sites": {
    open: async () => {
      const opened = await open({ start: samples.signedIn, sites: shellSamples.entries });
      await toSites(opened.user);
      return opened;
    },
    fail: press("chooseSite", "choose-site"),
    again: "choose-site",
  },
  "the list of sites": {
    open: () => open({ sites: earlier }),
    fail: press("sites", "sites-again"),
    note: "sites-trouble",
    again: "sites-again",
  },
  "the sign-in": {
    open: () => openSignIn(),
    fail: press("signIn", "sign-in", () => (fill("email", "mori@example.com"), fill("password", SECRET))),
    again: "sign-in",
  },
  "a forgotten password": { open: forgot, fail: press("forgotPassword", "send-code"), again: "send-code" },
  "a password that is reset": {
    open: async () => {
      const opened = await forgot();
      by("send-code").click();
      await on("reset-password");
      return opened;
    },
    fail: press("confirmForgotPassword", "set-password", () => (fill("code", "123456"), newPassword())),
    again: "set-password",
    except: ["password-policy"],
  },
  "a new password": answering({ kind: "new-password", requiredAttributes: [] }, "set-password", newPassword, ["password-policy"]),
  "a code": answering({ kind: "code", channel: "sms", destination: null }, "submit-code", () => fill("code", "123456")),
  "an authenticator app": answering(totp, "submit-code", () => fill("code", "123456")),
  "the second factor": answering({ kind: "select-mfa", options: ["totp", "sms"] }, "choose-mfa"),
  "the first factor": answering({ kind: "select-first-factor", options: ["password", "email"] }, "choose-factor"),
  "the folder of a device": {
    open: () => open({ start: samples.signedIn }),
    fail: press("chooseFolder", "choose-folder"),
    note: "targets-trouble",
    again: "choose-folder",
  },
  "the watch over what is plugged in": {
    open: async () => {
      const host = new FakeHost({ start: samples.signedIn });
      refuse(host, "watchTargets", earlier);
      const opened = await openOn(host);
      await told("targets-trouble", earlier);
      return opened;
    },
    fail: press("watchTargets", "targets-again"),
    note: "targets-trouble",
    again: "targets-again",
  },
  "the pretended devices": {
    open: async () => {
      const host = new FakeHost({ start: { ...samples.signedIn, ...shellSamples.practise } });
      refuse(host, "watchPractise", earlier);
      const opened = await openOn(host);
      await told("practise-trouble", earlier);
      return opened;
    },
    fail: press("watchPractise", "practise-again"),
    note: "practise-trouble",
    again: "practise-again",
  },
  "the about box": {
    open: () => open({ start: samples.signedIn }),
    fail: async ({ host }, failed) => {
      refuse(host, "about", failed);
      if (has("about-dialog")) by("close-about-dialog").click();
      await waitFor(() => expect(has("about-dialog")).toBe(false));
      host.menu("about");
    },
    note: "about-trouble",
    again: "copy-diagnostics",
  },
  "the journal": {
    open: async () => {
      const opened = await journal({ runs: earlier });
      await told("journal-trouble", earlier);
      return opened;
    },
    fail: press("journalPage", "journal-again"),
    note: "journal-trouble",
    again: "journal-again",
  },
  "the state of the records": {
    open: () => journal(),
    fail: press("checkJournal", "check-journal"),
    note: "chain-trouble",
    again: "check-journal",
  },
  "the export of the journal": {
    open: async () => {
      const opened = await journal();
      await waitFor(() => by("export-csv"));
      return opened;
    },
    fail: press("exportJournal", "export-csv"),
    note: "export-trouble",
    again: "export-csv",
  },
};

async function forgot(): Promise<Opened> {
  const opened = await openSignIn();
  by("forgot-password").click();
  await on("forgot-password");
  fill("email", "mori@example.com");
  return opened;
}

async function journal(script: Partial<Script> = {}): Promise<Opened> {
  const opened = await open({ start: samples.signedIn, ...script });
  by("nav-journal").click();
  await on("journal");
  return opened;
}

test.each(Object.entries(places))(
  "at %s each code is told whole, in both languages, can be tried again and reported",
  async (_, place) => {
    const opened = await place.open();
    expect(document.activeElement, "whoever comes here begins at the heading").toBe(heading());
    await expectEachTold(opened, place, [shellSamples.practise.site.name]);
  },
);

test("diagnostics that cannot be had are told with what to do, for each code and in both languages", async () => {
  const { host } = await open();
  for (const failed of failures) {
    refuse(host, "diagnostics", failed);
    host.menu("copy-diagnostics");
    await waitFor(() => expect(by("notice").textContent).toContain(failed.en.message));
    expect(by("notice").textContent).toContain(failed.en.help);
    expect(by("notice").closest("[role=status]"), "said on whatever screen shows").not.toBeNull();
    await speak("ja");
    expect(by("notice").textContent).toContain(failed.ja.help);
    await speak("en");
  }
});
