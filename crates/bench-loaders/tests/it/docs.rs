//! The tables in `docs/benchmarks.md` are what the registry and the data say.
//!
//! `ZICO_BLESS=1 cargo test -p bench-loaders docs` writes them anew.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use bench_loaders::{ALL, Edition, Source};
use flate2::read::GzDecoder;

use crate::support::shared;

/// One test at a time writes the file.
static FILE: Mutex<()> = Mutex::new(());

/// Compares a section of the page, or writes it.
fn section(name: &str, generated: &str) {
    let _guard = FILE.lock().unwrap();
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/benchmarks.md");
    let page = fs::read_to_string(&file).unwrap();
    let start = page.find(&format!("<!-- {name}: ")).unwrap();
    let start = start + page[start..].find("-->\n").unwrap() + "-->\n".len();
    let end = start + page[start..].find("<!-- end -->").unwrap();
    if std::env::var_os("ZICO_BLESS").is_some() {
        fs::write(&file, format!("{}{generated}{}", &page[..start], &page[end..])).unwrap();
    } else {
        assert_eq!(&page[start..end], generated, "run with ZICO_BLESS=1");
    }
}

#[test]
fn the_editions_are_those_of_the_registry() {
    let mut text = String::new();
    for meta in ALL.iter().map(|benchmark| benchmark.meta()) {
        let aliases = if meta.aliases.is_empty() { String::new() } else { format!(" (or `{}`)", meta.aliases.join("`, `")) };
        writeln!(text, "\n### `{}`{aliases}: {}\n\n{}. Licence: {}.\n", meta.name, meta.title, meta.paper, meta.licence).unwrap();
        writeln!(text, "| edition | source | size | rows | licence of the file | holds | compared with |\n|---|---|---|---|---|---|---|")
            .unwrap();
        for edition in meta.editions {
            let Edition { name, note, rows, verified, .. } = edition;
            let licence = edition.sources.first().map_or("", |source| source.licence);
            writeln!(
                text,
                "| `{name}` | {} | {} | {rows} | {licence} | {note} | {verified} |",
                files(edition.sources),
                sizes(edition.sources)
            )
            .unwrap();
        }
        writeln!(text, "\n| file | sha256 | where to get it |\n|---|---|---|").unwrap();
        for source in meta.editions.iter().flat_map(|edition| edition.sources) {
            let sha256 = source.sha256.map_or("not known".to_owned(), |sha256| format!("`{sha256}`"));
            writeln!(text, "| `{}` | {sha256} | {} |", source.file, source.urls.first().unwrap_or(&source.obtain)).unwrap();
        }
    }
    section("editions", &format!("{text}\n"));
}

fn files(sources: &[Source]) -> String {
    match sources {
        [first, .., last] if sources.len() > 3 => format!("{} files, `{}` to `{}`", sources.len(), first.file, last.file),
        _ => sources.iter().map(|source| format!("`{}`", source.file)).collect::<Vec<_>>().join(", "),
    }
}

fn sizes(sources: &[Source]) -> String {
    match sources.iter().map(|source| source.bytes).sum::<Option<u64>>() {
        Some(bytes) => format!("{} bytes", thousands(bytes)),
        None => sources.iter().map(|source| source.about).collect::<Vec<_>>().join(", "),
    }
}

fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap()).collect();
    groups.join(",")
}

/// Columns of numbers of a table in text form, by name; an empty cell is none.
struct Columns(HashMap<String, Vec<Option<f64>>>, usize);

impl Columns {
    fn read(path: &Path) -> Self {
        let file = File::open(path).unwrap();
        let text: Box<dyn Read> = if path.extension().is_some_and(|e| e == "gz") { Box::new(GzDecoder::new(file)) } else { Box::new(file) };
        let mut reader = csv::Reader::from_reader(text);
        let head = reader.headers().unwrap().clone();
        let (mut columns, mut rows) = (vec![Vec::new(); head.len()], 0);
        for record in reader.records() {
            rows += 1;
            record.unwrap().iter().zip(&mut columns).for_each(|(cell, column)| column.push(cell.parse().ok()));
        }
        Self(head.iter().map(str::to_owned).zip(columns).collect(), rows)
    }

    /// Both numbers of the rows that have both.
    fn pairs(&self, a: &str, b: &str) -> Vec<(f64, f64)> {
        self.0[a].iter().zip(&self.0[b]).filter_map(|(a, b)| Some(((*a)?, (*b)?))).collect()
    }
}

