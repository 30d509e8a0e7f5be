//! What a look through the journal has shown.

use fieldkey_core::Language;
use fieldkey_journal::{Breach, Chain, Looked};

use super::either;

pub(crate) fn state(chain: &Chain, language: Language) -> String {
    match chain {
        Chain::Whole { entries, hash, .. } => either(
            language,
            "The records are whole. Entries: {entry}. Hash of the last one: {about}",
            "記録に問題はありません。件数: {entry}。最後の記録のハッシュ: {about}",
        )
        .replace("{entry}", &entries.to_string())
        .replace("{about}", hash),
        Chain::Broken { breach, entry, sound_until } => {
            let until = match sound_until {
                Some(_) => either(
                    language,
                    "Up to {about} all is as it was written.",
                    "{about} までの記録は、書き込まれたときのままです。",
                ),
                None => either(language, "None of the records can be relied on.", "どの記録も信頼できません。"),
            };
            let until = until.replace("{about}", sound_until.as_deref().unwrap_or_default());
            format!("{}\n{until}", words(*breach, language).replace("{entry}", &entry.to_string()))
        }
    }
}

/// `looked`: how far it is, once that is known.
pub(crate) fn looking(looked: Option<Looked>, language: Language) -> String {
    let words = match looked {
        Some(_) => either(language, "Checking the records: {entry} of {all}", "記録を確認中: {all} 件中 {entry} 件"),
        None => either(language, "Checking the records", "記録を確認中"),
    };
    let Looked { entries, of } = looked.unwrap_or(Looked { entries: 0, of: 0 });
    words.replace("{entry}", &entries.to_string()).replace("{all}", &of.to_string())
}

fn words(breach: Breach, language: Language) -> &'static str {
    let (english, japanese) = match breach {
        Breach::Altered => (
            "Entry {entry} is not what Fieldkey wrote there.",
            "{entry} 番の記録が、Fieldkey が書き込んだ内容と異なります。",
        ),
        Breach::Missing => ("Entries are missing, from number {entry} on.", "{entry} 番からの記録が抜けています。"),
        Breach::CutShort => {
            ("Entries are missing at the end, from number {entry} on.", "{entry} 番から末尾までの記録が抜けています。")
        }
        Breach::Rewritten => (
            "The records were written anew; entry {entry} is not the one that was there.",
            "記録が書き直されています。{entry} 番の記録は元のものではありません。",
        ),
        Breach::HeadMissing => (
            "The file journal.head is gone or unreadable: whether entries from number {entry} on are missing cannot be told.",
            "ファイル journal.head がないか、読み取れません。このため、{entry} 番以降の記録が抜けていないかを確認できません。",
        ),
        Breach::Index => (
            "The run of entry {entry} is not found as it was written.",
            "{entry} 番から始まる実行を、記録どおりに検索できません。",
        ),
    };
    either(language, english, japanese)
}
