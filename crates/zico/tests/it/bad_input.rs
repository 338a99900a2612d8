//! Each wrong input: one clear message, its exit code, nothing half-written.

use std::fs;

use crate::command::{stderr, stdout, zico_in};

const SMALL: [&str; 10] = ["--channels", "2", "--cells", "1", "--batch", "random", "--batch-size", "4", "--resolution", "8"];

/// Runs and expects a code and parts of the message.
fn refused(words: &[&str], code: i32, parts: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    refused_in(folder.path(), words, code, parts);
}

fn refused_in(folder: &std::path::Path, words: &[&str], code: i32, parts: &[&str]) {
    let output = zico_in(folder, words);
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(code), "{words:?}: {text}");
    for part in parts {
        assert!(text.contains(part), "{words:?}: expected `{part}` in: {text}");
    }
    assert!(!text.contains("panicked"), "{text}");
    assert_eq!(stdout(&output), "");
}

#[test]
fn unknown_names_get_suggestions() {
    refused(&[&["score", "--out", "o", "--proxies", "zicoo"], &SMALL[..]].concat(), 3, &["did you mean `zico`?"]);
    refused(&[&["score", "--out", "o", "--space", "nb210"], &SMALL[..]].concat(), 3, &["did you mean `nb201`?"]);
    refused(&[&["score", "--out", "o", "--dataset", "cifar11"], &SMALL[..]].concat(), 3, &["did you mean `cifar10"]);
    refused(&[&["score", "--out", "o", "--init", "xavier"], &SMALL[..]].concat(), 3, &["unknown initialisation `xavier`", "torch-default"]);
    refused(&[&["score", "--out", "o", "--dtype", "f16"], &SMALL[..]].concat(), 3, &["unknown dtype `f16`", "f32, f64"]);
    refused(&["fetch", "nb210"], 3, &["did you mean `nb201`?"]);
}

#[test]
fn unknown_architectures_say_what_is_wrong() {
    let one = |arch| [&["score-one", "--arch", arch], &SMALL[..]].concat();
    refused(&one("|nor_conv_5x5~0|+|none~0|none~1|+|none~0|none~1|none~2|"), 3, &["no such operation: `nor_conv_5x5`", "did you mean"]);
    refused(&one("20000"), 3, &["indices are 0 to 15624"]);
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("list.txt"), "12\n\n# a comment\nnonsense\n").unwrap();
    refused_in(
        folder.path(),
        &[&["score", "--out", "o", "--archs", "file:list.txt"], &SMALL[..]].concat(),
        3,
        &["list.txt, line 4", "nonsense"],
    );
    fs::write(folder.path().join("list.txt"), "12\n12\n").unwrap();
    refused_in(folder.path(), &[&["score", "--out", "o", "--archs", "file:list.txt"], &SMALL[..]].concat(), 3, &["line 2", "twice"]);
    assert!(!folder.path().join("o").exists());
}

#[test]
fn contradictory_flags_are_refused() {
    refused(&[&["score-one", "--arch", "3", "--aggregate", "az_nas"], &SMALL[..]].concat(), 2, &["--aggregate az_nas", "one network"]);
    refused(&["score", "--out", "o", "--archs", "range:0..2"], 2, &["--images FILE|DIR", "--batch random"]);
    refused(&[&["score", "--out", "o", "--images", "x.npz"], &SMALL[..]].concat(), 2, &["cannot be used with"]);
    refused(&[&["score", "--out", "o", "--shard", "2/2"], &SMALL[..]].concat(), 2, &["--shard 2/2", "0/4"]);
    refused(&[&["score", "--out", "o", "--archs", "sample:99999"], &SMALL[..]].concat(), 2, &["15625 architectures"]);
    refused(&[&["score", "--out", "o", "--archs", "range:5..5"], &SMALL[..]].concat(), 2, &["selects nothing"]);
    refused(
        &[&["score", "--out", "o", "--proxies", "zico", "--batches", "1"], &SMALL[..]].concat(),
        3,
        &["`zico` needs at least 2 batches, got 1"],
    );
    refused(&["score-one", "--arch", "0", "--batch", "golden", "--data-seed", "3"], 2, &["data seed 7"]);
}

