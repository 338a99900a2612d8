//! The tables of the data folder.

use super::curve::{best_so_far, corners};
use super::model::Model;
use crate::export::columns::{Columns, counts, numbers, texts};
use crate::stats::Spread;

/// What each search found.
///
/// # Errors
/// Those of [`super::run::Run::found`].
pub fn found(model: &Model) -> crate::Result<Columns> {
    let mut rows = Vec::new();
    for section in &model.sections {
        for run in section.runs() {
            let truth = section.truth.iter().flat_map(|truth| &truth.groups).filter(|group| group.method == run.config.method);
            let truth = truth.flat_map(|group| &group.found).find(|found| found.seed == run.config.seed);
            rows.push((run, run.found()?, truth));
        }
    }
    Ok(vec![
        ("space", texts(rows.iter().map(|row| Some(row.0.config.space.clone())))),
        ("dataset", texts(rows.iter().map(|row| Some(row.0.config.dataset.clone())))),
        ("objective", texts(rows.iter().map(|row| Some(row.0.config.objective.name.clone())))),
        ("method", texts(rows.iter().map(|row| Some(row.0.config.method.clone())))),
        ("seed", counts(rows.iter().map(|row| Some(row.0.config.seed as usize)))),
        ("evaluations", counts(rows.iter().map(|row| Some(row.0.evaluated.len())))),
        ("missing", counts(rows.iter().map(|row| Some(row.0.evaluated.iter().filter(|one| one.missing.is_some()).count())))),
        ("value", numbers(rows.iter().map(|row| row.1?.value))),
        ("step", counts(rows.iter().map(|row| Some(row.1?.step as usize)))),
        ("flops", numbers(rows.iter().map(|row| Some(row.1?.flops)))),
        ("params", numbers(rows.iter().map(|row| Some(row.1?.params)))),
        ("layers", counts(rows.iter().map(|row| Some(row.1?.layers as usize)))),
        ("latency_ms", numbers(rows.iter().map(|row| row.1?.latency_ms))),
        ("arch", texts(rows.iter().map(|row| Some(row.1?.arch.clone())))),
        ("trained", numbers(rows.iter().map(|row| Some(row.2?.value)))),
        ("rank", counts(rows.iter().map(|row| Some(row.2?.rank)))),
        ("regret", numbers(rows.iter().map(|row| Some(row.2?.regret)))),
        ("best_evaluated", numbers(rows.iter().map(|row| row.2?.best_evaluated))),
    ])
}

/// Best value so far, where it changes.
pub fn curve(model: &Model) -> Columns {
    let mut rows = Vec::new();
    for section in &model.sections {
        for run in section.runs() {
            let corners = corners(&best_so_far(&run.values(), section.direction));
            rows.extend(corners.into_iter().map(|(evaluations, value)| (section, run, evaluations, value)));
        }
    }
    vec![
        ("dataset", texts(rows.iter().map(|row| Some(row.0.dataset.clone())))),
        ("objective", texts(rows.iter().map(|row| Some(row.0.objective.clone())))),
        ("method", texts(rows.iter().map(|row| Some(row.1.config.method.clone())))),
        ("seed", counts(rows.iter().map(|row| Some(row.1.config.seed as usize)))),
        ("evaluations", counts(rows.iter().map(|row| Some(row.2)))),
        ("best", numbers(rows.iter().map(|row| Some(row.3)))),
    ]
}

/// The Pareto fronts.
pub fn front(model: &Model) -> Columns {
    let rows: Vec<_> = model.sections.iter().flat_map(|section| section.front.iter().map(move |row| (section, row))).collect();
    vec![
        ("dataset", texts(rows.iter().map(|row| Some(row.0.dataset.clone())))),
        ("objective", texts(rows.iter().map(|row| Some(row.0.objective.clone())))),
        ("value", numbers(rows.iter().map(|row| Some(row.1.value)))),
        ("flops", numbers(rows.iter().map(|row| Some(row.1.evaluated.flops)))),
        ("params", numbers(rows.iter().map(|row| Some(row.1.evaluated.params)))),
        ("layers", counts(rows.iter().map(|row| Some(row.1.evaluated.layers as usize)))),
        ("method", texts(rows.iter().map(|row| Some(row.1.method.clone())))),
        ("seed", counts(rows.iter().map(|row| Some(row.1.seed as usize)))),
        ("arch", texts(rows.iter().map(|row| Some(row.1.evaluated.arch.clone())))),
    ]
}

