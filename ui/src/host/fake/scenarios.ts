import type { Challenge } from "../../bindings/Challenge";
import type { Code } from "../../bindings/Code";
import type { FailureView } from "../../bindings/FailureView";
import type { Release } from "../../bindings/Release";
import type { RunEvent } from "../../bindings/RunEvent";
import type { Step } from "../../bindings/Step";
import type { ProvisionRequest } from "../host";
import type { SiteEntry, SiteFailure } from "../sites";
import * as bench from "./bench";
import * as desk from "./devices-samples";
import { FakeHost, type Script, signedIn } from "./host";
import * as journal from "./journal";
import { atFirst } from "./practise";
import * as samples from "./samples";
import * as shell from "./shell";

/** For a plain browser during development: `?host=fake&scenario=totp-setup`, and `&language=ja`, `&theme=dark`. */
export function pretend(name: string): FakeHost {
  const script = scenarios[name] ?? {};
  const start = { ...samples.fresh, ...script.start };
  const query = new URLSearchParams(location.search);
  if (query.get("language") === "ja") start.language = "ja";
  const theme = query.get("theme");
  if (theme === "light" || theme === "dark") start.theme = theme;
  return new FakeHost({ targets: crowd, play: timed(samples.events()), ...script, start });
}

const texts: Partial<Record<Code, [string, string, string, string]>> = {
  "wrong-password": [
    "The e-mail address or the password is wrong",
    "Try again. If you forgot the password, reset it or ask your administrator.",
    "メールアドレスまたはパスワードが違います",
    "もう一度お試しください。パスワードを忘れた場合は、再設定するか管理者に連絡してください。",
  ],
  "site-invalid": [
    "The site file has mistakes",
    "Correct it, or ask for a new one whoever sent it to you.",
    "サイトファイルに誤りがあります",
    "修正するか、ファイルの送り主に新しいものを依頼してください。",
  ],
  "not-allowed-by-policy": [
    "Your organisation has switched this off on this computer, in `/etc/fieldkey/policy.json` (sites other than the organisation's own)",
    "If you need it for your work, ask whoever looks after this computer.",
    "このパソコンでは、組織のポリシー `/etc/fieldkey/policy.json` により使用できません (組織が用意したもの以外のサイト)",
    "業務で必要な場合は、このパソコンの管理者に相談してください。",
  ],
  "policy-invalid": [
    "The policy of your organisation, `/etc/fieldkey/policy.json`, cannot be used (line 3: `bnech`: unknown key; did you mean `bench`?)",
    "Until it is put right, everything that a policy can switch off is off. Tell whoever looks after this computer: `fieldkey policy check` lists every mistake.",
    "組織のポリシー `/etc/fieldkey/policy.json` を使用できません (3 行目: `bnech`: 不明なキーです。`bench` の誤りではありませんか?)",
    "修正されるまで、ポリシーで制限できる機能はすべて使えません。このパソコンの管理者に連絡してください。`fieldkey policy check` ですべての誤りを確認できます。",
  ],
  "password-policy": [
    "The new password is not strong enough for this site (it must have symbol characters)",
    "Choose one that meets the rules, and try again.",
    "新しいパスワードがこのサイトの条件を満たしていません (it must have symbol characters)",
    "条件を満たすパスワードを選び、もう一度お試しください。",
  ],
  "identity-present": [
    "`/media/mori/SENSOR` holds credentials already",
    "If this is the right device and they may go, replace them.",
    "`/media/mori/SENSOR` にはすでに認証情報があります",
    "このデバイスで間違いなく、今の認証情報が不要であれば、置き換えてください。",
  ],
  "device-login": [
    "The device at `serial:/dev/ttyUSB0` wants somebody to log in (it asks who logs in)",
    "Enter the user and the password of the device's own account, and try again.",
    "`serial:/dev/ttyUSB0` のデバイスがログインを求めています (ユーザー名を求めています)",
    "デバイス自体のアカウントのユーザー名とパスワードを入力して、もう一度お試しください。",
  ],
  "not-registered": [
    "The credentials are on the device, but `Fleet_Index_SN-0042` has not registered itself in time",
    "Check that the device is on, starts its provisioning and reaches the network. Then provision it again.",
    "認証情報は書き込みましたが、`Fleet_Index_SN-0042` が時間内に登録されませんでした",
    "デバイスの電源が入り、ネットワークに届いているか確認してください。そのうえで、もう一度プロビジョニングしてください。",
  ],
};

