import type { Answer } from "../../bindings/Answer";
import type { Attached } from "../../bindings/Attached";
import type { Drivers } from "../../bindings/Drivers";
import type { FailureView } from "../../bindings/FailureView";
import type { Language } from "../../bindings/Language";
import type { Provisioned } from "../../bindings/Provisioned";
import type { RunEvent } from "../../bindings/RunEvent";
import type { SignIn } from "../../bindings/SignIn";
import type { DevicesHost, JobEvent } from "../devices";
import type { CodeSent, Credentials, Host, PasswordReset, ProvisionRequest, Start } from "../host";
import type { About, Drop, MenuCommand, Theme, Zoom } from "../shell";
import type { Opened, SiteEntry } from "../sites";
import type { Downloaded, UpdateView } from "../updates";
import { type BenchScript, FakeBench } from "./bench";
import { type DevicesScript, fakeDesk, obligingDesk, type Playing } from "./devices";
import { FakeJournal, type JournalScript, obligingJournal } from "./journal";
import { FakePractise } from "./practise";
import { drivers } from "./drivers";
import { drive, failure, folder, fresh, opened, operator } from "./samples";
import { about, practise } from "./shell";

/** What a fake host answers. Lists are answered in order, their last entry again and again. */
export interface Script extends JournalScript {
  start: Start | FailureView;
  /** To the dialog, and to each file that is opened by its path. */
  opened: Opened | FailureView | null;
  practise: Opened | FailureView;
  /** `null`: the list never comes. */
  sites: SiteEntry[] | FailureView | null;
  /** To the sign-in, then to each answer. */
  signIns: (SignIn | FailureView)[];
  forgot: CodeSent | FailureView;
  resets: (FailureView | null)[];
  /** `null`: the first look never ends. */
  targets: Attached[] | null;
  folder: Attached | FailureView | null;
  drivers: Drivers | FailureView;
  about: About | FailureView;
  diagnostics: string | FailureView;
  /** To each look. */
  update: UpdateView | FailureView | null;
  bench: Partial<BenchScript>;
  /** Plays a run by itself; without it, `emit` does. */
  play: ((request: ProvisionRequest, host: FakeHost) => void) | null;
  desk: Partial<DevicesScript>;
}

export const signedIn: SignIn = { state: "signed-in", operator };

const obliging: Script = {
  ...obligingJournal,
  start: fresh,
  opened,
  practise,
  sites: [],
  signIns: [signedIn],
  forgot: { destination: "m***@e***" },
  resets: [null],
  targets: [drive],
  folder,
  drivers,
  about,
  diagnostics: "Fieldkey 0.1.0\nLinux 6.12 x86_64",
  update: null,
  bench: {},
  play: null,
  desk: {},
};

/** The help desk's calls are mixed in. */
export interface FakeHost extends DevicesHost {}

/** A program that answers by script, remembers what it was asked, and does nothing. */
export class FakeHost implements Host {
  readonly script: Script;
  readonly journal: FakeJournal;
  readonly asked: { call: string; with?: unknown }[] = [];
  /** Of devices' own users, one for each run. */
  readonly passwords: (string | null)[] = [];
  readonly bench: FakeBench;
  readonly practise: FakePractise;
  /** How much of an update is here. */
  download: (downloaded: Downloaded) => void = () => undefined;
  /** Set, it holds every answer back until it resolves. */
  hold: Promise<void> | null = null;

  #onChange: (attached: Attached[]) => void = () => undefined;
  #onMenu: (command: MenuCommand) => void = () => undefined;
  #onDrop: (drop: Drop) => void = () => undefined;
  #onOpened: (path: string) => void = () => undefined;
  #onEvent: (event: RunEvent) => void = () => undefined;
  #runOver: () => void = () => undefined;
  #updateOver: (why: FailureView | null) => void = () => undefined;

