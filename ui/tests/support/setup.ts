import { configure } from "@testing-library/svelte";
import { beforeEach } from "vitest";

import { i18n } from "../../src/i18n/index.svelte";

// A busy machine is slow, not broken.
configure({ asyncUtilTimeout: 10_000 });

// jsdom knows the dialog element but cannot open it.
HTMLDialogElement.prototype.showModal = function (): void {
  this.open = true;
};
HTMLDialogElement.prototype.close = function (): void {
  this.open = false;
  this.dispatchEvent(new Event("close"));
};

// axe asks for a canvas and does without; jsdom would complain of each time.
HTMLCanvasElement.prototype.getContext = () => null;

document.title = "Fieldkey";

beforeEach(() => {
  i18n.language = "en";
});