const crowd = [samples.drive, samples.otherDrive, samples.systemDrive];

const consoles = { ...bench.settings, kind: "serial" as const, driver: "console", driverSettings: { user: "root" } };

const scenarios: Record<string, Partial<Script>> = {
  "first-start": {},
  "long-names": {
    start: {
      ...samples.signedIn,
      site: { ...samples.site, name: "Shin-Yokohama-Kohoku New Town Distribution and Maintenance Centre, Building 12" },
      operator: {
        ...samples.operator,
        name: "maximiliane.von-und-zu-hohenfels-waldburg@subsidiary.example.com",
        kept: false,
        groups: ["helpdesk", "installers", "ap-northeast-1_AbCdEf123_Google"],
      },
    },
    targets: [
      { ...samples.drive, label: "A_VOLUME_LABEL_THAT_SOMEBODY_MADE_VERY_LONG_WITHOUT_A_SINGLE_SPACE_IN_IT", target: `drive:/run/media/mori/${"deeply-nested-folder/".repeat(6)}SENSOR` },
      samples.otherDrive,
    ],
  },
  "known-sites": { sites: shell.entries },
  "site-invalid": { opened: broken(), sites: shell.entries },
  "practise": { start: { ...samples.signedIn, ...shell.practise }, targets: atFirst },
  "practise-sign-in": { start: { ...samples.signedOut, site: shell.practise.site } },
  "sites": { start: samples.signedIn, sites: shell.entries },
  "policy": { start: { ...samples.fresh, policy: samples.policy }, sites: organisation() },
  "policy-sign-in": { start: { ...samples.signedOut, policy: samples.policy } },
  "policy-inside": {
    start: { ...samples.signedIn, operator: desk.clerk, policy: samples.policy },
    sites: organisation(),
    runs: journal.some,
  },
  "policy-broken": {
    start: { ...samples.signedIn, policy: { ...samples.policy, failure: failure("policy-invalid") } },
    sites: organisation(),
  },
  "crash": { start: { ...samples.signedIn, crash: shell.crash } },
  "other-site": { start: samples.signedIn, opened: { ...samples.opened, site: { ...samples.site, name: "Osaka depot" }, operator: samples.operator } },
  "sign-in": { start: samples.signedOut },
  "no-keychain": { start: { ...samples.signedOut, keychain: false } },
  "wrong-password": { start: samples.signedOut, signIns: [failure("wrong-password")] },
  "new-password": challenged({ kind: "new-password", requiredAttributes: ["name", "phone_number"] }),
  "password-policy": {
    start: samples.signedOut,
    signIns: [
      { state: "challenge", challenge: { kind: "new-password", requiredAttributes: [] } },
      failure("password-policy"),
      signedIn,
    ],
  },
  "totp": challenged({ kind: "code", channel: "totp", destination: null }),
  "sms": challenged({ kind: "code", channel: "sms", destination: "+*******5678" }),
  "email": challenged({ kind: "code", channel: "email", destination: "m***@e***" }),
  "select-mfa": challenged({ kind: "select-mfa", options: ["totp", "sms", "email"] }),
  "totp-setup": challenged({
    kind: "totp-setup",
    secret: samples.totpSecret,
    uri: `otpauth://totp/Fieldkey:mori@example.com?secret=${samples.totpSecret}&issuer=Fieldkey`,
    qr: pattern(29),
    qrSize: 29,
  }),
  "first-factor": challenged({ kind: "select-first-factor", options: ["password", "email", "sms"] }),
  "reset-forbidden": { start: samples.signedOut, forgot: failure("password-reset-forbidden") },
  "provision": { start: samples.signedIn },
  "help-desk": { start: { ...samples.signedIn, operator: desk.clerk } },
  "journal": { start: samples.signedIn, runs: [...journal.some, ...journal.many] },
  "journal-broken": { start: samples.signedIn, chain: journal.broken },
  "journal-empty": { start: samples.signedIn, runs: [], chain: journal.unused },
  "journal-unreadable": { start: samples.signedIn, runs: failure("usage"), chain: failure("usage") },
  "looking": { start: samples.signedIn, targets: null },
  "ports": { start: samples.signedIn, targets: [samples.drive, samples.port, samples.bridge, samples.busyPort] },
  "own-layout": { start: { ...samples.signedIn, site: { ...samples.site, ownLayout: true } } },
  "device-login": { ...failing("device-login", "target"), targets: [samples.bridge, samples.port] },
  "no-drive": { start: samples.signedIn, targets: [] },
  "running": { start: samples.signedIn, play: timed(samples.events().slice(0, 10)) },
  "waiting": { start: samples.signedIn, play: timed(samples.events().slice(0, -2), 0) },
  "throttled": { start: samples.signedIn, play: timed(samples.eventsUntilThrottled(), 1200) },
  "unrecorded": { start: samples.signedIn, play: timed(samples.unrecorded(samples.events()), 0) },
  "unrecorded-failure": { start: samples.signedIn, play: timed(samples.unrecorded(samples.eventsUntil("offline", "claim")), 0) },
  "flushed": released("flushed"),
  "folder": released("folder"),
  "identity-present": failing("identity-present", "target"),
  "not-allowed": failing("not-allowed", "claim"),
  "verify-mismatch": failing("verify-mismatch", "verify"),
  "not-registered": failing("not-registered", "register"),
  "bench-ready": benched({ rows: bench.rows(32), head: { ...bench.head, devices: [bench.idle(1, "not-armed")] } }),
  "bench-expecting": benched({
    rows: bench.rows(12),
    head: { ...bench.head, armed: true, expecting: 4, devices: [bench.idle(7, "before-arming"), bench.idle(8, "not-scanned")] },
  }),
  "bench-running": benched({
    rows: bench.rows(36, (id) => (id > 32 ? bench.row(id) : bench.running(id))),
    head: { ...bench.head, armed: true, settings: { ...bench.settings, mode: "by-device-serial", atOnce: 32 } },
    plays: true,
  }),
  "bench-many": benched({
    rows: bench.rows(500, (id) => (id > 132 ? bench.row(id) : id > 100 ? bench.running(id) : bench.row(id, bench.done))),
    head: { ...bench.head, armed: true, settings: { ...bench.settings, mode: "by-device-serial", atOnce: 32 } },
    plays: true,
  }),
  "bench-over": benched({ rows: bench.rows(32, outcome) }),
  "bench-recovered": benched({
    rows: bench.rows(12, (id) => {
      const step = (["target", "write", "register"] as const)[id % 3] ?? null;
      return id > 6 ? bench.row(id) : id < 4 ? bench.row(id, bench.done) : bench.row(id, { state: "interrupted", step, by: "crash" });
    }),
    head: { ...bench.head, recovered: true },
  }),
  "bench-consoles": benched({ head: { ...bench.head, settings: consoles } }),
  "bench-login": benched({
    rows: bench.rows(6, (id) => (id === 1 ? bench.row(id, { state: "failed", failure: failure("device-login", "target"), retryable: true }) : bench.row(id))),
    head: { ...bench.head, armed: true, settings: consoles, paused: { kind: "trouble", failure: failure("device-login", "target") } },
  }),
  "bench-others": {
    ...benched({ rows: bench.rows(2), head: { ...bench.head, armed: true, paused: { kind: "sign-in", failure: failure("session-expired") } } }),
    play: timed(samples.events(), 2000),
    signIns: [{ state: "signed-in", operator: { ...samples.operator, name: "abe@example.com" } }],
  },
  "bench-signed-out": benched({
    rows: bench.rows(12, (id) => (id < 5 ? bench.running(id) : bench.row(id))),
    head: { ...bench.head, armed: true, paused: { kind: "sign-in", failure: failure("session-expired") } },
  }),
  "bench-refused": benched({
    imported: {
      added: 30,
      refused: [
        { line: 4, text: "SN 0004", why: { kind: "invalid", failure: failure("serial-number-invalid") } },
        { line: 17, text: "SN-0003", why: { kind: "duplicate", row: 3 } },
        { line: 33, text: "SN-0033, drive, blue", why: { kind: "no-heading" } },
      ],
    },
  }),
  "session-expired": failing("session-expired", "sign-in"),
};

