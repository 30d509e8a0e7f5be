import type { Host, ProvisionRequest } from "../../host";
import type { Activity, PlaceState, Surroundings } from "../../state/place";
import { type Login, withUser } from "../../state/device-login";
import { Run } from "../../state/run.svelte";
import { Targets } from "../../state/targets.svelte";
import { asTrouble, type Trouble } from "../../state/trouble";
import { playOutcome } from "../../words/earcon";
import { thingName } from "../../words/serial-number";
import { nameOf } from "../../words/target";

/**
 * How long a run's last event may come after its call has returned: they reach the web view by
 * two ways, and the one does not wait for the other.
 */
const LATE_EVENTS_MS = 2000;

/** One calm screen per step of the installer's way; and one for what another operator began. */
export type Stage =
  | { name: "provision" }
  | { name: "running"; run: Run }
  | { name: "done"; run: Run }
  | { name: "failed"; run: Run }
  | { name: "others"; over: boolean };

/** One device after the other: what is chosen, and how its run goes. */
export class Provisioning implements PlaceState {
  stage: Stage = $state.raw({ name: "provision" });
  serialNumber = $state("");
  trouble: Trouble | null = $state.raw(null);

  readonly activity: Activity = $derived.by(() => {
    const { stage } = this;
    if (stage.name === "others") return stage.over ? "idle" : "running";
    return stage.name === "provision" ? "idle" : stage.name;
  });

  /** Chosen here, for the next device. */
  readonly targets: Targets;

  readonly #host: Host;
  readonly #here: Surroundings;
  #runUnderWay: Promise<void> = Promise.resolve();
  /** Begun by an operator who is not here any more. */
  #others: Run | null = null;

  constructor(host: Host, here: Surroundings) {
    this.#host = host;
    this.#here = here;
    this.targets = new Targets(here.attached);
  }

  chooseFolder(): Promise<void> {
    return this.targets.chooseFolder(this.#host);
  }

  async start(): Promise<void> {
    const device = this.targets.inHand;
    if (device === null) return this.toChoices();
    await this.#begin({ serialNumber: this.serialNumber.trim(), ...device, replace: false }, this.targets.takePassword());
  }

  /**
   * The same again as the failed run, whatever was typed or chosen since: only this is what the screen names.
   * `replace`: what is on the device may be overwritten. `login`: who logs in on it, and with what.
   */
  async again({ request }: Run, replace = false, login: Login | null = null): Promise<void> {
    // What was there has gone: what lies there now may be another device.
    if (this.targets.current?.target !== request.target) return this.toChoices();
    if (login === null) return this.#begin({ ...request, replace }, null);
    const withLogin = withUser(request, login.user);
    this.targets.keep(withLogin);
    await this.#begin(withLogin, login.password || null);
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

  /** Whoever began it is not here any more. */
  async cancelOthers(): Promise<void> {
    if (this.#others !== null) await this.cancel(this.#others);
  }

  toChoices(): void {
    const { stage } = this;
    if (stage.name === "failed" && "user" in stage.run.request.driverSettings) this.#host.forgetDeviceLogin().catch(() => undefined);
    this.#go({ name: "provision" });
  }

  /** Keeps site, sign-in and the kind of device, and nothing of the device itself. */
  nextDevice(): void {
    this.serialNumber = "";
    this.targets.forget();
    this.toChoices();
  }

  forget(): void {
    this.#others = null;
    this.targets.forgetAll();
    this.nextDevice();
  }

  disown(): void {
    const { stage } = this;
    if (stage.name === "others") return;
    this.forget();
    if (stage.name !== "running") return;
    this.#others = stage.run;
    this.#go({ name: "others", over: false });
  }

  #go(stage: Stage): void {
    this.trouble = null;
    this.stage = stage;
  }

  async #begin(request: ProvisionRequest, password: string | null): Promise<void> {
    const { site, busy } = this.#here;
    if (this.stage.name === "running" || busy) return;
    if (site === null) return this.toChoices();

    const { current } = this.targets;
    const run = new Run(request, thingName(request.serialNumber, site), current?.target === request.target ? nameOf(current) : null);
    this.#go({ name: "running", run });
    await this.#runUnderWay;
    // Nothing was begun yet, so there is nothing to tell of.
    if (!this.#isWanted(run)) return;
    this.#runUnderWay = this.#watch(run, password);
    await this.#runUnderWay;
  }

  /** Not by whoever stopped it, or has left since: the screen that shows then says nothing of it. */
  #isWanted(run: Run): boolean {
    const others = this.#others === run;
    const shown = this.stage.name === "running" && this.stage.run === run;
    if (shown && !run.cancelling) return true;
    if (others) this.#others = null;
    if (others || shown) this.toChoices();
    return false;
  }

  async #watch(run: Run, password: string | null): Promise<void> {
    try {
      await this.#host.provision(run.request, password, (event) => {
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
    if (run.ended && this.#others === run) {
      this.#others = null;
      this.#go({ name: "others", over: true });
    }
    if (!run.ended || this.stage.name !== "running" || this.stage.run !== run) return;
    const stage = run.result === null ? "failed" : "done";
    if (this.#here.preferences.sound) playOutcome(stage);
    this.#go({ name: stage, run });
  }
}
