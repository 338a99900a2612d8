//! Cuts every file of the format fixtures at every byte, flips a bit of every byte, and ingests what is left:
//!
//! ```text
//! cargo run -p bench-loaders --example damage_fixtures -- ../shared/golden/format-fixtures [STEP [BENCHMARK]]
//! ```
//!
//! A cut file must be refused (but a TFRecord between two records, which is a shorter file of the same kind: its loader warns of
//! the cells that are missing), and a refusal must leave no table. A flipped one may be read where nothing guards the byte (a digit
//! of a number in a file without checksums). A panic, a cut file that is read or a table after an error ends the run. With a
//! STEP only every so many bytes are tried, with a BENCHMARK only its files.

#![expect(clippy::print_stdout, reason = "it is a program")]

use std::error::Error;
use std::fs;
use std::io::Read as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Instant;

use bench_loaders::{Fetcher, IngestOptions};

/// A benchmark, its edition, the fixture, and the file in it that is damaged (the fixture itself, if it is no folder).
type Case = (&'static str, &'static str, &'static str, Option<&'static str>);

const CASES: [Case; 13] = [
    ("nb201", "simple", "NATS-tss-v1_0-3ffb9-simple", Some("000001.pickle.pbz2")),
    ("nb201", "simple", "NATS-tss-v1_0-3ffb9-simple", Some("meta.pickle.pbz2")),
    ("nb201", "single", "NATS-tss-v1_0-3ffb9.pickle.pbz2", None),
    ("nb201", "v1_0", "nb201/NAS-Bench-201-v1_0-e61699.pth.gz", None),
    ("nb201", "v1_1", "nb201/NAS-Bench-201-v1_1-096897.pth.gz", None),
    ("nats-sss", "simple", "NATS-sss-v1_0-50262-simple", Some("000000.pickle.pbz2")),
    ("nats-sss", "simple", "NATS-sss-v1_0-50262-simple", Some("000011.pickle.pbz2")),
    ("nats-sss", "simple", "NATS-sss-v1_0-50262-simple", Some("meta.pickle.pbz2")),
    ("nats-sss", "single", "NATS-sss-v1_0-50262.pickle.pbz2", None),
    ("nb101", "only108", "nb101/nasbench_only108.tfrecord", None),
    ("nb101", "full", "nb101/nasbench_full.tfrecord", None),
    ("tnb101", "pth", "tnb101/transnas-bench_v10141024.pth.gz", None),
    ("tnb101", "pth", "tnb101/transnas-bench_legacy.pth.gz", None),
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let fixtures = PathBuf::from(arguments.next().ok_or("usage: damage_fixtures FOLDER [STEP [BENCHMARK]]")?);
    let step: usize = arguments.next().map_or(Ok(1), |step| step.parse())?;
    // The damage shows as errors; a panic is reported by the run itself.
    std::panic::set_hook(Box::new(|_| {}));
    let only = arguments.next();
    for case in CASES.into_iter().filter(|case| only.as_deref().is_none_or(|only| case.0 == only)) {
        run(&fixtures, case, step.max(1))?;
    }
    Ok(())
}

fn run(fixtures: &Path, (benchmark, edition, fixture, inside): Case, step: usize) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let name = Path::new(fixture).file_name().ok_or("a fixture has a name")?.to_string_lossy().into_owned();
    let copy = folder.path().join(name.trim_end_matches(".gz").replace("transnas-bench_legacy", "transnas-bench_v10141024"));
    let from = fixtures.join(fixture);
    let target = if let Some(inside) = inside {
        fs::create_dir(&copy)?;
        for entry in fs::read_dir(&from)? {
            let entry = entry?;
            fs::write(copy.join(entry.file_name()), fs::read(entry.path())?)?;
        }
        copy.join(inside)
    } else {
        fs::write(&copy, unpacked(&from)?)?;
        copy.clone()
    };
    let bytes = fs::read(&target)?;
    let out = folder.path().join("table.parquet");
    let what = format!("{benchmark} {edition} {fixture} {}", inside.unwrap_or_default());
    if let Err(error) = ingest(benchmark, edition, &copy, &out) {
        return Err(format!("{what}: the file before damage: {error}").into());
    }
    let boundaries = if fixture.ends_with(".tfrecord") { record_boundaries(&bytes) } else { Vec::new() };
    let (start, mut refused, mut read) = (Instant::now(), 0_u64, 0_u64);
    for at in (0..bytes.len()).step_by(step) {
        fs::write(&target, &bytes[..at])?;
        let accepted = try_one(benchmark, edition, &copy, &out).map_err(|panic| format!("{what}: cut at {at}: {panic}"))?;
        if accepted && !boundaries.contains(&at) {
            return Err(format!("{what}: cut at {at} was read").into());
        }
        let mut flipped = bytes.clone();
        flipped[at] ^= 1 << (at % 8);
        fs::write(&target, &flipped)?;
        let accepted = try_one(benchmark, edition, &copy, &out).map_err(|panic| format!("{what}: flipped at {at}: {panic}"))?;
        if accepted { read += 1 } else { refused += 1 }
    }
    println!(
        "{what}: {} cuts refused; of as many flips {refused} refused, {read} read; {:.0} s",
        refused + read,
        start.elapsed().as_secs_f64()
    );
    Ok(())
}

/// Where records of a sound TFRecord file begin.
fn record_boundaries(bytes: &[u8]) -> Vec<usize> {
    let (mut boundaries, mut at) = (Vec::new(), 0);
    while let Some(length) = bytes.get(at..at + 8) {
        boundaries.push(at);
        let length = length.iter().rev().fold(0, |value, &byte| value << 8 | usize::from(byte));
        // Length, its checksum, contents, their checksum.
        at += 8 + 4 + length + 4;
    }
    boundaries
}

fn unpacked(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = fs::File::open(path)?;
    if path.extension().is_some_and(|extension| extension == "gz") {
        flate2::read::GzDecoder::new(file).read_to_end(&mut bytes)?;
    } else {
        std::io::BufReader::new(file).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// Whether it was read. The error is a panic, or a table that is there after a refusal.
fn try_one(benchmark: &str, edition: &str, path: &Path, out: &Path) -> Result<bool, String> {
    for table in [out.to_path_buf(), bench_loaders::cost_path(out)] {
        if table.exists() {
            fs::remove_file(&table).map_err(|error| error.to_string())?;
        }
    }
    let read = catch_unwind(AssertUnwindSafe(|| ingest(benchmark, edition, path, out).is_ok())).map_err(|_| "it panicked".to_owned())?;
    if !read && (out.exists() || bench_loaders::cost_path(out).exists()) {
        return Err("a table is there after the error".into());
    }
    Ok(read)
}

fn ingest(benchmark: &str, edition: &str, path: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    let benchmark = bench_loaders::find(benchmark)?;
    let located = Fetcher::given(path, benchmark.meta(), Some(edition), &|_| {})?;
    bench_loaders::ingest(benchmark, &located, &IngestOptions { every_epoch: false, workers: 1 }, out, &|_| {})?;
    Ok(())
}
