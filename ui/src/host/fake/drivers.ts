import type { Driver } from "../../bindings/Driver";
import type { Drivers } from "../../bindings/Drivers";
import type { DriverSetting } from "../../bindings/DriverSetting";

const written = (key: DriverSetting["key"], usual: string | null = null): DriverSetting => ({ key, usual, values: [] });
const chosen = (key: DriverSetting["key"], usual: string | null, ...values: string[]): DriverSetting => ({ key, usual, values });

const line = [written("baud", "115200"), chosen("flow", "none", "none", "rts-cts")];

const serial = (name: string, ...settings: DriverSetting[]): Driver => ({ name, settings: [...settings, ...line] });

/** As the program has them. */
export const drivers: Drivers = {
  drive: [
    { name: "drive", settings: [] },
    { name: "greengrass", settings: [written("root", "/greengrass/v2")] },
    { name: "device-client", settings: [written("root", "/etc/.aws-iot-device-client")] },
  ],
  serial: [
    serial("fieldkey"),
    serial("nrf91", written("sectag", "42"), chosen("term", null, "crlf", "cr", "lf", "null"), chosen("shell", null, "yes", "no")),
    serial("zephyr", written("sectag", "42"), chosen("format", null, "bint", "strt")),
    serial("micropython", written("dir"), chosen("reset", "yes", "yes", "no")),
    serial("console", written("user"), written("dir", "/etc/fieldkey")),
    serial("quectel", written("ca", "ca.pem"), written("certificate", "client.pem"), written("private-key", "key.pem")),
  ],
  asked: line,
};
