//! A method against random search, seed by seed.

use serde_json::Value;

use super::curve::best_so_far;
use super::model::Group;
use super::run::Run;
use crate::stats::Paired;
use crate::{Error, Result};

/// What two searches must share for a comparison to be fair, with its name for people.
const CONDITIONS: &[(&str, &str)] = &[
    ("/budget", "budget"),
    ("/evaluations", "number of evaluations"),
    ("/network", "network"),
    ("/batches", "batches"),
    ("/dtype", "dtype"),
];

/// A method against the baseline.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// Method.
    pub method: String,
    /// What it is compared with.
    pub baseline: String,
    /// Seeds that both have and that both found something with.
    pub pairs: Vec<Pair>,
    /// Their differences; none without a pair.
    pub paired: Option<Paired>,
    /// Conditions that are not the same, in words.
    pub unequal: Vec<String>,
}

/// Best values of two searches of one seed after the same number of evaluations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    /// Seed.
    pub seed: u64,
    /// Evaluations of each that count.
    pub evaluations: usize,
    /// Best value of the method.
    pub method: f64,
    /// Best value of the baseline.
    pub baseline: f64,
}

impl Comparison {
    /// Compares two groups of one dataset and objective. Of the longer of two searches only as many evaluations count as the shorter
    /// one has.
    ///
    /// # Errors
    /// [`Error::Statistic`] for a confidence out of range.
    pub fn new(method: &Group, baseline: &Group, confidence: f64) -> Result<Self> {
        let (mut pairs, mut unequal) = (Vec::new(), Vec::new());
        for run in &method.runs {
            let Some(other) = baseline.runs.iter().find(|other| other.config.seed == run.config.seed) else { continue };
            for condition in unequal_conditions(run, other) {
                if !unequal.contains(&condition) {
                    unequal.push(condition);
                }
            }
            let evaluations = run.evaluated.len().min(other.evaluated.len());
            let best = |run: &Run| best_so_far(&run.values()[..evaluations], run.config.objective.direction).last().copied().flatten();
            if let (Some(method), Some(baseline)) = (best(run), best(other)) {
                pairs.push(Pair { seed: run.config.seed, evaluations, method, baseline });
            }
        }
        let values: Vec<(f64, f64)> = pairs.iter().map(|pair| (pair.method, pair.baseline)).collect();
        let statistic = |source| Error::Statistic { what: format!("{} against {}", method.method, baseline.method), source };
        let direction = method.runs[0].config.objective.direction;
        let paired = if values.is_empty() { None } else { Some(Paired::of(&values, direction, confidence).map_err(statistic)?) };
        Ok(Self { method: method.method.clone(), baseline: baseline.method.clone(), pairs, paired, unequal })
    }
}

/// Conditions that differ between two searches: each with both values.
fn unequal_conditions(run: &Run, other: &Run) -> Vec<String> {
    let text = |value: &Value| if value.is_null() { "none".to_owned() } else { value.to_string() };
    let differing = CONDITIONS.iter().filter_map(|(pointer, name)| {
        let value = |run: &Run| run.config.json.pointer(pointer).cloned().unwrap_or(Value::Null);
        let (ours, theirs) = (value(run), value(other));
        (ours != theirs).then(|| format!("{name}: {} and {}", text(&ours), text(&theirs)))
    });
    differing.collect()
}