#[test]
fn a_device_that_is_not_there_is_named() {
    refused(&[&["score", "--out", "o", "--device", "cuda:7"], &SMALL[..]].concat(), 3, &["cuda:7", "scripts/setup --cuda"]);
}

#[test]
fn a_folder_of_another_configuration_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let run = |extra: &[&str]| {
        zico_in(folder.path(), &[&["score", "--out", "o", "--archs", "range:0..3", "--proxies", "zico"], &SMALL[..], extra].concat())
    };
    assert!(run(&[]).status.success());
    let before = fs::read(folder.path().join("o/run.json")).unwrap();
    let other = run(&["--seed", "5", "--data-seed", "0"]);
    assert_eq!(other.status.code(), Some(6));
    assert!(stderr(&other).contains("seed (there 0, here 5)"), "{}", stderr(&other));
    assert_eq!(fs::read(folder.path().join("o/run.json")).unwrap(), before);
}

#[test]
fn an_output_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("o"), "a file, not a folder").unwrap();
    refused_in(folder.path(), &[&["score", "--out", "o", "--archs", "range:0..2"], &SMALL[..]].concat(), 5, &["failed to"]);
}

#[test]
fn damaged_tables_and_missing_files_are_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("t.parquet"), "PAR1 not really").unwrap();
    refused_in(folder.path(), &["show", "t.parquet"], 3, &["t.parquet"]);
    refused_in(folder.path(), &["show", "missing.parquet"], 4, &["missing.parquet"]);
    refused_in(folder.path(), &["inspect", "nb201"], 4, &["zico ingest nb201"]);
    refused_in(
        folder.path(),
        &["fetch", "nb201", "--offline", "--mirror", "."],
        4,
        &["nats_bench.csv", "cb5d777ec3368be83c8f9b3aa4d520696051cb0eb8d94b8f85b519f9ea4afa3e"],
    );
    fs::write(folder.path().join("nats_bench.csv"), "a,b\n1,2\n").unwrap();
    refused_in(folder.path(), &["ingest", "nb201", "--source", "nats_bench.csv"], 3, &["nats_bench.csv"]);
    assert!(!folder.path().join("data").join("tables").join("nb201.parquet").exists());
    fs::write(folder.path().join("i.npz"), "PK not really").unwrap();
    refused_in(folder.path(), &["score", "--out", "o", "--images", "i.npz", "--archs", "range:0..2"], 3, &["i.npz"]);
}

#[test]
fn sources_of_another_benchmark_and_unknown_editions_are_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("nats_bench.csv"), "a,b\n1,2\n").unwrap();
    fs::create_dir(folder.path().join("NATS-sss-v1_0-50262-simple")).unwrap();
    refused_in(
        folder.path(),
        &["ingest", "nb101", "--source", "nats_bench.csv"],
        3,
        &["is a source of nb201, not of nb101", "run: zico ingest nb201"],
    );
    refused_in(
        folder.path(),
        &["ingest", "nats-tss", "--source", "NATS-sss-v1_0-50262-simple"],
        3,
        &["is a source of nats-sss, not of nb201"],
    );
    refused_in(
        folder.path(),
        &["ingest", "nb201", "--source", ".", "--edition", "cvs"],
        3,
        &["unknown edition `cvs`", "did you mean `csv`?"],
    );
    refused_in(
        folder.path(),
        &["ingest", "nb101", "--offline", "--mirror", "."],
        4,
        &["no source of nb101 is in data/raw", "nasbench_only108.tfrecord (about 499 MB, sha256 4c39c3936e36"],
    );
    refused_in(folder.path(), &["ingest", "nb101", "--split", "test"], 2, &["--split is for `ingest csv`"]);
    refused_in(folder.path(), &["query", "nb101", "--arch", "0", "--dataset", "cifar10"], 4, &["run: zico ingest nb101"]);
    assert!(!folder.path().join("data").exists());
}
