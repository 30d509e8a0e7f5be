import type { PractiseDevice } from "../bindings/PractiseDevice";
import type { PractiseFault } from "../bindings/PractiseFault";
import type { PractisePlug } from "../bindings/PractisePlug";

export type { PractiseDevice, PractiseFault, PractisePlug };

/** The pretended devices of the practise site. Elsewhere there are none, and each call rejects with `usage`. */
export interface PractiseHost {
  /** Calls `onChange` with all of them, plugged in or not, now and whenever one changes. */
  watchPractise(onChange: (devices: PractiseDevice[]) => void): Promise<void>;
  /** Plugs in another one. Rejects with `usage` where there are 200 already. */
  plugPractise(request: PractisePlug): Promise<void>;
  /** Pulls one out, whatever it is doing. Rejects with `target-gone` if there is none such. */
  pullPractise(target: string): Promise<void>;
  /** Plugs one in again that was pulled, let go, or came out. Rejects with `target-gone` if there is none such. */
  plugBackPractise(target: string): Promise<void>;
}
