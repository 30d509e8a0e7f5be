//! Comma-separated values, as RFC 4180 has them and as spreadsheets write them.

/// A record and the line it begins on.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Record {
    pub(super) line: u32,
    pub(super) fields: Vec<String>,
    /// A quote that was opened and not closed: what follows it is in the last field.
    pub(super) unclosed: bool,
}

impl Record {
    pub(super) fn is_blank(&self) -> bool {
        self.fields.iter().all(|field| field.trim().is_empty())
    }
}

/// Reads every record; separators are commas, tabs (a pasted column) or semicolons, as the first line has them.
pub(super) fn records(text: &str) -> Vec<Record> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let separator = separator(text);
    let mut reader = Reader { separator, line: 1, began: 1, field: String::new(), fields: vec![], records: vec![] };
    reader.read(text);
    reader.records
}

fn separator(text: &str) -> char {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |mark: char| first.matches(mark).count();
    match () {
        () if count('\t') > 0 => '\t',
        () if count(';') > count(',') => ';',
        () => ',',
    }
}

struct Reader {
    separator: char,
    line: u32,
    /// The line on which the record began.
    began: u32,
    field: String,
    fields: Vec<String>,
    records: Vec<Record>,
}

impl Reader {
    fn read(&mut self, text: &str) {
        let mut chars = text.chars().peekable();
        let mut quoted = false;
        while let Some(c) = chars.next() {
            // One line's end, however it is written.
            let c = match c {
                '\r' => {
                    chars.next_if_eq(&'\n');
                    '\n'
                }
                c => c,
            };
            match c {
                '"' if quoted && chars.next_if_eq(&'"').is_some() => self.field.push('"'),
                '"' if quoted => quoted = false,
                '"' if self.field.trim().is_empty() => {
                    self.field.clear();
                    quoted = true;
                }
                c if !quoted && c == self.separator => self.end_field(),
                '\n' if !quoted => self.end_record(false),
                c => self.field.push(c),
            }
            self.line += u32::from(c == '\n');
            if c == '\n' && !quoted {
                self.began = self.line;
            }
        }
        if !self.field.is_empty() || !self.fields.is_empty() || quoted {
            self.end_record(quoted);
        }
    }

    fn end_field(&mut self) {
        self.fields.push(std::mem::take(&mut self.field));
    }

    fn end_record(&mut self, unclosed: bool) {
        self.end_field();
        self.records.push(Record { line: self.began, fields: std::mem::take(&mut self.fields), unclosed });
    }
}

/// Writes one record. A cell that a spreadsheet would calculate is made plain text by an apostrophe.
pub(super) fn write(cells: &[String], into: &mut String) {
    for (index, cell) in cells.iter().enumerate() {
        if index > 0 {
            into.push(',');
        }
        let guard = if is_formula(cell) { "'" } else { "" };
        if cell.contains([',', '"', '\r', '\n']) {
            into.push_str(&format!("\"{guard}{}\"", cell.replace('"', "\"\"")));
        } else {
            into.push_str(guard);
            into.push_str(cell);
        }
    }
    into.push_str("\r\n");
}

/// What [`write`] wrote for this cell, undone.
pub(super) fn unguarded(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| is_formula(rest)).unwrap_or(cell)
}

fn is_formula(cell: &str) -> bool {
    // Japanese spreadsheets take the full-width signs for the others.
    cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(text: &str) -> Vec<(u32, Vec<String>)> {
        records(text).into_iter().map(|record| (record.line, record.fields)).collect()
    }

    #[test]
    fn quotes_commas_and_line_ends_inside_a_cell_are_its_text() {
        let expected = vec![(1, vec!["a,b".into(), "say \"x\"\nhere".into()]), (3, vec!["c".into(), String::new()])];
        assert_eq!(fields("\u{feff}\"a,b\",\"say \"\"x\"\"\r\nhere\"\r\nc,\r\n"), expected);
    }

    #[test]
    fn every_kind_of_line_end_and_separator_is_read() {
        assert_eq!(fields("a\rb\nc\r\nd").len(), 4);
        assert_eq!(fields("a\tx,y\nb\tz")[0].1, ["a", "x,y"], "a pasted column has tabs");
        assert_eq!(fields("a;b\nc;d")[1].1, ["c", "d"], "a European spreadsheet has semicolons");
    }

    #[test]
    fn a_quote_that_is_never_closed_loses_nothing() {
        let read = records("a\n\"b\nc\n");
        assert_eq!((read.len(), read[1].line, read[1].unclosed), (2, 2, true));
        assert_eq!(read[1].fields, ["b\nc\n"]);
    }

    #[test]
    fn no_spreadsheet_calculates_what_was_written() {
        let mut text = String::new();
        let cells = ["=1+1", "+SUM(A1)", "-5", "@x", "a,\"b\"", "plain", "=\"a\""].map(str::to_owned);
        write(&cells, &mut text);
        assert_eq!(text, "'=1+1,'+SUM(A1),'-5,'@x,\"a,\"\"b\"\"\",plain,\"'=\"\"a\"\"\"\r\n");
        let wide = ["＝1+1", "＋1", "－1", "＠x"].map(str::to_owned);
        let mut guarded = String::new();
        write(&wide, &mut guarded);
        assert_eq!(guarded, "'＝1+1,'＋1,'－1,'＠x\r\n", "nor one that reads full-width signs");
        let back: Vec<String> = records(&text)[0].fields.iter().map(|cell| unguarded(cell).to_owned()).collect();
        assert_eq!(back, cells, "and what was guarded is read as it was");
    }
}
