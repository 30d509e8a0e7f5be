//! Text that a device brings along, made fit to be shown.

/// A label comes from a stranger's stick: characters that hide, or turn the text around it, would
/// let one drive pass for another in the list.
pub(crate) fn shown(text: &str) -> Option<String> {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c,
                '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
                | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e0fff}')
    };
    let text: String = text.chars().filter(|c| !hidden(*c)).collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_lose_what_hides_or_turns_text_around() {
        assert_eq!(shown("\u{202e}KCIT S\u{200b}").as_deref(), Some("KCIT S"), "no turning around, nothing invisible");
        assert_eq!(shown("現場 キー").as_deref(), Some("現場 キー"), "other scripts stay");
        assert_eq!(shown(" \u{feff}\n"), None, "nothing to see is no label");
    }
}
