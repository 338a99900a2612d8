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
    // A file that is being written has another ending.
    let has_checkpoint = || {
        let entries = fs::read_dir(&checkpoints).into_iter().flatten().flatten();
        entries.into_iter().any(|entry| entry.path().extension().is_some_and(|ending| ending == "parquet"))
    };
    while !has_checkpoint() && start.elapsed() < Duration::from_mins(1) {
        std::thread::sleep(Duration::from_millis(5));
    }
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert!(!folder.path().join("killed/history.parquet").exists(), "it was not killed on its way");
    let again = [&SMALL[..], &["--workers", "2", "--checkpoint-every", "4", "--format", "json", "--out", "killed"]].concat();
    let output = zico_in(folder.path(), &again);
    assert!(output.status.success(), "{}", stderr(&output));
    let resumed: serde_json::Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert!((4..30).contains(&resumed["found"].as_u64().unwrap()), "{resumed}");
    // Once more: everything is known, and the time stays what it took.
    let known: serde_json::Value = serde_json::from_str(&stdout(&zico_in(folder.path(), &again))).unwrap();
    assert_eq!((&known["found"], &known["wall_s"], &known["best"]), (&serde_json::json!(30), &resumed["wall_s"], &resumed["best"]));
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
    let picture = image::RgbImage::from_fn(40, 40, |x, y| image::Rgb([x as u8, y as u8, 7]));
    for class in ["a", "b"] {
        let inside = |kind: &str| folder.path().join(kind).join(class);
        for kind in ["texts", "broken"] {
            fs::create_dir_all(inside(kind)).unwrap();
        }
        fs::write(inside("texts").join("notes.txt"), "no picture").unwrap();
        let whole = inside("broken").join("whole.JPEG");
        picture.save(&whole).unwrap();
        let bytes = fs::read(&whole).unwrap();
        fs::write(inside("broken").join("cut.JPEG"), &bytes[..bytes.len() / 3]).unwrap();
        fs::remove_file(whole).unwrap();
    }
    for (words, code, part) in [
        ("--batch random --budget-flops 10", 3, "the nearest miss is SuperConvK3BNRELU"),
        ("--batch random --initial SuperConvK3BNRELU(3,8,2,1)Super", 3, "block 2, character 27"),
        ("--batch random --resolution 16", 3, "needs a multiple of 32"),
        ("--batch random --objective zicko", 3, "did you mean `zico`"),
        ("--batch random --method evolutoin", 2, "did you mean `evolution`"),
        ("--batch random --budget-flops -1", 2, "above 0"),
        ("--objective table", 2, "the space plainnet has no table"),
        ("--scores empty", 2, "the space plainnet has no table and no scores"),
        ("--space plainet", 3, "did you mean `plainnet`"),
        ("--space nb210", 3, "did you mean `nb201`"),
        ("--space nb201 --objective table", 2, "--table FILE"),
        ("--space nb201 --batch random --budget-params 10", 3, "the nearest miss is |"),
        ("--space nats-sss --batch random --max-layers 3", 3, "the nearest miss is "),
        ("--dataset imagenet:texts --resolution 32", 3, "the class a has no picture"),
        ("--dataset imagenet:broken --resolution 32 --batch-size 1", 3, "cut.JPEG"),
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

/// What a value is looked up by, and objectives that are no single number: a combination, a lower-is-better proxy, known scores.
#[test]
fn objectives_of_every_kind_lead_a_search() {
    let folder = tempfile::tempdir().unwrap();
    let run = |words: &str| -> serde_json::Value {
        let words: Vec<&str> = words.split_whitespace().chain(["--format", "json"]).collect();
        let output = zico_in(folder.path(), &words);
        assert!(output.status.success(), "{words:?}: {}", stderr(&output));
        serde_json::from_str(&stdout(&output)).unwrap()
    };
    let network = "--space nb201 --channels 4 --cells 1 --resolution 16 --batch random --batch-size 4 --dtype f64";
    let rows = |out: &str| -> Vec<(String, String, Option<f64>)> {
        let table = SearchTable::read(&folder.path().join(out).join("history.parquet")).unwrap();
        table.iter().map(|row| (row.arch.to_owned(), row.objective.to_owned(), row.value)).collect()
    };
    // By rank among all that is compared, where `ntk` is the better the lower it is: what dominates in both parts must win.
    let found = run(&format!("search {network} --objective ntk+params --steps 12 --out ranked"));
    assert_eq!(found["best"]["value"], serde_json::Value::Null);
    let ranked = rows("ranked");
    let of = |arch: &str, part: &str| ranked.iter().find(|row| row.0 == arch && row.1 == part).and_then(|row| row.2);
    let best = found["best"]["arch"].as_str().unwrap();
    let (ntk, params) = (of(best, "ntk").unwrap(), of(best, "params").unwrap());
    for (arch, ..) in &ranked {
        let dominates = of(arch, "ntk").is_some_and(|other| other < ntk) && of(arch, "params").is_some_and(|other| other > params);
        assert!(!dominates, "{arch} is better in both than {best}");
    }
    // Lower is better.
    let found = run(&format!("search {network} --objective ntk --steps 12 --out lower"));
    let least = rows("lower").into_iter().filter_map(|row| row.2).fold(f64::INFINITY, f64::min);
    assert_eq!(found["best"]["value"].as_f64(), Some(least));
    // Scores of one seed of the weights serve searches of any seed.
    run("score --space nb201 --proxies params --archs all --batch random --out scores");
    for seed in [0, 3] {
        let words = format!("search --space nb201 --objective params --scores scores --steps 300 --seed {seed} --out known-{seed}");
        assert!(run(&words)["best"]["value"].as_f64().is_some_and(|params| params > 1e6));
    }
    // Nothing is done, and where a search begins can be said.
    let text = "|nor_conv_3x3~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|";
    let plan = run(&format!("search {network} --objective params --initial {text} --dry-run --out planned"));
    assert!(plan["configuration"]["initial"] == text && !folder.path().join("planned").exists(), "{plan}");
    let begun = run(&format!("search {network} --objective params --initial {text} --steps 2 --out begun"));
    assert!(begun["evaluated"] == 2 && rows("begun")[0].0 == text);
}

/// The measured latency of a candidate is in the history, and those over the limit have no score.
#[test]
fn a_limit_on_latency_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let words = "search --space nb201 --channels 4 --cells 1 --resolution 16 --batch random --batch-size 2 --objective params --steps 15 \
                 --format json --budget-latency";
    let with = |limit: &str, out: &str| zico_in(folder.path(), &words.split_whitespace().chain([limit, "--out", out]).collect::<Vec<_>>());
    let output = with("100000", "any");
    assert!(output.status.success(), "{}", stderr(&output));
    let summary: serde_json::Value = serde_json::from_str(&stdout(&output)).unwrap();
    let table = SearchTable::read(&folder.path().join("any/history.parquet")).unwrap();
    let latencies: Vec<f64> = table.iter().map(|row| row.latency_ms.unwrap()).collect();
    assert!(latencies.len() == 15 && latencies.iter().all(|ms| *ms > 0.0));
    assert!(summary["best"]["latency_ms"].as_f64().is_some_and(|ms| latencies.contains(&ms)), "{summary}");
    let output = with("0.000001", "none");
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    assert!(stderr(&output).contains("0.000001 ms") && stderr(&output).contains("nearest miss"), "{}", stderr(&output));
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
