import type { PractiseDevice, PractiseFault, PractiseHost, PractisePlug } from "../practise";
import { failure } from "./samples";

function drive(label: string, number: number, fault: PractiseFault | null = null): PractiseDevice {
  return {
    target: `drive:/practise/${number}`,
    kind: "drive",
    label,
    serialNumber: `PRACTISE${String(number).padStart(4, "0")}`,
    driver: "drive",
    refused: fault === "read-only" ? "target-read-only" : null,
    sizeBytes: 4_000_000_000,
    fileSystem: "vfat",
    usb: "1209:0001",
    device: `1209:0001:PRACTISE${String(number).padStart(4, "0")}`,
    fault,
    plugged: true,
  };
}

function modem(label: string, number: number): PractiseDevice {
  return { ...drive(label, number), target: `serial:/practise/${number}`, kind: "serial", driver: "fieldkey", sizeBytes: null, fileSystem: null };
}

/** What is on the bench at first. */
export const atFirst: PractiseDevice[] = [
  drive("PRACTISE 01", 1),
  drive("PRACTISE 02", 2),
  drive("PRACTISE 03", 3),
  modem("PRACTISE 04", 4),
  drive("READ ONLY", 5, "read-only"),
  drive("FULL", 6, "full"),
  drive("IN SERVICE", 7, "has-identity"),
  drive("BAD CABLE", 8, "bad-cable"),
  drive("LOOSE PLUG", 9, "loose-plug"),
  drive("SILENT", 10, "never-registers"),
];

/** Pretends that there are pretended devices; what it is asked goes to whoever notes it. */
export class FakePractise implements PractiseHost {
  devices: PractiseDevice[] = atFirst;
  /** What each call is refused with. */
  refuse: ReturnType<typeof failure> | null = null;

  readonly #note: (call: string, asked: unknown) => void;
  #onChange: (devices: PractiseDevice[]) => void = () => undefined;

  constructor(note: (call: string, asked: unknown) => void) {
    this.#note = note;
  }

  async watchPractise(onChange: (devices: PractiseDevice[]) => void): Promise<void> {
    this.#note("watchPractise", undefined);
    this.#onChange = onChange;
    onChange(this.devices);
  }

  async plugPractise({ kind, fault }: PractisePlug): Promise<void> {
    this.#asked("plugPractise", { kind, fault });
    const number = this.devices.length + 1;
    const label = `PRACTISE ${String(number).padStart(2, "0")}`;
    this.change([...this.devices, kind === "drive" ? drive(label, number, fault) : { ...modem(label, number), fault }]);
  }

  async pullPractise(target: string): Promise<void> {
    this.#asked("pullPractise", target);
    this.#plug(target, false);
  }

  async plugBackPractise(target: string): Promise<void> {
    this.#asked("plugBackPractise", target);
    this.#plug(target, true);
  }

  change(devices: PractiseDevice[]): void {
    this.devices = devices;
    this.#onChange(devices);
  }

  #plug(target: string, plugged: boolean): void {
    this.change(this.devices.map((one) => (one.target === target ? { ...one, plugged } : one)));
  }

  #asked(call: string, asked: unknown): void {
    this.#note(call, asked);
    if (this.refuse !== null) throw this.refuse;
  }
}
