//! `zico search` from the outside: found again by any number of workers and after a kill, and what is refused.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tables::{BenchRow, BenchTable, Direction, Provenance, SearchTable};

use crate::command::{stderr, stdout, zico_in};

/// The paper's space on noise, small.
const SMALL: [&str; 15] = [
    "search",
    "--batch",
    "random",
    "--batch-size",
    "2",
    "--resolution",
    "32",
    "--budget-flops",
    "4e6",
    "--max-layers",
    "8",
    "--dtype",
    "f64",
    "--steps",
    "30",
];

fn history(folder: &Path) -> Vec<String> {
    SearchTable::read(&folder.join("history.parquet")).unwrap().iter().map(|row| format!("{row:?}")).collect()
}

#[test]
fn a_search_that_was_killed_ends_as_one_that_was_not_and_has_its_page() {
    let folder = tempfile::tempdir().unwrap();
    let output = zico_in(folder.path(), &[&SMALL[..], &["--workers", "1", "--format", "json", "--out", "whole"]].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    let summary: serde_json::Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!((summary["steps"].as_u64(), summary["evaluated"].as_u64()), (Some(30), Some(30)));
    let best = &summary["best"];
    assert!(best["flops"].as_f64().unwrap() <= 4e6 && best["layers"].as_u64().unwrap() <= 8);
    let table = SearchTable::read(&folder.path().join("whole/history.parquet")).unwrap();
    let largest = table.iter().filter_map(|row| row.value).fold(f64::NEG_INFINITY, f64::max);
    assert_eq!(best["value"].as_f64(), Some(largest));
    let page = fs::read_to_string(folder.path().join("whole/index.html")).unwrap();
    assert!(page.contains("Pareto") && !page.contains("src=\"http"));

    let mut killed = Command::new(env!("CARGO_BIN_EXE_zico"))
        .args([&SMALL[..], &["--workers", "3", "--checkpoint-every", "4", "--out", "killed"]].concat())
        .current_dir(folder.path())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let checkpoints = folder.path().join("killed/evaluations");
    let start = Instant::now();
    while fs::read_dir(&checkpoints).map_or(0, Iterator::count) == 0 && start.elapsed() < Duration::from_mins(1) {
        std::thread::sleep(Duration::from_millis(5));
    }
    killed.kill().unwrap();
    killed.wait().unwrap();
    let output = zico_in(folder.path(), &[&SMALL[..], &["--workers", "2", "--checkpoint-every", "4", "--out", "killed"]].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(history(&folder.path().join("killed")), history(&folder.path().join("whole")));

    let output = zico_in(folder.path(), &[&SMALL[..], &["--seed", "1", "--out", "whole"]].concat());
    assert_eq!(output.status.code(), Some(6));
    assert!(stderr(&output).contains("seed (there 0, here 1)"), "{}", stderr(&output));
}

#[test]
fn the_released_algorithm_finds_the_best_of_a_table() {
    let folder = tempfile::tempdir().unwrap();
    let nb201 = spaces::find("nb201").unwrap();
    let mut table = BenchTable::builder();
    for architecture in nb201.enumerate() {
        // As many percent as it has 3 x 3 convolutions.
        let value = architecture.text.matches("nor_conv_3x3").count() as f64;
        let row = BenchRow {
            space: "nb201",
            arch: &architecture.text,
            index: architecture.index,
            dataset: "cifar10",
            split: "test",
            metric: "accuracy",
            unit: "percent",
            direction: Direction::HigherIsBetter,
            epochs: 200,
            epoch: Some(200),
            trial: None,
            value,
        };
        table.push(row).unwrap();
    }
    table.finish(Provenance::new(serde_json::json!({}))).unwrap().write(&folder.path().join("t.parquet")).unwrap();
    let words = "search --space nb201 --objective table --table t.parquet --faithful --format json --out found";
    let output = zico_in(folder.path(), &words.split(' ').collect::<Vec<_>>());
    assert!(output.status.success(), "{}", stderr(&output));
    let summary: serde_json::Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(summary["best"]["value"].as_f64(), Some(6.0));
    assert_eq!(nb201.parse(summary["best"]["arch"].as_str().unwrap()).unwrap().index, Some(1462));
    assert!(fs::read_to_string(folder.path().join("found/index.html")).unwrap().contains("regret"));
}

#[test]
fn what_makes_no_search_is_refused_with_its_code() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("empty")).unwrap();
    for (words, code, part) in [
        ("--batch random --budget-flops 10", 3, "the nearest miss is SuperConvK3BNRELU"),
        ("--batch random --initial SuperConvK3BNRELU(3,8,2,1)Super", 3, "block 2, character 27"),
        ("--batch random --resolution 16", 3, "needs a multiple of 32"),
        ("--batch random --objective zicko", 3, "did you mean `zico`"),
        ("--batch random --method evolutoin", 2, "did you mean `evolution`"),
        ("--batch random --budget-flops -1", 2, "above 0"),
        ("--objective table", 2, "needs a space with a table"),
        ("--space nb201 --objective table", 2, "--table FILE"),
        ("--dataset imagenet:empty", 3, "0 folders of pictures"),
        ("--dataset imagenet:missing", 4, "failed to read the folder"),
        ("", 2, "no batches"),
    ] {
        let words: Vec<&str> = ["search"].into_iter().chain(words.split_whitespace()).chain(["--out", "out"]).collect();
        let output = zico_in(folder.path(), &words);
        assert_eq!(output.status.code(), Some(code), "{words:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(part), "{words:?}: {}", stderr(&output));
        assert!(!folder.path().join("out/history.parquet").exists());
        let _ = fs::remove_dir_all(folder.path().join("out"));
    }
}

/// Spaces without a table here, by objectives that run nothing; and pictures from a folder like that of `ImageNet`.
#[test]
fn every_space_and_a_folder_of_pictures_can_be_searched() {
    let folder = tempfile::tempdir().unwrap();
    for class in ["n01", "n02"] {
        let inside = folder.path().join("imagenet/train").join(class);
        fs::create_dir_all(&inside).unwrap();
        for k in 0..4_u32 {
            let picture = image::RgbImage::from_fn(50 + k, 40, |x, y| image::Rgb([x as u8, (3 * y) as u8, (40 * k) as u8]));
            picture.save(inside.join(format!("{k}.JPEG"))).unwrap();
        }
    }
    for (words, objective) in [
        ("--space nats-sss --batch random --objective flops --budget-params 2e5 --steps 12", "flops"),
        ("--space nb101 --batch random --objective params --budget-flops 2e9 --steps 12", "params"),
        (
            "--space tnb101 --dataset class_scene --resolution 64 --batch-size 4 --batch random --objective live_layers --method regularised --population 4 --steps 12",
            "live_layers",
        ),
        ("--space plainnet --data imagenet:imagenet --resolution 32 --batch-size 4 --budget-flops 4e6 --squeeze --steps 2", "zico"),
    ] {
        let words: Vec<&str> =
            ["search"].into_iter().chain(words.split_whitespace()).chain(["--format", "json", "--out", objective]).collect();
        let output = zico_in(folder.path(), &words);
        assert!(output.status.success(), "{words:?}: {}", stderr(&output));
        let summary: serde_json::Value = serde_json::from_str(&stdout(&output)).unwrap();
        assert_eq!(summary["steps"], summary["evaluated"], "{words:?}");
        assert!(summary["best"]["value"].as_f64().is_some_and(|value| value > 0.0), "{words:?}: {summary}");
        let page = fs::read_to_string(folder.path().join(objective).join("index.html")).unwrap();
        assert!(page.contains(summary["best"]["arch"].as_str().unwrap().split(['|', ')']).next().unwrap()), "{words:?}");
        if objective == "zico" {
            let published = summary["published"].as_array().unwrap();
            assert!(published.len() == 4 && published.iter().all(|one| one["value"].as_f64().is_some()), "{published:?}");
            assert!(page.contains("Beside the published structures"));
        }
    }
}
