import type { Answer } from "../bindings/Answer";
import type { Feature } from "../bindings/Feature";
import type { OperatorView } from "../bindings/OperatorView";
import type { PolicyView } from "../bindings/PolicyView";
import type { SignIn } from "../bindings/SignIn";
import type { CrashReport, Credentials, Host, Opened, PasswordReset, SiteView, Start } from "../host";
import { Bench } from "../places/bench/bench.svelte";
import { Devices } from "../places/devices/devices.svelte";
import { JournalState } from "../places/journal/journal.svelte";
import { Provisioning } from "../places/provision/provision.svelte";
import { Sites } from "../places/sites/sites.svelte";
import { Practise } from "../practise/practise.svelte";
import { AttachedTargets } from "./attached.svelte";
import type { PlaceName, PlaceState, Surroundings } from "./place";
import { Preferences } from "./preferences.svelte";
import { Renewal } from "./renewal.svelte";
import type { Screen } from "./screen";
import { asTrouble, type Trouble } from "./trouble";

/** Where the operator is, and how they get from there to the next screen. Holds no password and no code. */
export class Flow implements Surroundings {
  screen: Screen = $state.raw({ name: "starting" });
  place: PlaceName = $state("provision");
  site: SiteView | null = $state.raw(null);
  operator: OperatorView | null = $state.raw(null);
  keychain = $state(true);
  /** The e-mail address last typed, kept when a session runs out. */
  user = $state("");
  /** A call is under way: nothing else is started. */
  busy = $state(false);
  trouble: Trouble | null = $state.raw(null);
  /** How the last start ended, until the operator has seen it. */
  crash: CrashReport | null = $state.raw(null);

  /** The organisation's, for this computer. */
  policy: PolicyView | null = $state.raw(null);

  readonly preferences: Preferences;
  readonly renewal: Renewal;
  readonly attached = new AttachedTargets();
  readonly sites: Sites;
  readonly provision: Provisioning;
  readonly bench: Bench;
  readonly devices: Devices;
  readonly journal: JournalState;
  readonly practise: Practise;
  /** Every place that keeps something while the operator is in another one. */
  readonly places: Partial<Record<PlaceName, PlaceState>>;

  /** Something runs for this site and this operator: both stay until it is over. */
  readonly underWay: boolean = $derived.by(() => Object.values(this.places).some(({ activity }) => activity === "running"));

  readonly #host: Host;
  #cameFrom: PlaceName = "provision";
  /** Whose work the places hold. */
  #workOf: string | null = null;
  /** Handed over by the system before it could be opened. */
  #handedOver: string | null = null;

  constructor(host: Host) {
    this.#host = host;
    this.preferences = new Preferences(host);
    this.renewal = new Renewal(host);
    this.sites = new Sites(host);
    this.provision = new Provisioning(host, this);
    this.bench = new Bench(host, this);
    this.devices = new Devices(host, this);
    this.journal = new JournalState(host);
    this.practise = new Practise(host);
    this.places = { provision: this.provision, bench: this.bench, devices: this.devices, journal: this.journal };
    this.journal.openDevice = (serialNumber) => this.#openDevice(serialNumber);
  }

  /** With the answer that was asked for already, if there is one. */
  async begin(started?: Promise<Start>): Promise<void> {
    const start = await this.#attempt(() => started ?? this.#host.start());
    if (start === undefined) return;
    this.preferences.begin(start);
    this.site = start.site;
    this.#take(start.operator);
    this.user = start.operator?.name ?? "";
    this.keychain = start.keychain;
    this.crash = start.crash;
    this.policy = start.policy;
    this.#enter();
    this.trouble = start.failure && asTrouble(start.failure);
    await Promise.all([this.attached.watch(this.#host, start.target), this.attached.loadDrivers(this.#host), this.sites.load()]);
    void this.renewal.begin(start.updates);
  }

  /** The organisation has switched this off on this computer. The program refuses it by itself. */
  isOff(feature: Feature): boolean {
    return this.policy?.off.includes(feature) ?? false;
  }

  dismissCrash(): void {
    this.crash = null;
    this.#host.dismissCrash().catch(() => undefined);
  }

  // --- site -----------------------------------------------------------------------------------

  chooseSite(): Promise<void> {
    return this.#open(() => this.#host.chooseSite());
  }

  openSite(path: string): Promise<void> {
    return this.#open(() => this.#host.openSite(path));
  }

  /** Whoever asks for it again wants to begin anew there. */
  openPractise(): Promise<void> {
    return this.#open(() => this.#host.openPractise(), true);
  }

  /** A file that was double-clicked or dropped waits for what is under way; the last one counts. */
  async handOver(path: string): Promise<void> {
    this.#handedOver = path;
    await this.#openHandedOver();
  }

  async #openHandedOver(): Promise<void> {
    const path = this.#handedOver;
    if (path === null || this.busy || this.screen.name === "starting") return;
    this.#handedOver = null;
    await this.openSite(path);
  }

  /** A failure is shown where site files are opened, wherever the operator was. */
  async #open(work: () => Promise<Opened | null>, anew = false): Promise<void> {
    if (this.underWay) return this.visit("sites");
    const opened = await this.#attempt(work);
    if (opened === undefined && this.trouble !== null) return this.#refuseSite(this.trouble);
    if (!opened) return;
    if (anew || opened.site.path !== this.site?.path) this.#forget();
    this.site = opened.site;
    this.#take(opened.operator);
    this.user = opened.operator?.name ?? this.user;
    this.#enter();
    this.trouble = opened.failure;
    await this.sites.load();
  }

  #refuseSite(trouble: Trouble): void {
    if (this.screen.name !== "welcome") this.visit("sites");
    this.trouble = trouble;
  }

