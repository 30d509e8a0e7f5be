import { i18n } from "../i18n/index.svelte";

/** Each is slow to make and large, and there are few: they are kept, one for a language and a style. */
function kept<Options, Format>(make: new (language: string, options?: Options) => Format): (style?: Options) => Format {
  const made = new Map<string, Format>();
  return (style) => {
    const key = i18n.language + JSON.stringify(style);
    const format = made.get(key) ?? new make(i18n.language, style);
    made.set(key, format);
    return format;
  };
}

/** How the language on the screen writes them. */
export const numbers = kept(Intl.NumberFormat);
export const dates = kept(Intl.DateTimeFormat);
export const lists = kept(Intl.ListFormat);
