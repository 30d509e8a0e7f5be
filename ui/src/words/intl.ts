import { i18n } from "../i18n/index.svelte";

/** Each is slow to make and large, and there are few: they are kept, one for a language, a style and what else counts. */
function kept<Options, Format>(
  make: new (language: string, options?: Options) => Format,
  also: () => string = () => "",
): (style?: Options) => Format {
  const made = new Map<string, Format>();
  return (style) => {
    const key = [i18n.language, JSON.stringify(style), also()].join(" ");
    const format = made.get(key) ?? new make(i18n.language, style);
    made.set(key, format);
    return format;
  };
}

/** Laptops travel: a format that is kept would stay in the time zone in which it was made. */
function timeZone(): string {
  const year = new Date().getFullYear();
  return [0, 6].map((month) => new Date(year, month).getTimezoneOffset()).join(" ");
}

/** How the language on the screen writes them. */
export const numbers = kept(Intl.NumberFormat);
export const dates = kept(Intl.DateTimeFormat, timeZone);
export const lists = kept(Intl.ListFormat);
