import type { ExportedClaim } from "../../bindings/ExportedClaim";
import type { Provisioned } from "../../bindings/Provisioned";
import type { Reissued } from "../../bindings/Reissued";
import type { Verified } from "../../bindings/Verified";
import type { DeviceInHand } from "../../bindings/DeviceInHand";
import type { Act } from "../../bindings/Act";
import type { Feature } from "../../bindings/Feature";
import type { Job } from "../../bindings/Job";
import type { OperatorView } from "../../bindings/OperatorView";
import type { Thing } from "../../bindings/Thing";
import type { Why } from "../../bindings/Why";
import type {
  DeviceRun,
  Drop,
  ExportRequest,
  Host,
  JobEvent,
  LookUp,
  OpenedClaim,
  ReissueRequest,
  SiteView,
  VerifyRequest,
  WriteClaimRequest,
} from "../../host";
import type { AttachedTargets } from "../../state/attached.svelte";
import { withUser } from "../../state/device-login";
import { Targets } from "../../state/targets.svelte";
import { asTrouble, type Trouble } from "../../state/trouble";
import { JobRun, type LogIn } from "./job-run.svelte";

/** What the help desk needs of the window around it. */
export interface Around {
  readonly site: SiteView | null;
  readonly operator: OperatorView | null;
  readonly attached: AttachedTargets;
  /** The site or the operator is about to change: nothing is started. */
  readonly busy: boolean;
  toSignIn(): void;
  visit(place: "sites"): void;
  /** The organisation has switched this off on this computer. */
  isOff(feature: Feature): boolean;
}

/** What the help desk shows. */
export type View =
  | { name: "search" }
  | { name: "device"; thingName: string }
  | { name: "reissue"; thingName: string; run: JobRun<Reissued> | null }
  | { name: "register"; thingName: string }
  /** `thingName`: whose page it was opened from; empty if none. */
  | { name: "verify"; thingName: string; run: JobRun<Verified> | null }
  | { name: "export"; serialNumber: string; run: JobRun<ExportedClaim> | null }
  | { name: "open"; claim: OpenedClaim | null; ends: number; run: JobRun<Provisioned> | null }
  /** What another operator began. */
  | { name: "others"; over: boolean };

/** A change of certificates that was made. */
export interface Changed {
  act: Act;
  certificates: string[];
  unrecorded: Why | null;
}

/** How many looked-up things are offered again. */
const RECENT = 6;

/** How long a run's last event may come after its call has returned. */
const LATE_EVENTS_MS = 2000;

/** The help desk: where the clerk is, and what they found. Holds no password, and no passphrase but a suggested one. */
export class Devices {
  view: View = $state.raw({ name: "search" });
  query = $state("");
  found: LookUp | null = $state.raw(null);
  /** What `found` was asked for. */
  asked = $state("");
  /** Names of things, newest first. */
  recent: string[] = $state.raw([]);
  thing: Thing | null = $state.raw(null);
  history: DeviceRun[] | null = $state.raw(null);
  historyTrouble: Trouble | null = $state.raw(null);
  changed: Changed | null = $state.raw(null);
  busy = $state(false);
  trouble: Trouble | null = $state.raw(null);
  /** That of the claim that is exported, if it was suggested: nobody knows it yet. With the view, the place or the claim it goes. */
  suggested: string | null = $state(null);
  /** Files are over the window. */
  over = $state(false);
  /** The way back of somebody who came for a claim file only. */
  #leave: (() => void) | null = null;
  dropped: string[] | null = $state.raw(null);
  /** Begun by an operator who is not here any more. */
  #others: JobRun<unknown> | null = null;

  /** Counts the views: an answer to what an earlier one asked comes too late. */
  #views = 0;

  readonly host: Host;
  readonly around: Around;
  /** Chosen here, for what is done here. */
  readonly targets: Targets;

  constructor(host: Host, around: Around) {
    this.host = host;
    this.around = around;
    this.targets = new Targets(around.attached);
  }

  may(job: Job): boolean {
    return this.around.operator?.may.includes(job) ?? false;
  }

  /** `null` at the practise site, where no real folder is touched. */
  get chooseFolder(): (() => Promise<void>) | null {
    return this.around.site?.practise ? null : () => this.targets.chooseFolder(this.host);
  }

  serialNumberOf(thingName: string): string {
    const prefix = this.around.site?.thingNamePrefix ?? "";
    return thingName.startsWith(prefix) ? thingName.slice(prefix.length) : thingName;
  }

  /** What goes on here while the operator may be in another place. */
  get activity(): "idle" | "running" | "done" | "failed" {
    if (this.view.name === "others") return this.view.over ? "idle" : "running";
    const run = "run" in this.view ? this.view.run : null;
    if (run === null) return "idle";
    if (!run.ended) return "running";
    return run.trouble === null ? "done" : "failed";
  }

