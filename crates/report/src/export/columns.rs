//! The columns of the tables that have no kind of their own.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, StringArray, UInt64Array};

use crate::correlate::Estimate;
use crate::model::{Model, TopRow};
use crate::stats::TopK;

/// Columns of a table under their names.
pub type Columns = Vec<(&'static str, ArrayRef)>;

/// A column of texts.
pub fn texts(values: impl Iterator<Item = Option<String>>) -> ArrayRef {
    Arc::new(values.collect::<StringArray>())
}

/// A column of numbers.
pub fn numbers(values: impl Iterator<Item = Option<f64>>) -> ArrayRef {
    Arc::new(values.collect::<Float64Array>())
}

/// A column of counts.
pub fn counts(values: impl Iterator<Item = Option<usize>>) -> ArrayRef {
    Arc::new(values.map(|value| value.map(|value| value as u64)).collect::<UInt64Array>())
}

pub fn picks(model: &Model) -> Columns {
    let rows: Vec<_> = model.datasets.iter().flat_map(|dataset| dataset.top.iter().map(move |row| (dataset, row))).collect();
    let first = |row: &TopRow, get: &dyn Fn(&TopK) -> f64| row.top_1.as_ref().ok().map(get);
    let ten = |row: &TopRow, get: &dyn Fn(&TopK) -> f64| row.top_10.as_ref().ok().map(get);
    let picked = |at: usize| {
        let (dataset, row) = &rows[at];
        row.first.map(|place| &dataset.joined.architectures[place])
    };
    let all = 0..rows.len();
    vec![
        ("space", texts(rows.iter().map(|(dataset, _)| Some(dataset.joined.space.clone())))),
        ("dataset", texts(rows.iter().map(|(dataset, _)| Some(dataset.joined.dataset.clone())))),
        ("proxy", texts(rows.iter().map(|(_, row)| Some(row.proxy.clone())))),
        ("direction", texts(rows.iter().map(|(_, row)| Some(row.direction.to_string())))),
        ("unit", texts(rows.iter().map(|(dataset, _)| Some(dataset.joined.quantity.unit.clone())))),
        ("top_1", numbers(rows.iter().map(|(_, row)| first(row, &|top| top.mean)))),
        ("top_1_tied", counts(rows.iter().map(|(_, row)| row.top_1.as_ref().ok().map(|top| top.tied_at_edge)))),
        ("top_10_mean", numbers(rows.iter().map(|(_, row)| ten(row, &|top| top.mean)))),
        ("top_10_best", numbers(rows.iter().map(|(_, row)| ten(row, &|top| top.best)))),
        ("best_scored", numbers(rows.iter().map(|(_, row)| first(row, &|top| top.best_of_all)))),
        ("best_in_table", numbers(rows.iter().map(|(dataset, _)| Some(dataset.joined.best.value)))),
        ("regret_scored", numbers(rows.iter().map(|(_, row)| first(row, &|top| top.regret)))),
        ("regret_in_table", numbers(rows.iter().map(|(dataset, row)| first(row, &|top| dataset.joined.regret(top.mean))))),
        ("first_index", counts(all.clone().map(|at| Some(picked(at)?.index? as usize)))),
        ("first_arch", texts(all.map(|at| Some(picked(at)?.arch.clone())))),
    ]
}

pub fn matrix(model: &Model) -> Columns {
    let valued = model.datasets.iter().map(|dataset| (&dataset.joined.dataset, &dataset.matrix));
    let scored = model.scored.iter().map(|dataset| (&dataset.scored.dataset, &dataset.matrix));
    let mut rows = Vec::new();
    for (dataset, matrix) in valued.chain(scored) {
        for (a, line) in matrix.proxies.iter().zip(&matrix.pairs) {
            rows.extend(matrix.proxies.iter().zip(line).map(|(b, pair)| (dataset, a, b, pair)));
        }
    }
    let interval = |get: &dyn Fn(&(Estimate, Estimate)) -> f64| numbers(rows.iter().map(|row| row.3.estimates.as_ref().map(get)));
    vec![
        ("dataset", texts(rows.iter().map(|row| Some(row.0.clone())))),
        ("proxy", texts(rows.iter().map(|row| Some(row.1.clone())))),
        ("other", texts(rows.iter().map(|row| Some(row.2.clone())))),
        ("tau_b", numbers(rows.iter().map(|row| row.3.tau_b))),
        ("tau_b_low", interval(&|estimates| estimates.0.low)),
        ("tau_b_high", interval(&|estimates| estimates.0.high)),
        ("rho", numbers(rows.iter().map(|row| row.3.rho))),
        ("rho_low", interval(&|estimates| estimates.1.low)),
        ("rho_high", interval(&|estimates| estimates.1.high)),
        ("n", counts(rows.iter().map(|row| Some(row.3.n)))),
    ]
}

pub fn spread(model: &Model) -> Columns {
    let rows: Vec<_> = model.scored.iter().flat_map(|dataset| dataset.spreads.iter().map(move |row| (dataset, row))).collect();
    let quantile = |k: usize| numbers(rows.iter().map(|(_, row)| Some(row.quantiles?[k])));
    vec![
        ("space", texts(rows.iter().map(|(dataset, _)| Some(dataset.scored.space.clone())))),
        ("dataset", texts(rows.iter().map(|(dataset, _)| Some(dataset.scored.dataset.clone())))),
        ("proxy", texts(rows.iter().map(|(_, row)| Some(row.proxy.clone())))),
        ("n", counts(rows.iter().map(|(_, row)| Some(row.n)))),
        ("distinct", counts(rows.iter().map(|(_, row)| Some(row.ties.distinct as usize)))),
        ("least", quantile(0)),
        ("first_quartile", quantile(1)),
        ("median", quantile(2)),
        ("third_quartile", quantile(3)),
        ("greatest", quantile(4)),
    ]
}

pub fn sets(model: &Model) -> Columns {
    let mut rows = Vec::new();
    for dataset in &model.datasets {
        for row in &dataset.set_rows {
            for (set, tau) in dataset.sets.iter().zip(&row.tau_b) {
                rows.push((&dataset.joined.dataset, &row.proxy, set, *tau));
            }
        }
    }
    vec![
        ("dataset", texts(rows.iter().map(|row| Some(row.0.clone())))),
        ("proxy", texts(rows.iter().map(|row| Some(row.1.clone())))),
        ("set", texts(rows.iter().map(|row| Some(row.2.title.clone())))),
        ("n", counts(rows.iter().map(|row| Some(row.2.n)))),
        ("tau_b", numbers(rows.iter().map(|row| row.3))),
    ]
}

pub fn ceiling(model: &Model) -> Columns {
    let pairs = |dataset: &'_ crate::model::Dataset| dataset.ceiling.iter().flat_map(|ceiling| ceiling.pairs.clone()).collect::<Vec<_>>();
    let rows: Vec<_> =
        model.datasets.iter().flat_map(|dataset| pairs(dataset).into_iter().map(move |pair| (&dataset.joined.dataset, pair))).collect();
    vec![
        ("dataset", texts(rows.iter().map(|row| Some(row.0.clone())))),
        ("run", counts(rows.iter().map(|row| Some(row.1.runs.0 as usize)))),
        ("other", counts(rows.iter().map(|row| Some(row.1.runs.1 as usize)))),
        ("n", counts(rows.iter().map(|row| Some(row.1.n)))),
        ("tau_b", numbers(rows.iter().map(|row| Some(row.1.agreement.tau_b)))),
        ("rho", numbers(rows.iter().map(|row| Some(row.1.agreement.rho)))),
    ]
}

pub fn noise(model: &Model) -> Columns {
    let rows: Vec<_> = model.comparisons.iter().flat_map(|run| run.rows.iter().map(move |row| (run, row))).collect();
    let agreement =
        |get: &dyn Fn(&crate::stats::Agreement) -> f64| numbers(rows.iter().map(|(_, row)| row.agreement.as_ref().ok().map(get)));
    vec![
        ("run", texts(rows.iter().map(|(run, _)| Some(run.label.clone())))),
        ("changed", texts(rows.iter().map(|(run, _)| Some(run.differences.join("; "))))),
        ("dataset", texts(rows.iter().map(|(_, row)| Some(row.dataset.clone())))),
        ("proxy", texts(rows.iter().map(|(_, row)| Some(row.proxy.clone())))),
        ("n", counts(rows.iter().map(|(_, row)| row.agreement.as_ref().ok().map(|a| a.n)))),
        ("n_null", counts(rows.iter().map(|(_, row)| Some(row.n_null)))),
        ("tau_b", agreement(&|a| a.tau_b)),
        ("rho", agreement(&|a| a.rho)),
        ("median_relative", agreement(&|a| a.median_relative)),
        ("max_relative", agreement(&|a| a.max_relative)),
        ("equal", counts(rows.iter().map(|(_, row)| row.agreement.as_ref().ok().map(|a| a.equal)))),
        ("base_tau_with_values", numbers(rows.iter().map(|(_, row)| row.base_tau))),
        ("other_tau_with_values", numbers(rows.iter().map(|(_, row)| row.other_tau))),
        ("reason", texts(rows.iter().map(|(_, row)| row.agreement.as_ref().err().map(ToString::to_string)))),
    ]
}
