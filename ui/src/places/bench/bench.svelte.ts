import type { BenchChange, BenchHead, BenchImported, BenchRow, BenchScanned, BenchSettings, Host } from "../../host";
import type { Activity, PlaceState, Surroundings } from "../../state/place";
import { asTrouble, type Trouble } from "../../state/trouble";
import { playOutcome } from "../../words/earcon";
import { groupOf, tally, type Group, type Tally } from "./tally";

/** What the last scan came to, or why it was refused. */
export type Scan = { text: string; came: BenchScanned } | { text: string; refused: Trouble };

/** Sounds of devices that end together are one sound. */
const SOUND_EVERY_MS = 1500;

/** The bench as the page knows it. What it shows is the program's; nothing is decided here. */
export class Bench implements PlaceState {
  head: BenchHead | null = $state.raw(null);
  /** In the order of their numbers. */
  rows: BenchRow[] = $state.raw([]);
  filter: Group | "all" = $state("all");
  scan: Scan | null = $state.raw(null);
  imported: BenchImported | null = $state.raw(null);
  /** Where the outcome was saved last. */
  exported: string | null = $state(null);
  trouble: Trouble | null = $state.raw(null);
  busy = $state(false);
  /** When a row's device was shown first, by `performance.now()`. */
  readonly assignedAt = new Map<number, number>();

  readonly tally: Tally = $derived(tally(this.rows));
  readonly shown: BenchRow[] = $derived(
    this.filter === "all" ? this.rows : this.rows.filter(({ state }) => groupOf(state) === this.filter),
  );
  readonly activity: Activity = $derived.by(() => {
    if (this.tally.running > 0 || this.head?.armed) return "running";
    return "idle";
  });

  readonly #host: Host;
  readonly #here: Surroundings;
  #watching: object | null = null;
  #sounded = -Infinity;

  constructor(host: Host, here: Surroundings) {
    this.#host = host;
    this.#here = here;
  }

  /** Begins to follow the bench of the site that is open. */
  async watch(): Promise<void> {
    if (this.#watching !== null) return;
    const watching = (this.#watching = {});
    try {
      await this.#host.watchBench((change) => {
        if (this.#watching === watching) this.take(change);
      });
    } catch (thrown) {
      this.#watching = null;
      this.trouble = asTrouble(thrown);
    }
  }

  forget(): void {
    this.#watching = null;
    this.head = null;
    this.rows = [];
    this.filter = "all";
    this.scan = this.imported = this.exported = this.trouble = null;
    this.assignedAt.clear();
  }

  take({ head, whole, rows }: BenchChange): void {
    const before = this.rows;
    if (whole) {
      this.rows = rows;
    } else if (rows.length > 0) {
      const after = [...before];
      for (const row of rows) after[row.id - 1] = row;
      this.rows = after;
      this.#sound(before, rows);
    }
    for (const { id, state } of rows) {
      if (state.state !== "assigned") this.assignedAt.delete(id);
      else if (!this.assignedAt.has(id)) this.assignedAt.set(id, performance.now());
    }
    this.head = head;
  }

  row(id: number | null): BenchRow | null {
    return id === null ? null : (this.rows[id - 1] ?? null);
  }

  // --- what the operator does -----------------------------------------------------------------

  setUp(settings: BenchSettings): Promise<unknown> {
    return this.#ask(() => this.#host.setUpBench(settings));
  }

  arm(armed: boolean): Promise<unknown> {
    this.scan = null;
    return this.#ask(() => this.#host.armBench(armed));
  }

  async enter(text: string): Promise<void> {
    try {
      this.scan = { text, came: await this.#host.scanBench(text) };
    } catch (thrown) {
      this.scan = { text, refused: asTrouble(thrown) };
    }
  }

  async paste(text: string): Promise<void> {
    this.imported = (await this.#ask(() => this.#host.importBench(text))) ?? null;
  }

  async chooseFile(): Promise<void> {
    this.imported = (await this.#ask(() => this.#host.chooseBenchFile())) ?? null;
  }

  pick(row: number, target: string): Promise<unknown> {
    return this.#ask(() => this.#host.pickForBench({ row, target }));
  }

  retry(rows: number[] | null, replace = false): Promise<unknown> {
    return this.#ask(() => this.#host.retryBench({ rows, replace }));
  }

  skip(row: number): Promise<unknown> {
    return this.#ask(() => this.#host.skipBench(row));
  }

  stop(row: number | null): Promise<unknown> {
    return this.#ask(() => this.#host.stopBench(row));
  }

  resume(): Promise<unknown> {
    return this.#ask(() => this.#host.resumeBench());
  }

  clear(): Promise<unknown> {
    this.scan = this.imported = this.exported = null;
    return this.#ask(() => this.#host.clearBench());
  }

  async export(): Promise<void> {
    this.exported = (await this.#ask(() => this.#host.exportBench())) ?? null;
  }

  /** One call at a time but scans: those come as fast as labels are read. */
  async #ask<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (this.busy) return undefined;
    this.busy = true;
    this.trouble = null;
    try {
      return await work();
    } catch (thrown) {
      this.trouble = asTrouble(thrown);
      return undefined;
    } finally {
      this.busy = false;
    }
  }

  #sound(before: BenchRow[], changed: BenchRow[]): void {
    const now = performance.now();
    if (!this.#here.preferences.sound || now - this.#sounded < SOUND_EVERY_MS) return;
    const ended = changed.filter(({ id, state }) => {
      const was = before[id - 1]?.state.state;
      return was === "running" && (state.state === "done" || state.state === "failed");
    });
    if (ended.length === 0) return;
    this.#sounded = now;
    playOutcome(ended.some(({ state }) => state.state === "failed") ? "failed" : "done");
  }
}
