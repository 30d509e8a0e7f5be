import type { Certificate } from "../../bindings/Certificate";
import type { ExportedClaim } from "../../bindings/ExportedClaim";
import type { Found } from "../../bindings/Found";
import type { Job } from "../../bindings/Job";
import type { Preview } from "../../bindings/Preview";
import type { Reissued } from "../../bindings/Reissued";
import type { Step } from "../../bindings/Step";
import type { Thing } from "../../bindings/Thing";
import type { Verified } from "../../bindings/Verified";
import type { JsonValue } from "../../bindings/serde_json/JsonValue";
import type { CertificatePreview, DeviceRun, JobEvent, KnownDevice, LookUp, OpenedClaim, PickedFile } from "../devices";
import { certificateId, deviceCertificateId, drive, failure, operator, provisioned } from "./samples";

export const clerk = {
  ...operator,
  name: "sato@example.com",
  groups: ["helpdesk"],
  may: ["provision", "enroll", "register", "verify", "inspect", "reissue", "activate", "revoke", "export-claim", "open-claim"] satisfies Job[],
};

export const active: Certificate = {
  id: deviceCertificateId,
  status: "ACTIVE",
  created: "2026-11-02T01:20:00Z",
  expires: "2049-12-31T23:59:59Z",
  policies: ["fieldkey-device"],
  otherThings: [],
};

export const inactive: Certificate = {
  ...active,
  id: certificateId,
  status: "INACTIVE",
  created: "2025-03-14T08:00:00Z",
  policies: [],
  otherThings: ["Fleet_Index_SN-0007"],
};

export const thing: Thing = {
  name: "Fleet_Index_SN-0042",
  thingType: "pump-controller",
  attributes: { floor: "3", building: "Kawasaki East" },
  certificates: [active, inactive],
};

export const bareThing: Thing = { ...thing, thingType: null, attributes: {}, certificates: [] };

export const ran: DeviceRun = {
  run: "r-0001",
  job: "provision",
  startedAt: "2026-11-02T01:19:10Z",
  endedAt: "2026-11-02T01:20:04Z",
  operator: "mori@example.com",
  target: drive.target,
  certificateId,
  outcome: "finished",
  code: null,
  step: null,
  act: null,
};

export const history: DeviceRun[] = [
  { ...ran, run: "r-0004", job: "verify", startedAt: "2026-11-20T05:00:00Z", outcome: "failed", code: "identity-refused", step: "connect", target: "" },
  { ...ran, run: "r-0003", job: "activate", startedAt: "2026-11-19T09:12:00Z", operator: "sato@example.com", target: "" },
  { ...ran, run: "r-0002", startedAt: "2026-11-02T01:10:00Z", endedAt: null, operator: null, outcome: "interrupted", code: "interrupted", certificateId: null },
  ran,
];

export const known: KnownDevice = { thingName: thing.name, serialNumber: "SN-0042", lastRun: ran };

const found: Found = { readAs: "serial-number", things: [thing], elsewhere: [], certificate: false };

export const lookedUp: LookUp = { registry: found, failure: null, journal: [known] };
export const nothing: LookUp = { registry: { ...found, things: [] }, failure: null, journal: [] };
export const several: LookUp = {
  registry: { ...found, readAs: "certificate-id", elsewhere: ["OtherFleet_0009"], certificate: true },
  failure: null,
  journal: [
    known,
    { thingName: "Fleet_Index_SN-00421", serialNumber: "SN-00421", lastRun: { ...ran, outcome: "failed", code: "target-gone", step: "write" } },
    { thingName: `Fleet_Index_${"SN-0042-LONG-".repeat(4)}1`, serialNumber: `${"SN-0042-LONG-".repeat(4)}1`, lastRun: ran },
  ],
};
export const journalOnly: LookUp = { registry: null, failure: failure("offline", "look-up"), journal: [known, ...several.journal.slice(1)] };

export const files: PickedFile[] = [
  { id: "f1", name: "pump-7.crt", bytes: 1204 },
  { id: "f2", name: "pump-7.key", bytes: 1675 },
];

const certificate: Preview = {
  certificateId,
  subject: "CN=pump-7, O=Kawasaki Pumps",
  issuer: "CN=Kawasaki Plant CA",
  notBefore: "2026-01-01T00:00:00Z",
  notAfter: "2036-01-01T00:00:00Z",
  key: "P-256",
  signature: "ECDSA-SHA256",
  keyMatches: true,
};

export const preview: CertificatePreview = { certificate, selfSigned: false, refused: null };
export const refusedPreview: CertificatePreview = {
  certificate: { ...certificate, key: "Ed25519", signature: "Ed25519", keyMatches: null },
  selfSigned: true,
  refused: failure("certificate-unsupported"),
};

type Detail = Record<string, JsonValue>;

