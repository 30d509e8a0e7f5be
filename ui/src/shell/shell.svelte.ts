import type { Drop, Host, MenuCommand, Theme, Zoom } from "../host";
import type { Place } from "../places/places";
import type { Flow } from "../state/flow.svelte";
import { asTrouble, type Trouble } from "../state/trouble";
import { copyComing } from "../words/copy";

export type Dialog = "settings" | "about" | "update";

/** As signs, not places: on Japanese and German keyboards, and on a number pad, the plus sign has a key of its own. */
const ZOOMS: Readonly<Record<string, Zoom>> = { "+": "in", "=": "in", "-": "out", "0": "actual" };
const COMMANDS: Readonly<Record<string, MenuCommand>> = { o: "open-site", ",": "settings" };

/** What reaches the window from outside its screens: menu, keys, dropped and double-clicked files. */
export class Shell {
  dialog: Dialog | null = $state(null);
  /** A file hovers over the window, which would take it so. */
  hovering: "drop.site" | "drop.site-or-certificate" | null = $state(null);
  /** What was dropped last is no site file, or too many. */
  misdropped: "drop.not-a-site" | "drop.one" | null = $state(null);
  /** Said on every screen until it is closed: how the copying went. */
  notice: "help.copied" | Trouble | null = $state.raw(null);
  /** The diagnostics, where the web view does not let them onto the clipboard. */
  diagnostics: string | null = $state(null);

  readonly #host: Host;
  readonly #flow: Flow;
  readonly #places: readonly Place[];

  constructor(host: Host, flow: Flow, places: readonly Place[]) {
    this.#host = host;
    this.#flow = flow;
    this.#places = places;
  }

  /** Without menu or drops, all is reached by the page's own buttons. */
  watch(): void {
    this.#host.watchMenu((command) => this.obey(command)).catch(() => undefined);
    this.#host.watchDrops((drop) => this.#drop(drop)).catch(() => undefined);
    this.#host.watchOpened((path) => void this.#flow.handOver(path)).catch(() => undefined);
  }

  open(dialog: Dialog): void {
    this.dialog = dialog;
  }

  close(): void {
    this.dialog = null;
  }

  obey(command: MenuCommand): void {
    const { preferences } = this.#flow;
    switch (command) {
      case "open-site":
        return void this.#flow.chooseSite();
      case "practise":
        return void this.#flow.openPractise();
      case "sites":
        return this.#flow.visit("sites");
      case "settings":
      case "about":
        return this.open(command);
      case "copy-diagnostics":
        return void this.copyDiagnostics();
      case "language-en":
        return preferences.setLanguage("en");
      case "language-ja":
        return preferences.setLanguage("ja");
      case "theme-system":
      case "theme-light":
      case "theme-dark":
        return preferences.setTheme(command.slice("theme-".length) as Theme);
      case "provision":
      case "bench":
      case "devices":
      case "journal":
        return this.#visit(this.#places.find(({ name }) => name === command));
    }
  }

  /**
   * Ctrl, on macOS Cmd, with a digit: the places in their order. The menu's keys are here once more: on Windows the web
   * view keeps them from the menu, and what a menu has taken elsewhere does not come here, or is taken here first.
   */
  press(event: KeyboardEvent): void {
    if (event.ctrlKey === event.metaKey || event.altKey) return;
    const act = this.#act(event);
    if (act === undefined) return;
    event.preventDefault();
    act();
  }

  #act({ key, shiftKey }: KeyboardEvent): (() => void) | undefined {
    const zoom = ZOOMS[key];
    if (zoom !== undefined) return () => void this.#host.zoom(zoom).catch(() => undefined);
    if (shiftKey || document.querySelector("dialog[open]") !== null) return undefined;
    const command = COMMANDS[key];
    if (command !== undefined) return () => this.obey(command);
    const place = /^[1-9]$/.test(key) ? this.#places[Number(key) - 1] : undefined;
    return place && (() => this.#visit(place));
  }

  async copyDiagnostics(): Promise<void> {
    this.notice = this.diagnostics = null;
    try {
      const text = this.#host.diagnostics();
      if (await copyComing(text)) this.notice = "help.copied";
      else [this.diagnostics, this.dialog] = [await text, "about"];
    } catch (thrown) {
      this.notice = asTrouble(thrown);
    }
  }

  #visit(place: Place | undefined): void {
    if (place !== undefined) this.#flow.visit(place.name);
  }

  #drop(drop: Drop): void {
    const { screen, place, devices } = this.#flow;
    const desk = screen.name === "inside" && place === "devices" && devices.takesFiles ? devices : null;
    if (drop.state !== "dropped") {
      desk?.drag(drop);
      this.hovering = drop.state === "over" ? (desk === null ? "drop.site" : "drop.site-or-certificate") : null;
      return;
    }
    this.hovering = this.misdropped = null;
    const [file, ...more] = drop.paths.filter(isSite);
    if (desk !== null && (file === undefined || drop.paths.length > 1)) return desk.drag(drop);
    desk?.drag({ state: "left" });
    if (more.length > 0) this.misdropped = "drop.one";
    else if (file === undefined) this.misdropped = "drop.not-a-site";
    else void this.#flow.handOver(file);
  }
}

function isSite(path: string): boolean {
  return [".json", ".fieldkey"].some((end) => path.toLowerCase().endsWith(end));
}
