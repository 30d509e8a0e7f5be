import type { Language } from "../bindings/Language";
import type { Host, Theme } from "../host";
import { i18n } from "../i18n/index.svelte";

/** How the window speaks, looks and sounds. Not remembering one is no reason to disturb the operator. */
export class Preferences {
  theme: Theme = $state("system");
  /** A sound at the end of a run. */
  sound = $state(false);

  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  begin(start: { language: Language; theme?: Theme; sound?: boolean }): void {
    this.#speak(start.language);
    this.#show(start.theme ?? "system");
    this.sound = start.sound ?? false;
  }

  get language(): Language {
    return i18n.language;
  }

  setLanguage(language: Language): void {
    this.#speak(language);
    this.#host.setLanguage(language).catch(() => undefined);
  }

  setTheme(theme: Theme): void {
    this.#show(theme);
    this.#host.setTheme(theme).catch(() => undefined);
  }

  setSound(on: boolean): void {
    this.sound = on;
    this.#host.setSound(on).catch(() => undefined);
  }

  #speak(language: Language): void {
    i18n.language = language;
    document.documentElement.lang = language;
  }

  #show(theme: Theme): void {
    this.theme = theme;
    document.documentElement.dataset["theme"] = theme;
  }
}
