import type { Attached } from "../bindings/Attached";
import type { DeviceInHand } from "../bindings/DeviceInHand";
import type { DriverSetting } from "../bindings/DriverSetting";
import type { SettingKey } from "../bindings/SettingKey";
import type { Host } from "../host";
import { nameOf } from "../words/target";
import type { AttachedTargets } from "./attached.svelte";

/** Which of what is attached the operator chose in one place, and how it is spoken to. No other place reads or changes it. */
export class Targets {
  readonly attached: AttachedTargets;
  chosen: string | null = $state(null);
  /** The name of the chosen target that went away. */
  gone: string | null = $state(null);
  /** Typed for the device's own user and not handed over yet. */
  password = $state("");

  readonly current: Attached | null = $derived.by(() => usable(this.attached.all, this.chosen));

  /** The operator's choice, else the one that fits a serial port; `null` asks the device itself, and the site of a drive. */
  readonly driver: string | null = $derived.by(() => {
    if (this.current === null) return null;
    const { target, kind, driver } = this.current;
    return target in this.#drivers ? (this.#drivers[target] ?? null) : kind === "serial" ? driver : null;
  });

  /** What the driver may be told. */
  readonly offered: readonly DriverSetting[] = $derived.by(() =>
    this.current === null ? [] : this.attached.settingsOf(this.current.kind, this.driver),
  );

  /** The device as a run gets it: with what its driver takes, and nothing that was typed for another one. */
  readonly inHand: DeviceInHand | null = $derived.by(() => {
    if (this.current === null) return null;
    const typed = this.offered.map(({ key }) => [key, this.setting(key).trim()] as const);
    const driverSettings = Object.fromEntries(typed.filter(([, value]) => value !== ""));
    return { target: this.current.target, driver: this.driver, driverSettings };
  });

  /** By target. */
  #drivers: Record<string, string | null> = $state({});
  #settings: Record<string, Partial<Record<SettingKey, string>>> = $state({});

  constructor(attached: AttachedTargets) {
    this.attached = attached;
    attached.follow((before) => this.#changed(before));
  }

  choose(target: string): void {
    if (target !== this.chosen) this.password = "";
    this.chosen = target;
    this.gone = null;
  }

  chooseDriver(target: string, driver: string | null): void {
    this.password = "";
    this.#drivers[target] = driver;
  }

  /** What was typed for the target that is chosen; empty if nothing. */
  setting(key: SettingKey): string {
    return this.#settings[this.chosen ?? ""]?.[key] ?? "";
  }

  set(key: SettingKey, value: string): void {
    if (this.chosen !== null) this.#settings[this.chosen] = { ...this.#settings[this.chosen], [key]: value };
  }

  /** Keeps for the next time how a device that a run went to was spoken to. */
  keep({ target, driver, driverSettings }: DeviceInHand): void {
    this.#drivers[target] = driver;
    this.#settings[target] = { ...this.#settings[target], ...driverSettings };
  }

  /** The password, which the page has no more from here on. */
  takePassword(): string | null {
    const typed = this.offered.some(({ key }) => key === "user") ? this.password : "";
    this.password = "";
    return typed === "" ? null : typed;
  }

  async chooseFolder(host: Host): Promise<void> {
    const folder = await this.attached.chooseFolder(host);
    if (folder !== null && usable(this.attached.all, folder.target) !== null) this.choose(folder.target);
  }

  /** Forgets the choice: the next device is another one. */
  forget(): void {
    this.chosen = null;
    this.gone = null;
    this.password = "";
    this.#takePreset();
  }

  /** Forgets how devices are spoken to, too. */
  forgetAll(): void {
    this.#drivers = {};
    this.#settings = {};
    this.forget();
  }

  #changed(before: readonly Attached[]): void {
    const had = usable(before, this.chosen);
    if (had !== null && (this.current === null || isAnother(had, this.current))) {
      this.chosen = null;
      this.password = "";
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
