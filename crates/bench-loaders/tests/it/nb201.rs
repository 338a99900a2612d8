use std::collections::HashMap;
use std::fs::{self, File};
use std::path::Path;

use bench_loaders::{Benchmark as _, Error, Fetcher, Found, IngestOptions, Located, LocatedFile, Nb201, Result};
use flate2::read::GzDecoder;

use crate::support::{Tables, ingest_located, shared};

const HEADER: &str =
    "CIFAR10TestAccuracy200Epochs,CIFAR100TestAccuracy200Epochs,ImageNetTestAccuracy200Epochs,ArchitectureString,UniqueString\n";

/// Reads a file as the table of accuracies, whatever it looks like.
fn ingest(path: &Path) -> Result<Tables> {
    let file = LocatedFile {
        file: "nats_bench.csv",
        path: path.into(),
        sha256: tables::hash_file(path).ok(),
        official: Some(false),
        found: Found::Given,
    };
    ingest_located(&Nb201, &Located { edition: Nb201.meta().edition("csv")?, files: vec![file] }, &IngestOptions::default())
}

/// The official table with a made-up accuracy everywhere.
fn made_up() -> String {
    let space = spaces::find("nb201").unwrap();
    space.enumerate().fold(HEADER.to_owned(), |table, arch| table + &format!("90.5,70.25,45.125,{},x\n", arch.text))
}

fn refused(text: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nats_bench.csv");
    fs::write(&path, text).unwrap();
    ingest(&path).unwrap_err().to_string()
}

#[test]
fn the_real_table_has_its_known_best_architectures() {
    let Some(mirror) = shared("data/mirror") else { return };
    let fetcher = Fetcher { raw: mirror.join("absent"), mirrors: vec![mirror], offline: true };
    let located = fetcher.locate(Nb201.meta(), Some("csv"), &|_| {}).unwrap();
    let tables = ingest_located(&Nb201, &located, &IngestOptions::default()).unwrap();
    assert_eq!((tables.bench.len(), tables.cost.len()), (46_875, 46_875));
    assert_eq!((tables.summary.architectures, tables.summary.rows), (15_625, 46_875));
    for (dataset, best, index) in [("cifar10", 94.373, 6_111), ("cifar100", 73.513, 9_930), ("imagenet16-120", 47.311, 857)] {
        // On CIFAR-10 index 13,714 is as good; the first counts.
        let rows = tables.bench.iter().filter(|row| row.dataset == dataset);
        let top = rows.reduce(|best, row| if (row.value, best.index) > (best.value, row.index) { row } else { best });
        let top = top.unwrap();
        assert_eq!((top.index, (top.value * 1e3).round() / 1e3), (Some(index), best));
        assert_eq!(
            (top.split, top.metric, top.unit, top.epochs, top.epoch, top.trial),
            ("test", "accuracy", "percent", 200, Some(200), None)
        );
    }
    let provenance = tables.bench.provenance();
    assert_eq!(Some(provenance.inputs["nats_bench.csv"].as_str()), Nb201.meta().edition("csv").unwrap().sources[0].sha256);
    assert_eq!(provenance.config["sources"][0]["official"], true);
    // The network of 3x3 convolutions on every edge.
    let all_3x3 = tables.cost.iter().find(|row| row.index == Some(1_462)).unwrap();
    assert_eq!((all_3x3.dataset, all_3x3.params, all_3x3.flops), ("cifar10", Some(1_531_546.0), Some(220_119_690.0)));
}

#[test]
fn sizes_equal_those_of_the_official_networks() {
    let (Some(source), Some(golden)) = (shared("data/mirror/nats_bench.csv"), shared("golden/network_counts.json")) else { return };
    let cost = ingest(&source).unwrap().cost;
    let golden: serde_json::Value = serde_json::from_slice(&fs::read(golden).unwrap()).unwrap();
    let cases = golden["nb201_tss"].as_array().unwrap();
    assert!(!cases.is_empty());
    for case in cases {
        for row in cost.iter().filter(|row| Some(row.arch) == case["arch"].as_str()) {
            let theirs = &case[if row.dataset == "imagenet16-120" { "ImageNet16-120" } else { row.dataset }];
            assert_eq!(row.params, theirs["params"].as_f64(), "{case}");
            assert!((row.flops.unwrap() / 1e6 - theirs["flops_M"].as_f64().unwrap()).abs() < 1e-9, "{case}");
        }
    }
}

#[test]
fn unique_strings_of_the_real_table_are_those_of_the_space() {
    let Some(source) = shared("data/mirror/nats_bench.csv") else { return };
    let mut reader = csv::Reader::from_path(source).unwrap();
    for record in reader.records() {
        let record = record.unwrap();
        let cell = spaces::nb201::Cell::parse(&record[3]).unwrap();
        assert_eq!(cell.official_unique_string(), record[4], "{}", &record[3]);
    }
}

