use std::fs;
use std::path::Path;

use tables::{AnyTable, Error, Provenance, ScoreRow, ScoreTable, TimingRow, TimingTable};

use crate::rows::{SCORE, provenance, scores};

fn timing(path: &Path, rows: &[(&str, f64)]) {
    let mut builder = TimingTable::builder();
    for &(arch, wall_ms) in rows {
        builder.push(TimingRow { arch, dataset: "cifar10", proxy: "zico", seed: 0, wall_ms }).unwrap();
    }
    builder.finish(provenance()).unwrap().write(path).unwrap();
}

#[test]
fn a_folder_is_read_in_one_order_whatever_the_shards() {
    let row = |arch, index| ScoreRow { arch, index, ..SCORE };
    let rows = [row("z", Some(1)), row("b", Some(7)), row("a", None), ScoreRow { dataset: "a-set", ..row("a", None) }];
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    scores(&rows).write(&one.path().join("scores/0.parquet")).unwrap();
    scores(&rows[2..]).write(&two.path().join("scores/0.parquet")).unwrap();
    scores(&rows[..2]).write(&two.path().join("scores/1.parquet")).unwrap();
    let (a, b) = (ScoreTable::read_dir(one.path()).unwrap(), ScoreTable::read_any(two.path()).unwrap());
    assert_eq!(a, b);
    let order: Vec<_> = a.iter().map(|r| (r.dataset, r.arch)).collect();
    assert_eq!(order, [("a-set", "a"), ("cifar10", "z"), ("cifar10", "b"), ("cifar10", "a")]);
    assert_eq!(AnyTable::read(&one.path().join("scores/0.parquet")).unwrap(), AnyTable::Score(a.clone()));
    assert_eq!(AnyTable::read(two.path()).unwrap(), AnyTable::Score(a));
}

#[test]
fn milliseconds_are_joined_where_they_are_known() {
    let dir = tempfile::tempdir().unwrap();
    let rows = ["a", "b"].map(|arch| ScoreRow { arch, ..SCORE });
    scores(&rows[..1]).write(&dir.path().join("scores/0.parquet")).unwrap();
    scores(&rows[1..]).write(&dir.path().join("scores/1.parquet")).unwrap();
    timing(&dir.path().join("timings/0.parquet"), &[("a", 12.5)]);
    // Of a shard that has no scores (killed between the two files): left out.
    timing(&dir.path().join("timings/2.parquet"), &[("b", 1.0)]);
    let table = ScoreTable::read_dir(dir.path()).unwrap();
    assert_eq!(table.iter().map(|r| r.wall_ms).collect::<Vec<_>>(), [Some(12.5), None]);
}

#[test]
fn leftovers_of_a_killed_run_are_no_shards() {
    let dir = tempfile::tempdir().unwrap();
    scores(&[SCORE]).write(&dir.path().join("scores/0.parquet")).unwrap();
    fs::write(dir.path().join("scores/.partial-abc"), "half").unwrap();
    fs::write(dir.path().join("scores/.partial.parquet"), "half").unwrap();
    fs::write(dir.path().join("scores/notes.txt"), "mine").unwrap();
    assert_eq!(ScoreTable::read_dir(dir.path()).unwrap().len(), 1);
}

#[test]
fn a_score_in_two_shards_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    scores(&[SCORE]).write(&dir.path().join("scores/0.parquet")).unwrap();
    scores(&[SCORE]).write(&dir.path().join("scores/1.parquet")).unwrap();
    assert!(matches!(ScoreTable::read_dir(dir.path()), Err(Error::Duplicate { .. })));
}

#[test]
fn shards_of_two_runs_are_not_mixed() {
    let dir = tempfile::tempdir().unwrap();
    scores(&[SCORE]).write(&dir.path().join("scores/0.parquet")).unwrap();
    let mut other = ScoreTable::builder();
    other.push(ScoreRow { seed: 4, ..SCORE }).unwrap();
    let mut config = provenance().config;
    config["seed"] = 4.into();
    other.finish(Provenance::new(config)).unwrap().write(&dir.path().join("scores/1.parquet")).unwrap();
    let error = ScoreTable::read_dir(dir.path()).unwrap_err().to_string();
    assert!(error.contains("different configurations: seed (3, 4)"), "{error}");
}

#[test]
fn a_folder_without_scores_says_where_they_should_be() {
    let dir = tempfile::tempdir().unwrap();
    for make in [false, true] {
        if make {
            fs::create_dir(dir.path().join("scores")).unwrap();
        }
        let error = ScoreTable::read_any(dir.path()).unwrap_err().to_string();
        assert!(error.contains("holds no scores (expected"), "{error}");
    }
}