function benched(script: Partial<bench.BenchScript>): Partial<Script> {
  return { start: samples.signedIn, bench: script };
}

/** How a batch may have ended. */
function outcome(id: number) {
  if (id === 5) return bench.row(id, { state: "failed", failure: failure("identity-present", "target"), retryable: false });
  if (id === 11) return bench.row(id, { state: "failed", failure: failure("not-registered", "register"), retryable: true });
  if (id === 18) return bench.row(id, { state: "interrupted", step: "write", by: "operator" });
  if (id === 24) return bench.row(id, { state: "skipped" });
  return bench.row(id, bench.done, { deviceCertificateId: samples.certificateId });
}

function challenged(challenge: Challenge): Partial<Script> {
  return { start: samples.signedOut, signIns: [{ state: "challenge", challenge }, signedIn] };
}

function released(release: Release): Partial<Script> {
  return { start: samples.signedIn, play: timed(samples.events(release)) };
}

function failing(code: Code, at: Step): Partial<Script> {
  const events = samples.eventsUntil(code, at).slice(0, -1);
  return { start: samples.signedIn, play: timed([...events, { event: "failed", run: "r-0001", failure: failure(code, at), unrecorded: null }]) };
}

function broken(): SiteFailure {
  return { ...shell.brokenSite, ...failure("site-invalid", "site") };
}

