import type { Downloaded, Host, Updates, UpdateView } from "../host";
import { asTrouble, type Trouble } from "./trouble";

/** Newer versions of Fieldkey: looked for, found, got. */
export class Renewal {
  by: Updates["by"] = $state("others");
  /** The host that is asked. */
  from = $state("");
  atStart = $state(true);
  found: UpdateView | null = $state.raw(null);
  /** `newest`: somebody asked, and there is none. `withdrawn`: what was found was taken back. `ending`: the new one takes over. */
  phase: "idle" | "looking" | "newest" | "withdrawn" | "getting" | "ending" = $state("idle");
  downloaded: Downloaded | null = $state.raw(null);
  trouble: Trouble | null = $state.raw(null);

  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  /** What nobody asked for disturbs nobody: only what it finds is said. */
  async begin(updates: Updates): Promise<void> {
    this.by = updates.by;
    if (updates.by !== "itself") return;
    this.from = updates.from;
    this.atStart = updates.atStart;
    if (!updates.atStart) return;
    const found = await this.#host.lookForUpdate(true).catch(() => null);
    this.found ??= found;
  }

  get busy(): boolean {
    return this.phase === "looking" || this.phase === "getting" || this.phase === "ending";
  }

  async look(): Promise<void> {
    if (this.busy) return;
    this.trouble = null;
    this.phase = "looking";
    try {
      this.found = await this.#host.lookForUpdate(false);
      this.phase = this.found === null ? "newest" : "idle";
    } catch (thrown) {
      this.trouble = asTrouble(thrown);
      this.phase = "idle";
    }
  }

  async install(): Promise<void> {
    if (this.busy) return;
    this.trouble = this.downloaded = null;
    this.phase = "getting";
    try {
      await this.#host.installUpdate((downloaded) => (this.downloaded = downloaded));
      this.phase = "ending";
    } catch (thrown) {
      const trouble = asTrouble(thrown);
      this.trouble = trouble.code === "interrupted" ? null : trouble;
      this.phase = "idle";
      if (trouble.code === "update-unavailable" || trouble.code === "update-refused") await this.#lookAgain();
    }
  }

  /** What cannot be had was perhaps taken back, or mended, since: the next try is for what is there now. */
  async #lookAgain(): Promise<void> {
    this.phase = "looking";
    try {
      this.found = await this.#host.lookForUpdate(false);
    } catch {
      // Nothing is known that was not known before; what the try itself came to is said already.
    }
    this.phase = this.found === null ? "withdrawn" : "idle";
  }

  stop(): void {
    this.#host.stopUpdate().catch(() => undefined);
  }

  setAtStart(on: boolean): void {
    this.atStart = on;
    this.#host.setLookAtStart(on).catch(() => undefined);
  }
}
