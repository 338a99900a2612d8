//! Made-up scores and accuracies of real NAS-Bench-201 architectures: small enough for a test, odd in every way that matters.

use std::path::{Path, PathBuf};

use netgraph::rng::Stream;
use serde_json::json;
use tables::{BenchRow, BenchTable, Direction, Provenance, ScoreRow, ScoreTable, Status, TimingRow, TimingTable};

/// A folder with a benchmark table and score runs.
pub struct Fixture {
    pub folder: tempfile::TempDir,
}

/// Proxies of the synthetic runs. The last has a name that is markup, as a stranger's score file might.
pub const PROXIES: [&str; 4] = ["zico", "params", "constant", "<b>&odd\""];

/// Number of architectures in the table; scores cover them and one that is not in the table.
pub const COUNT: u32 = 120;

impl Fixture {
    pub fn new() -> Self {
        let fixture = Self { folder: tempfile::tempdir().expect("a temporary folder") };
        let mut table = BenchTable::builder();
        for index in 0..COUNT {
            let arch = arch(index);
            for (dataset, best) in [("cifar10", 94.0), ("cifar100", 73.0)] {
                let value = best - 20.0 * Stream::new(1, 0).uniform(u64::from(index)).powi(3);
                table
                    .push(BenchRow {
                        space: "nb201",
                        arch: &arch,
                        index: Some(index),
                        dataset,
                        split: "test",
                        metric: "accuracy",
                        unit: "percent",
                        direction: Direction::HigherIsBetter,
                        epochs: 200,
                        epoch: Some(200),
                        trial: None,
                        value,
                    })
                    .expect("a good row");
            }
        }
        table.finish(Provenance::new(json!({}))).and_then(|table| table.write(&fixture.table())).expect("the table is written");
        fixture
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn table(&self) -> PathBuf {
        self.path("table.parquet")
    }

    /// A run of every proxy on `dataset`, in a folder as the runner leaves it.
    pub fn run(&self, name: &str, dataset: &str, seed: u64) -> PathBuf {
        let folder = self.path(name);
        write_run(&folder, dataset, seed, &PROXIES[1..].iter().copied().chain([PROXIES[0]]));
        folder
    }
}

fn arch(index: u32) -> String {
    spaces::find("nb201").and_then(|space| space.at(index)).expect("an official index").text
}

/// Scores of the table's architectures and of one more; `constant` is constant, params ties, and every tenth `zico` is null.
fn write_run<'a>(folder: &Path, dataset: &str, seed: u64, proxies: &(impl Iterator<Item = &'a str> + Clone)) {
    let config = json!({
        "space": "nb201", "dataset": dataset, "batches": { "count": 2, "size": 64, "protocol": "synthetic" }, "seed": seed, "dtype": "f32",
        "architectures": { "asked": "all", "count": COUNT }, "proxies": [{ "name": "zico", "version": 3 }],
    });
    let provenance = Provenance::new(config).with_input("batches", "0".repeat(64));
    let (mut scores, mut timings) = (ScoreTable::builder(), TimingTable::builder());
    for index in 0..=COUNT {
        let arch = arch(index);
        for proxy in proxies.clone() {
            let noise = 0.2 * Stream::new(9 + seed, 0).uniform(u64::from(index));
            let hidden = Stream::new(1, 0).uniform(u64::from(index));
            let value = match proxy {
                "zico" => (index % 10 != 3).then_some(100.0 - 50.0 * hidden - noise),
                "params" => Some((10.0 - 10.0 * hidden).floor()),
                "constant" => Some(1.0),
                _ => Some(1e40 * (hidden - 0.5)),
            };
            let status = if value.is_some() { Status::Ok } else { Status::NonFinite };
            let reason = value.is_none().then_some("it overflowed");
            let index = Some(index);
            let representative = None;
            scores
                .push(ScoreRow {
                    space: "nb201",
                    arch: &arch,
                    index,
                    dataset,
                    proxy,
                    version: 3,
                    seed,
                    value,
                    status,
                    reason,
                    representative,
                    wall_ms: None,
                })
                .expect("a good row");
            timings.push(TimingRow { arch: &arch, dataset, proxy, seed, wall_ms: 12.5 }).expect("a good row");
        }
    }
    let shard = "000000.parquet";
    scores.finish(provenance.clone()).and_then(|table| table.write(&folder.join("scores").join(shard))).expect("scores are written");
    timings.finish(provenance).and_then(|table| table.write(&folder.join("timings").join(shard))).expect("timings are written");
}
