//! Exports hold what the filter lets pass, and do nobody harm.

use std::io::{self, Write};

use fieldkey_core::Code;
use fieldkey_core::ports::{Entry, Journal};

use super::{all, end, open, run, start};
use crate::export::cell;
use crate::{Error, Filter, Format};

#[test]
fn csv_is_rfc_4180_for_a_spreadsheet() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    run(&journal, "r1", "SN-1");
    let Entry::Started(mut begun) = start("r2", "=HYPERLINK(\"http://x\",\"a\")") else { unreachable!() };
    begun.site = "Tokyo, \"plant\"\n2".to_owned();
    begun.thing_name = "東京".to_owned();
    begun.device = None;
    journal.append(&Entry::Started(begun)).unwrap();
    journal.append(&end("r2", Some((Code::TargetFull, None)))).unwrap();
    let mut out = vec![];
    assert_eq!(journal.export(&Filter::default(), Format::Csv, &mut out).unwrap(), 2);
    assert_eq!(
        String::from_utf8(out).unwrap(),
        "\u{feff}entry,run,startedAt,endedAt,job,outcome,code,step,site,operator,serialNumber,thingName,target,device,\
         certificateId,registered,ms,steps\r\n\
         3,r2,2026-03-03T20:06:07.089Z,2026-03-03T20:06:08.089Z,provision,failed,target-full,,\
         \"Tokyo, \"\"plant\"\"\n2\",installer@example.com,\"'=HYPERLINK(\"\"http://x\"\",\"\"a\"\")\",東京,\
         drive:/media/x,,c0ffee,true,3468,sign-in 12; write 3456\r\n\
         1,r1,2026-03-03T20:06:07.089Z,2026-03-03T20:06:08.089Z,provision,finished,,,Tokyo plant,\
         installer@example.com,SN-1,Fleet_Index_SN-1,drive:/media/x,0781:5581:4C530001,c0ffee,true,3468,\
         sign-in 12; write 3456\r\n"
    );
}

#[test]
fn no_cell_is_taken_for_a_formula() {
    for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠x"] {
        let cell = cell(text);
        assert!(cell.trim_start_matches('"').starts_with('\''), "{cell:?}");
    }
    assert_eq!(cell("SN-1=2"), "SN-1=2", "only at its beginning");
}

#[test]
fn json_lines_are_the_records_that_the_filter_lets_pass() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    for n in 0..1200 {
        journal.append(&start(&format!("r{n}"), if n % 10 == 0 { "SN-1" } else { "SN-2" })).unwrap();
    }
    let filter = Filter { serial_number: Some("SN-2".to_owned()), ..Filter::default() };
    let mut out = vec![];
    assert_eq!(journal.export(&filter, Format::JsonLines, &mut out).unwrap(), 1080, "more than are read at a time");
    let expected: String = all(&journal)
        .into_iter()
        .filter(|record| record.serial_number == "SN-2")
        .map(|record| serde_json::to_string(&record).unwrap() + "\n")
        .collect();
    assert_eq!(String::from_utf8(out).unwrap(), expected);
}

#[test]
fn a_full_disk_ends_an_export_and_is_none_of_the_journal_s() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path());
    run(&journal, "r1", "SN-1");
    for format in [Format::Csv, Format::JsonLines] {
        let error = journal.export(&Filter::default(), format, &mut Full).unwrap_err();
        assert!(
            matches!(&error, Error::Output(full) if full.kind() == io::ErrorKind::StorageFull),
            "{format:?}: {error:?}"
        );
    }
}
