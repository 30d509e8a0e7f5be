import type { ExportFormat } from "../../bindings/ExportFormat";
import type { JournalChain } from "../../bindings/JournalChain";
import type { JournalLooked } from "../../bindings/JournalLooked";
import type { RunChoices } from "../../bindings/RunChoices";
import type { RunPage } from "../../bindings/RunPage";
import type { RunView } from "../../bindings/RunView";
import type { Host } from "../../host";
import type { Activity, PlaceState } from "../../state/place";
import { asTrouble, type Trouble } from "../../state/trouble";
import { everything, filterOf, isEverything, type Wanted } from "./wanted";

/** How long nothing is typed before it is looked for. */
const PAUSE_MS = 250;

/** The runs that are looked at, and how the journal is. The real sites share one; the practise site has its own. */
export class JournalState implements PlaceState {
  readonly activity: Activity = "idle";

  wanted: Wanted = $state.raw(everything);
  /** `null` until the first ones are there. */
  runs: RunView[] | null = $state.raw(null);
  /** Where the next page begins. */
  next: number | null = $state.raw(null);
  choices: RunChoices = $state.raw({ sites: [], jobs: [], codes: [] });
  /** The entry of the run whose particulars are shown. */
  shown: number | null = $state(null);
  searching = $state(false);
  loadingMore = $state(false);
  trouble: Trouble | null = $state.raw(null);

  /** `null` until it was checked. */
  chain: JournalChain | null = $state.raw(null);
  checking = $state(false);
  /** How far the check is, once that is known. */
  looked: JournalLooked | null = $state.raw(null);
  /** The operator did not wait for the last check. */
  stopped = $state(false);
  chainTrouble: Trouble | null = $state.raw(null);

  exporting: ExportFormat | null = $state(null);
  /** Where the last export lies. */
  exported: string | null = $state(null);
  exportTrouble: Trouble | null = $state.raw(null);

  readonly narrowed: boolean = $derived(!isEverything(this.wanted));
  readonly current: RunView | null = $derived(this.runs?.find(({ entry }) => entry === this.shown) ?? null);

  /** Goes to a device's own page, where there is one. */
  openDevice: ((serialNumber: string) => void) | null = null;

  readonly #host: Host;
  #watched = false;
  #pause: ReturnType<typeof setTimeout> | undefined;
  /** Counts the questions: an answer to an earlier one comes too late. */
  #asked = 0;
  /** Counts the journals: what is said of an earlier one is not said of this one. */
  #journal = 0;

  constructor(host: Host) {
    this.#host = host;
  }

  /** The operator comes here: now, or again. */
  enter(): void {
    void this.search();
    if (this.chain === null && !this.stopped) void this.check();
    if (this.#watched) return;
    this.#watched = true;
    // Without it the list is as it was on entering, no worse.
    this.#host.watchJournal(() => void this.#changed()).catch(() => undefined);
  }

  disown(): void {
    this.forget();
  }

  forget(): void {
    // Nobody hears what it comes to.
    if (this.checking) this.stop();
    clearTimeout(this.#pause);
    // An answer that is under way is one of the other journal.
    this.#asked++;
    this.#journal++;
    this.searching = this.loadingMore = this.checking = this.stopped = false;
    this.exporting = this.looked = null;
    this.wanted = everything;
    this.choices = { sites: [], jobs: [], codes: [] };
    this.runs = this.next = this.shown = null;
    this.chain = this.exported = null;
    this.trouble = this.chainTrouble = this.exportTrouble = null;
  }

  /** Changes what is looked for; `soon`: after a pause in the typing. */
  want(change: Partial<Wanted>, soon = false): void {
    this.wanted = { ...this.wanted, ...change };
    this.exported = null;
    clearTimeout(this.#pause);
    if (soon) this.#pause = setTimeout(() => void this.search(), PAUSE_MS);
    else void this.search();
  }

  clear(): void {
    this.want(everything);
  }

  async search(): Promise<void> {
    clearTimeout(this.#pause);
    this.searching = true;
    await this.#ask(null, ({ runs, next }) => {
      this.runs = runs;
      this.next = next;
    });
  }

  /** Answers the entry of the first run that came. */
  async more(): Promise<number | null> {
    if (this.next === null || this.loadingMore || this.searching) return null;
    this.loadingMore = true;
    let first: number | null = null;
    await this.#ask(this.next, ({ runs, next }) => {
      first = runs[0]?.entry ?? null;
      this.runs = [...(this.runs ?? []), ...runs];
      this.next = next;
    });
    return first;
  }

  async check(): Promise<void> {
    if (this.checking) return;
    const journal = this.#journal;
    this.checking = true;
    this.stopped = false;
    this.chainTrouble = null;
    try {
      const chain = await this.#host.checkJournal((looked) => {
        if (journal === this.#journal && this.checking) this.looked = looked;
      });
      if (journal !== this.#journal) return;
      this.chain = chain;
      this.stopped = chain === null;
    } catch (thrown) {
      if (journal !== this.#journal) return;
      this.chain = null;
      this.chainTrouble = asTrouble(thrown);
    } finally {
      if (journal === this.#journal) {
        this.checking = false;
        this.looked = null;
      }
    }
  }

  /** Whoever waits for the check hears that it was stopped. */
  stop(): void {
    // Where that fails, it ends by itself.
    this.#host.stopJournalCheck().catch(() => undefined);
  }

  async export(format: ExportFormat): Promise<void> {
    if (this.exporting !== null) return;
    const journal = this.#journal;
    this.exporting = format;
    this.exported = null;
    this.exportTrouble = null;
    try {
      const exported = await this.#host.exportJournal(filterOf(this.wanted), format);
      if (journal === this.#journal) this.exported = exported;
    } catch (thrown) {
      if (journal === this.#journal) this.exportTrouble = asTrouble(thrown);
    } finally {
      if (journal === this.#journal) this.exporting = null;
    }
  }

  /** A run began or ended: the newest are asked for again, what was loaded below them stays. */
  async #changed(): Promise<void> {
    if (this.runs === null || this.searching || this.loadingMore) return;
    await this.#ask(null, ({ runs, next }) => {
      const last = runs.at(-1)?.entry;
      const below = next === null || last === undefined ? [] : (this.runs ?? []).filter(({ entry }) => entry < last);
      this.runs = [...runs, ...below];
      if (below.length === 0) this.next = next;
    });
  }

  async #ask(before: number | null, take: (page: RunPage) => void): Promise<void> {
    const asked = ++this.#asked;
    try {
      const [page, choices] = await Promise.all([
        this.#host.journalPage(filterOf(this.wanted), before),
        before === null ? this.#host.journalChoices() : this.choices,
      ]);
      if (asked !== this.#asked) return;
      this.trouble = null;
      this.choices = choices;
      take(page);
    } catch (thrown) {
      if (asked === this.#asked) this.trouble = asTrouble(thrown);
    } finally {
      if (asked === this.#asked) this.searching = this.loadingMore = false;
    }
  }
}
