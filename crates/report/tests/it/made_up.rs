//! Made-up scores and values of real architectures of any space.

use std::path::{Path, PathBuf};

use netgraph::rng::Stream;
use serde_json::json;
use spaces::Architecture;
use tables::{BenchRow, BenchTable, Direction, Provenance, ScoreRow, ScoreTable, Status, TimingRow, TimingTable};

/// Proxies of the made-up runs: from the one that follows the values most closely to the one that is noise.
pub const PROXIES: [&str; 6] = ["zico", "synflow", "naswot", "params", "zen", "noise"];

/// Values to make up.
#[derive(Clone, Copy)]
pub struct Made<'a> {
    pub space: &'a str,
    pub dataset: &'a str,
    pub split: &'a str,
    pub metric: &'a str,
    pub unit: &'a str,
    pub direction: Direction,
    pub epochs: u32,
    /// Measured at the best epoch, not the last.
    pub best: bool,
    /// Worst and best value.
    pub range: (f64, f64),
    /// What the run says of its batches.
    pub batches: &'a str,
}

impl Made<'_> {
    /// What the value of architecture number `k` hides: 0 is worst, 1 best.
    fn quality(&self, k: usize) -> f64 {
        let seed = self.dataset.bytes().map(u64::from).sum::<u64>();
        // Related on every dataset, but not the same.
        let shared = Stream::new(1, 0).uniform(k as u64);
        (0.8 * shared + 0.2 * Stream::new(seed, 0).uniform(k as u64)).powf(0.35)
    }

    pub fn value(&self, k: usize) -> f64 {
        self.range.0 + (self.range.1 - self.range.0) * self.quality(k)
    }
}

/// `count` architectures of a space, drawn.
pub fn sample(space: &str, count: usize) -> Vec<Architecture> {
    spaces::find(space).expect("a space").sample(7, count)
}

/// Writes a table with the mean of each value, or with that many single runs instead.
pub fn write_table(path: &Path, architectures: &[Architecture], made: &[Made<'_>], runs: impl Fn(usize) -> u32) {
    let mut rows = Vec::new();
    for one in made {
        for (k, architecture) in architectures.iter().enumerate() {
            let mut push = |trial, value| rows.push((one, architecture, trial, value));
            match runs(k) {
                0 => push(None, one.value(k)),
                n => (0..n).for_each(|run| push(Some(run), one.value(k) + f64::from(run) - f64::from(n - 1) / 2.0)),
            }
        }
    }
    let key = |arch: &Architecture| spaces::find(made[0].space).expect("a space").table_key(arch);
    let mut rows: Vec<_> = rows.into_iter().map(|(one, arch, trial, value)| (key(arch), one, arch.index, trial, value)).collect();
    rows.sort_by(|a, b| (&a.0, a.1.dataset, a.1.split, a.1.metric, a.3).cmp(&(&b.0, b.1.dataset, b.1.split, b.1.metric, b.3)));
    let mut builder = BenchTable::builder();
    for (arch, one, index, trial, value) in &rows {
        let Made { space, dataset, split, metric, unit, direction, epochs, best, .. } = **one;
        let epoch = (!best).then_some(epochs);
        builder
            .push(BenchRow {
                space,
                arch,
                index: *index,
                dataset,
                split,
                metric,
                unit,
                direction,
                epochs,
                epoch,
                trial: *trial,
                value: *value,
            })
            .expect("a good row");
    }
    builder.finish(Provenance::new(json!({}))).and_then(|table| table.write(path)).expect("the table is written");
}

/// Writes a run of every proxy, in a folder as the runner leaves it.
pub fn write_run(folder: &Path, architectures: &[Architecture], made: &Made<'_>) -> PathBuf {
    let config = json!({
        "space": made.space, "dataset": made.dataset, "batches": { "count": 2, "size": 64, "protocol": made.batches }, "seed": 0, "dtype": "f32",
        "architectures": { "asked": format!("sample:{}", architectures.len()), "count": architectures.len() },
        "proxies": PROXIES.map(|name| json!({ "name": name, "version": 1 })),
    });
    let provenance = Provenance::new(config).with_input("batches", "0".repeat(64));
    let (mut scores, mut timings) = (ScoreTable::builder(), TimingTable::builder());
    for (k, architecture) in architectures.iter().enumerate() {
        for (rank, proxy) in PROXIES.iter().enumerate() {
            let noise = Stream::new(100 + rank as u64, 0).uniform(k as u64);
            let weight = [0.15, 0.25, 0.35, 0.45, 0.6, 1.0][rank];
            let hidden = (1.0 - weight) * made.quality(k) + weight * noise;
            let value = match rank {
                1 => 10_f64.powf(60.0 * hidden),
                3 => (20.0 * hidden).floor() * 1e5,
                _ => 300.0 * hidden - 50.0,
            };
            let row = ScoreRow {
                space: made.space,
                arch: &architecture.text,
                index: architecture.index,
                dataset: made.dataset,
                proxy,
                version: 1,
                seed: 0,
                value: Some(value),
                status: Status::Ok,
                reason: None,
                representative: None,
                wall_ms: None,
            };
            scores.push(row).expect("a good row");
            let wall_ms = 3.0 + 400.0 / (1.0 + rank as f64) + 10.0 * noise;
            timings.push(TimingRow { arch: &architecture.text, dataset: made.dataset, proxy, seed: 0, wall_ms }).expect("a good row");
        }
    }
    scores.finish(provenance.clone()).and_then(|table| table.write(&folder.join("scores/000000.parquet"))).expect("scores are written");
    timings.finish(provenance).and_then(|table| table.write(&folder.join("timings/000000.parquet"))).expect("timings are written");
    folder.into()
}
