import type { Host } from "./host";

export type * from "./bench";
export type * from "./devices";
export type * from "./host";
export type * from "./journal";
export type * from "./practise";
export type * from "./shell";
export type * from "./sites";
export type * from "./updates";

/** The program around the web view; in a plain browser during development, `?host=fake` pretends one. */
export async function findHost(): Promise<Host> {
  const query = new URLSearchParams(location.search);
  if (import.meta.env.DEV && query.get("host") === "fake") {
    const { pretend } = await import("./fake/scenarios");
    return pretend(query.get("scenario") ?? "first-start");
  }
  return (await import("./tauri")).tauriHost;
}
