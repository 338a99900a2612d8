use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use tables::Direction;

use crate::support::{Tables, chain, ingest, shared};

/// A fixture, unpacked under the official name.
fn fixture(name: &str) -> Option<(tempfile::TempDir, PathBuf)> {
    let packed = shared(&format!("golden/format-fixtures/tnb101/{name}.pth.gz"))?;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("transnas-bench_v10141024.pth");
    std::io::copy(&mut GzDecoder::new(File::open(packed).unwrap()), &mut File::create(&path).unwrap()).unwrap();
    Some((folder, path))
}

/// Architectures of the fixtures in the order of their making, with encoder and head parameters.
const ARCHITECTURES: [(&str, &str, f64, f64); 5] = [
    ("tnb101-macro", "64-1234-basic", 3_400_224.0, 256.0),
    ("tnb101-macro", "64-4111-basic", 2_317_600.0, 128.0),
    ("tnb101", "64-41414-3_33_333", 41_411_616.0, 512.0),
    ("tnb101", "64-41414-0_00_000", 19_488.0, 512.0),
    ("tnb101", "64-41414-1_02_333", 22_520_608.0, 512.0),
];

/// Metrics of a task in the fixtures (split and name in the file), and its epochs.
fn metrics(task: &str) -> (u32, Vec<(&'static str, &'static str)>) {
    let splits = |names: &[&'static str]| {
        ["train", "valid", "test"].into_iter().flat_map(|s| names.iter().map(move |n| (s, *n))).collect::<Vec<_>>()
    };
    let (epochs, mut metrics) = match task {
        "class_scene" | "class_object" => (25, splits(&["top1", "top5", "loss"])),
        "jigsaw" => (10, splits(&["top1", "top5", "loss"])),
        "room_layout" => (25, splits(&["loss", "neg_loss"])),
        "segmentsemantic" => (30, splits(&["loss", "acc", "mIoU"])),
        _ => (30, [splits(&["ssim", "l1_loss"]), vec![("train", "g_loss"), ("train", "d_loss")]].concat()),
    };
    metrics.push(("train", "time_elapsed"));
    (epochs, metrics)
}

/// What the maker of the fixtures put there.
fn made_up(metric: &str, epoch: u32, k: usize) -> f64 {
    let (e, k) = (f64::from(epoch - 1), k as f64);
    match metric {
        "time_elapsed" => 60.5 * (e + 1.0),
        "neg_loss" => -made_up("loss", epoch, k as usize),
        _ if metric.ends_with("loss") => (64.0 / (e + 1.0 + k)).round_ties_even() / 16.0,
        "ssim" => 0.25 + (e % 7.0) / 64.0 + k / 32.0,
        _ => 20.0 + e + k / 4.0,
    }
}

type Key = (String, String, String, String, String, u32, Option<u32>);

/// Every row of the fixtures.
fn expected(every_epoch: bool) -> BTreeMap<Key, f64> {
    let mut rows = BTreeMap::new();
    for (k, (space, arch, ..)) in ARCHITECTURES.iter().enumerate() {
        for task in ["class_scene", "class_object", "room_layout", "jigsaw", "segmentsemantic", "normal", "autoencoder"] {
            let (epochs, metrics) = metrics(task);
            for (split, metric) in metrics {
                let key = |epoch| {
                    let texts = [*space, *arch, task, split, &metric.to_lowercase()].map(str::to_owned);
                    let [a, b, c, d, e] = texts;
                    (a, b, c, d, e, epochs, epoch)
                };
                for epoch in if every_epoch { 1 } else { epochs }..=epochs {
                    rows.insert(key(Some(epoch)), made_up(metric, epoch, k));
                }
                if (!metric.ends_with("loss") || metric == "neg_loss") && metric != "time_elapsed" {
                    let best = (1..=epochs).map(|epoch| made_up(metric, epoch, k)).reduce(f64::max).unwrap();
                    rows.insert(key(None), best);
                }
            }
        }
    }
    rows
}

