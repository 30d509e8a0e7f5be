import type { Downloaded } from "../bindings/Downloaded";
import type { Updates } from "../bindings/Updates";
import type { UpdateView } from "../bindings/UpdateView";

export type { Downloaded, Updates, UpdateView };

/** Newer versions of Fieldkey. Only where `Start.updates` says that the window sees to them. */
export interface UpdatesHost {
  /** `null`: there is none. `byItself`: nobody asked; then it may also have been asked today. */
  lookForUpdate(byItself: boolean): Promise<UpdateView | null>;
  setLookAtStart(on: boolean): Promise<void>;
  /** Takes what was found last. The window closes, and the new one opens, soon after this resolves. */
  installUpdate(onProgress: (downloaded: Downloaded) => void): Promise<void>;
  /** `installUpdate` rejects as interrupted, if it is not too late. */
  stopUpdate(): Promise<void>;
}
