import type { Challenge } from "../bindings/Challenge";

/** What the operator still has to pass, with what only this screen needs to know; `inside` are the places. */
export type Screen =
  | { name: "starting" }
  | { name: "welcome" }
  | { name: "sign-in"; passwordChanged?: boolean }
  | { name: "forgot-password" }
  | { name: "reset-password"; destination: string | null }
  | { name: "challenge"; challenge: Challenge }
  /** A claim file from the help desk is written: somebody without an account may do that. */
  | { name: "open-claim" }
  | { name: "inside" };
