import type { ExportFormat } from "../bindings/ExportFormat";
import type { JournalChain } from "../bindings/JournalChain";
import type { JournalLooked } from "../bindings/JournalLooked";
import type { RunChoices } from "../bindings/RunChoices";
import type { RunFilter } from "../bindings/RunFilter";
import type { RunPage } from "../bindings/RunPage";

/** This computer's record of runs, of all sites and operators. Asks no network and needs no sign-in. */
export interface JournalHost {
  /** 50 runs that meet the filter, newest first. `before`: `next` of the page before, `null` for the first one. */
  journalPage(filter: RunFilter, before: number | null): Promise<RunPage>;
  /** The sites, jobs and codes that the journal names. */
  journalChoices(): Promise<RunChoices>;
  /**
   * Looks through the whole chain of entries: seconds for a million runs. Says how far it is, some times a second; answers
   * `null` if it was stopped. A check that is still under way ends.
   */
  checkJournal(onProgress: (looked: JournalLooked) => void): Promise<JournalChain | null>;
  stopJournalCheck(): Promise<void>;
  /**
   * Opens the system's save dialog and writes the runs that meet the filter. Answers the path, or `null` if the
   * operator closed the dialog.
   */
  exportJournal(filter: RunFilter, format: ExportFormat): Promise<string | null>;
  /** Calls `onChange` whenever something was appended, by this window or by another program. */
  watchJournal(onChange: () => void): Promise<void>;
}
