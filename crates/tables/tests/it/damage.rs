use std::error::Error as _;
use std::fmt::Write as _;
use std::fs;

use tables::{AnyTable, BenchTable, CostTable, Error, ScoreTable};

use crate::rows::{SCORE, bench, scores};

/// The error with its causes.
fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let _ = write!(text, ": {inner}");
        cause = inner.source();
    }
    text
}

#[test]
fn a_file_of_another_kind_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    bench(2).write(&path).unwrap();
    let error = CostTable::read(&path).unwrap_err().to_string();
    assert!(error.ends_with("t.parquet holds a bench table, expected a cost table"), "{error}");
    assert!(matches!(AnyTable::read(&path), Ok(AnyTable::Bench(_))));
}

#[test]
fn what_is_no_parquet_file_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    for bytes in [&b""[..], b"PAR1", b"PAR1PAR1PAR1", b"a,b\n1,2\n", &[0xff; 4096]] {
        fs::write(&path, bytes).unwrap();
        assert!(matches!(BenchTable::read(&path), Err(Error::Parquet { .. } | Error::Decode { .. })));
        assert!(AnyTable::read(&path).is_err());
    }
    assert!(matches!(BenchTable::read(&folder.path().join("missing")), Err(Error::Io { .. })));
    assert!(matches!(BenchTable::read(folder.path()), Err(Error::Io { .. })));
}

#[test]
fn a_truncated_file_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    bench(20).write(&path).unwrap();
    let whole = fs::read(&path).unwrap();
    for length in (0..whole.len()).step_by(37).chain([whole.len() - 1]) {
        fs::write(&path, &whole[..length]).unwrap();
        BenchTable::read(&path).expect_err("a part of a file");
    }
}

#[test]
fn a_changed_byte_never_changes_a_row_unnoticed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    let table = scores(&[SCORE, tables::ScoreRow { arch: "arch-1", seed: 9, index: None, ..SCORE }]);
    table.write(&path).unwrap();
    let whole = fs::read(&path).unwrap();
    let mut refused = 0;
    for position in 0..whole.len() {
        // One bit or all of them, in turn.
        let mut bytes = whole.clone();
        bytes[position] ^= if position % 2 == 0 { 0x01 } else { 0xff };
        fs::write(&path, &bytes).unwrap();
        match ScoreTable::read(&path) {
            // Unused bytes of statistics and of the metadata: the rows are still those that were written.
            Ok(read) => assert_eq!(read.content_sha256(), table.content_sha256()),
            Err(_) => refused += 1,
        }
    }
    assert!(refused > whole.len() / 3, "{refused} of {}", whole.len());
}

#[test]
fn changed_rows_are_found_by_their_checksum() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    scores(&[tables::ScoreRow { value: Some(123.456), ..SCORE }]).write(&path).unwrap();
    let mut bytes = fs::read(&path).unwrap();
    let value = 123.456_f64.to_le_bytes();
    let position = bytes.windows(8).position(|window| window == value).expect("a number is stored as it is");
    bytes[position] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let error = ScoreTable::read(&path).unwrap_err();
    assert!(chain(&error).contains("has changed since it was written"), "{}", chain(&error));
}
