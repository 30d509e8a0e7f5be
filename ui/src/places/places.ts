import type { Component } from "svelte";

import type { MenuCommand } from "../host";
import type { IconName } from "../parts/icons";
import type { Flow } from "../state/flow.svelte";
import type { PlaceName } from "../state/place";
import Bench from "./bench/Bench.svelte";
import Devices from "./devices/Devices.svelte";
import Journal from "./journal/Journal.svelte";
import Provision from "./provision/Provision.svelte";

/** A place of the navigation. Its name's text is `nav.<name>`. */
export interface Place {
  name: Exclude<PlaceName, "sites"> & MenuCommand;
  icon: IconName;
  component: Component<{ flow: Flow }>;
}

/** In the order of the navigation, which is that of Ctrl+1, Ctrl+2, … */
export const places: readonly Place[] = [
  { name: "provision", icon: "key", component: Provision },
  { name: "bench", icon: "bench", component: Bench },
  { name: "devices", icon: "devices", component: Devices },
  { name: "journal", icon: "journal", component: Journal },
];
