import { getContext, setContext } from "svelte";

import type { OperatorView } from "../bindings/OperatorView";
import type { SiteView } from "../host";

/** At which site, and as whom: what a report begins with, wherever in the window it is made. */
export interface Whose {
  readonly site: SiteView | null;
  readonly operator: OperatorView | null;
}

const KEY = Symbol("whose");

export function setWhose(whose: Whose): void {
  setContext(KEY, whose);
}

export function getWhose(): Whose {
  return getContext<Whose | undefined>(KEY) ?? { site: null, operator: null };
}
