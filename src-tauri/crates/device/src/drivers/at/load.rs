//! The recipes that Fieldkey brings along, and those in a folder of the user's own.

use std::fs;
use std::io::Read;
use std::path::Path;

use fieldkey_core::{Code, Failure, Why};

use super::check::{Problem, check};
use super::checked::Recipe;

const BUILT_IN: [(&str, &str); 5] = [
    ("ublox.toml", include_str!("../../../drivers/ublox.toml")),
    ("quectel.toml", include_str!("../../../drivers/quectel.toml")),
    ("simcom.toml", include_str!("../../../drivers/simcom.toml")),
    ("simcom-fs.toml", include_str!("../../../drivers/simcom-fs.toml")),
    ("esp-at.toml", include_str!("../../../drivers/esp-at.toml")),
];

/// The largest driver file, in bytes.
const LARGEST: u64 = 64 * 1024;

/// Every recipe that can be followed, by name, and what is wrong with the others. Of the same name, one in an earlier
/// folder goes before one in a later, and any before ours.
pub(crate) fn recipes(folders: &[&Path]) -> (Vec<Recipe>, Vec<Failure>) {
    let (mut recipes, mut failures) = (vec![], vec![]);
    for folder in folders {
        let mut here = vec![];
        for path in files(folder, &mut failures) {
            match read(&path).and_then(|text| parse(&path.display().to_string(), &text)) {
                Ok(recipe) => keep(recipe, &path, &mut here, &mut failures),
                Err(failure) => failures.push(failure),
            }
        }
        add(here, &mut recipes);
    }
    for (file, text) in BUILT_IN {
        match parse(file, text) {
            Ok(ours) => add(vec![ours], &mut recipes),
            Err(failure) => failures.push(failure),
        }
    }
    recipes.sort_by(|a, b| a.name.cmp(&b.name));
    (recipes, failures)
}

/// Reads one recipe. `file` is what failures are about.
///
/// # Errors
/// `recipe-invalid` with the line and the reason.
pub(super) fn parse(file: &str, text: &str) -> Result<Recipe, Failure> {
    let read = toml::from_str(text).map_err(|error| Problem { at: error.span(), why: words(error.message()) });
    read.and_then(check).map_err(|Problem { at, why }| {
        let why = match at.and_then(|at| Some(text.get(..at.start)?.matches('\n').count() + 1)) {
            Some(line) => Why::new(format!("line {line}: {}", why.en), format!("{line} 行目: {}", why.ja)),
            None => why,
        };
        invalid(file, why)
    })
}

fn invalid(file: &str, why: Why) -> Failure {
    Failure::new(Code::RecipeInvalid).about(file).because_of(why)
}

/// TOML's words for what it could not read.
fn words(message: &str) -> Why {
    let quoted = message.split('`').nth(1).unwrap_or_default();
    let ja = if message.starts_with("unknown field") {
        format!("不明なキー `{quoted}` があります")
    } else if message.starts_with("missing field") {
        format!("キー `{quoted}` がありません")
    } else if message.starts_with("unknown variant") {
        let known: Vec<&str> = message.split('`').skip(3).step_by(2).collect();
        format!("`{quoted}` は指定できません。次のいずれかを指定してください: {}", known.join(", "))
    } else if message.starts_with("invalid type") || message.starts_with("invalid value") {
        format!("値の型が違います: {message}")
    } else {
        format!("TOML として読めません: {message}")
    };
    Why::new(message.replace("unknown field", "unknown key").replace("missing field", "missing key"), ja)
}

fn files(folder: &Path, failures: &mut Vec<Failure>) -> Vec<std::path::PathBuf> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        // Nobody needs to have any.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return vec![],
        Err(error) => {
            failures.push(crate::fault::failure(folder, &error));
            return vec![];
        }
    };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    paths
}

fn read(path: &Path) -> Result<String, Failure> {
    let file = path.display().to_string();
    let mut bytes = vec![];
    let opened = fs::File::open(path).map_err(|error| invalid(&file, Why::of_system(&error)))?;
    opened.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| invalid(&file, Why::of_system(&error)))?;
    if bytes.len() as u64 > LARGEST {
        return Err(invalid(&file, Why::new("it is larger than 64 KiB", "64 KiB を超えています")));
    }
    let text = String::from_utf8(bytes);
    let text = text.map_err(|_| invalid(&file, Why::new("it is not UTF-8 text", "UTF-8 のテキストではありません")))?;
    // Editors on Windows put a byte order mark in front.
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}

fn add(mut more: Vec<Recipe>, recipes: &mut Vec<Recipe>) {
    more.retain(|recipe| recipes.iter().all(|kept| kept.name != recipe.name));
    recipes.append(&mut more);
}

fn keep(recipe: Recipe, path: &Path, recipes: &mut Vec<Recipe>, failures: &mut Vec<Failure>) {
    if recipes.iter().any(|kept| kept.name == recipe.name) {
        let name = &recipe.name;
        let ja = format!("ドライバー `{name}` は別のファイルにもあります");
        let why = Why::new(format!("another file has a driver `{name}`, too"), ja);
        failures.push(invalid(&path.display().to_string(), why));
        return;
    }
    recipes.push(recipe);
}
