//! Which rows of a benchmark's table a dataset's scores are held against.

use std::collections::BTreeSet;

use tables::{BenchRow, BenchTable, Direction};

use crate::{Error, Options, Result};

/// One measured quantity of a benchmark, down to the training run.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantity {
    /// Split it was measured on.
    pub split: String,
    /// What was measured.
    pub metric: String,
    /// Its unit.
    pub unit: String,
    /// Which values are the better ones.
    pub direction: Direction,
    /// Epochs of training.
    pub epochs: u32,
    /// Training run; `None` for the mean over runs.
    pub trial: Option<u32>,
}

/// Settles the quantity for a dataset and returns its rows, one per architecture, in the table's order.
pub(crate) fn select<'t>(table: &'t BenchTable, space: &str, dataset: &str, options: &Options) -> Result<(Quantity, Vec<BenchRow<'t>>)> {
    let mut rows: Vec<BenchRow<'t>> = table.iter().filter(|row| row.space == space && row.dataset == dataset).collect();
    if rows.is_empty() {
        return Err(Error::NoValues { wanted: format!("{space} on {dataset}"), available: list(table.iter().map(|row| row.dataset)) });
    }
    let available = list(rows.iter().map(|row| {
        let trial = row.trial.map_or("mean".into(), |trial| format!("trial {trial}"));
        format!("{} {} at {} epochs ({trial})", row.split, row.metric, row.epochs)
    }));
    rows.retain(|row| options.split.as_deref().is_none_or(|split| row.split == split));
    rows.retain(|row| options.metric.as_deref().is_none_or(|metric| row.metric == metric));
    rows.retain(|row| row.trial == options.trial);
    let longest = rows.iter().map(|row| row.epochs).max();
    rows.retain(|row| Some(row.epochs) == options.epochs.or(longest));
    let Some(first) = rows.first().copied() else {
        let or_any = |text: &Option<String>| text.clone().unwrap_or_else(|| "any".into());
        let epochs = options.epochs.map_or("the most".into(), |epochs| epochs.to_string());
        let trial = options.trial.map_or("mean over trials".into(), |trial| format!("trial {trial}"));
        let (split, metric) = (or_any(&options.split), or_any(&options.metric));
        let wanted = format!("{space} on {dataset}, {split} split, {metric} metric, {epochs} epochs, {trial}");
        return Err(Error::NoValues { wanted, available });
    };
    for (what, choices) in [("split", list(rows.iter().map(|row| row.split))), ("metric", list(rows.iter().map(|row| row.metric)))] {
        if choices.contains(", ") {
            return Err(Error::Ambiguous { what, space: space.into(), dataset: dataset.into(), choices });
        }
    }
    let quantity = Quantity {
        split: first.split.into(),
        metric: first.metric.into(),
        unit: first.unit.into(),
        direction: first.direction,
        epochs: first.epochs,
        trial: first.trial,
    };
    Ok((quantity, rows))
}

/// Distinct texts in alphabetical order, the first 20 of them.
fn list<T: Into<String>>(texts: impl Iterator<Item = T>) -> String {
    let distinct: BTreeSet<String> = texts.map(Into::into).collect();
    let more = if distinct.len() > 20 { ", ..." } else { "" };
    let shown: Vec<String> = distinct.into_iter().take(20).collect();
    format!("{}{more}", shown.join(", "))
}
