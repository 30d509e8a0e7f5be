import type { Host, SiteEntry } from "../../host";
import { asTrouble, type Trouble } from "../../state/trouble";

/** The site files of this computer. */
export class Sites {
  /** `null` until the list was read. */
  entries: SiteEntry[] | null = $state.raw(null);
  trouble: Trouble | null = $state.raw(null);

  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  load(): Promise<void> {
    return this.#take(() => this.#host.sites());
  }

  remove(path: string): Promise<void> {
    return this.#take(() => this.#host.removeSite(path));
  }

  async #take(work: () => Promise<SiteEntry[]>): Promise<void> {
    this.trouble = null;
    try {
      this.entries = await work();
    } catch (thrown) {
      this.trouble = asTrouble(thrown);
    }
  }
}
