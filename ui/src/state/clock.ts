import { createSubscriber } from "svelte/reactivity";

const TICK_MS = 250;

const subscribe = createSubscriber((update) => {
  const timer = setInterval(update, TICK_MS);
  return () => clearInterval(timer);
});

/** Milliseconds that only go forward; what shows them is redrawn as they pass. */
export function now(): number {
  subscribe();
  return performance.now();
}
