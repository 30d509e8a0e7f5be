import type { Attached } from "../bindings/Attached";
import type { Host } from "../host";
import { nameOf } from "../words/target";
import type { AttachedTargets } from "./attached.svelte";

/** Which of what is attached the operator chose in one place. No other place reads or changes it. */
export class Targets {
  readonly attached: AttachedTargets;
  chosen: string | null = $state(null);
  /** The name of the chosen target that went away. */
  gone: string | null = $state(null);

  readonly current: Attached | null = $derived.by(() => usable(this.attached.all, this.chosen));

  /** A serial port's driver: the operator's choice, else the one that fits; `null` asks the device itself. */
  readonly driver: string | null = $derived.by(() => {
    if (this.current?.kind !== "serial") return null;
    const { target, driver } = this.current;
    return target in this.#drivers ? (this.#drivers[target] ?? null) : driver;
  });

  /** By target. */
  #drivers: Record<string, string | null> = $state({});

  constructor(attached: AttachedTargets) {
    this.attached = attached;
    attached.follow((before) => this.#changed(before));
  }

  choose(target: string): void {
    this.chosen = target;
    this.gone = null;
  }

  chooseDriver(target: string, driver: string | null): void {
    this.#drivers[target] = driver;
  }

  async chooseFolder(host: Host): Promise<void> {
    const folder = await this.attached.chooseFolder(host);
    if (folder !== null && usable(this.attached.all, folder.target) !== null) this.choose(folder.target);
  }

  /** Forgets the choice: the next device is another one. */
  forget(): void {
    this.chosen = null;
    this.gone = null;
    this.#takePreset();
  }

  #changed(before: readonly Attached[]): void {
    const had = usable(before, this.chosen);
    if (had !== null && (this.current === null || isAnother(had, this.current))) {
      this.chosen = null;
      this.gone = nameOf(had);
    }
    this.#takePreset();
  }

  /**
   * The target given at the start chooses itself only if there is nothing to mistake it for: what comes
   * to the same place after a chosen one went away is another device.
   */
  #takePreset(): void {
    const { all, preset } = this.attached;
    const free = all.filter((one) => one.refused === null);
    const [only] = free;
    if (this.chosen === null && this.gone === null && free.length === 1 && only?.target === preset) this.choose(only.target);
  }
}

function usable(all: readonly Attached[], target: string | null): Attached | null {
  return all.find((one) => one.target === target && one.refused === null) ?? null;
}

/** A drive letter, a mount point or a port of the same name may be another device's within one look. */
function isAnother(had: Attached, has: Attached): boolean {
  return had.device !== null && has.device !== null && had.device !== has.device;
}
