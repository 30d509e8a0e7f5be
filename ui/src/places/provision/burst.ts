/** A scanner's keys come faster after one another than any hand's. */
const SCANNER_MS = 50;

/** Fast keys in a row that are no chance any more. */
const SCANNED = 4;

/** Tells a barcode scanner from a hand by how fast the keys come. */
export class Burst {
  #keys = "";
  #last = -Infinity;

  /**
   * Takes the next key. Once it is a scanner that types, answers what it typed before this key;
   * once only, for all that follows is behind it anyway.
   */
  before({ key, timeStamp, repeat }: KeyboardEvent): string | null {
    // A key that is held down comes as fast.
    const fast = !repeat && timeStamp - this.#last < SCANNER_MS;
    this.#last = timeStamp;
    const before = fast ? this.#keys : "";
    this.#keys = before + key;
    return this.#keys.length === SCANNED ? before : null;
  }
}
