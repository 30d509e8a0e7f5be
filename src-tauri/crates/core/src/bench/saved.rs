//! The batch as it is kept beside the program, so that a crash loses nothing. Holds no secret.

use serde::{Deserialize, Serialize};

use super::row::{By, Row, RowState};
use super::{Bench, Settings};
use crate::{Code, Failure, Why};

const VERSION: u32 = 1;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Save<'a> {
    version: u32,
    site: &'a str,
    settings: &'a Settings,
    rows: &'a [Row],
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Saved {
    version: u32,
    site: String,
    settings: Settings,
    rows: Vec<Row>,
}

impl Bench {
    /// As a file's text. `site`: whose batch it is.
    pub fn save(&self, site: &str) -> String {
        let saved = Save { version: VERSION, site, settings: &self.settings, rows: &self.rows };
        // Only names, numbers and times: writing them as JSON cannot fail.
        serde_json::to_string(&saved).unwrap_or_default()
    }

    /// The bench as it was, not armed. What was running was cut off.
    ///
    /// # Errors
    /// `usage` for a text that no bench of this site wrote.
    pub fn load(text: &str, site: &str) -> Result<Self, Failure> {
        let refuse =
            |en: String, ja: String| Failure::new(Code::Usage).about("bench.json").because_of(Why::new(en, ja));
        let saved: Saved = serde_json::from_str(text)
            .map_err(|error| refuse(error.to_string(), format!("ファイルを読み取れません: {error}")))?;
        if saved.version != VERSION {
            let version = saved.version;
            return Err(refuse(
                format!("version {version} is unknown"),
                format!("バージョン {version} には対応していません"),
            ));
        }
        if saved.site != site {
            let other = saved.site;
            return Err(refuse(format!("it is a batch of {other}"), format!("{other} のバッチです")));
        }
        let mut bench = Self::default();
        bench.settings = saved.settings;
        let rows = saved.rows.into_iter().zip(1..).map(|(row, id)| Row { id, ..row }.after_a_crash()).collect();
        bench.put(rows);
        bench.recovered = bench.rows.iter().any(|row| matches!(row.state, RowState::Interrupted { by: By::Crash, .. }));
        Ok(bench)
    }
}

impl Row {
    fn after_a_crash(mut self) -> Self {
        match self.state {
            RowState::Running { step, .. } => self.state = RowState::Interrupted { step: Some(step), by: By::Crash },
            RowState::Assigned { .. } => self.state = RowState::Waiting,
            _ => {}
        }
        self
    }
}
