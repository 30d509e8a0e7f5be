import { render, waitFor } from "@testing-library/svelte";
import userEvent, { type UserEvent } from "@testing-library/user-event";

import type { Language } from "../../src/bindings/Language";
import type { OperatorView } from "../../src/bindings/OperatorView";
import type { DevicesScript } from "../../src/host/fake/devices";
import * as desk from "../../src/host/fake/devices-samples";
import { FakeHost } from "../../src/host/fake/host";
import * as samples from "../../src/host/fake/samples";
import Devices from "../../src/places/devices/Devices.svelte";
import { Flow } from "../../src/state/flow.svelte";

export interface Desk {
  host: FakeHost;
  flow: Flow;
  user: UserEvent;
}

/** Opens the help desk, with a clerk signed in. */
export async function openDesk(script: Partial<DevicesScript> = {}, language: Language = "en", operator: OperatorView = desk.clerk): Promise<Desk> {
  const host = new FakeHost({ start: { ...samples.signedIn, operator, language }, targets: [samples.drive], desk: script });
  const flow = new Flow(host);
  await flow.begin();
  const user = userEvent.setup();
  const main = document.body.appendChild(document.createElement("main"));
  render(Devices, { target: main, props: { flow } });
  return { host, flow, user };
}

/** Looks the sample thing up, whose page opens. */
export async function openDevice(script: Partial<DevicesScript> = {}, language: Language = "en", operator: OperatorView = desk.clerk): Promise<Desk> {
  const opened = await openDesk({ lookUps: [{ ...desk.lookedUp, journal: [] }], ...script }, language, operator);
  opened.flow.devices.query = "SN-0042";
  await opened.flow.devices.search();
  await waitFor(() => {
    if (document.querySelector("h1")?.textContent !== desk.thing.name) throw new Error("its page is not open yet");
  });
  return opened;
}

export function button(name: RegExp): HTMLButtonElement {
  const named = (one: HTMLButtonElement): string => one.getAttribute("aria-label") ?? one.textContent;
  const found = [...document.querySelectorAll("button")].find((one) => name.test(named(one)));
  if (found === undefined) throw new Error(`no button ${String(name)}:\n${document.body.textContent}`);
  return found;
}
