import type { BenchChange } from "../bindings/BenchChange";
import type { BenchImported } from "../bindings/BenchImported";
import type { BenchPick } from "../bindings/BenchPick";
import type { BenchRetry } from "../bindings/BenchRetry";
import type { BenchScanned } from "../bindings/BenchScanned";
import type { BenchSettings } from "../bindings/BenchSettings";

export type { BenchAfterScan } from "../bindings/BenchAfterScan";
export type { BenchDevice } from "../bindings/BenchDevice";
export type { BenchHead } from "../bindings/BenchHead";
export type { BenchIdle } from "../bindings/BenchIdle";
export type { BenchMode } from "../bindings/BenchMode";
export type { BenchRefusedLine } from "../bindings/BenchRefusedLine";
export type { BenchRow } from "../bindings/BenchRow";
export type { BenchTargetKind } from "../bindings/BenchTargetKind";
export type { BenchChange, BenchImported, BenchPick, BenchRetry, BenchScanned, BenchSettings };

/** Many devices on one bench, at the site that is open. */
export interface BenchHost {
  /** Calls `onChange` with everything at once, then with what changed, at most some 16 times a second. */
  watchBench(onChange: (change: BenchChange) => void): Promise<void>;

  /** Takes effect only while the bench is not armed. */
  setUpBench(settings: BenchSettings): Promise<void>;
  /** Of the devices' own user, for all of the batch. `null` forgets it; so does another user, driver or operator. */
  setBenchPassword(password: string | null): Promise<void>;
  armBench(armed: boolean): Promise<void>;

  /** Rejects with `serial-number-invalid`, or `usage` if the batch is full. */
  scanBench(serialNumber: string): Promise<BenchScanned>;
  importBench(text: string): Promise<BenchImported>;
  /** Opens the system's file dialog and imports what is chosen. `null` if the operator closed it. */
  chooseBenchFile(): Promise<BenchImported | null>;

  /** Gives a device to a row, which starts at once. Rejects with `target-gone` if that cannot be any more. */
  pickForBench(request: BenchPick): Promise<void>;
  retryBench(request: BenchRetry): Promise<void>;
  skipBench(row: number): Promise<void>;
  /** Stops one row's run; `null`: disarms, and stops all. */
  stopBench(row: number | null): Promise<void>;
  /** The trouble that paused the bench is over. After a sign-in, the program does this by itself. */
  resumeBench(): Promise<void>;
  /** Rejects with `usage` while something runs. */
  clearBench(): Promise<void>;
  /** Opens the system's dialog to save the outcome as CSV. The file's path; `null` if the operator closed it. */
  exportBench(): Promise<string | null>;
}