#[test]
fn every_value_of_the_fixtures_arrives_where_it_belongs() {
    for (name, every_epoch) in [("transnas-bench_v10141024", false), ("transnas-bench_v10141024", true), ("transnas-bench_legacy", true)] {
        let Some((_folder, path)) = fixture(name) else { return };
        let Tables { bench, cost, summary } = ingest("tnb101", &path, every_epoch).unwrap();
        let rows = expected(every_epoch);
        let there: BTreeMap<Key, f64> = bench
            .iter()
            .map(|row| {
                let [a, b, c, d, e] = [row.space, row.arch, row.dataset, row.split, row.metric].map(str::to_owned);
                ((a, b, c, d, e, row.epochs, row.epoch), row.value)
            })
            .collect();
        assert_eq!((there.len(), bench.len() as u64), (bench.len(), summary.rows));
        assert_eq!(there, rows);
        for row in bench.iter() {
            assert_eq!((row.index, row.trial), (None, None));
            let higher = !row.metric.ends_with("loss") && row.metric != "time_elapsed" || row.metric == "neg_loss";
            assert_eq!(row.direction == Direction::HigherIsBetter, higher, "{}", row.metric);
        }
        assert_eq!(cost.len(), ARCHITECTURES.len() * 7);
        for row in cost.iter() {
            let k = ARCHITECTURES.iter().position(|(space, arch, ..)| (*space, *arch) == (row.space, row.arch)).unwrap();
            let (_, _, encoder, channels) = ARCHITECTURES[k];
            let head = match row.dataset {
                "class_scene" => 47.0 * (channels + 1.0),
                "class_object" => 75.0 * (channels + 1.0),
                "room_layout" => 9.0 * (channels + 1.0),
                _ => 1e6,
            };
            assert_eq!((row.origin, row.params, row.flops), ("official", Some(encoder + head), Some(2.5e9 + k as f64)));
            assert_eq!((row.epochs, row.latency_ms), (Some(metrics(row.dataset).0), Some(7.8125 * (k + 1) as f64)));
        }
        assert_eq!(summary.architectures, 5);
        let missing =
            ["4093 of 4096 architectures of the micro part are missing", "3254 of 3256 architectures of the macro part are missing"];
        assert_eq!(summary.warnings, missing);
    }
}

/// The lists of best values, in a folder of their own so that they can be changed.
fn lists() -> Option<tempfile::TempDir> {
    let source = shared("data/mirror/tnb101")?;
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(source).unwrap() {
        let path = entry.unwrap().path();
        fs::write(folder.path().join(path.file_name().unwrap()), fs::read(&path).unwrap()).unwrap();
    }
    Some(folder)
}

#[test]
fn the_lists_of_best_values_have_their_known_extremes() {
    let Some(folder) = lists() else { return };
    let Tables { bench, cost, summary } = ingest("tnb101", folder.path(), false).unwrap();
    assert_eq!((bench.len(), cost.len(), summary.architectures), (7 * (4_096 + 3_255), 0, 4_096 + 3_255));
    assert!(
        summary.warnings.iter().all(|warning| warning.starts_with("macro_") && warning.ends_with(": 1 of 3256 architectures are missing"))
    );
    assert_eq!(summary.warnings.len(), 7);
    for (task, metric, unit, best) in [
        ("class_scene", "top1", "percent", 54.94),
        ("class_object", "top1", "percent", 46.32),
        ("room_layout", "neg_loss", "squared error", -0.594),
        ("jigsaw", "top1", "percent", 95.37),
        ("segmentsemantic", "miou", "percent", 26.27),
        ("normal", "ssim", "ratio", 0.596),
        ("autoencoder", "ssim", "ratio", 0.577),
    ] {
        let micro = bench.iter().filter(|row| row.space == "tnb101" && row.dataset == task);
        let top = micro.reduce(|best, row| if row.value > best.value { row } else { best }).unwrap();
        assert!((top.value - best).abs() < if unit == "percent" { 0.005 } else { 5e-4 }, "{task} {}", top.value);
        assert_eq!((top.split, top.metric, top.unit, top.epoch, top.trial), ("valid", metric, unit, None, None));
        assert_eq!(top.epochs, metrics(task).0);
    }
    assert_eq!(bench.provenance().inputs.len(), 14);
}