/// A line on two columns: on how many rows they differ by more than `tolerance`, the mean difference and the range.
fn line(text: &mut String, what: &str, pairs: &[(f64, f64)], tolerance: f64) {
    let differences: Vec<f64> = pairs.iter().map(|(a, b)| a - b).collect();
    let n = differences.iter().filter(|d| d.abs() > tolerance).count();
    let mean = differences.iter().sum::<f64>() / differences.len() as f64;
    let (least, most) = differences.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, m), &d| (l.min(d), m.max(d)));
    // Not `-0.000`.
    let shown = |number: f64| format!("{:.3}", (number * 1e3).round() / 1e3 + 0.0);
    writeln!(
        text,
        "| {what} | {} | {} | {} | {} to {} |",
        thousands(pairs.len() as u64),
        thousands(n as u64),
        shown(mean),
        shown(least),
        shown(most)
    )
    .unwrap();
}

/// What choosing by one column costs in the other.
fn choice(text: &mut String, what: &str, pairs: &[(f64, f64)]) {
    let chosen = pairs.iter().copied().reduce(|best, pair| if pair.0 > best.0 { pair } else { best }).unwrap();
    let best = pairs.iter().map(|pair| pair.1).fold(f64::NEG_INFINITY, f64::max);
    writeln!(text, "| {what} | {:.3} | {:.3} | {best:.3} |", chosen.0, chosen.1).unwrap();
}

#[test]
fn the_figures_are_those_of_the_data() {
    let (Some(nb201), Some(nb101), Some(tnb101)) =
        (shared("data/tables/nb201.csv.gz"), shared("data/tables/nb101.csv.gz"), shared("data/tables/tnb101_micro.csv"))
    else {
        return;
    };
    let (nb201, nb101, tnb101) = (Columns::read(&nb201), Columns::read(&nb101), Columns::read(&tnb101));
    assert_eq!((nb201.1, nb101.1, tnb101.1), (15_625, 423_624, 4_096));
    let mut text =
        String::from("\nDifference of the first and the second, in points (percent), after 200 epochs where nothing else is said.\n\n");
    text.push_str("| | architectures | differ | mean | from, to |\n|---|---|---|---|---|\n");
    // Releases round differently from the fourth decimal on.
    for (dataset, name) in [("cifar10", "CIFAR-10"), ("cifar100", "CIFAR-100"), ("ImageNet16-120", "ImageNet16-120")] {
        let (nats, v10, v11) =
            (format!("{dataset}_test_200"), format!("{dataset}_test_200_nb201v10"), format!("{dataset}_test_200_nb201v11"));
        line(&mut text, &format!("{name} test: v1_1, v1_0"), &nb201.pairs(&v11, &v10), 1e-4);
        line(&mut text, &format!("{name} test: NATS-Bench, v1_1"), &nb201.pairs(&nats, &v11), 1e-4);
        let (valid, test) = (format!("{dataset}_valid_200_nb201v11"), v11);
        let what = if dataset == "cifar10" { "cifar10-valid valid, cifar10 test".to_owned() } else { format!("{name} valid, test") };
        line(&mut text, &format!("{what} (v1_1)"), &nb201.pairs(&valid, &test), 1e-4);
        let (valid, test) = (format!("{dataset}_valid_12"), format!("{dataset}_test_200"));
        line(&mut text, &format!("{what}, the first after 12 epochs"), &nb201.pairs(&valid, &test), 1e-4);
    }
    let percent: Vec<(f64, f64)> =
        nb101.pairs("valid_acc_108_one_trial", "test_acc_108_mean").iter().map(|(valid, test)| (100.0 * valid, 100.0 * test)).collect();
    line(&mut text, "NAS-Bench-101 valid of one run, test mean of three (108 epochs)", &percent, 1e-4);
    text.push_str("\nTransNAS-Bench-101 Micro, validation metric at the best and at the last epoch, in the metric's own unit.\n\n");
    text.push_str("| | architectures | differ | mean | from, to |\n|---|---|---|---|---|\n");
    for (task, metric) in [
        ("class_scene", "top1, percent"),
        ("class_object", "top1, percent"),
        ("room_layout", "neg_loss"),
        ("jigsaw", "top1, percent"),
        ("normal", "ssim"),
        ("autoencoder", "ssim"),
    ] {
        line(&mut text, &format!("{task} ({metric})"), &tnb101.pairs(&format!("{task}_best"), &format!("{task}_valid_final")), 1e-5);
    }
    text.push_str("\nWhat the architecture with the best validation accuracy is worth on test.\n\n");
    text.push_str("| chosen by | its validation | its test | best test |\n|---|---|---|---|\n");
    for (dataset, name) in [("cifar10", "cifar10-valid"), ("cifar100", "cifar100"), ("ImageNet16-120", "imagenet16-120")] {
        let test = format!("{dataset}_test_200");
        choice(&mut text, &format!("`{name}`, 200 epochs"), &nb201.pairs(&format!("{dataset}_valid_200_nb201v11"), &test));
        choice(&mut text, &format!("`{name}`, 12 epochs"), &nb201.pairs(&format!("{dataset}_valid_12"), &test));
    }
    section("figures", &format!("{text}\n"));
}
