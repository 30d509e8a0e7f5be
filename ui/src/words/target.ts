import type { Attached } from "../bindings/Attached";
import type { Code } from "../bindings/Code";
import { find, t } from "../i18n/index.svelte";
import { bytes } from "./format";

/** Characters that nobody sees, but that turn the text around them: a stick's label gets into its path. */
const INVISIBLE = /[\p{Cc}\p{Cf}\u115f\u1160\u3164\uffa0]/gu;

/** `/media/x` of `drive:/media/x?key=value`, for people. */
export function pathOf(target: string): string {
  return target.replace(/^[a-z]+:/, "").replace(/\?[a-z]+=.*$/, "").replace(INVISIBLE, "");
}

/** What a person calls a target: its label, else the last part of its path. */
export function nameOf({ label, target }: Attached): string {
  const last = pathOf(target).split(/[\\/]/).findLast((part) => part !== "");
  return label ?? last ?? t("target.unnamed");
}

/** What tells two targets of the same name apart. */
export function particularsOf({ kind, sizeBytes, fileSystem, serialNumber, usb }: Attached, folder: boolean): string {
  const particulars = [
    kind === "serial" ? t("target.port") : folder ? t("target.folder") : null,
    sizeBytes === null ? null : bytes(sizeBytes),
    fileSystem,
    serialNumber === null ? null : t("target.serial", { serial: serialNumber }),
    kind === "serial" && usb !== null ? t("target.usb", { usb }) : null,
  ];
  return particulars.filter((one) => one !== null).join(" · ");
}

/** Why a target cannot be chosen. */
export function refusalOf(code: Code): string {
  return t(find("refused", code) ?? "refused.other", { code });
}

/** What a way of laying files out on a drive is called. */
export function layoutName(layout: string): string {
  const key = find("layout", layout);
  return key === null ? layout : t(key);
}

/** One of the values that a setting may have, in words. */
export function settingValue(value: string): string {
  const key = find("setting-value", value);
  return key === null ? value : t(key);
}

/** What a kind of device is called; a recipe of this computer's own keeps its name. */
export function driverName(driver: string): string {
  const key = find("driver", driver);
  return key === null ? driver : t(key);
}
