import type { policy as en } from "../en/policy";

export const policy: Record<keyof typeof en, string> = {
  "policy.off": "このパソコンでは、組織のポリシーにより使用できません。",
  "policy.off-sites": "このパソコンで開けるのは、組織が用意したサイトだけです。",
  "policy.off-bench": "このパソコンでは、組織のポリシーによりベンチを使用できません。「プロビジョニング」で 1 台ずつ書き込めます。",
  "policy.off-stay": "組織のポリシーにより、サインインは Fieldkey を終了するまで有効です",
  "policy.off-claim": "このパソコンでは、組織のポリシーによりクレームファイルを使用できません。",
  "policy.off-practise": "このパソコンでは、組織のポリシーにより練習用サイトを使用できません。",
  "policy.heading": "組織の設定",
  "policy.what-is-off": "このパソコンでは次の機能を使用できません。必要な場合は、パソコンの管理者に相談してください。",
  "policy.nothing-off": "このパソコンには組織のポリシーがありますが、制限されている機能はありません。",
  "feature.other-sites": "組織が用意したもの以外のサイト",
  "feature.stay-signed-in": "サインインしたままにする",
  "feature.bench": "ベンチ",
  "feature.claim-export": "クレームの書き出し",
  "feature.claim-open": "クレームファイルを開く",
  "feature.journal-export": "ジャーナルの書き出し",
  "feature.practise": "練習用サイト",
  "feature.updates": "Fieldkey 自体の更新",
  "welcome.lead-organisation": "組織のサイトがこのパソコンに用意されています。デバイスが属するサイトを選んでください。",
  "sites.organisation": "組織が用意したサイト",
  "sites.none-organisation": "このパソコンにはまだサイトがありません。パソコンの管理者に連絡してください。",
};
