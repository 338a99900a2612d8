//! Values of a combination by rank, which no architecture has alone.

use std::collections::HashMap;

use super::run::Run;
use crate::aggregate::{Aggregate, lower_is_better};

/// Gives every architecture of `runs` (of one dataset and one objective) its rank among all that these runs evaluated, if the
/// objective is a known aggregate, all its parts were scored, and no row has a value of its own. Returns whether it did.
///
/// The search itself ranks its pool, which changes; over one fixed set all curves are comparable.
pub fn fill(runs: &mut [&mut Run]) -> bool {
    let Some(first) = runs.first() else { return false };
    let objective = first.config.objective.clone();
    let Ok(aggregate) = Aggregate::parse(&objective.name) else { return false };
    let own = runs.iter().any(|run| run.evaluated.iter().any(|evaluated| evaluated.value.is_some() || evaluated.missing.is_some()));
    let known = aggregate.proxies().iter().all(|part| objective.components.iter().any(|component| component == part));
    if own || !known || !first.config.is_aggregate() {
        return false;
    }
    let lower = lower_is_better(&first.config.json);
    // One row per architecture: the set has each once, however many runs came by it.
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut rows: Vec<Vec<Option<f64>>> = Vec::new();
    for evaluated in runs.iter().flat_map(|run| &run.evaluated) {
        places.entry(evaluated.arch.clone()).or_insert_with(|| {
            rows.push(evaluated.components.clone());
            rows.len() - 1
        });
    }
    let values = aggregate.scores(&|name: &str| {
        let component = objective.components.iter().position(|component| component == name);
        let sign = if lower.iter().any(|lower| lower == name) { -1.0 } else { 1.0 };
        rows.iter().map(|row| component.and_then(|component| row[component]).map(|value| sign * value)).collect()
    });
    for evaluated in runs.iter_mut().flat_map(|run| &mut run.evaluated) {
        evaluated.value = places.get(&evaluated.arch).and_then(|&place| values.get(place).copied().flatten());
    }
    true
}
