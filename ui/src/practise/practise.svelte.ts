import type { Host, PractiseDevice, PractiseFault, PractisePlug } from "../host";
import { asTrouble, type Trouble } from "../state/trouble";

/** What can be the matter with a pretended device. `null`: nothing. */
export const faults: readonly (PractiseFault | null)[] = [
  null,
  "read-only",
  "full",
  "has-identity",
  "bad-cable",
  "loose-plug",
  "never-registers",
];

/** The pretended devices of the practise site, which the operator plugs in and pulls on the screen. */
export class Practise {
  /** `null` until they are known. */
  devices: PractiseDevice[] | null = $state.raw(null);
  /** The panel is unfolded, wherever it shows. */
  open = $state(false);
  trouble: Trouble | null = $state.raw(null);
  /** Of the device that is plugged in next. */
  kind: PractiseDevice["kind"] = $state("drive");
  fault: PractiseFault | null = $state(null);

  readonly plugged: number = $derived(this.devices?.filter(({ plugged }) => plugged).length ?? 0);

  readonly #host: Host;
  #watching: object | null = $state.raw(null);

  constructor(host: Host) {
    this.#host = host;
  }

  /** Nobody follows the devices yet, and nothing speaks against it. */
  get unwatched(): boolean {
    return this.#watching === null && this.trouble === null;
  }

  /** Begins to follow the devices of the practise site, which must be open. */
  async watch(): Promise<void> {
    if (this.#watching !== null) return;
    const watching = (this.#watching = {});
    this.trouble = null;
    try {
      await this.#host.watchPractise((devices) => {
        if (this.#watching === watching) this.devices = devices;
      });
    } catch (thrown) {
      if (this.#watching !== watching) return;
      this.#watching = null;
      this.trouble = asTrouble(thrown);
    }
  }

  forget(): void {
    this.#watching = null;
    this.devices = this.trouble = this.fault = null;
    this.kind = "drive";
    this.open = false;
  }

  plug(request: PractisePlug): Promise<void> {
    return this.#ask(() => this.#host.plugPractise(request));
  }

  pull({ target }: PractiseDevice): Promise<void> {
    return this.#ask(() => this.#host.pullPractise(target));
  }

  plugBack({ target }: PractiseDevice): Promise<void> {
    return this.#ask(() => this.#host.plugBackPractise(target));
  }

  async #ask(work: () => Promise<void>): Promise<void> {
    this.trouble = null;
    try {
      await work();
    } catch (thrown) {
      this.trouble = asTrouble(thrown);
    }
  }
}
