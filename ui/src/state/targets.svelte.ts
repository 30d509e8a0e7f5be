import type { Attached } from "../bindings/Attached";
import type { Host } from "../host";
import { nameOf } from "../words/target";
import { asTrouble, type Trouble } from "./trouble";

/** What is attached now, and which of it the operator chose. */
export class Targets {
  /** `null` until the first look. */
  attached: Attached[] | null = $state.raw(null);
  folders: Attached[] = $state.raw([]);
  chosen: string | null = $state(null);
  /** The name of the chosen target that went away. */
  gone: string | null = $state(null);
  trouble: Trouble | null = $state.raw(null);

  readonly all: Attached[] = $derived([
    ...(this.attached ?? []),
    ...this.folders.filter((folder) => !this.attached?.some((other) => other.target === folder.target)),
  ]);

  readonly current: Attached | null = $derived(
    this.all.find((one) => one.target === this.chosen && one.refused === null) ?? null,
  );

  /** A serial port's driver: the operator's choice, else the one that fits; `null` asks the device itself. */
  readonly driver: string | null = $derived.by(() => {
    if (this.current?.kind !== "serial") return null;
    const { target, driver } = this.current;
    return target in this.#drivers ? (this.#drivers[target] ?? null) : driver;
  });

  /** By target. */
  #drivers: Record<string, string | null> = $state({});
  #preset: string | null = null;

  async watch(host: Host, preset: string | null): Promise<void> {
    this.#preset = preset;
    try {
      await host.watchTargets((attached) => this.#changed(attached));
    } catch (thrown) {
      this.trouble = asTrouble(thrown);
    }
  }

  choose(target: string): void {
    this.chosen = target;
    this.gone = null;
  }

  chooseDriver(target: string, driver: string | null): void {
    this.#drivers[target] = driver;
  }

  /** Chosen in the folder dialog, not found as a device. */
  isFolder({ target }: Attached): boolean {
    return !this.attached?.some((other) => other.target === target);
  }

  async chooseFolder(host: Host): Promise<void> {
    this.trouble = null;
    try {
      const folder = await host.chooseFolder();
      if (folder === null) return;
      this.folders = [...this.folders.filter((other) => other.target !== folder.target), folder];
      if (this.all.find((one) => one.target === folder.target)?.refused === null) this.choose(folder.target);
    } catch (thrown) {
      this.trouble = asTrouble(thrown);
    }
  }

  /** Forgets the choice: the next device is another one. */
  forget(): void {
    this.chosen = null;
    this.gone = null;
    this.#takePreset();
  }

  #changed(attached: Attached[]): void {
    const before = this.current;
    this.attached = attached;
    if (before !== null && this.current === null) {
      this.chosen = null;
      this.gone = nameOf(before);
    }
    this.#takePreset();
  }

  /** The target given at the start chooses itself only if there is nothing to mistake it for. */
  #takePreset(): void {
    const usable = this.all.filter((one) => one.refused === null);
    const [only] = usable;
    if (this.chosen === null && usable.length === 1 && only?.target === this.#preset) this.choose(only.target);
  }
}
