import type { Language } from "../bindings/Language";
import { isolated } from "../words/direction";
import { en } from "./en";
import { ja } from "./ja";

export type Key = keyof typeof en;

/** The names in braces of a text: `"a" | "b"` of `"{a} and {b}"`. */
type Placeholders<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholders<Rest>
  : never;

type Values<K extends Key> = [Placeholders<(typeof en)[K]>] extends [never]
  ? []
  : [values: Record<Placeholders<(typeof en)[K]>, string>];

const catalogues: Record<Language, Record<Key, string>> = { en, ja };

export const i18n: { language: Language } = $state({ language: "en" });

/** The text in the current language; whatever shows it follows a switch by itself. */
export function t<K extends Key>(key: K, ...[values]: Values<K>): string {
  return fill(catalogues[i18n.language][key], values);
}

/** The text in a given language, for what holds both. */
export function textIn<K extends Key>(language: Language, key: K, ...[values]: Values<K>): string {
  return fill(catalogues[language][key], values);
}

/** The key `prefix.rest`, if the catalogues have it: for names that come from outside. */
export function find<P extends string>(prefix: P, rest: string): Extract<Key, `${P}.${string}`> | null {
  const key = `${prefix}.${rest}`;
  return Object.hasOwn(en, key) ? (key as Extract<Key, `${P}.${string}`>) : null;
}

function fill(text: string, values: Record<string, string> | undefined): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => isolated(values?.[name] ?? whole));
}
