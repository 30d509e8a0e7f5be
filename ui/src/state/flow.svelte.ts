import type { Answer } from "../bindings/Answer";
import type { Language } from "../bindings/Language";
import type { OperatorView } from "../bindings/OperatorView";
import type { SignIn } from "../bindings/SignIn";
import type { SiteView } from "../bindings/SiteView";
import type { Credentials, Host, PasswordReset, ProvisionRequest } from "../host";
import { i18n } from "../i18n/index.svelte";
import { thingName } from "../words/serial-number";
import { Run } from "./run.svelte";
import type { Screen } from "./screen";
import { Targets } from "./targets.svelte";
import { asTrouble, type Trouble } from "./trouble";

/**
 * How long a run's last event may come after its call has returned: they reach the web view by
 * two ways, and the one does not wait for the other.
 */
const LATE_EVENTS_MS = 2000;

/** Where the operator is, and how they get from there to the next screen. Holds no password and no code. */
export class Flow {
  screen: Screen = $state.raw({ name: "starting" });
  site: SiteView | null = $state.raw(null);
  operator: OperatorView | null = $state.raw(null);
  keychain = $state(true);
  /** The e-mail address last typed, kept when a session runs out. */
  user = $state("");
  serialNumber = $state("");
  /** A call is under way: nothing else is started. */
  busy = $state(false);
  trouble: Trouble | null = $state.raw(null);
  readonly targets = new Targets();

  readonly #host: Host;
  #runUnderWay: Promise<void> = Promise.resolve();

  constructor(host: Host) {
    this.#host = host;
  }

  async begin(): Promise<void> {
    const start = await this.#attempt(() => this.#host.start());
    if (start === undefined) return;
    this.#speak(start.language);
    this.site = start.site;
    this.operator = start.operator;
    this.user = start.operator?.name ?? "";
    this.keychain = start.keychain;
    this.#enter();
    this.trouble = start.failure;
    await this.targets.watch(this.#host, start.target);
  }

  // --- site -----------------------------------------------------------------------------------

  changeSite(): void {
    this.#go({ name: "site" });
  }

  async chooseSite(): Promise<void> {
    const opened = await this.#attempt(() => this.#host.chooseSite());
    if (!opened) return;
    this.site = opened.site;
    this.operator = opened.operator;
    this.user = opened.operator?.name ?? this.user;
    this.#enter();
    this.trouble = opened.failure;
  }

  keepSite(): void {
    this.#enter();
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
    this.serialNumber = "";
    this.targets.forget();
    this.toSignIn(trouble);
  }

  // --- provisioning ---------------------------------------------------------------------------

  chooseFolder(): Promise<void> {
    return this.targets.chooseFolder(this.#host);
  }

  async provision(replace = false): Promise<void> {
    const target = this.targets.current?.target;
    const { site } = this;
    if (this.screen.name === "running") return;
    if (site === null || target === undefined) return this.toProvision();

    const serialNumber = this.serialNumber.trim();
    const run = new Run({ serialNumber, thingName: thingName(serialNumber, site), target });
    this.#go({ name: "running", run });
    await this.#runUnderWay;
    this.#runUnderWay = this.#watch(run, { serialNumber, target, replace });
    await this.#runUnderWay;
  }

  async cancel(run: Run): Promise<void> {
    if (run.ended || run.cancelling) return;
    run.cancelling = true;
    try {
      await this.#host.cancel();
    } catch (thrown) {
      run.cancelling = false;
      this.trouble = asTrouble(thrown);
    }
  }

  toProvision(): void {
    this.#go({ name: "provision" });
  }

  nextDevice(): void {
    this.serialNumber = "";
    this.targets.forget();
    this.toProvision();
  }

  // --- language -------------------------------------------------------------------------------

  switchLanguage(): void {
    this.#speak(i18n.language === "en" ? "ja" : "en");
    // Not remembering the language is no reason to disturb the operator.
    this.#host.setLanguage(i18n.language).catch(() => undefined);
  }

  #speak(language: Language): void {
    i18n.language = language;
    document.documentElement.lang = language;
  }

  // --------------------------------------------------------------------------------------------

  /** The first screen that the operator still has to pass. */
  #enter(): void {
    if (this.site === null) this.#go({ name: "site" });
    else if (this.operator === null) this.#go({ name: "sign-in" });
    else this.#go({ name: "provision" });
  }

  #go(screen: Screen): void {
    this.trouble = null;
    this.screen = screen;
  }

  async #signedIn(work: () => Promise<SignIn>): Promise<void> {
    const outcome = await this.#attempt(work);
    if (outcome === undefined) return;
    if (outcome.state === "challenge") {
      this.#go({ name: "challenge", challenge: outcome.challenge });
    } else {
      this.operator = outcome.operator;
      this.toProvision();
    }
  }

  async #watch(run: Run, request: ProvisionRequest): Promise<void> {
    try {
      await this.#host.provision(request, (event) => {
        run.take(event);
        this.#follow(run);
      });
      if (!run.ended) await new Promise((resolve) => setTimeout(resolve, LATE_EVENTS_MS));
      run.fail(asTrouble("the run ended without a result"));
    } catch (thrown) {
      run.fail(asTrouble(thrown));
    }
    this.#follow(run);
  }

  /** A run's end changes the screen, if its screen is still the one that shows. */
  #follow(run: Run): void {
    if (!run.ended || this.screen.name !== "running" || this.screen.run !== run) return;
    this.#go({ name: run.result === null ? "failed" : "done", run });
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
    }
  }
}
