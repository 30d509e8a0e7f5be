/** Puts text on the clipboard. False if the web view does not let it. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Puts text that is still to come on the clipboard; to be called in the click itself. WebKit's permission ends with the
 * first wait, unless the clipboard was given the promise. False if the web view does not let it; throws if no text comes.
 */
export async function copyComing(coming: Promise<string>): Promise<boolean> {
  const blob = coming.then((text) => new Blob([text], { type: "text/plain" }));
  // It is waited for below.
  blob.catch(() => undefined);
  try {
    await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
    return true;
  } catch {
    return copy(await coming);
  }
}