/// Seeds of the comparisons with random search.
pub fn comparisons(model: &Model) -> Columns {
    let mut rows = Vec::new();
    for section in &model.sections {
        for comparison in &section.comparisons {
            rows.extend(comparison.pairs.iter().map(|pair| (section, comparison, pair)));
        }
    }
    vec![
        ("dataset", texts(rows.iter().map(|row| Some(row.0.dataset.clone())))),
        ("objective", texts(rows.iter().map(|row| Some(row.0.objective.clone())))),
        ("method", texts(rows.iter().map(|row| Some(row.1.method.clone())))),
        ("baseline", texts(rows.iter().map(|row| Some(row.1.baseline.clone())))),
        ("seed", counts(rows.iter().map(|row| Some(row.2.seed as usize)))),
        ("evaluations", counts(rows.iter().map(|row| Some(row.2.evaluations)))),
        ("method_best", numbers(rows.iter().map(|row| Some(row.2.method)))),
        ("baseline_best", numbers(rows.iter().map(|row| Some(row.2.baseline)))),
        ("conditions_differ", texts(rows.iter().map(|row| Some(row.1.unequal.join("; ")).filter(|text| !text.is_empty())))),
    ]
}

/// Published structures and those found.
pub fn published(model: &Model) -> Columns {
    let rows = &model.published;
    vec![
        ("name", texts(rows.iter().map(|row| Some(row.name.clone())))),
        ("layers", counts(rows.iter().map(|row| Some(row.layers)))),
        ("paper_prints_mflops", texts(rows.iter().map(|row| Some(row.paper?.printed.to_owned())))),
        ("flops", numbers(rows.iter().map(|row| Some(row.linked.flops)))),
        ("flops_with_se", numbers(rows.iter().map(|row| Some(row.squeezed.flops)))),
        ("flops_as_scored", numbers(rows.iter().map(|row| Some(row.bare.flops)))),
        ("params", numbers(rows.iter().map(|row| Some(row.linked.size)))),
        ("params_with_se", numbers(rows.iter().map(|row| Some(row.squeezed.size)))),
        ("score", numbers(rows.iter().map(|row| row.score))),
        ("arch", texts(rows.iter().map(|row| Some(row.arch.clone())))),
    ]
}

/// First picks of each proxy.
pub fn picks(model: &Model) -> Columns {
    let rows: Vec<_> = model.picks.iter().flat_map(|picks| picks.proxies.iter().map(move |proxy| (picks, proxy))).collect();
    let spread = |get: &dyn Fn(&Spread) -> Option<f64>| numbers(rows.iter().map(|row| get(&row.1.spread)));
    vec![
        ("dataset", texts(rows.iter().map(|row| Some(row.0.dataset.clone())))),
        ("proxy", texts(rows.iter().map(|row| Some(row.1.proxy.clone())))),
        ("runs", counts(rows.iter().map(|row| Some(row.1.runs.len())))),
        ("mean", spread(&|spread| Some(spread.mean))),
        ("deviation", spread(&|spread| spread.deviation)),
        ("best_in_table", numbers(rows.iter().map(|row| Some(row.0.best)))),
        ("most_tied", counts(rows.iter().map(|row| row.1.runs.iter().map(|run| run.tied).max()))),
        (
            "seeds",
            texts(rows.iter().map(|row| {
                let seeds: Vec<String> = row.1.runs.iter().filter_map(|run| Some(run.seed?.to_string())).collect();
                Some(seeds.join(", ")).filter(|text| !text.is_empty())
            })),
        ),
        ("first_arch", texts(rows.iter().map(|row| Some(row.1.runs.first()?.arch.clone())))),
    ]
}