  /** Another site or another operator: nothing of the last one stays in sight. */
  forget(): void {
    this.query = this.asked = "";
    this.#leave = null;
    this.recent = [];
    this.found = null;
    this.#others = null;
    this.targets.forgetAll();
    this.#leaveDevice();
    this.go({ name: "search" });
  }

  /** What runs goes on, and nothing of it is shown to the next operator. */
  disown(): void {
    const { view } = this;
    if (view.name === "others") return;
    const run = "run" in view ? view.run : null;
    this.forget();
    if (run === null || run.ended) return;
    this.#others = run;
    this.go({ name: "others", over: false });
  }

  /** Whoever began it is not here any more. */
  async cancelOthers(): Promise<void> {
    if (this.#others !== null) await this.cancel(this.#others);
  }

  go(view: View): void {
    const before = this.view;
    // Left without another try.
    if ("run" in before && before.run?.trouble && before.run.logIn?.user && !("run" in view && view.run !== null)) {
      this.host.forgetDeviceLogin().catch(() => undefined);
    }
    this.#views++;
    this.busy = false;
    this.trouble = null;
    this.changed = null;
    this.dropped = null;
    this.suggested = null;
    // A target chosen for something else is no choice here.
    if ("run" in view && view.run === null) this.targets.forget();
    this.view = view;
  }

  /** For somebody from outside, who goes back there. */
  openClaimFile(leave: () => void): void {
    this.#leave = leave;
    this.go({ name: "open", claim: null, ends: 0, run: null });
  }

  back(): void {
    const { view } = this;
    if (this.#leave !== null) return this.#leave();
    if (view.name === "device" || !("thingName" in view) || view.thingName === "") return this.go({ name: "search" });
    // A run may have changed it.
    if ("run" in view && view.run !== null) void this.open(view.thingName);
    else this.go({ name: "device", thingName: view.thingName });
  }

  /** Looks up what is named elsewhere, but takes nobody away from a run. */
  async lookFor(query: string): Promise<void> {
    if (this.activity === "running") return;
    this.go({ name: "search" });
    this.query = query;
    await this.search();
  }

  async search(): Promise<void> {
    const query = this.query.trim();
    if (query === "") return;
    const found = await this.attempt(() => this.host.findDevices(query));
    if (found === undefined) return;
    this.asked = query;
    this.found = found;
    const [only, ...more] = found.registry?.things ?? [];
    const others = found.journal.filter(({ thingName }) => thingName !== only?.name);
    if (only !== undefined && more.length + others.length + (found.registry?.elsewhere.length ?? 0) === 0) this.#show(only);
  }

  async open(thingName: string): Promise<void> {
    const known = this.found?.registry?.things.find(({ name }) => name === thingName);
    if (known !== undefined) return this.#show(known);
    this.#leaveDevice();
    this.go({ name: "device", thingName });
    await this.refresh();
  }

  /** Looks again at the thing that shows. */
  async refresh(): Promise<void> {
    const { view } = this;
    if (view.name !== "device") return;
    const { thingName } = view;
    void this.#look(thingName);
    const thing = await this.attempt(() => this.host.inspectThing(thingName));
    if (thing === undefined) return;
    this.thing = thing;
    this.#remember(thingName);
  }

  /** A question is asked anew, or given up: what the last one came to is not said of it. */
  dismissTrouble(): void {
    this.trouble = null;
  }

  /** True once it is done. */
  async change(act: Act, certificateId: string | null): Promise<boolean> {
    const { view } = this;
    if (view.name !== "device") return false;
    // Whoever leaves before the answer must not find the thing as it was.
    this.found = null;
    const done = await this.attempt(() => this.host.changeCertificates({ thingName: view.thingName, certificateId, act }));
    if (done === undefined) return false;
    const changed: Changed = { act, certificates: done.certificates, unrecorded: done.unrecorded };
    await this.refresh();
    if (this.view === view) this.changed = changed;
    return true;
  }

  /** `password`: of the device's own user, here and below. */
  async reissue(thingName: string, request: ReissueRequest, password: string | null = null): Promise<void> {
    if (this.around.busy) return;
    const form: View = { name: "reissue", thingName, run: null };
    const run = new JobRun<Reissued>(this.#logIn(request, form, (again, typed) => this.reissue(thingName, again, typed)));
    this.go({ ...form, run });
    await this.#follow(run, (onEvent) => this.host.reissue(request, password, onEvent));
  }

  async verify(request: VerifyRequest, password: string | null = null): Promise<void> {
    const { view } = this;
    if (this.around.busy) return;
    const form: View = { name: "verify", thingName: view.name === "verify" ? view.thingName : "", run: null };
    const run = new JobRun<Verified>(this.#logIn(request, form, (again, typed) => this.verify(again, typed)));
    this.go({ ...form, run });
    await this.#follow(run, (onEvent) => this.host.verifyIdentity(request, password, onEvent));
  }

  /** `suggested`: the passphrase is, and was not typed. */
  async exportClaim(request: ExportRequest, suggested = false): Promise<void> {
    if (this.around.busy) return;
    const run = new JobRun<ExportedClaim>();
    this.go({ name: "export", serialNumber: request.serialNumber, run });
    if (suggested) this.suggested = request.passphrase;
    await this.#follow(run, (onEvent) => this.host.exportClaim(request, onEvent));
    if (run.trouble !== null && this.view.name === "export" && this.view.run === run) this.forgetSuggested();
  }

  forgetSuggested(): void {
    this.suggested = null;
  }

  /** True once the file is open. */
  async openClaim(file: string, passphrase: string): Promise<boolean> {
    const claim = await this.attempt(() => this.host.openClaimFile({ file, passphrase }));
    if (claim === undefined) return false;
    this.go({ name: "open", claim, ends: performance.now() + claim.secondsLeft * 1000, run: null });
    return true;
  }

  async writeClaim(request: WriteClaimRequest, password: string | null = null): Promise<void> {
    const { view } = this;
    if (view.name !== "open" || this.around.busy) return;
    const form: View = { ...view, run: null };
    const run = new JobRun<Provisioned>(this.#logIn(request, form, (again, typed) => this.writeClaim(again, typed)));
    this.go({ ...form, run });
    await this.#follow(run, (onEvent) => this.host.writeClaim(request, password, onEvent));
  }

  /** The same again with a login, if the device is there still; else the `form` that it came from. */
  #logIn<Request extends DeviceInHand>(request: Request, form: View, again: (request: Request, password: string | null) => Promise<void>): LogIn {
    return {
      user: request.driverSettings["user"] ?? "",
      again: async ({ user, password }) => {
        if (this.targets.current?.target !== request.target) return this.go(form);
        const withLogin = withUser(request, user);
        this.targets.keep(withLogin);
        await again(withLogin, password || null);
      },
    };
  }

  /** Follows a run until it is over, however it ends. */
  async #follow<Result>(run: JobRun<Result>, start: (onEvent: (event: JobEvent<Result>) => void) => Promise<void>): Promise<void> {
    this.trouble = null;
    try {
      await start((event) => run.take(event));
      if (!run.ended) await new Promise((resolve) => setTimeout(resolve, LATE_EVENTS_MS));
      run.fail(asTrouble("the run ended without a result"));
    } catch (thrown) {
      run.fail(asTrouble(thrown));
    }
    this.found = null;
    if (this.#others !== run) return;
    this.#others = null;
    this.go({ name: "others", over: true });
  }

  async cancel(run: JobRun<unknown>): Promise<void> {
    if (run.ended || run.cancelling) return;
    run.cancelling = true;
    try {
      await this.host.cancel();
    } catch (thrown) {
      run.cancelling = false;
      this.trouble = asTrouble(thrown);
    }
  }

  /** Files that are dropped here would be certificates to register. */
  get takesFiles(): boolean {
    return this.may("register") && this.activity !== "running";
  }

  /** What the shell tells of files over the window. */
  drag(drop: Drop): void {
    this.over = drop.state === "over";
    if (drop.state !== "dropped" || !this.takesFiles) return;
    if (this.view.name !== "register") this.go({ name: "register", thingName: this.view.name === "device" ? this.view.thingName : "" });
    this.dropped = drop.paths;
  }

  /** One call at a time; what comes of it is shown on the screen that made it, and nowhere else. */
  async attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (this.busy || this.around.busy) return undefined;
    const view = this.#views;
    this.busy = true;
    this.trouble = null;
    try {
      const answer = await work();
      return view === this.#views ? answer : undefined;
    } catch (thrown) {
      if (view === this.#views) this.trouble = asTrouble(thrown);
      return undefined;
    } finally {
      if (view === this.#views) this.busy = false;
    }
  }

  #show(thing: Thing): void {
    this.#leaveDevice();
    this.thing = thing;
    this.#remember(thing.name);
    this.go({ name: "device", thingName: thing.name });
    void this.#look(thing.name);
  }

  async #look(thingName: string): Promise<void> {
    const view = this.#views;
    this.historyTrouble = null;
    try {
      const history = await this.host.deviceHistory(thingName);
      if (view === this.#views) this.history = history;
    } catch (thrown) {
      if (view === this.#views) this.historyTrouble = asTrouble(thrown);
    }
  }

  #leaveDevice(): void {
    this.thing = null;
    this.history = null;
    this.historyTrouble = null;
  }

  #remember(thingName: string): void {
    this.recent = [thingName, ...this.recent.filter((other) => other !== thingName)].slice(0, RECENT);
  }
}
