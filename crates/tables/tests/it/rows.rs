use serde_json::json;
use tables::{BenchRow, BenchTable, CostRow, Direction, Provenance, ScoreRow, ScoreTable, Status};

pub const BENCH: BenchRow<'static> = BenchRow {
    space: "nb201",
    arch: "arch-0",
    index: Some(0),
    dataset: "cifar10",
    split: "test",
    metric: "accuracy",
    unit: "percent",
    direction: Direction::HigherIsBetter,
    epochs: 200,
    epoch: Some(200),
    trial: None,
    value: 85.863_333_333_333_34,
};

pub const COST: CostRow<'static> = CostRow {
    space: "nb201",
    arch: "arch-0",
    index: Some(0),
    dataset: "cifar10",
    origin: CostRow::OFFICIAL,
    epochs: Some(200),
    trial: Some(777),
    params: Some(1_531_546.0),
    flops: Some(0.0),
    latency_ms: None,
};

pub const SCORE: ScoreRow<'static> = ScoreRow {
    space: "nb201",
    arch: "arch-0",
    index: Some(0),
    dataset: "cifar10",
    proxy: "zico",
    version: 1,
    seed: 0,
    value: Some(1.5),
    status: Status::Ok,
    reason: None,
    representative: None,
    wall_ms: None,
};

pub fn provenance() -> Provenance {
    let config = json!({ "seed": 3, "channels": [16, 32], "rate": 0.1, "tiny": -1e-30, "name": "ümlaut \"quoted\"" });
    Provenance { libtorch: Some("2.13.0".into()), device: Some("cpu".into()), dtype: Some("f32".into()), ..Provenance::new(config) }
        .with_input("table", "cb5d")
}

pub fn bench(n: u32) -> BenchTable {
    let mut builder = BenchTable::builder();
    for index in 0..n {
        let arch = format!("arch-{index}");
        for (trial, value) in [(None, f64::from(index) / 3.0), (Some(777), -0.0)] {
            builder.push(BenchRow { arch: &arch, index: (index % 2 == 0).then_some(index), trial, value, ..BENCH }).unwrap();
        }
    }
    builder.finish(provenance()).unwrap()
}

pub fn scores(rows: &[ScoreRow<'_>]) -> ScoreTable {
    let mut builder = ScoreTable::builder();
    for row in rows {
        builder.push(*row).unwrap();
    }
    builder.finish(provenance()).unwrap()
}
