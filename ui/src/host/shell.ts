import type { About } from "../bindings/About";
import type { Drop } from "../bindings/Drop";
import type { MenuCommand } from "../bindings/MenuCommand";
import type { Theme } from "../bindings/Theme";
import type { Zoom } from "../bindings/Zoom";

export type { CrashReport } from "../bindings/CrashReport";
export type { About, Drop, MenuCommand, Theme, Zoom };

/** What the window has around its places: menu, files dropped on it, looks, help. */
export interface ShellHost {
  /** Calls `onCommand` for each menu item that the page acts on. */
  watchMenu(onCommand: (command: MenuCommand) => void): Promise<void>;
  /** Files that are dragged over the window and dropped on it. */
  watchDrops(onDrop: (drop: Drop) => void): Promise<void>;
  setTheme(theme: Theme): Promise<void>;
  /** The page one step larger or smaller, or as large as it is made, as by the menu. */
  zoom(to: Zoom): Promise<void>;
  setSound(on: boolean): Promise<void>;
  about(): Promise<About>;
  /** Versions, settings, the last lines of the log: plain text without secrets. */
  diagnostics(): Promise<string>;
  /** The crash report was seen: it does not come again. */
  dismissCrash(): Promise<void>;
}