#[test]
fn the_lists_agree_with_another_extraction() {
    let (Some(folder), Some(other)) = (lists(), shared("data/tables/tnb101_micro.csv")) else { return };
    let bench = ingest("tnb101", folder.path(), false).unwrap().bench;
    let values: HashMap<_, _> = bench.iter().map(|row| ((row.arch, row.dataset), row.value)).collect();
    let mut reader = csv::Reader::from_path(other).unwrap();
    let header = reader.headers().unwrap().clone();
    let mut compared = 0;
    for record in reader.records() {
        let record = record.unwrap();
        for (name, value) in header.iter().zip(&record) {
            if let Some(task) = name.strip_suffix("_best") {
                assert_eq!(values[&(&record[0], task)], value.parse::<f64>().unwrap(), "{} {task}", &record[0]);
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 7 * 4_096);
}

#[test]
fn a_list_that_is_none_is_named_with_its_entry() {
    let Some(folder) = lists() else { return };
    let path = folder.path().join("micro_jigsaw.json");
    let whole = fs::read_to_string(&path).unwrap();
    let first = "[\"64-41414-0_00_000\", 0.13933120667934418]";
    assert!(whole.starts_with(&format!("[{first}")));
    for (to, part) in [
        ("[\"64-41414-0_00_00\", 1.0]", "micro_jigsaw.json is not a list of best values of TransNAS-Bench-101: entry 0: "),
        ("[\"64-4111-basic\", 1.0]", "entry 0: `64-4111-basic` is no architecture of the micro part"),
        ("[\"5\", 1.0]", "entry 0: `5` is no architecture"),
        ("[\"64-41414-0_00_001\", 1.0]", "entry 1: `64-41414-0_00_001` has been there already"),
        ("[\"64-41414-0_00_000\", 100.5]", "entry 0 (`64-41414-0_00_000`): expected a value of jigsaw from 0 to 100, got 100.5"),
        ("[\"64-41414-0_00_000\"]", "invalid length 1"),
        ("[\"64-41414-0_00_000\", \"1\"]", "invalid type: string"),
        ("[]", "invalid length 0"),
    ] {
        fs::write(&path, whole.replacen(first, to, 1)).unwrap();
        let error = chain(&ingest("tnb101", folder.path(), false).err().unwrap());
        assert!(error.contains(part), "{part} in {error}");
    }
    for (text, part) in [("{}".to_owned(), "not a JSON list of lists"), (format!("[[{}]]", " ".repeat(5 << 20)), "more than 4194304 bytes")]
    {
        fs::write(&path, text).unwrap();
        let error = chain(&ingest("tnb101", folder.path(), false).err().unwrap());
        assert!(error.contains(part), "{part} in {error}");
    }
}

fn refused(path: &Path) -> Option<String> {
    ingest("tnb101", path, false).err().map(|error| chain(&error))
}

#[test]
fn a_file_cut_or_changed_anywhere_never_panics() {
    for name in ["transnas-bench_v10141024", "transnas-bench_legacy"] {
        let Some((_folder, path)) = fixture(name) else { return };
        let whole = fs::read(&path).unwrap();
        for cut in (0..whole.len()).step_by(whole.len() / 150) {
            fs::write(&path, &whole[..cut]).unwrap();
            assert!(refused(&path).is_some(), "cut at {cut}");
        }
        for at in (0..whole.len()).step_by(whole.len() / 400) {
            let mut damaged = whole.clone();
            damaged[at] ^= 1 << (at % 8);
            fs::write(&path, damaged).unwrap();
            refused(&path);
        }
    }
}
