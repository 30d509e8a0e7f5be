import type { Host, ProvisionRequest } from "../../host";
import type { Activity, PlaceState, Surroundings } from "../../state/place";
import { Run } from "../../state/run.svelte";
import { asTrouble, type Trouble } from "../../state/trouble";
import { playOutcome } from "../../words/earcon";
import { thingName } from "../../words/serial-number";

/**
 * How long a run's last event may come after its call has returned: they reach the web view by
 * two ways, and the one does not wait for the other.
 */
const LATE_EVENTS_MS = 2000;

/** One calm screen per step of the installer's way. */
export type Stage =
  | { name: "provision" }
  | { name: "running"; run: Run }
  | { name: "done"; run: Run }
  | { name: "failed"; run: Run };

/** One device after the other: what is chosen, and how its run goes. */
export class Provisioning implements PlaceState {
  stage: Stage = $state.raw({ name: "provision" });
  serialNumber = $state("");
  /** What may be chosen for a serial port. */
  drivers: string[] = $state.raw([]);
  trouble: Trouble | null = $state.raw(null);

  readonly activity: Activity = $derived(this.stage.name === "provision" ? "idle" : this.stage.name);

  readonly #host: Host;
  readonly #here: Surroundings;
  #runUnderWay: Promise<void> = Promise.resolve();

  constructor(host: Host, here: Surroundings) {
    this.#host = host;
    this.#here = here;
  }

  async loadDrivers(): Promise<void> {
    try {
      this.drivers = await this.#host.serialDrivers();
    } catch {
      // Without the list, a port is asked what it is.
    }
  }

  chooseFolder(): Promise<void> {
    return this.#here.targets.chooseFolder(this.#host);
  }

  async start(replace = false): Promise<void> {
    const { site, targets } = this.#here;
    const target = targets.current?.target;
    if (this.stage.name === "running") return;
    if (site === null || target === undefined) return this.toChoices();

    const serialNumber = this.serialNumber.trim();
    const driver = targets.driver;
    const run = new Run({ serialNumber, thingName: thingName(serialNumber, site), target });
    this.#go({ name: "running", run });
    await this.#runUnderWay;
    this.#runUnderWay = this.#watch(run, { serialNumber, target, driver, replace });
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

  toChoices(): void {
    this.#go({ name: "provision" });
  }

  /** Keeps site, sign-in and the kind of device, and nothing of the device itself. */
  nextDevice(): void {
    this.serialNumber = "";
    this.#here.targets.forget();
    this.toChoices();
  }

  forget(): void {
    this.nextDevice();
  }

  #go(stage: Stage): void {
    this.trouble = null;
    this.stage = stage;
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
    if (!run.ended || this.stage.name !== "running" || this.stage.run !== run) return;
    const stage = run.result === null ? "failed" : "done";
    if (this.#here.preferences.sound) playOutcome(stage);
    this.#go({ name: stage, run });
  }
}
