/** Fields whose own menu cuts, copies and pastes. */
const FIELDS = "textarea, input:not([type=radio], [type=checkbox])";

/**
 * Keeps the web view from acting like a browser: reloading would lose what is typed and the sight of
 * what is under way, and its menu offers just that.
 */
export function breakBrowserHabits(page: Window): void {
  page.addEventListener("keydown", (event) => {
    if (reloads(event)) event.preventDefault();
  });
  page.addEventListener("contextmenu", (event) => {
    if (!(event.target instanceof Element && event.target.matches(FIELDS))) event.preventDefault();
  });
}

/** With Shift, it reloads past the cache. */
function reloads({ key, ctrlKey, metaKey }: KeyboardEvent): boolean {
  return key === "F5" || key === "BrowserRefresh" || ((ctrlKey || metaKey) && key.toLowerCase() === "r");
}
