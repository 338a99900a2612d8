use crate::column::Wrong;
use crate::record::record;
use crate::{Kind, Table};

/// How well scores rank values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Correlation {}

/// A [`Table`] of [`CorrelationRow`]s.
pub type CorrelationTable = Table<Correlation>;

record! {
    /// Rank correlation of a proxy's scores with measured values, over the architectures that have both. Coefficients are
    /// raw: score against value, no sign flipped. All nine coefficients are there, or none and a `reason`.
    pub struct CorrelationRow<'a> {
        /// Search space.
        pub space: &'a str,
        /// Dataset of scores and values.
        pub dataset: &'a str,
        /// Proxy.
        pub proxy: &'a str,
        /// Version of the proxy.
        pub version: u32,
        /// Split the values were measured on.
        pub split: &'a str,
        /// What was measured.
        pub metric: &'a str,
        /// Epochs of training.
        pub epochs: u32,
        /// Training run; `None` for the mean over runs.
        pub trial: Option<u32>,
        /// Architectures with a score and a value.
        pub n: u32,
        /// Architectures with a value but without a score: null, or never scored by this proxy though another one did.
        pub n_missing: u32,
        /// Scored architectures without a value in the table; left out.
        pub n_unmatched: u32,
        /// Kendall's tau-b, in [-1, 1].
        pub tau_b: Option<f64>,
        /// Lower end of its confidence interval.
        pub tau_b_low: Option<f64>,
        /// Upper end of its confidence interval.
        pub tau_b_high: Option<f64>,
        /// Kendall's tau-a, in [-1, 1].
        pub tau_a: Option<f64>,
        /// Lower end of its confidence interval.
        pub tau_a_low: Option<f64>,
        /// Upper end of its confidence interval.
        pub tau_a_high: Option<f64>,
        /// Spearman's rho (average ranks), in [-1, 1].
        pub rho: Option<f64>,
        /// Lower end of its confidence interval.
        pub rho_low: Option<f64>,
        /// Upper end of its confidence interval.
        pub rho_high: Option<f64>,
        /// Unordered pairs of architectures with equal scores.
        pub ties_score: u64,
        /// Unordered pairs of architectures with equal values.
        pub ties_value: u64,
        /// Coverage of the intervals, a fraction between 0 and 1.
        pub confidence: f64,
        /// Bootstrap resamples.
        pub replicates: u32,
        /// Seed of the bootstrap.
        pub bootstrap_seed: u64,
        /// Mean milliseconds of wall clock per evaluated architecture, where known.
        pub wall_ms_mean: Option<f64>,
        /// The paper's Kendall tau for this space, dataset and proxy, where it gives one.
        pub paper_tau: Option<f64>,
        /// The paper's Spearman rho, where it gives one.
        pub paper_rho: Option<f64>,
        /// Why there are no coefficients.
        pub reason: Option<&'a str>,
    }
}

impl Kind for Correlation {
    type Row<'a> = CorrelationRow<'a>;
    const NAME: &'static str = "correlation";
    const KEY: &'static [&'static str] = &["space", "dataset", "proxy", "split", "metric", "epochs", "trial"];

    fn check(row: &CorrelationRow<'_>) -> Result<(), Wrong> {
        let groups = [
            [("tau_b", row.tau_b), ("tau_b_low", row.tau_b_low), ("tau_b_high", row.tau_b_high)],
            [("tau_a", row.tau_a), ("tau_a_low", row.tau_a_low), ("tau_a_high", row.tau_a_high)],
            [("rho", row.rho), ("rho_low", row.rho_low), ("rho_high", row.rho_high)],
        ];
        for (name, coefficient) in groups.as_flattened() {
            match (coefficient, row.reason) {
                (None, None) => return Err(Wrong::new(name, "a number, since there is no reason for none", "null")),
                (Some(value), Some(reason)) => {
                    return Err(Wrong::new(name, format!("null, since the reason says {reason:?}"), value.to_string()));
                }
                (Some(value), None) if !(-1.0..=1.0).contains(value) => {
                    return Err(Wrong::new(name, "a number from -1 to 1", value.to_string()));
                }
                _ => {}
            }
        }
        for [_, low, high] in groups {
            if low.1 > high.1 {
                return Err(Wrong::new(low.0, format!("at most {} = {:?}", high.0, high.1), format!("{:?}", low.1)));
            }
        }
        if !(row.confidence > 0.0 && row.confidence < 1.0) {
            return Err(Wrong::new("confidence", "a fraction between 0 and 1", row.confidence.to_string()));
        }
        row.wall_ms_mean.map_or(Ok(()), |wall_ms| crate::timing::check_wall_ms(wall_ms).map_err(|w| Wrong { column: "wall_ms_mean", ..w }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Provenance;

    const ROW: CorrelationRow<'static> = CorrelationRow {
        space: "nb201",
        dataset: "cifar10",
        proxy: "zico",
        version: 1,
        split: "test",
        metric: "accuracy",
        epochs: 200,
        trial: None,
        n: 1000,
        n_missing: 1,
        n_unmatched: 0,
        tau_b: Some(0.61),
        tau_b_low: Some(0.59),
        tau_b_high: Some(0.63),
        tau_a: Some(0.60),
        tau_a_low: Some(0.58),
        tau_a_high: Some(0.62),
        rho: Some(0.8),
        rho_low: Some(0.78),
        rho_high: Some(0.82),
        ties_score: 210,
        ties_value: 0,
        confidence: 0.95,
        replicates: 1000,
        bootstrap_seed: 0,
        wall_ms_mean: Some(400.5),
        paper_tau: Some(0.61),
        paper_rho: Some(0.80),
        reason: None,
    };

    #[test]
    fn a_correlation_survives_its_file() {
        let without = CorrelationRow {
            proxy: "constant",
            tau_b: None,
            tau_b_low: None,
            tau_b_high: None,
            tau_a: None,
            tau_a_low: None,
            tau_a_high: None,
            rho: None,
            rho_low: None,
            rho_high: None,
            reason: Some("the score column is constant"),
            ..ROW
        };
        let mut builder = CorrelationTable::builder();
        builder.push(ROW).unwrap();
        builder.push(without).unwrap();
        let table = builder.finish(Provenance::new(serde_json::json!({ "replicates": 1000 }))).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("correlations.parquet");
        table.write(&path).unwrap();
        let back = CorrelationTable::read(&path).unwrap();
        assert_eq!(back.iter().collect::<Vec<_>>(), [ROW, without]);
        assert_eq!(back, table);
    }

    #[test]
    fn coefficients_are_all_there_or_none_with_a_reason() {
        for (bad, part) in [
            (CorrelationRow { rho: None, ..ROW }, "column `rho`: expected a number, since there is no reason"),
            (CorrelationRow { reason: Some("why"), ..ROW }, "column `tau_b`: expected null"),
            (CorrelationRow { tau_a: Some(1.5), ..ROW }, "column `tau_a`: expected a number from -1 to 1, got 1.5"),
            (CorrelationRow { rho_low: Some(0.9), ..ROW }, "column `rho_low`: expected at most rho_high"),
            (CorrelationRow { confidence: 95.0, ..ROW }, "column `confidence`"),
            (CorrelationRow { wall_ms_mean: Some(-1.0), ..ROW }, "column `wall_ms_mean`: expected 0 or more"),
        ] {
            let error = CorrelationTable::builder().push(bad).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
