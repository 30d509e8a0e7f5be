import { mount } from "svelte";

import App from "./App.svelte";
import { findHost } from "./host";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/controls.css";
import "./styles/header.css";
import "./styles/choices.css";
import "./styles/run.css";
import "./styles/details.css";

const target = document.querySelector("#app");
if (target === null) throw new Error("index.html has no #app");

mount(App, { target, props: { host: await findHost() } });
