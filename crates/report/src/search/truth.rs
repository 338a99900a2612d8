//! What found architectures are worth: trained values from a benchmark's table.

use std::collections::HashMap;

use super::model::Group;
use crate::quantity::Quantity;
use crate::stats::Spread;
use crate::values::{Known, Values, better, regret, select};
use crate::{Error, Options, Result};

/// Trained values of what the searches of one dataset and objective found.
#[derive(Clone, Debug)]
pub struct Truth {
    /// What the values are.
    pub quantity: Quantity,
    /// Architectures of the table.
    pub n_table: usize,
    /// The best of them.
    pub best: Known,
    /// By method, in the order of the groups.
    pub groups: Vec<GroupTruth>,
}

/// Trained values of one method's finds.
#[derive(Clone, Debug)]
pub struct GroupTruth {
    /// Method.
    pub method: String,
    /// By seed; searches that found nothing are left out.
    pub found: Vec<FoundTruth>,
    /// Over the seeds; none if nothing was found.
    pub spread: Option<Spread>,
}

/// The trained value of what one search found.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundTruth {
    /// Seed of the search.
    pub seed: u64,
    /// Its architecture.
    pub arch: String,
    /// Index in the table, where it has one.
    pub index: Option<u32>,
    /// Its value.
    pub value: f64,
    /// One more than the number of better architectures in the table.
    pub rank: usize,
    /// How much worse than the best it is.
    pub regret: f64,
    /// The best value among all that the search evaluated, as far as the table has them.
    pub best_evaluated: Option<f64>,
}

impl Truth {
    /// Looks up what each search found.
    ///
    /// # Errors
    /// [`Error::NotInTable`] for a found architecture without a value, [`Error::SearchArchitecture`] for one of another space, those
    /// of selecting a value.
    pub fn new(space: &str, dataset: &str, groups: &[Group], values: Values<'_>, options: &Options) -> Result<Self> {
        let example = groups.iter().flat_map(|group| &group.runs).flat_map(|run| &run.evaluated).next();
        let example = example.map_or(Ok(String::new()), |evaluated| key(space, &evaluated.arch))?;
        let selected = select(values, space, dataset, &example, options)?;
        let (quantity, values) = (selected.quantity, selected.values);
        let direction = quantity.direction;
        let by_arch: HashMap<&str, &Known> = values.iter().map(|known| (known.arch.as_str(), known)).collect();
        // Of equals the one with the smallest index counts, as elsewhere in reports.
        let place = |known: &Known| std::cmp::Reverse((known.index.is_none(), known.index));
        let best = values.iter().rev().max_by(|a, b| better(direction, a.value, b.value).then_with(|| place(a).cmp(&place(b))));
        let best = best.cloned().ok_or_else(|| Error::NoValues { wanted: format!("{space} on {dataset}"), available: "nothing".into() })?;
        let mut done = Vec::new();
        for group in groups {
            let mut found = Vec::new();
            for run in &group.runs {
                let Some(evaluated) = run.found()? else { continue };
                let known = by_arch.get(key(space, &evaluated.arch)?.as_str()).ok_or_else(|| Error::NotInTable {
                    arch: evaluated.arch.clone(),
                    space: space.into(),
                    dataset: dataset.into(),
                })?;
                let mut best_evaluated: Option<f64> = None;
                for other in &run.evaluated {
                    let Some(other) = by_arch.get(key(space, &other.arch)?.as_str()) else { continue };
                    if best_evaluated.is_none_or(|best| better(direction, other.value, best).is_gt()) {
                        best_evaluated = Some(other.value);
                    }
                }
                found.push(FoundTruth {
                    seed: run.config.seed,
                    arch: evaluated.arch.clone(),
                    index: known.index,
                    value: known.value,
                    rank: 1 + values.iter().filter(|other| better(direction, other.value, known.value).is_gt()).count(),
                    regret: regret(direction, best.value, known.value),
                    best_evaluated,
                });
            }
            let numbers: Vec<f64> = found.iter().map(|found| found.value).collect();
            done.push(GroupTruth { method: group.method.clone(), spread: Spread::of(&numbers), found });
        }
        Ok(Self { quantity, n_table: values.len(), best, groups: done })
    }

    /// Regret of a mean value.
    pub fn regret(&self, value: f64) -> f64 {
        regret(self.quantity.direction, self.best.value, value)
    }
}

/// What tables call an architecture of a search.
fn key(space: &str, arch: &str) -> Result<String> {
    // A space that this workspace does not know has its strings for keys, as in reports on scores.
    let Ok(known) = spaces::find(space) else { return Ok(arch.into()) };
    let parsed = known.parse(arch).map_err(|source| Error::SearchArchitecture { arch: arch.into(), reason: source.to_string() })?;
    Ok(known.table_key(&parsed))
}
