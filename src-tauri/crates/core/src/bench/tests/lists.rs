use super::super::{Bench, MOST_ROWS, RowState, WhyRefused, decode, export};
use super::world::bench;
use crate::site::tests::site;
use crate::{Code, Language, bench::Mode};

fn refused(bench: &mut Bench, text: &str) -> Vec<(u32, String)> {
    let imported = bench.import(text, &site());
    let word = |why: &WhyRefused| serde_json::to_value(why).expect("JSON")["kind"].as_str().expect("a word").to_owned();
    imported.refused.iter().map(|line| (line.line, word(&line.why))).collect()
}

fn serial_numbers(bench: &Bench) -> Vec<&str> {
    bench.rows().iter().map(|row| row.serial_number.as_str()).collect()
}

#[test]
fn a_pasted_column_needs_no_heading() {
    let mut bench = Bench::default();
    assert_eq!(refused(&mut bench, "SN-1\r\n\r\n SN-2 \nSN-3"), []);
    assert_eq!(serial_numbers(&bench), ["SN-1", "SN-2", "SN-3"]);
    assert_eq!(bench.rows()[0].thing_name, "Fleet_Index_SN-1");
}

#[test]
fn a_heading_names_driver_and_parameters_in_any_order() {
    let mut bench = Bench::default();
    let text = "\u{feff}Line;Driver;Serial Number;Colour\r\n1;greengrass;SN-1;\"red; or blue\"\r\n;;SN-2;\r\n";
    assert_eq!(refused(&mut bench, text), []);
    let [first, second] = bench.rows() else { panic!("two rows") };
    assert_eq!((first.serial_number.as_str(), first.driver.as_deref()), ("SN-1", Some("greengrass")));
    assert_eq!(first.parameters["Colour"], "red; or blue");
    assert_eq!((second.driver.as_deref(), second.parameters.len()), (None, 0), "empty cells say nothing");
    let mut bench = Bench::default();
    assert_eq!(refused(&mut bench, "シリアル番号,ドライバー\nSN-1,drive"), []);
    assert_eq!(bench.rows()[0].driver.as_deref(), Some("drive"));
}

#[test]
fn every_line_that_becomes_no_row_is_named_with_the_reason() {
    let mut bench = Bench::default();
    let text = "SN-1\nbad number\nSN-1\nSN-2,drive,more\n\"SN-3\n";
    let expected = [(2, "invalid"), (3, "duplicate"), (4, "no-heading"), (5, "unclosed")];
    assert_eq!(refused(&mut bench, text), expected.map(|(line, word)| (line, word.to_owned())));
    assert_eq!(serial_numbers(&bench), ["SN-1"]);
    assert_eq!(refused(&mut bench, "SN-1"), [(1, "duplicate".into())], "against the batch, too");
    let reserved = bench.import("serial,AWS::IoT::Certificate::Id\nSN-9,x\nSN-10,,y", &site());
    let WhyRefused::Invalid { failure } = &reserved.refused[0].why else { panic!("{reserved:?}") };
    assert_eq!(failure.code, Code::Usage);
    assert_eq!(reserved.refused[1].why, WhyRefused::TooManyCells);
}

#[test]
fn a_batch_takes_a_thousand_rows_and_names_the_rest() {
    let mut bench = bench(Mode::ScanThenPlug, MOST_ROWS);
    assert_eq!(refused(&mut bench, "SN-x"), [(1, "full".into())]);
    let failure = bench.scan("SN-y", &site(), tokio::time::Instant::now()).expect_err("it is full");
    assert_eq!(failure.code, Code::Usage);
}

#[test]
fn files_of_spreadsheets_are_read_in_their_encodings() {
    let wide: Vec<u8> = "\u{feff}SN-1\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(decode(&wide), "SN-1\r\n");
    assert_eq!(decode("\u{feff}SN-1".as_bytes()), "\u{feff}SN-1");
    let mut bench = Bench::default();
    let shift_jis = b"\x83V\x83\x8a\x83A\x83\x8b\x94\xd4\x8d\x86,Line\r\nSN-1,\x93\x8c\x8b\x9e\r\n";
    assert_eq!(decode(shift_jis), "シリアル番号,Line\r\nSN-1,東京\r\n", "as a Japanese spreadsheet saves CSV");
    assert_eq!(refused(&mut bench, &decode(shift_jis)), []);
    assert_eq!(bench.rows()[0].parameters["Line"], "東京");
    assert_eq!(decode("シリアル番号\nSN-1".as_bytes()), "シリアル番号\nSN-1", "UTF-8 comes first");

    let neither = b"SN-2\n\xff\xff\nSN-3\n";
    assert_eq!(refused(&mut bench, &decode(neither)), [(2, "invalid".into())], "nothing is lost in silence");
    assert_eq!(decode(b"\xef\xbb\xbf\xb1\n"), "\u{feff}\u{fffd}\n", "its mark says that it is UTF-8");
    assert_eq!(serial_numbers(&bench), ["SN-1", "SN-2", "SN-3"]);
}

#[test]
fn what_is_exported_can_be_imported() {
    let mut first = bench(Mode::ScanThenPlug, 2);
    first.scan("-5", &site(), tokio::time::Instant::now()).expect("the site takes it");
    let text = export(first.rows(), Language::Japanese);
    assert!(text.starts_with("\u{feff}serialNumber,thingName,state,"), "{text}");
    assert!(text.contains("\r\n'-5,Fleet_Index_-5,waiting,"), "a spreadsheet must not calculate it: {text}");
    let mut second = Bench::default();
    assert_eq!(refused(&mut second, &text), []);
    assert_eq!(serial_numbers(&second), ["SN-01", "SN-02", "-5"]);
    assert!(second.rows().iter().all(|row| row.parameters.is_empty()), "our own columns are no parameters");
}

#[test]
fn what_an_export_says_is_done_is_not_done_again() {
    let mut rows = bench(Mode::ScanThenPlug, 3).rows().to_vec();
    rows[0].state = RowState::Done { registered: Some(true) };
    rows[1].state = RowState::Skipped;
    let mut second = Bench::default();
    assert_eq!(refused(&mut second, &export(&rows, Language::Japanese)), [(2, "done".into())]);
    assert_eq!(serial_numbers(&second), ["SN-02", "SN-03"], "the others are still to be done");
}
