/** Letters that run from right to left, and characters that turn others around. */
const TURNS =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

/** A name from outside must not turn the words around it: it stands between marks that keep its direction to itself. */
export function isolated(value: string): string {
  return TURNS.test(value) ? `\u2068${value}\u2069` : value;
}
