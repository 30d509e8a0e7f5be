import type { Attached } from "../../bindings/Attached";
import type { Code } from "../../bindings/Code";
import type { FailureView } from "../../bindings/FailureView";
import type { OperatorView } from "../../bindings/OperatorView";
import type { Provisioned } from "../../bindings/Provisioned";
import type { PolicyView } from "../../bindings/PolicyView";
import type { Release } from "../../bindings/Release";
import type { RunEvent } from "../../bindings/RunEvent";
import type { Step } from "../../bindings/Step";
import type { Why } from "../../bindings/Why";
import type { JsonValue } from "../../bindings/serde_json/JsonValue";
import type { Start } from "../host";
import type { Opened, SiteView } from "../sites";

export const site: SiteView = {
  path: "/home/mori/tokyo-plant.json",
  name: "Tokyo plant",
  region: "ap-northeast-1",
  serialNumberPattern: "^[A-Za-z0-9_-]{1,64}$",
  thingNamePrefix: "Fleet_Index_",
  ownLayout: false,
  practise: false,
};

export const operator: OperatorView = {
  name: "mori@example.com",
  kept: true,
  groups: ["installers"],
  may: ["provision", "enroll", "register", "verify", "inspect"],
};

/** Nothing is left of a session. */
export const opened: Opened = { site, operator: null, failure: null };

export const fresh: Start = {
  site: null,
  failure: null,
  operator: null,
  target: null,
  language: "en",
  keychain: true,
  theme: "system",
  sound: false,
  crash: null,
  policy: null,
  updates: { by: "others" },
};

/** An organisation that leaves provisioning, and little else. */
export const policy: PolicyView = {
  file: "/etc/fieldkey/policy.json",
  off: ["other-sites", "stay-signed-in", "bench", "claim-export", "claim-open", "journal-export", "practise", "updates"],
  failure: null,
};

export const signedOut: Start = { ...fresh, site };
export const signedIn: Start = { ...fresh, site, operator };

export const drive: Attached = {
  target: "drive:/media/mori/SENSOR",
  kind: "drive",
  label: "SENSOR",
  serialNumber: "4C530001",
  driver: "drive",
  refused: null,
  sizeBytes: 31_914_983_424,
  fileSystem: "vfat",
  usb: "0781:5581",
  device: "0781:5581:4C530001",
};

export const otherDrive: Attached = {
  ...drive,
  target: "drive:/media/mori/PUMP",
  label: "PUMP",
  serialNumber: "AA00112233",
  sizeBytes: 8_000_000_000,
  device: "0781:5581:AA00112233",
};

export const systemDrive: Attached = {
  ...drive,
  target: "drive:/",
  label: null,
  serialNumber: "S4EVNX0M",
  refused: "target-refused",
  sizeBytes: 512_110_190_592,
  fileSystem: "ext4",
  usb: null,
  device: null,
};

export const port: Attached = {
  target: "serial:/dev/ttyACM0",
  kind: "serial",
  label: "J-Link",
  serialNumber: "000960012345",
  driver: "nrf91",
  refused: null,
  sizeBytes: null,
  fileSystem: null,
  usb: "1366:1059",
  device: "1366:1059:000960012345:0",
};

/** A bridge chip, which says nothing of what is behind it. */
export const bridge: Attached = {
  ...port,
  target: "serial:/dev/ttyUSB0",
  label: "CP2102N USB to UART Bridge",
  serialNumber: "8a21f0",
  driver: null,
  usb: "10c4:ea60",
  device: "10c4:ea60:8a21f0",
};

export const busyPort: Attached = { ...bridge, target: "serial:/dev/ttyUSB1", serialNumber: null, refused: "port-busy" };

export const folder: Attached = {
  target: "drive:/home/mori/device",
  kind: "drive",
  label: null,
  serialNumber: null,
  driver: "drive",
  refused: null,
  sizeBytes: null,
  fileSystem: null,
  usb: null,
  device: null,
};

/** The length and letters of Cognito's own; the key of nobody. */
export const totpSecret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSW";

export function failure(code: Code, step: Step | null = null, message = `The text of ${code}`): FailureView {
  return {
    code,
    step,
    en: { message, help: `What to do about ${code}.` },
    ja: { message: `${code} の説明`, help: `${code} の対処方法。` },
  };
}

export const certificateId = "9f2c41d07be35a88c61e4f0bb7d2a953e8c4f6120d7b9a3e5c8f1d60b2a47e93";
export const deviceCertificateId = "0d51b7c3a9e84f26d3b07c5e918a4f62c7d0e3b5a1f8496b2d7c0e5f3a9b8146";

/** The events of a run, in the order that the core promises. */
export function events(release: Release = "ejected"): RunEvent[] {
  const step = (step: Step, ms: number, done: Record<string, JsonValue> = {}): RunEvent[] => [
    { event: "step", step, status: "running", detail: {}, ms: null },
    { event: "step", step, status: "done", detail: done, ms },
  ];
  const result = provisioned();
  return [
    { event: "started", run: "r-0001", job: "provision" },
    ...step("target", 3, { target: result.target }),
    ...step("sign-in", 0, { operator: operator.name }),
    ...step("credentials", 412),
    ...step("claim", 388, { certificateId, expires: result.expires, secondsLeft: 300, endpoint: "example.amazonaws.com" }),
    ...step("write", 164),
    ...step("verify", 41, { files: result.files.map((file) => ({ ...file })), pastCache: true }),
    ...step("release", 1240, { release }),
    { event: "step", step: "register", status: "running", detail: { secondsLeft: 298 }, ms: null },
    { event: "step", step: "register", status: "running", detail: {}, ms: null },
    { event: "step", step: "register", status: "done", detail: { certificateId: deviceCertificateId }, ms: 6120 },
    { event: "finished", run: "r-0001", result, unrecorded: null },
  ];
}

/** The events until AWS asks for patience with the claim, which it does twice. */
export function eventsUntilThrottled(): RunEvent[] {
  const again = (againInMs: number): RunEvent => ({
    event: "step",
    step: "claim",
    status: "running",
    detail: { throttled: true, againInMs },
    ms: null,
  });
  return [...eventsUntil("throttled", "claim").slice(0, -1), again(900), again(7_600)];
}

/** Why nothing more can be written. */
export const full: Why = { en: "there is no room left", ja: "空き容量がありません" };

/** The same events, of a run that the journal did not take. */
export function unrecorded(events: RunEvent[]): RunEvent[] {
  return events.map((event) => (event.event === "finished" || event.event === "failed" ? { ...event, unrecorded: full } : event));
}

/** The events until a step is under way, and then its failure. */
export function eventsUntil(code: Code, at: Step): RunEvent[] {
  const all = events();
  const under = all.findIndex((one) => one.event === "step" && one.step === at && one.status === "running");
  return [...all.slice(0, under + 1), { event: "failed", run: "r-0001", failure: failure(code, at), unrecorded: null }];
}

export function provisioned(serialNumber = "SN-0042"): Provisioned {
  const file = (name: string, bytes: number) => ({ name, bytes, sha256: certificateId });
  return {
    serialNumber,
    thingName: `${site.thingNamePrefix}${serialNumber}`,
    certificateId,
    expires: "2026-11-21T09:05:00Z",
    target: drive.target,
    files: [
      file("claimCert.pem", 1220),
      file("claimPrivateKey.pem", 1675),
      file("AmazonRootCA1.pem", 1188),
      file("provisioning.json", 842),
    ],
    registered: true,
  };
}