  constructor(script: Partial<Script> = {}) {
    this.script = { ...obliging, ...script };
    this.journal = new FakeJournal(this.script, (call, asked, answer) => this.#answer(call, asked, answer));
    this.bench = new FakeBench(this.script.bench, (call, asked) => this.asked.push({ call, with: asked }));
    this.practise = new FakePractise((call, asked) => this.asked.push({ call, with: asked }));
    const playing = ({ take, over }: Playing): void => {
      this.#onEvent = take as (event: RunEvent) => void;
      this.#runOver = over;
    };
    const answer = <T>(call: string, asked: unknown, value: T | FailureView): Promise<T> => this.#answer(call, asked, value);
    const given = (password: string | null): unknown => this.passwords.push(password);
    Object.assign(this, fakeDesk({ ...obligingDesk, ...this.script.desk }, answer, playing, given));
  }

  start = (): Promise<Start> => this.#answer("start", undefined, this.script.start);
  chooseSite = (): Promise<Opened | null> => this.#answer("chooseSite", undefined, this.script.opened);
  openSite = (path: string): Promise<Opened> => this.#answer("openSite", path, this.script.opened ?? opened);
  openPractise = (): Promise<Opened> => this.#answer("openPractise", undefined, this.script.practise);
  signIn = (request: Credentials): Promise<SignIn> => this.#answer("signIn", request, next(this.script.signIns));
  answer = (answer: Answer): Promise<SignIn> => this.#answer("answer", answer, next(this.script.signIns));
  forgotPassword = (user: string): Promise<CodeSent> => this.#answer("forgotPassword", user, this.script.forgot);
  signOut = (): Promise<void> => this.#answer("signOut", undefined, undefined);
  chooseFolder = (): Promise<Attached | null> => this.#answer("chooseFolder", undefined, this.script.folder);
  setLanguage = (language: Language): Promise<void> => this.#answer("setLanguage", language, undefined);

  journalPage: Host["journalPage"] = (filter, before) => this.journal.journalPage(filter, before);
  journalChoices: Host["journalChoices"] = () => this.journal.journalChoices();
  checkJournal: Host["checkJournal"] = (onProgress) => this.journal.checkJournal(onProgress);
  stopJournalCheck: Host["stopJournalCheck"] = () => this.journal.stopJournalCheck();
  exportJournal: Host["exportJournal"] = (filter, format) => this.journal.exportJournal(filter, format);
  watchJournal: Host["watchJournal"] = (onChange) => this.journal.watchJournal(onChange);
  watchBench: Host["watchBench"] = (onChange) => this.bench.watchBench(onChange);
  setBenchPassword: Host["setBenchPassword"] = (password) => this.bench.setBenchPassword(password);
  setUpBench: Host["setUpBench"] = (settings) => this.bench.setUpBench(settings);
  armBench: Host["armBench"] = (armed) => this.bench.armBench(armed);
  scanBench: Host["scanBench"] = (serialNumber) => this.bench.scanBench(serialNumber);
  importBench: Host["importBench"] = (text) => this.bench.importBench(text);
  chooseBenchFile: Host["chooseBenchFile"] = () => this.bench.chooseBenchFile();
  pickForBench: Host["pickForBench"] = (request) => this.bench.pickForBench(request);
  retryBench: Host["retryBench"] = (request) => this.bench.retryBench(request);
  skipBench: Host["skipBench"] = (row) => this.bench.skipBench(row);
  stopBench: Host["stopBench"] = (row) => this.bench.stopBench(row);
  resumeBench: Host["resumeBench"] = () => this.bench.resumeBench();
  clearBench: Host["clearBench"] = () => this.bench.clearBench();
  exportBench: Host["exportBench"] = () => this.bench.exportBench();

  watchPractise: Host["watchPractise"] = (onChange) => this.practise.watchPractise(onChange);
  plugPractise: Host["plugPractise"] = (request) => this.practise.plugPractise(request);
  pullPractise: Host["pullPractise"] = (target) => this.practise.pullPractise(target);
  plugBackPractise: Host["plugBackPractise"] = (target) => this.practise.plugBackPractise(target);

  setTheme = (theme: Theme): Promise<void> => this.#answer("setTheme", theme, undefined);
  zoom = (to: Zoom): Promise<void> => this.#answer("zoom", to, undefined);
  setSound = (on: boolean): Promise<void> => this.#answer("setSound", on, undefined);
  drivers = (): Promise<Drivers> => this.#answer("drivers", undefined, this.script.drivers);
  forgetDeviceLogin = (): Promise<void> => this.#answer("forgetDeviceLogin", undefined, undefined);
  about = (): Promise<About> => this.#answer("about", undefined, this.script.about);
  diagnostics = (): Promise<string> => this.#answer("diagnostics", undefined, this.script.diagnostics);
  dismissCrash = (): Promise<void> => this.#answer("dismissCrash", undefined, undefined);

  lookForUpdate = (byItself: boolean): Promise<UpdateView | null> => this.#answer("lookForUpdate", byItself, this.script.update);
  setLookAtStart = (on: boolean): Promise<void> => this.#answer("setLookAtStart", on, undefined);
  async stopUpdate(): Promise<void> {
    this.asked.push({ call: "stopUpdate" });
    this.#updateOver(failure("interrupted"));
  }

  async installUpdate(onProgress: (downloaded: Downloaded) => void): Promise<void> {
    this.asked.push({ call: "installUpdate" });
    this.download = onProgress;
    const why = await new Promise<FailureView | null>((resolve) => (this.#updateOver = resolve));
    if (why !== null) throw why;
  }

  /** Ends the update that is under way: well, or with this. */
  updateEnds(why: FailureView | null): void {
    this.#updateOver(why);
  }

  sites = (): Promise<SiteEntry[]> =>
    this.script.sites === null ? new Promise(() => undefined) : this.#answer("sites", undefined, this.script.sites);

  async removeSite(path: string): Promise<SiteEntry[]> {
    const { sites } = this.script;
    if (Array.isArray(sites)) this.script.sites = sites.filter((entry) => entry.path !== path);
    return this.#answer("removeSite", path, this.script.sites ?? []);
  }

  async watchMenu(onCommand: (command: MenuCommand) => void): Promise<void> {
    this.#onMenu = onCommand;
  }

  async watchDrops(onDrop: (drop: Drop) => void): Promise<void> {
    this.#onDrop = onDrop;
  }

  async watchOpened(onOpened: (path: string) => void): Promise<void> {
    this.#onOpened = onOpened;
  }

  async confirmForgotPassword(request: PasswordReset): Promise<void> {
    await this.#answer("confirmForgotPassword", request, next(this.script.resets));
  }

  async watchTargets(onChange: (attached: Attached[]) => void): Promise<void> {
    this.#onChange = onChange;
    if (this.script.targets !== null) onChange(this.script.targets);
  }

  async provision(request: ProvisionRequest, password: string | null, onEvent: (event: RunEvent) => void): Promise<void> {
    this.asked.push({ call: "provision", with: request });
    this.passwords.push(password);
    this.#onEvent = onEvent;
    const over = new Promise<void>((resolve) => (this.#runOver = resolve));
    this.script.play?.(request, this);
    await over;
  }

  async cancel(): Promise<void> {
    this.asked.push({ call: "cancel" });
    this.emit({ event: "failed", run: "r-0001", failure: failure("interrupted"), unrecorded: null });
  }

  /** Plugs in and unplugs. */
  attach(attached: Attached[]): void {
    this.#onChange(attached);
  }

  /** Chooses from the window's menu. */
  menu(command: MenuCommand): void {
    this.#onMenu(command);
  }

  drop(drop: Drop): void {
    this.#onDrop(drop);
  }

  /** A site file was double-clicked. */
  handOver(path: string): void {
    this.#onOpened(path);
  }

  emit<Result = Provisioned>(...events: JobEvent<Result>[]): void {
    for (const event of events) {
      this.#onEvent(event as RunEvent);
      if (event.event === "finished" || event.event === "failed") this.#runOver();
    }
  }

  /** The arguments of each call of one kind. */
  calls(call: string): unknown[] {
    return this.asked.filter((one) => one.call === call).map((one) => one.with);
  }

  async #answer<T>(call: string, asked: unknown, answer: T | FailureView): Promise<T> {
    this.asked.push({ call, with: asked });
    await this.hold;
    if (typeof answer === "object" && answer !== null && "code" in answer) throw answer;
    return answer as T;
  }
}

function next<T>(answers: T[]): T {
  const [first] = answers;
  if (answers.length > 1) answers.shift();
  return first as T;
}
