//! The metadata every statistic carries.

use super::{Sample, StatsError};
use tables::Direction;

/// One entry of the registry: what a statistic is and how to compute it.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Unique identifier, as in column names.
    pub name: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// Short symbol for table heads.
    pub symbol: &'static str,
    /// Formula in plain text.
    pub formula: &'static str,
    /// Unit of the result; "1" for a pure number.
    pub unit: &'static str,
    /// Whether a higher number speaks for a (higher-is-better) proxy.
    pub direction: Direction,
    /// Link to where the statistic was defined or is used.
    pub paper: &'static str,
    /// The code: both columns of the sample count as higher-is-better.
    pub compute: fn(&Sample) -> Result<f64, StatsError>,
}

#[cfg(test)]
mod tests {
    use crate::stats::{ALL, Sample, find};
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique_and_every_field_is_filled() {
        let names: BTreeSet<_> = ALL.iter().map(|metric| metric.name).collect();
        assert_eq!(names.len(), ALL.len());
        for metric in ALL {
            for field in [metric.name, metric.title, metric.symbol, metric.formula, metric.unit] {
                assert!(!field.is_empty(), "{metric:?}");
            }
            assert!(metric.paper.starts_with("https://"), "{}", metric.name);
            assert!(find(metric.name).is_some());
        }
    }

    #[test]
    fn every_statistic_computes_a_finite_number() -> Result<(), crate::stats::StatsError> {
        let scores: Vec<f64> = (0..20).map(|i| f64::from(i % 7)).collect();
        let values: Vec<f64> = (0..20).map(|i| f64::from(i % 11)).collect();
        let sample = Sample::new(&scores, &values)?;
        for metric in ALL {
            assert!((metric.compute)(&sample)?.is_finite(), "{}", metric.name);
        }
        Ok(())
    }
}
