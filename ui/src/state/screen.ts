import type { Challenge } from "../bindings/Challenge";
import type { Run } from "./run.svelte";

/** Where the operator is, with what only this screen needs to know. */
export type Screen =
  | { name: "starting" }
  | { name: "site" }
  | { name: "sign-in"; passwordChanged?: boolean }
  | { name: "forgot-password" }
  | { name: "reset-password"; destination: string | null }
  | { name: "challenge"; challenge: Challenge }
  | { name: "provision" }
  | { name: "running"; run: Run }
  | { name: "done"; run: Run }
  | { name: "failed"; run: Run };