  // --- sign-in --------------------------------------------------------------------------------

  async signIn(credentials: Credentials): Promise<void> {
    this.user = credentials.user;
    await this.#signedIn(() => this.#host.signIn(credentials));
  }

  async answer(answer: Answer): Promise<void> {
    await this.#signedIn(() => this.#host.answer(answer));
    if (this.trouble?.code === "session-expired") this.toSignIn(this.trouble);
  }

  toSignIn(because: Trouble | null = null): void {
    this.operator = null;
    this.#go({ name: "sign-in" });
    this.trouble = because;
  }

  toForgotPassword(user: string): void {
    this.user = user;
    this.#go({ name: "forgot-password" });
  }

  async forgotPassword(user: string): Promise<void> {
    this.user = user;
    const sent = await this.#attempt(() => this.#host.forgotPassword(user));
    if (sent !== undefined) this.#go({ name: "reset-password", destination: sent.destination });
  }

  async resetPassword(reset: Omit<PasswordReset, "user">): Promise<void> {
    const request = { ...reset, user: this.user };
    const done = await this.#attempt(async () => {
      await this.#host.confirmForgotPassword(request);
      return true;
    });
    if (done) this.#go({ name: "sign-in", passwordChanged: true });
  }

  async signOut(): Promise<void> {
    // Beside another call it would not be made, and nobody would be signed out.
    if (this.busy) return;
    await this.#attempt(() => this.#host.signOut());
    const trouble = this.trouble;
    this.user = "";
    this.#forget();
    this.toSignIn(trouble);
  }

  // --- places ---------------------------------------------------------------------------------

  visit(place: PlaceName): void {
    if (place !== "sites" && this.screen.name !== "inside") return;
    if (place === "sites" && this.place !== "sites") this.#cameFrom = this.place;
    this.trouble = null;
    this.place = place;
  }

  /** From the sites back to where the operator was. */
  leaveSites(): void {
    this.trouble = null;
    this.place = this.#cameFrom;
  }

  /**
   * Needs neither site nor operator: the file has all, and whoever has its passphrase may write it.
   * A run of the help desk, whoever began it, keeps its place there until it is over.
   */
  openClaimFile(): void {
    if (this.devices.activity === "running") return;
    const because = this.screen;
    this.devices.openClaimFile(() => this.#go(because));
    this.#go({ name: "open-claim" });
  }

  // --------------------------------------------------------------------------------------------

  /** The first screen that the operator still has to pass. */
  #enter(): void {
    if (this.place === "sites") this.place = this.#cameFrom;
    if (this.site === null) this.#go({ name: "welcome" });
    else if (this.operator === null) this.#go({ name: "sign-in" });
    else this.#go({ name: "inside" });
  }

  /** What the journal names is looked up by the help desk, unless that is busy with a run. */
  #openDevice(serialNumber: string): void {
    this.visit("devices");
    void this.devices.lookFor(serialNumber);
  }

  /** What one operator began is nothing for another one; the same one goes on after a session that ran out. */
  #take(operator: OperatorView | null): void {
    this.operator = operator;
    if (operator === null || operator.name === this.#workOf) return;
    if (this.#workOf !== null) {
      if (this.underWay) this.#disown();
      else this.#forget();
    }
    this.#workOf = operator.name;
  }

  /** What runs goes on until it is over, whoever began it. */
  #disown(): void {
    for (const place of Object.values(this.places)) {
      if (place.activity === "running") place.disown();
      else place.forget();
    }
  }

  #forget(): void {
    this.#workOf = null;
    this.practise.forget();
    this.attached.folders = [];
    for (const place of Object.values(this.places)) place.forget();
    this.place = this.#cameFrom = "provision";
  }

  #go(screen: Screen): void {
    this.trouble = null;
    if (this.screen.name === "open-claim") this.devices.forget();
    this.screen = screen;
  }

  async #signedIn(work: () => Promise<SignIn>): Promise<void> {
    const outcome = await this.#attempt(work);
    if (outcome === undefined) return;
    if (outcome.state === "challenge") {
      this.#go({ name: "challenge", challenge: outcome.challenge });
    } else {
      this.#take(outcome.operator);
      this.#go({ name: "inside" });
    }
  }

  /** One call at a time; its failure is shown on the screen that made it. */
  async #attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (this.busy) return undefined;
    this.busy = true;
    this.trouble = null;
    try {
      return await work();
    } catch (thrown) {
      this.trouble = asTrouble(thrown);
      return undefined;
    } finally {
      this.busy = false;
      // Once the screen that comes of it is there.
      if (this.#handedOver !== null) setTimeout(() => void this.#openHandedOver());
    }
  }
}
