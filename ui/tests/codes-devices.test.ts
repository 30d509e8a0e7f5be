import { waitFor } from "@testing-library/svelte";
import { test } from "vitest";

import type { FailureView } from "../src/bindings/FailureView";
import * as desk from "../src/host/fake/devices-samples";
import type { View } from "../src/places/devices/devices.svelte";
import { failures, fill, refuse, SECRET } from "./support/codes";
import { button, openDesk, openDevice, type Desk } from "./support/desk";
import { expectEachTold, press, type Teller } from "./support/telling";
import { by, has } from "./support/window";

type Place = Teller<Desk>;

async function at(view: View): Promise<Desk> {
  const opened = await openDesk();
  opened.flow.devices.go(view);
  await waitFor(() => by("back"));
  return opened;
}

async function registering(): Promise<Desk> {
  const opened = await at({ name: "register", thingName: "" });
  by("choose-files").click();
  await waitFor(() => by("thing-name"));
  fill("thing-name", desk.thing.name);
  return opened;
}

async function asking(pressed: () => HTMLElement): Promise<Desk> {
  const opened = await openDevice();
  pressed().click();
  await waitFor(() => by("change"));
  if (has("typed-name")) fill("typed-name", desk.thing.name);
  return opened;
}

const open: View = { name: "open", claim: null, ends: 0, run: null };

/** Where a call is refused, and the form stays. */
const forms: Record<string, Place> = {
  "the look-up": { open: () => openDesk(), fail: press("findDevices", "look-up", () => fill("device-query", "SN-0042")), again: "look-up" },
  "the look-up, by the registry alone": {
    open: () => openDesk(),
    fail: ({ host }, failure) => {
      host.findDevices = () => Promise.resolve({ ...desk.journalOnly, failure });
      fill("device-query", "SN-0042");
      by("look-up").click();
    },
    note: "registry-trouble",
    again: "look-up",
  },
  "a device's page": { open: () => openDevice(), fail: press("inspectThing", "refresh"), again: "refresh" },
  "a device's page that never came": {
    open: async () => {
      const opened = await openDesk();
      refuse(opened.host, "inspectThing", failures[0] as FailureView);
      await opened.flow.devices.open(desk.thing.name);
      return opened;
    },
    fail: press("inspectThing", "refresh"),
    again: "refresh",
    except: ["thing-not-found"],
  },
  "a device's history": { open: () => openDevice(), fail: press("deviceHistory", "refresh"), note: "history-trouble", again: "refresh" },
  "the activation of a certificate": {
    open: () => asking(() => button(/^Activate certificate/)),
    fail: press("changeCertificates", "change-yes"),
    note: "change-trouble",
    again: "change-yes",
  },
  "the deactivation of all": {
    open: () => asking(() => by("deactivate-all")),
    fail: press("changeCertificates", "change-yes"),
    note: "change-trouble",
    again: "change-yes",
  },
  "the revocation of a certificate": {
    open: () => asking(() => button(/^Revoke certificate/)),
    fail: press("changeCertificates", "change-yes"),
    note: "change-trouble",
    again: "change-yes",
  },
  "a certificate's preview": {
    open: () => at({ name: "register", thingName: "" }),
    fail: press("previewCertificate", "choose-files"),
    again: "choose-files",
    // A question first: whoever answers it is told then.
    except: ["p12-password"],
  },
  "a certificate that AWS would refuse": {
    open: () => at({ name: "register", thingName: "" }),
    fail: ({ host }, refused) => {
      host.previewCertificate = () => Promise.resolve({ ...desk.refusedPreview, refused });
      by("choose-files").click();
    },
    note: "preview-refused",
    again: "choose-files",
  },
  "files that are dropped": {
    open: () => at({ name: "register", thingName: "" }),
    fail: ({ host, flow }, failed) => {
      refuse(host, "takeDroppedFiles", failed);
      flow.devices.drag({ state: "dropped", paths: ["/x/pump-7.crt"] });
    },
    again: "choose-files",
  },
  "the registration of a certificate": { open: registering, fail: press("registerCertificate", "register"), again: "register" },
  "the folder of a claim file": {
    open: () => at({ name: "export", serialNumber: "SN-0042", run: null }),
    fail: press("chooseClaimFolder", "choose-claim-folder"),
    again: "export",
  },
  "the suggestion of a passphrase": {
    open: () => at({ name: "export", serialNumber: "SN-0042", run: null }),
    fail: press("suggestPassphrase", "suggest"),
    again: "suggest",
  },
  "the choice of a claim file": { open: () => at(open), fail: press("chooseClaimFile", "choose-claim-file"), again: "choose-claim-file" },
  "a claim file that is opened": {
    open: async () => {
      const opened = await at(open);
      by("choose-claim-file").click();
      await waitFor(() => by("chosen-file"));
      return opened;
    },
    fail: press("openClaimFile", "open-claim", () => fill("passphrase", SECRET)),
    again: "open-claim",
  },
};

test.each(Object.entries(forms))(
  "at the help desk, of %s each code is told whole, in both languages, can be tried again and reported",
  async (_, form) => {
    await expectEachTold(await form.open(), form, ["MicroPython"]);
  },
);
