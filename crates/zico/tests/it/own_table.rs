//! A table of the user's own, from CSV to answers.

use std::fs;

use serde_json::Value;

use crate::command::{stderr, stdout, zico_in};

const TABLE: &str = "\
id,acc,fraction,seed
3,70.5,0.5,777
|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_3x3~1|skip_connect~2|,80.25,,888
3,71.5,0.75,888
";

const FLAGS: [&str; 14] = [
    "--space",
    "nb201",
    "--arch",
    "id",
    "--dataset",
    "cifar10",
    "--split",
    "valid",
    "--metric",
    "accuracy",
    "--unit",
    "percent",
    "--out",
    "t.parquet",
];

fn ingest(folder: &std::path::Path, text: &str, flags: &[&str]) -> std::process::Output {
    fs::write(folder.join("t.csv"), text).unwrap();
    zico_in(folder, &[&["ingest", "csv", "--source", "t.csv"], &FLAGS[..], flags].concat())
}

#[test]
fn a_table_of_ones_own_is_asked_and_inspected() {
    let folder = tempfile::tempdir().unwrap();
    let flags = [
        "--epochs",
        "12",
        "--trial-column",
        "seed",
        "--value",
        "acc",
        "--value",
        "fraction:metric=fraction,scale=100,split=test,epoch=best",
    ];
    let output = ingest(folder.path(), TABLE, &flags);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains("1 cells are empty") && stderr(&output).contains("2 architectures, 5 rows"), "{}", stderr(&output));
    let ask = |flags: &[&str]| -> Vec<Value> {
        let words = [&["query", "t.parquet", "--dataset", "cifar10", "--format", "json"], flags].concat();
        let output = zico_in(folder.path(), &words);
        assert!(output.status.success(), "{}", stderr(&output));
        serde_json::from_str(&stdout(&output)).unwrap()
    };
    assert_eq!(ask(&["--arch", "3"])[0]["value"], 71.0);
    assert_eq!(ask(&["--arch", "1", "--trial", "888"])[0]["value"], 80.25);
    assert_eq!(ask(&["--arch", "3", "--trial", "all"]).len(), 2);
    let best = ask(&["--arch", "3", "--epoch", "best", "--split", "test"]);
    assert_eq!((&best[0]["value"], &best[0]["epoch"], &best[0]["n_runs"]), (&62.5.into(), &"best".into(), &2.into()));
    let output = zico_in(folder.path(), &["inspect", "t.parquet", "--format", "json"]);
    let groups: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!((&groups["rows"], &groups["groups"][1]["best"]["value"]), (&5.into(), &80.25.into()), "{groups}");
    assert_eq!(groups["groups"][1]["trials_per_architecture"], serde_json::json!({ "1": 1, "2": 1 }));
}

#[test]
fn what_is_wrong_is_named_by_line_and_column() {
    let folder = tempfile::tempdir().unwrap();
    let value = ["--epochs", "12", "--value", "acc"];
    for (text, flags, code, parts) in [
        (TABLE.replace("80.25", "high"), &value[..], 3, ["line 3, column acc: expected a finite number", "got `high`"]),
        (TABLE.replace("70.5", "inf"), &value, 3, ["line 2, column acc", "got `inf`"]),
        (
            TABLE.replace("nor_conv_3x3~0|+", "nor_conv_5x5~0|+"),
            &value,
            3,
            ["line 3, column id: expected an architecture of nb201", "nor_conv_5x5"],
        ),
        (
            TABLE.into(),
            &value,
            3,
            ["line 4, column id: expected an architecture that has not been there yet (it was in line 2)", "got `3`"],
        ),
        (
            TABLE.replace("888", "x"),
            &["--epochs", "12", "--value", "acc", "--trial-column", "seed"],
            3,
            ["line 3, column seed: expected the number", "`x`"],
        ),
        (TABLE.replace(",777", ""), &value, 3, ["t.csv, line 2: expected 4 columns", "got 3"]),
        (TABLE.into(), &["--epochs", "12", "--value", "accuracy"], 3, ["no column `accuracy`", "columns: id, acc, fraction, seed"]),
        (TABLE.replace("fraction", "acc"), &value, 3, ["more than one column `acc`", "columns:"]),
        (String::new(), &value, 3, ["line 1: expected the names of the columns", "an empty file"]),
        (TABLE.into(), &["--value", "acc"], 2, ["say its epochs with --epochs", "acc:epochs=..."]),
        (TABLE.into(), &["--epochs", "12", "--value", "acc:epoch=13"], 2, ["the epoch must be from 1 to 12", ""]),
        (TABLE.into(), &["--epochs", "12", "--value", "acc:colour=red"], 2, ["unknown key `colour`", "known: dataset, split"]),
        (TABLE.into(), &["--epochs", "12"], 2, ["ingest csv needs --value", ""]),
    ] {
        let output = ingest(folder.path(), &text, flags);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(parts.iter().all(|part| said.contains(part)), "{parts:?} in {said}");
        assert!(!folder.path().join("t.parquet").exists());
    }
}
