//! Measures a loader: time, rate and the most memory that was in use at once.
//!
//! ```text
//! cargo run -p bench-loaders --example measure_ingest -- BENCHMARK EDITION SOURCE OUT.parquet [WORKERS] [every-epoch]
//! ```

#![expect(clippy::print_stdout, reason = "it is a program")]

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::Instant;

use bench_loaders::{Fetcher, IngestOptions};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [benchmark, edition, source, out, rest @ ..] = arguments.as_slice() else {
        return Err("usage: measure_ingest BENCHMARK EDITION SOURCE OUT.parquet [WORKERS] [every-epoch]".into());
    };
    let benchmark = bench_loaders::find(benchmark)?;
    let workers = rest.first().map_or(Ok(1), |workers| workers.parse())?;
    let options = IngestOptions { every_epoch: rest.get(1).is_some_and(|word| word == "every-epoch"), workers };
    let source = Path::new(source);
    let located = Fetcher::given(source, benchmark.meta(), Some(edition), &|_| {})?;
    let start = Instant::now();
    let summary = bench_loaders::ingest(benchmark, &located, &options, Path::new(out), &|_| {})?;
    let seconds = start.elapsed().as_secs_f64();
    let bytes = if source.is_dir() {
        fs::read_dir(source)?.filter_map(|entry| Some(entry.ok()?.metadata().ok()?.len())).sum()
    } else {
        fs::metadata(source)?.len()
    };
    println!("{} architectures, {} rows, {} bytes read", summary.architectures, summary.rows, bytes);
    println!(
        "{seconds:.2} s with {workers} workers: {:.0} architectures/s, {:.0} MB/s of input",
        summary.architectures as f64 / seconds,
        bytes as f64 / 1e6 / seconds
    );
    let cpu = cpu_seconds()?;
    println!(
        "{cpu:.2} s of processor time: {:.0} architectures/s, {:.0} MB/s of input a core",
        summary.architectures as f64 / cpu,
        bytes as f64 / 1e6 / cpu
    );
    for line in fs::read_to_string("/proc/self/status")?.lines().filter(|line| line.starts_with("VmHWM") || line.starts_with("RssFile")) {
        println!("{line}");
    }
    summary.warnings.iter().for_each(|warning| println!("warning: {warning}"));
    Ok(())
}

/// Processor time of this process so far, hashing included: user and system, in hundredths of a second.
fn cpu_seconds() -> Result<f64, Box<dyn Error>> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |field: usize| fields.get(field).and_then(|ticks| ticks.parse::<f64>().ok()).ok_or("no such field in /proc/self/stat");
    Ok((ticks(11)? + ticks(12)?) / 100.0)
}