/** The real texts come from the program; these are about as long. */
function organisation(): SiteEntry[] {
  return shell.organisationEntries.map((entry) => ({ ...entry, refused: entry.refused && { ...entry.refused, ...failure(entry.refused.code, "site") } }));
}

function failure(code: Code, step: Step | null = null): FailureView {
  const plain = samples.failure(code, step);
  const [en, enHelp, ja, jaHelp] = texts[code] ?? [];
  return {
    ...plain,
    en: { message: en ?? plain.en.message, help: enHelp ?? plain.en.help },
    ja: { message: ja ?? plain.ja.message, help: jaHelp ?? plain.ja.help },
  };
}

/** One event after the other, as slow as a slow drive. */
function timed(events: RunEvent[], pause = 350): Script["play"] {
  return (request: ProvisionRequest, host: FakeHost) => {
    events.forEach((event, index) => {
      setTimeout(() => host.emit(named(event, request)), index * pause);
    });
  };
}

function named(event: RunEvent, { serialNumber, target }: ProvisionRequest): RunEvent {
  if (event.event !== "finished") return event;
  return { ...event, result: { ...samples.provisioned(serialNumber), target } };
}

/** Looks like a QR code and says nothing. */
function pattern(size: number): string {
  const dots: string[] = [];
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const corner = (x < 8 && y < 8) || (x > size - 9 && y < 8) || (x < 8 && y > size - 9);
      if (!corner && (x * 7 + y * 13 + x * y) % 5 < 2) dots.push(`M${x} ${y}h1v1h-1z`);
    }
  }
  const eye = (x: number, y: number) =>
    `M${x} ${y}h7v1h-7zM${x} ${y + 6}h7v1h-7zM${x} ${y + 1}h1v5h-1zM${x + 6} ${y + 1}h1v5h-1zM${x + 2} ${y + 2}h3v3h-3z`;
  return [...dots, eye(0, 0), eye(size - 7, 0), eye(0, size - 7)].join("");
}
