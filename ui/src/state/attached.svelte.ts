import type { Attached } from "../bindings/Attached";
import type { Drivers } from "../bindings/Drivers";
import type { DriverSetting } from "../bindings/DriverSetting";
import type { Kind } from "../bindings/Kind";
import type { Host } from "../host";
import { asTrouble, type Trouble } from "./trouble";

/** What is attached now: one list for the whole window. What is chosen of it is each place's own. */
export class AttachedTargets {
  /** `null` until the first look. */
  found: Attached[] | null = $state.raw(null);
  folders: Attached[] = $state.raw([]);
  trouble: Trouble | null = $state.raw(null);
  /** What may be chosen for each, whatever is attached. */
  drivers: Drivers = $state.raw({ drive: [], serial: [], asked: [] });
  /** The target given at the start. */
  preset: string | null = null;

  readonly all: Attached[] = $derived([
    ...(this.found ?? []),
    ...this.folders.filter((folder) => !this.found?.some((other) => other.target === folder.target)),
  ]);

  /** For whoever sees why nothing is found. */
  watchAgain: () => Promise<void> = () => Promise.resolve();

  readonly #followers: ((before: readonly Attached[]) => void)[] = [];

  /** `onChange` gets what was attached before; what is attached now is in `all`. */
  follow(onChange: (before: readonly Attached[]) => void): void {
    this.#followers.push(onChange);
  }

  async watch(host: Host, preset: string | null): Promise<void> {
    this.preset = preset;
    this.trouble = null;
    this.watchAgain = () => this.watch(host, preset);
    try {
      await host.watchTargets((found) => this.#changed(found));
    } catch (thrown) {
      this.trouble = asTrouble(thrown);
    }
  }

  async loadDrivers(host: Host): Promise<void> {
    try {
      this.drivers = await host.drivers();
    } catch {
      // Without the list, a port is asked what it is.
    }
  }

  /** What a driver may be told; `null`: before it is known which one it is. */
  settingsOf(kind: Kind, driver: string | null): readonly DriverSetting[] {
    const named = this.drivers[kind].find(({ name }) => name === driver);
    return named?.settings ?? (kind === "serial" ? this.drivers.asked : []);
  }

  /** Chosen in the folder dialog, not found as a device. */
  isFolder({ target }: Attached): boolean {
    return !this.found?.some((other) => other.target === target);
  }

  /** `null` if the dialog was closed without a choice, or that failed. */
  async chooseFolder(host: Host): Promise<Attached | null> {
    this.trouble = null;
    try {
      const folder = await host.chooseFolder();
      if (folder !== null) this.folders = [...this.folders.filter((other) => other.target !== folder.target), folder];
      return folder;
    } catch (thrown) {
      this.trouble = asTrouble(thrown);
      return null;
    }
  }

  #changed(found: Attached[]): void {
    const before = this.all;
    this.found = found;
    for (const follow of this.#followers) follow(before);
  }
}
