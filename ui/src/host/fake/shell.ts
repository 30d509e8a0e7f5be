import type { About, CrashReport } from "../shell";
import type { Opened, SiteEntry, SiteFailure } from "../sites";
import type { Updates, UpdateView } from "../updates";
import { failure, operator, site } from "./samples";

export const about: About = {
  version: "0.1.0",
  licences: ["serde 1.0.228\nMIT OR Apache-2.0\n", "tokio 1.48.0\nMIT\n", "svelte 5.57.3\nMIT\n"].join("\n"),
};

/** A window that renews itself, and what it finds. */
export const renewing: Updates = { by: "itself", from: "updates.example.com", atStart: true };

export const update: UpdateView = {
  version: "0.2.0",
  date: "2026-12-01T09:00:00Z",
  notes: "Added\n- Modems of a third maker\n\nFixed\n- A drive that was ejected too early",
};

export const crash: CrashReport = {
  at: "2026-11-20T08:14:09Z",
  text: "Fieldkey 0.1.0\nthread 'main' panicked at src-tauri/src/lib.rs:41:9:\nthe window has no web view",
};

/** A made-up site where nothing reaches AWS or a device. */
export const practise: Opened = {
  site: { ...site, path: "practise:", name: "Practise", region: "xx-practise-1", practise: true },
  operator: { ...operator, name: "practise@example.com", kept: false, groups: ["installers", "helpdesk"] },
  failure: null,
};

export const entries: SiteEntry[] = [
  { path: site.path, name: site.name, region: site.region, operator: operator.name, organisation: false, refused: null },
  {
    path: "/home/mori/osaka-depot.json",
    name: "Osaka depot",
    region: "ap-northeast-3",
    operator: null,
    organisation: false,
    refused: null,
  },
  { path: "/media/mori/OLD_STICK/fukuoka.json", name: null, region: null, operator: null, organisation: false, refused: null },
];

export const brokenSite: SiteFailure = {
  ...failure("site-invalid", "site"),
  path: "/home/mori/osaka-depot.json",
  problems: [
    {
      key: "regoin",
      line: 3,
      en: "there is no such key; did you mean `region`?",
      ja: "このようなキーはありません。`region` ではありませんか?",
    },
    { key: "region", line: null, en: "missing", ja: "ありません" },
    {
      key: "endpoints.iot",
      line: 14,
      en: "must begin with `https://`, or lead to this computer",
      ja: "`https://` で始まるか、このパソコンを指す必要があります",
    },
  ],
};

/** What the organisation put on the computer, one of them broken; and one of the operator's own, which its policy forbids. */
export const organisationEntries: SiteEntry[] = [
  { path: "/etc/fieldkey/sites/osaka.json", name: null, region: null, operator: null, organisation: true, refused: { ...brokenSite, path: "/etc/fieldkey/sites/osaka.json" } },
  { path: "/etc/fieldkey/sites/tokyo.json", name: "Tokyo plant", region: "ap-northeast-1", operator: null, organisation: true, refused: null },
  {
    path: "/home/mori/own.json",
    name: "Own site",
    region: "eu-west-1",
    operator: null,
    organisation: false,
    refused: { ...failure("not-allowed-by-policy", "site"), path: "/home/mori/own.json", problems: [] },
  },
];