function stepped<Result>(step: Step, ms: number, detail: Detail = {}): JobEvent<Result>[] {
  return [
    { event: "step", step, status: "running", detail: {}, ms: null },
    { event: "step", step, status: "done", detail, ms },
  ];
}

export const reissued: Reissued = {
  serialNumber: "SN-0042",
  thingName: thing.name,
  certificateId: "77aa0c51d2".padEnd(64, "4"),
  target: drive.target,
  files: provisioned().files,
  deactivated: [deviceCertificateId],
  shared: [],
};

export function reissueEvents(): JobEvent<Reissued>[] {
  return [
    { event: "started", run: "r-0009", job: "reissue" },
    ...stepped<Reissued>("target", 4, { target: drive.target }),
    ...stepped<Reissued>("sign-in", 0),
    ...stepped<Reissued>("look-up", 350),
    ...stepped<Reissued>("credentials", 2),
    ...stepped<Reissued>("claim", 402, { secondsLeft: 300 }),
    ...stepped<Reissued>("write", 177),
    ...stepped<Reissued>("verify", 60, { pastCache: true }),
    ...stepped<Reissued>("release", 900, { release: "ejected" }),
    { event: "step", step: "register", status: "running", detail: { secondsLeft: 297 }, ms: null },
    { event: "step", step: "register", status: "done", detail: {}, ms: 5200 },
    ...stepped<Reissued>("status", 190, { certificateId: deviceCertificateId, status: "INACTIVE" }),
    { event: "finished", run: "r-0009", result: reissued, unrecorded: null },
  ];
}

const passed = (step: Step, seen: string): JobEvent<Verified>[] => stepped(step, 40, { verdict: "passed", seen });
const skipped = (step: Step): JobEvent<Verified>[] =>
  stepped(step, 0, { verdict: "skipped", why: { en: "not asked for", ja: "指定されていません" } });

/** The files are right, the connection is refused, and the rest is skipped. */
export function verifyEvents(): JobEvent<Verified>[] {
  const why = { en: "the certificate is inactive", ja: "証明書が無効になっています" };
  return [
    { event: "started", run: "r-0010", job: "verify" },
    ...passed("key-match", "P-256"),
    ...passed("validity", "2026-11-02T01:20:00Z – 2049-12-31T23:59:59Z"),
    ...passed("chain", "CN=AWS IoT Certificate"),
    ...stepped<Verified>("connect", 812, { verdict: "failed", code: "identity-refused", why }),
    ...skipped("subscribe"),
    ...skipped("echo"),
    ...skipped("temporary-credentials"),
    ...skipped("caller"),
    { event: "failed", run: "r-0010", failure: failure("identity-refused", "connect"), unrecorded: null },
  ];
}

/** All that was asked for is right. */
export function provedEvents(): JobEvent<Verified>[] {
  const checks = [...passed("key-match", "P-256"), ...passed("connect", "localhost:8883"), ...passed("echo", "dt/x"), ...skipped("caller")];
  const result: Verified = { thingName: thing.name, certificateId: deviceCertificateId, checks: [] };
  return [
    { event: "started", run: "r-0010", job: "verify" },
    ...checks,
    { event: "finished", run: "r-0010", result, unrecorded: null },
  ];
}

export const exported: ExportedClaim = {
  serialNumber: "SN-0042",
  thingName: thing.name,
  certificateId,
  expires: "2026-11-21T14:05:00Z",
  path: "/home/sato/claims/claim-SN-0042-until-1405Z.age",
  file: { name: "claim-SN-0042-until-1405Z.age", bytes: 6021, sha256: certificateId },
};

export function exportEvents(): JobEvent<ExportedClaim>[] {
  return [
    { event: "started", run: "r-0011", job: "export-claim" },
    ...stepped<ExportedClaim>("target", 3),
    ...stepped<ExportedClaim>("sign-in", 0),
    ...stepped<ExportedClaim>("credentials", 2),
    ...stepped<ExportedClaim>("claim", 371, { secondsLeft: 300 }),
    ...stepped<ExportedClaim>("write", 1090, { path: exported.path }),
    ...stepped<ExportedClaim>("verify", 2),
    { event: "finished", run: "r-0011", result: exported, unrecorded: null },
  ];
}

export const claimFile: PickedFile = { id: "f9", name: exported.file.name, bytes: 6021 };

export const openedClaim: OpenedClaim = {
  name: exported.file.name,
  site: "Tokyo plant",
  serialNumber: "SN-0042",
  thingName: thing.name,
  expires: exported.expires,
  secondsLeft: 214,
  practice: false,
};

/** Of somebody who practises. */
export const practiceClaim: OpenedClaim = { ...openedClaim, site: "Practise", practice: true };

export const passphrase = "k7fw-2m9x-t3qh-8vbn";
