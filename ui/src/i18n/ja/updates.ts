import type { updates as en } from "../en/updates";

export const updates: Record<keyof typeof en, string> = {
  "updates.heading": "更新",
  "updates.others": "Fieldkey の更新は、インストールに使ったパッケージ管理システム、またはパソコンの管理者が行います。",
  "updates.nowhere": "この Fieldkey は、新しいバージョンを確認しません。提供元に問い合わせてください。",
  "updates.nobody": "このパソコンの更新は、組織が管理しています。",
  "updates.at-start": "起動時に新しいバージョンを確認する",
  "updates.at-start-hint": "{from} に 1 日 1 回程度問い合わせます。個人やデバイスの情報は送信しません。許可なくインストールすることもありません。",
  "updates.look": "今すぐ確認",
  "updates.looking": "確認しています…",
  "updates.newest": "最新バージョンです",
  "updates.ready": "新しいバージョン",
  "updates.found": "新しいバージョンがあります: Fieldkey {version}",
  "updates.released": "公開日: {date}",
  "updates.notes": "変更点",
  "updates.hint": "ダウンロードして署名を確認した後、Fieldkey を閉じ、新しいバージョンを開きます。この画面を閉じると、ダウンロードを中止します。",
  "updates.wait": "デバイスで作業中か、ベンチの自動開始がオンです。終わるまで更新できません。",
  "updates.install": "更新して再起動",
  "updates.getting": "Fieldkey {version} をダウンロードしています",
  "updates.of": "{done} / {all}",
  "updates.stop": "中止",
  "updates.ending": "Fieldkey を再起動しています…",
};
