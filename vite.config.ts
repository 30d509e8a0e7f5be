import { svelte } from "@sveltejs/vite-plugin-svelte";
import { svelteTesting } from "@testing-library/svelte/vite";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** JavaScriptCore keeps a script in one byte a character if all of it is ASCII, else in two. */
const ascii: Plugin = {
  name: "ascii",
  generateBundle(_, bundle) {
    const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
    for (const file of Object.values(bundle)) {
      if (file.type === "chunk") file.code = file.code.replace(/[\u0080-\uffff]/g, escaped);
    }
  },
};

export default defineConfig({
  root: "ui",
  plugins: [svelte({ configFile: "../svelte.config.js" }), svelteTesting(), ascii],
  clearScreen: false,
  // Tauri waits for exactly this address (`build.devUrl`).
  server: { host: "127.0.0.1", port: 1420, strictPort: true },
  build: {
    outDir: "../dist",
    emptyOutDir: true,
    // The oldest web view that Tauri 2 runs on.
    target: ["es2022", "safari16"],
    modulePreload: { polyfill: false },
    // One file: a second one would be asked for only once the first has run.
    rolldownOptions: { output: { codeSplitting: false } },
  },
  test: {
    environment: "jsdom",
    include: ["tests/**/*.test.ts"],
    setupFiles: ["tests/support/setup.ts"],
    restoreMocks: true,
    testTimeout: 30_000,
  },
});
