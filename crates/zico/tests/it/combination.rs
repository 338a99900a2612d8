//! Combinations by rank of a run whose shards are made apart.

use tables::ScoreTable;

use crate::command::{stderr, zico_in};

#[test]
fn a_combination_waits_for_all_shards() {
    let folder = tempfile::tempdir().unwrap();
    let words = "score --space nb201 --proxies params,layers --aggregate params+layers --archs sample:40 --batch random --out run";
    let score = |more: &[&str]| {
        let output = zico_in(folder.path(), &[&words.split(' ').collect::<Vec<_>>(), more].concat());
        assert!(output.status.success(), "{}", stderr(&output));
        stderr(&output)
    };
    let combined = folder.path().join("run/aggregates.parquet");
    for part in ["0/2", "1/2"] {
        let told = score(&["--shard", part]);
        assert!(told.contains("no params+layers yet") && told.contains("without --shard"), "{told}");
        assert!(!combined.exists());
    }
    let told = score(&[]);
    assert!(!told.contains("yet"), "{told}");
    assert_eq!(ScoreTable::read(&combined).unwrap().len(), 40);
}
