import type { Feature } from "../bindings/Feature";
import type { OperatorView } from "../bindings/OperatorView";
import type { SiteView } from "../host";
import type { AttachedTargets } from "./attached.svelte";
import type { Preferences } from "./preferences.svelte";

/** Where an operator works. `sites` is reached through the header, the others through the navigation. */
export type PlaceName = "provision" | "bench" | "devices" | "journal" | "sites";

/** What goes on in a place while the operator may be in another one. */
export type Activity = "idle" | "running" | "done" | "failed";

/** What the window asks of a place's state, whichever it is. */
export interface PlaceState {
  /** A place that is `running` keeps the site and the operator as they are. */
  readonly activity: Activity;
  /** Another site, or another operator: nothing of before may stay. */
  forget(): void;
  /** Another operator while it is `running`: that goes on, and nothing of it is shown any more. */
  disown(): void;
}

/** What a place may see of the flow. */
export interface Surroundings {
  readonly site: SiteView | null;
  readonly operator: OperatorView | null;
  readonly attached: AttachedTargets;
  readonly preferences: Preferences;
  /** The site or the operator is about to change: a place starts nothing for the one that still shows. */
  readonly busy: boolean;
  /** The organisation has switched this off on this computer. */
  isOff(feature: Feature): boolean;
}
