import type { BenchChange, BenchHead, BenchImported, BenchRow, BenchScanned, BenchSettings, Host } from "../../host";
import { LOGS_IN } from "../../state/device-login";
import type { Activity, PlaceState, Surroundings } from "../../state/place";
import { asTrouble, type Trouble } from "../../state/trouble";
import { playOutcome } from "../../words/earcon";
import { groupOf, leftOut, tally, type Group, type LeftOut, type Tally } from "./tally";

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
  /** A device wants a login: whoever disarmed for that is to enter it. */
  loginWanted = $state(false);
  /** When a row's device was shown first, by `performance.now()`. */
  readonly assignedAt = new Map<number, number>();

  readonly tally: Tally = $derived(tally(this.rows));
  readonly leftOut: LeftOut[] = $derived(leftOut(this.rows));
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
  /** One call after the other, in the order they were asked; so are scans, which do not wait for calls. */
  #calls: Promise<unknown> = Promise.resolve();
  #scans: Promise<unknown> = Promise.resolve();
  #dialog = false;
  /** Counts the sites: what was asked at an earlier one is neither asked nor shown any more. */
  #site = 0;

  constructor(host: Host, here: Surroundings) {
    this.#host = host;
    this.#here = here;
  }

  /** Begins to follow the bench of the site that is open. */
  async watch(): Promise<void> {
    if (this.#watching !== null) return;
    const watching = (this.#watching = {});
    this.trouble = null;
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
    this.#site++;
    this.#watching = null;
    this.#dialog = false;
    this.#calls = this.#scans = Promise.resolve();
    this.head = null;
    this.rows = [];
    this.filter = "all";
    this.scan = this.imported = this.exported = this.trouble = null;
    this.loginWanted = false;
    this.assignedAt.clear();
  }

  /** The batch is the site's, and whoever works there goes on with it. */
  disown(): void {
    this.filter = "all";
    this.scan = this.imported = this.exported = this.trouble = null;
    this.loginWanted = false;
  }

  take({ head, whole, rows }: BenchChange): void {
    // What changed says nothing without what it changed.
    if (!whole && this.head === null) return;
    const before = this.rows;
    if (whole) {
      this.rows = rows;
    } else if (rows.length > 0) {
      this.rows = changed(before, rows);
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

  /** Shows at once: the program tells of it a moment later, and what is changed next is a change of this. */
  async setUp(settings: BenchSettings): Promise<void> {
    const before = this.head;
    if (before === null) return;
    this.head = { ...before, settings };
    let taken = false;
    await this.#ask(() => this.#host.setUpBench(settings), () => (taken = true));
    if (!taken && this.head?.settings === settings) this.head = { ...this.head, settings: before.settings };
  }

  /** Of the devices' own user, for the batch. `null` forgets it. */
  setPassword(password: string | null): Promise<unknown> {
    return this.#ask(() => this.#host.setBenchPassword(password));
  }

  /** Disarms, and has the login entered that the devices want. */
  async enterLogin(): Promise<void> {
    await this.arm(false);
    await this.resume();
    const settings = this.head?.settings;
    const refused = this.rows.filter(({ state }) => state.state === "failed" && state.failure.code === "device-login");
    const named = refused.length > 0 && refused.every(({ driver }) => driver !== null);
    // What was found out to want a login is a console, and only to that driver one can be told. A row that names its
    // driver is told by itself.
    if (settings?.kind === "serial" && settings.driver === null && !named) await this.setUp({ ...settings, driver: LOGS_IN });
    this.loginWanted = true;
  }

  /** To disarm waits for nothing. */
  arm(armed: boolean): Promise<unknown> {
    this.scan = null;
    this.loginWanted = false;
    const work = (): Promise<void> => this.#host.armBench(armed);
    return armed ? this.#ask(work) : this.#now(work);
  }

  /** Scans come as fast as labels are read, and the last one counts. */
  enter(text: string): Promise<void> {
    const site = this.#site;
    const scanned = this.#scans.then(async () => {
      if (site !== this.#site || this.#here.busy) return;
      let scan: Scan;
      try {
        scan = { text, came: await this.#host.scanBench(text) };
      } catch (thrown) {
        scan = { text, refused: asTrouble(thrown) };
      }
      if (site === this.#site) this.scan = scan;
    });
    this.#scans = scanned;
    return scanned;
  }

  async paste(text: string): Promise<void> {
    this.imported = null;
    await this.#ask(() => this.#host.importBench(text), (imported) => (this.imported = imported));
  }

  async chooseFile(): Promise<void> {
    this.imported = null;
    await this.#beside(() => this.#host.chooseBenchFile(), (imported) => (this.imported = imported));
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

  /** Waits for nothing. */
  stop(row: number | null): Promise<unknown> {
    return this.#now(() => this.#host.stopBench(row));
  }

  resume(): Promise<unknown> {
    return this.#ask(() => this.#host.resumeBench());
  }

  clear(): Promise<unknown> {
    this.scan = this.imported = this.exported = null;
    return this.#ask(() => this.#host.clearBench());
  }

  async export(): Promise<void> {
    this.exported = null;
    await this.#beside(() => this.#host.exportBench(), (path) => (this.exported = path));
  }

  /** After what was asked before; nothing is begun while the site or the operator changes. */
  #ask<T>(work: () => Promise<T>, take?: (answer: T) => void): Promise<void> {
    const site = this.#site;
    const asked = this.#calls.then(() => {
      if (site === this.#site && !this.#here.busy) return this.#now(work, take);
    });
    this.#calls = asked;
    return asked;
  }

  /** The system's dialog may stay open for long: nothing waits for it, and there is one at a time. */
  async #beside<T>(work: () => Promise<T>, take: (answer: T) => void): Promise<void> {
    if (this.#dialog) return;
    const site = this.#site;
    this.#dialog = true;
    await this.#now(work, take);
    if (site === this.#site) this.#dialog = false;
  }

  async #now<T>(work: () => Promise<T>, take?: (answer: T) => void): Promise<void> {
    const site = this.#site;
    this.trouble = null;
    try {
      const answer = await work();
      if (site === this.#site) take?.(answer);
    } catch (thrown) {
      if (site === this.#site) this.trouble = asTrouble(thrown);
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

/** No row is shown before those above it are known: a hole in the list would stop the whole table. */
function changed(before: readonly BenchRow[], rows: readonly BenchRow[]): BenchRow[] {
  const after = [...before];
  for (const row of [...rows].sort((one, other) => one.id - other.id)) {
    if (row.id <= after.length + 1) after[row.id - 1] = row;
  }
  return after;
}
