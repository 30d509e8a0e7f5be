import { render, waitFor } from "@testing-library/svelte";
import userEvent, { type UserEvent } from "@testing-library/user-event";

import App from "../../src/App.svelte";
import { FakeHost, type Script } from "../../src/host/fake/host";
import * as samples from "../../src/host/fake/samples";
import * as shellSamples from "../../src/host/fake/shell";
import { places as allPlaces, type Place } from "../../src/places/places";

export { FakeHost, samples, shellSamples };

export interface Opened {
  host: FakeHost;
  user: UserEvent;
}

/** Opens the window on a fake host, and waits for its first screen. */
export async function open(script: Partial<Script> = {}): Promise<Opened> {
  return openOn(new FakeHost(script));
}

export async function openOn(host: FakeHost, places: readonly Place[] = allPlaces): Promise<Opened> {
  const user = userEvent.setup();
  render(App, { host, places });
  await waitFor(() => {
    if (screenName() === "starting") throw new Error("still starting");
  });
  return { host, user };
}

export async function openSignIn(script: Partial<Script> = {}): Promise<Opened> {
  return open({ start: samples.signedOut, ...script });
}

export async function openProvision(script: Partial<Script> = {}): Promise<Opened> {
  return open({ start: samples.signedIn, ...script });
}

/** Fills in the sign-in and sends it. */
export async function signIn({ user }: Opened, email = "mori@example.com", password = "Correct-Horse-7"): Promise<void> {
  await user.clear(by("email"));
  await user.type(by("email"), email);
  await user.type(by("password"), password);
  await user.click(by("sign-in"));
}

export async function challenge(of: Extract<Script["signIns"][number], { state: "challenge" }>["challenge"], ...later: Script["signIns"]): Promise<Opened> {
  const opened = await openSignIn({ signIns: [{ state: "challenge", challenge: of }, ...later] });
  await signIn(opened);
  await on(`challenge-${of.kind}`);
  return opened;
}

/** Chooses a drive, puts a serial number in and starts. */
export async function startRun(opened: Opened, serialNumber = "SN-0042"): Promise<void> {
  await opened.user.click(target(samples.drive.target));
  // Not key by key: on a busy machine the keys would come as from a hand and a scanner in turn.
  await opened.user.click(by("serial-number"));
  await opened.user.paste(serialNumber);
  await opened.user.click(by("provision"));
  await on("running");
}

/** By the site switcher to the page of all sites. */
export async function toSites(user: UserEvent): Promise<void> {
  await user.click(by("site"));
  await user.click(by("change-site"));
  await on("sites");
}

export function screenName(): string | undefined {
  return document.querySelector<HTMLElement>("main")?.dataset["screen"];
}

export async function on(name: string): Promise<void> {
  await waitFor(() => {
    if (screenName() !== name) throw new Error(`on ${screenName()}, not on ${name}`);
  });
}

export function by<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`no #${id} on ${screenName()}:\n${document.body.textContent}`);
  return found as T;
}

export function has(id: string): boolean {
  return document.getElementById(id) !== null;
}

export function input(id: string): HTMLInputElement {
  return by<HTMLInputElement>(id);
}

export function target(value: string): HTMLInputElement {
  const found = document.querySelector<HTMLInputElement>(`#targets input[value="${value}"]`);
  if (found === null) throw new Error(`no target ${value}`);
  return found;
}

export function heading(): HTMLElement {
  const found = document.querySelector("h1");
  if (found === null) throw new Error("no heading");
  return found;
}

export function text(): string {
  return document.body.textContent.replace(/\s+/g, " ");
}