#[test]
fn the_real_table_agrees_with_other_extractions() {
    let (Some(source), Some(other)) = (shared("data/mirror/nats_bench.csv"), shared("data/tables/nb201.csv.gz")) else { return };
    let tables = ingest(&source).unwrap();
    let accuracies: HashMap<_, _> = tables.bench.iter().map(|row| ((row.arch, row.dataset), (row.index, row.value))).collect();
    let costs: HashMap<_, _> = tables.cost.iter().map(|row| ((row.arch, row.dataset), row)).collect();
    let mut reader = csv::Reader::from_reader(GzDecoder::new(File::open(other).unwrap()));
    let header = reader.headers().unwrap().clone();
    let column = |name: &str| header.iter().position(|h| h == name).unwrap_or_else(|| panic!("no column {name}"));
    let (index, arch) = (column("arch_index"), column("arch_str"));
    let datasets = [("cifar10", "cifar10"), ("cifar100", "cifar100"), ("imagenet16-120", "ImageNet16-120")];
    let columns = datasets.map(|(ours, theirs)| {
        (ours, column(&format!("{theirs}_test_200")), column(&format!("{theirs}_test_200_nb201v11")), column(&format!("{theirs}_params")))
    });
    let (mut rows, mut same_in_release, mut params) = (0, 0, 0);
    for record in reader.records() {
        let record = record.unwrap();
        let number = |column: usize| record[column].parse::<f64>().ok();
        rows += 1;
        for (dataset, same, release, n_params) in columns {
            let (ours, value) = accuracies[&(&record[arch], dataset)];
            assert_eq!(ours, record[index].parse().ok());
            assert!((value - number(same).unwrap()).abs() < 1e-9, "{record:?}");
            // Release 1.1 of NAS-Bench-201 holds other training runs of about a sixth of the architectures.
            same_in_release += usize::from(number(release).is_some_and(|theirs| (value - theirs).abs() < 1e-4));
            if let Some(theirs) = number(n_params) {
                assert_eq!(costs[&(&record[arch], dataset)].params, Some(theirs), "{dataset} {record:?}");
                params += 1;
            }
        }
    }
    assert_eq!((rows, accuracies.len()), (15_625, 46_875));
    assert_eq!((same_in_release, params), (46_875 - 2_416 - 2_486 - 2_458, 46_875));
}

#[test]
fn a_table_of_the_right_form_is_read_but_not_called_official() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.csv");
    fs::write(&path, made_up()).unwrap();
    let tables = ingest(&path).unwrap();
    assert_eq!(tables.bench.provenance().config["sources"][0]["official"], false);
    assert_eq!(tables.bench.provenance().inputs["nats_bench.csv"], tables::hash_file(&path).unwrap());
    assert_eq!(tables.bench.get(2).unwrap().value, 45.125);
    assert!(tables.bench.iter().is_sorted_by_key(|row| (row.arch, row.dataset)));
}

#[test]
fn damage_is_named_by_line_and_column() {
    let whole = made_up();
    let change = |line: usize, from: &str, to: &str| {
        let mut lines: Vec<String> = whole.lines().map(str::to_owned).collect();
        let changed = lines[line - 1].replacen(from, to, 1);
        assert_ne!(changed, lines[line - 1]);
        lines[line - 1] = changed;
        lines.join("\n")
    };
    let place = |line: u32, column: &str| format!("nats_bench.csv, line {line}, column {column}: expected ");
    for (text, parts) in [
        (change(7, "70.25", "oops"), vec![place(7, "CIFAR100TestAccuracy200Epochs"), "a number from 0 to 100, got `oops`".into()]),
        (change(9, "45.125", "NaN"), vec![place(9, "ImageNetTestAccuracy200Epochs")]),
        (change(9, "90.5", "101"), vec![place(9, "CIFAR10TestAccuracy200Epochs"), "got `101`".into()]),
        (change(9, "90.5", ""), vec!["got ``".into()]),
        (change(4, "conv_3x3", "conv_5x5"), vec![place(4, "ArchitectureString"), "no such operation: `nor_conv_5x5`".into()]),
        (change(1, "ImageNetTest", "Test"), vec!["line 1: expected the columns CIFAR10Test".into()]),
        (change(5, ",x", ""), vec!["line 5: expected 5 columns, got 4".into()]),
        (change(15_626, ",x", ",x\n1,1,1,y,z"), vec!["line 15627: expected the end after 15625 architectures, got another row".into()]),
    ] {
        let error = refused(text.as_bytes());
        assert!(parts.iter().all(|part| error.contains(part.as_str())), "{parts:?} in {error}");
    }
}

#[test]
fn rows_in_another_order_or_twice_are_refused() {
    let whole = made_up();
    let mut lines: Vec<&str> = whole.lines().collect();
    lines.swap(3, 4);
    let error = refused(lines.join("\n").as_bytes());
    assert!(
        error.contains("line 4, column ArchitectureString")
            && error.contains("which is index 2 of the official order (this one is index 3)"),
        "{error}"
    );
    lines.swap(3, 4);
    lines[8] = lines[5];
    let error = refused(lines.join("\n").as_bytes());
    assert!(error.contains("line 9") && error.contains("(this one is index 4, and has been there already)"), "{error}");
}

#[test]
fn what_is_no_table_is_refused() {
    let whole = made_up();
    let truncated = &whole.as_bytes()[..whole.len() / 2];
    assert!(refused(truncated).contains("expected "), "{}", refused(truncated));
    let first_lines: String = whole.lines().take(101).map(|line| line.to_owned() + "\n").collect();
    assert!(refused(first_lines.as_bytes()).ends_with("line 102: expected 15625 architectures, got the end of the file after 100"));
    for text in [&b""[..], b"\n\n", b"\xff\xfe\x00", &[0; 1_000]] {
        assert!(refused(text).contains("line 1: expected the columns"), "{}", refused(text));
    }
    let bytes = [HEADER.as_bytes(), b"1,1,1,\xff\xfe,x\n"].concat();
    assert!(refused(&bytes).contains("not UTF-8"), "{}", refused(&bytes));
    assert!(refused(&vec![b'x'; 20_000_000]).contains("is not the table of NAS-Bench-201"));
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(ingest(&folder.path().join("missing.csv")), Err(Error::Io { .. })));
}
