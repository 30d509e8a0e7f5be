//! What the README tells its reader to type.

use super::root;

/// The text below a heading, up to the next one of its kind.
pub(crate) fn section(heading: &str) -> String {
    let readme = std::fs::read_to_string(root().join("README.md")).expect("a README");
    let begin = format!("\n## {heading}\n");
    let (_, rest) = readme.split_once(&begin).unwrap_or_else(|| panic!("the README has no section `{heading}`"));
    rest.split("\n## ").next().unwrap_or_default().to_owned()
}

/// Its blocks of commands, in order.
pub(crate) fn blocks(section: &str) -> Vec<String> {
    let (mut blocks, mut lines) = (vec![], section.lines());
    while let Some(line) = lines.next() {
        let Some(language) = line.trim_start().strip_prefix("```") else { continue };
        assert_eq!(language, "sh", "a block of another kind, which nobody runs");
        let indent = line.len() - line.trim_start().len();
        let block: Vec<&str> = lines.by_ref().take_while(|line| line.trim() != "```").collect();
        blocks.push(block.iter().map(|line| line.get(indent..).unwrap_or_default()).collect::<Vec<_>>().join("\n"));
    }
    blocks
}

/// The commands of these programs that stand in its sentences.
pub(crate) fn in_sentences<'a>(section: &'a str, programs: &[&str]) -> Vec<&'a str> {
    let sentences = section.lines().filter(|line| !line.trim_start().starts_with("```"));
    let quoted = sentences.flat_map(|line| line.split('`').skip(1).step_by(2));
    quoted.filter(|words| words.split_once(' ').is_some_and(|(program, _)| programs.contains(&program))).collect()
}
