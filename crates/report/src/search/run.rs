//! One search: what it evaluated, in its order.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Value;
use tables::{Direction, SearchTable, Status};

use super::config::Config;
use crate::values::better;
use crate::{Error, Result};

/// An architecture that a search evaluated.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluated {
    /// Step of the search, from 0.
    pub step: u64,
    /// Official string.
    pub arch: String,
    /// The objective, where it has a value.
    pub value: Option<f64>,
    /// Why there is none.
    pub missing: Option<(Status, String)>,
    /// Values of the parts of an aggregate, in the order of [`super::config::Objective::components`].
    pub components: Vec<Option<f64>>,
    /// Multiply-adds as the search's budget counts them.
    pub flops: f64,
    /// Parameters as the search's budget counts them.
    pub params: f64,
    /// Layers as the search's budget counts them.
    pub layers: u32,
    /// Milliseconds, where they were measured.
    pub latency_ms: Option<f64>,
}

/// What a search said of itself when it ended; nothing of it is needed.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Told {
    /// The architecture it found.
    pub best: Option<ToldBest>,
    /// Steps taken.
    pub steps: Option<u64>,
    /// Architectures evaluated.
    pub evaluated: Option<u64>,
    /// Evaluations whose value was known: from a checkpoint, or of the same candidate.
    pub found: Option<u64>,
    /// Candidates that had been evaluated before.
    pub duplicates: Option<u64>,
    /// Candidates beyond a budget, by the budget.
    pub rejected: BTreeMap<String, u64>,
    /// Fraction of the candidates that were within the budgets.
    pub acceptance_rate: Option<f64>,
    /// Seconds in all.
    pub wall_s: Option<f64>,
    /// Seconds spent on the objective.
    pub scoring_s: Option<f64>,
    /// Fraction of the time that was not spent on the objective.
    pub overhead: Option<f64>,
    /// Steps per second.
    pub steps_per_second: Option<f64>,
}

/// The architecture that a search names.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ToldBest {
    /// Official string.
    pub arch: String,
    /// Step that evaluated it.
    pub step: Option<u64>,
}

/// A search with its settings.
#[derive(Clone, Debug)]
pub struct Run {
    /// File of the history.
    pub path: PathBuf,
    /// Settings.
    pub config: Config,
    /// The history as it was read.
    pub table: SearchTable,
    /// Its summary as it was read.
    pub summary: Option<Value>,
    /// Its summary.
    pub told: Told,
    /// What it evaluated, by step; never empty.
    pub evaluated: Vec<Evaluated>,
}

impl Run {
    /// Puts the rows of a history together, one [`Evaluated`] per step.
    ///
    /// # Errors
    /// [`Error::EmptySearch`]; [`Error::SearchConfig`] if rows are of another objective than the configuration's.
    pub fn new(path: PathBuf, config: Config, table: SearchTable, summary: Option<Value>, told: Told) -> Result<Self> {
        let mut steps: BTreeMap<u64, Evaluated> = BTreeMap::new();
        let objective = &config.objective;
        for row in table.iter() {
            let evaluated = steps.entry(row.step).or_insert_with(|| Evaluated {
                step: row.step,
                arch: row.arch.into(),
                value: None,
                missing: None,
                components: vec![None; objective.components.len()],
                flops: row.flops,
                params: row.params,
                layers: row.layers,
                latency_ms: row.latency_ms,
            });
            let component = objective.components.iter().position(|component| component == row.objective);
            if let Some(component) = component {
                evaluated.components[component] = row.value;
            }
            if row.objective == objective.name {
                evaluated.value = row.value;
                evaluated.missing = row.reason.map(|reason| (row.status, reason.to_owned()));
            } else if component.is_none() {
                return Err(Error::SearchConfig {
                    path,
                    key: "objective.name".into(),
                    expected: "the objective of its rows",
                    got: format!("`{}`; row of step {} is of `{}`", objective.name, row.step, row.objective),
                });
            }
        }
        if steps.is_empty() {
            return Err(Error::EmptySearch { path });
        }
        Ok(Self { path, config, table, summary, told, evaluated: steps.into_values().collect() })
    }

    /// Values of the objective in the order of evaluation.
    pub fn values(&self) -> Vec<Option<f64>> {
        self.evaluated.iter().map(|evaluated| evaluated.value).collect()
    }

    /// What it found: the architecture that its summary names, or else the best value, the first of equal ones. None if nothing
    /// has a value.
    ///
    /// # Errors
    /// [`Error::SearchSummary`] if the summary names one that the history does not have.
    pub fn found(&self) -> Result<Option<&Evaluated>> {
        let Some(best) = &self.told.best else {
            return Ok(first_best(&self.evaluated, self.config.objective.direction));
        };
        let named = |evaluated: &&Evaluated| evaluated.arch == best.arch && best.step.is_none_or(|step| step == evaluated.step);
        self.evaluated.iter().find(named).map(Some).ok_or_else(|| Error::SearchSummary {
            path: super::load::summary_path(&self.path),
            reason: format!("its best architecture, {}, does not stand in the history beside it", best.arch),
        })
    }
}

/// The best value, the first of equal ones.
pub fn first_best(evaluated: &[Evaluated], direction: Direction) -> Option<&Evaluated> {
    let valued = evaluated.iter().filter_map(|evaluated| Some((evaluated, evaluated.value?)));
    valued.reduce(|best, next| if better(direction, next.1, best.1).is_gt() { next } else { best }).map(|(evaluated, _)| evaluated)
}
