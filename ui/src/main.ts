import { mount } from "svelte";

import App from "./App.svelte";
import { findHost } from "./host";
import { breakBrowserHabits } from "./shell/browser-habits";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/controls.css";
import "./styles/surfaces.css";
import "./styles/header.css";
import "./styles/shell.css";
import "./styles/choices.css";
import "./styles/run.css";
import "./styles/details.css";
import "./styles/journal.css";
import "./styles/bench.css";
import "./styles/devices.css";
import "./styles/practise.css";

const target = document.querySelector("#app");
if (target === null) throw new Error("index.html has no #app");

if (import.meta.env.PROD) breakBrowserHabits(window);
const host = await findHost();
// Asked before anything is drawn: a screen that says "starting" for two frames costs one of them. It comes, though, if
// the answer does not.
const started = host.start();
const soon = new Promise((resolve) => setTimeout(resolve, 200));
await Promise.race([soon, started.catch(() => undefined)]);
mount(App, { target, props: { host, started } });
