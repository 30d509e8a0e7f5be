import type { Opened } from "../bindings/Opened";
import type { SiteEntry } from "../bindings/SiteEntry";

export type { SiteFailure } from "../bindings/SiteFailure";
export type { SiteProblem } from "../bindings/SiteProblem";
export type { SiteView } from "../bindings/SiteView";
export type { Opened, SiteEntry };

/** Several site files, each with its own session; one of them is open. */
export interface SitesHost {
  /** The organisation's site files, then those that were opened, the one opened last first. Never asks the network. */
  sites(): Promise<SiteEntry[]>;
  /** Opens the system's file dialog. `null` if the operator closed it. Rejects with a `SiteFailure` for a broken file. */
  chooseSite(): Promise<Opened | null>;
  /** Opens a file of the list, or one that was dropped. Rejects with a `SiteFailure` for a broken file. */
  openSite(path: string): Promise<Opened>;
  /** Opens the built-in site, which needs neither AWS nor hardware. Somebody is signed in there at once. */
  openPractise(): Promise<Opened>;
  /** Takes a file off the list, but none of the organisation's, and its session out of the keychain. The file itself stays. Answers the new list. */
  removeSite(path: string): Promise<SiteEntry[]>;
  /** Calls `onOpened` with each site file that the system hands over: by a double-click, or from a second start. */
  watchOpened(onOpened: (path: string) => void): Promise<void>;
}
