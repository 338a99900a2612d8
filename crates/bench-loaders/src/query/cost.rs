use std::path::Path;

use tables::{BenchTable, CostRow, CostTable};

use super::find::no_rows;
use super::select::{Answer, At, Question, Runs, select};
use crate::Result;

/// Seed whose figures count where those of several seeds differ.
const LEGACY_SEED: u32 = 888;

/// What a network costs, as the official API says it (but in counts and milliseconds).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CostInfo {
    /// Multiply-adds of one image.
    pub flops: f64,
    /// Parameters.
    pub params: f64,
    /// Mean of the runs' latencies in milliseconds; none if no run has a positive one.
    pub latency_ms: Option<f64>,
}

/// The official figures of an architecture on a dataset for a training schedule: `get_cost_info` of NATS-Bench
/// (`D-X-Y/NATS-Bench@1d4a304ad190 nats_bench/api_utils.py`, `get_compute_costs`).
///
/// # Conventions
/// * Parameters and multiply-adds are means over the runs. *Legacy fix:* if the runs do not agree to five decimals in
///   millions, the value of the run with seed 888 counts alone, for each of the two by itself.
/// * Latency is the mean of those runs that have one above zero.
///
/// # Errors
/// [`crate::Error::NoRows`] if the table has no official figures of them; [`crate::Error::Legacy`] if runs disagree and none
/// has the seed 888 (a `ValueError` of the official API).
pub fn costs(table: &Path, rows: &CostTable, dataset: &str, epochs: u32) -> Result<CostInfo> {
    let official = |row: &CostRow<'_>| row.origin == CostRow::OFFICIAL && row.dataset == dataset;
    let runs: Vec<CostRow<'_>> = rows.iter().filter(|row| official(row) && row.epochs == Some(epochs)).collect();
    let figures = |column: &'static str, of: fn(&CostRow<'_>) -> Option<f64>| {
        let values: Vec<(Option<u32>, f64)> = runs.iter().filter_map(|row| Some((row.trial, of(row)?))).collect();
        if values.is_empty() {
            let there = rows.iter().filter(official).filter_map(|row| row.epochs).map(|epochs| format!("{epochs} epochs"));
            return Err(no_rows(table, format!("official {column} on {dataset} for {epochs} epochs"), "schedules", there));
        }
        let in_millions = |value: f64| format!("{:.5}", value / 1e6);
        if values.iter().all(|(_, value)| in_millions(*value) == in_millions(values[0].1)) {
            return Ok(values.iter().map(|(_, value)| value).sum::<f64>() / values.len() as f64);
        }
        let legacy = values.iter().find(|(trial, _)| *trial == Some(LEGACY_SEED));
        legacy.map(|(_, value)| *value).ok_or_else(|| crate::Error::Legacy { column, dataset: dataset.into(), epochs })
    };
    let latencies: Vec<f64> = runs.iter().filter_map(|row| row.latency_ms).filter(|latency| *latency > 0.0).collect();
    let latency_ms = (!latencies.is_empty()).then(|| latencies.iter().sum::<f64>() / latencies.len() as f64);
    Ok(CostInfo { flops: figures("flops", |row| row.flops)?, params: figures("params", |row| row.params)?, latency_ms })
}

/// Seconds that training to an epoch and one evaluation take: `simulate_train_eval` of NATS-Bench. The accuracy that it
/// goes with is that of split `valid` at the same epoch, or of `valtest` where `valid` was not evaluated then. `rows` are those of
/// `cifar10-valid` for CIFAR-10.
///
/// # Errors
/// [`crate::Error::NoRows`] if the table lacks the times or the accuracy.
pub fn simulated_seconds(table: &Path, rows: &BenchTable, epochs: u32, at: At, runs: Runs) -> Result<(Answer, f64)> {
    let question = Question { epochs: Some(epochs), at, runs, ..Question::default() };
    let one = |split, metric, at| select(table, rows, &Question { split: Some(split), metric: Some(metric), at, ..question });
    let single = |answers: Vec<Answer>| {
        let count = answers.len();
        answers
            .into_iter()
            .next()
            .filter(|_| count == 1)
            .ok_or_else(|| no_rows(table, "one value of each".into(), "runs", [format!("{count} values")].into_iter()))
    };
    let trained = single(one("train", "time", at)?)?;
    let (accuracy, evaluated) = match one("valid", "accuracy", at) {
        Ok(accuracy) => (single(accuracy)?, single(one("valid", "time", at)?)?),
        // The time of one evaluation is the same at every epoch.
        Err(_) => (single(one("valtest", "accuracy", at)?)?, single(one("valid", "time", At::End)?)?),
    };
    let evaluations = f64::from(evaluated.epoch.unwrap_or(epochs));
    let seconds = trained.value + evaluated.value / evaluations;
    Ok((accuracy, seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tables::Provenance;

    fn table(runs: &[(u32, f64, Option<f64>)]) -> CostTable {
        let mut builder = CostTable::builder();
        for &(seed, params, latency_ms) in runs {
            let (trial, params) = (Some(seed), Some(params));
            let row = CostRow {
                space: "nb201",
                arch: "a",
                index: None,
                dataset: "cifar10",
                origin: CostRow::OFFICIAL,
                epochs: Some(200),
                trial,
                params,
                flops: Some(2e6),
                latency_ms,
            };
            builder.push(row).unwrap();
        }
        builder.finish(Provenance::new(serde_json::Value::Null)).unwrap()
    }

    #[test]
    fn figures_that_agree_are_averaged_and_others_are_those_of_seed_888() {
        let ask = |runs: &[(u32, f64, Option<f64>)]| costs(Path::new("t"), &table(runs), "cifar10", 200).map_err(|error| error.to_string());
        let agree = ask(&[(777, 1e6, Some(10.0)), (888, 1e6 + 2.0, None), (999, 1e6, Some(0.0))]).unwrap();
        assert_eq!(agree, CostInfo { flops: 2e6, params: (3e6 + 2.0) / 3.0, latency_ms: Some(10.0) });
        assert_eq!(ask(&[(777, 1e6, None), (888, 3e6, None)]).unwrap(), CostInfo { flops: 2e6, params: 3e6, latency_ms: None });
        let error = ask(&[(777, 1e6, None), (999, 3e6, None)]).unwrap_err();
        assert!(error.contains("params on cifar10 for 200 epochs differ between runs, and none has the seed 888"), "{error}");
        let error = costs(Path::new("t"), &table(&[(777, 1e6, None)]), "cifar10", 12).unwrap_err().to_string();
        assert!(error.contains("t holds no value of official flops on cifar10 for 12 epochs; schedules: 200 epochs"), "{error}");
    }
}
