//! What a search looks for, as the user names it.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use proxies::{Proxy, zoo};
use report::aggregate::{Aggregate, is_aggregate};
use report::{Options, Values, values_of};
use search::{Ranking, Value};
use serde::{Deserialize, Serialize};
use spaces::{Scope, Space};
use tables::{Direction, ScoreTable};

use crate::exit::{bad_input, usage};

/// The flags that say it.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Objective")]
pub struct ObjectiveArgs {
    /// What to look for: a proxy; a combination of proxies by rank among all that is compared (`az_nas`, `zico+naswot`, ...); or `table`,
    /// the trained values of a benchmark.
    #[arg(long, default_value = "zico")]
    objective: String,
    /// Take the proxy's scores from this folder or file instead of computing them: those under the search's seed of the weights or, if
    /// all are of one other seed, those.
    #[arg(long, value_name = "DIR|FILE")]
    scores: Option<PathBuf>,
    /// Table of the benchmark, for `--objective table` and for the page [default: data/tables/BENCHMARK.parquet, for the page if it is there].
    #[arg(long, value_name = "FILE")]
    pub table: Option<PathBuf>,
}

/// An objective that is known to exist.
pub struct Resolved {
    pub config: ObjectiveConfig,
    pub kind: Kind,
}

/// Where its values come from.
pub enum Kind {
    /// They are computed.
    Computed { proxies: Vec<&'static dyn Proxy>, aggregate: Option<Aggregate> },
    /// They are known: by key of the architecture.
    Known(HashMap<String, f64>),
}

/// The objective in the configuration of a search.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectiveConfig {
    /// As asked for.
    pub name: String,
    /// `proxy`, `aggregate`, `scores` or `table`.
    pub kind: String,
    /// `higher` or `lower`: which end is better.
    pub direction: String,
    /// What an evaluation gives: names of proxies, or the metric of a table.
    pub components: Vec<String>,
    /// Which value it is, or which scores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

impl ObjectiveArgs {
    /// `space` is none for a search in the space of structures, which has no table and no scores.
    pub fn resolve(&self, space: Option<&'static dyn Space>, dataset: &str, seed: u64) -> anyhow::Result<Resolved> {
        if self.objective == "table" {
            return self.table(space, dataset);
        }
        if let Some(scores) = &self.scores {
            return self.scores(scores, space, dataset, seed);
        }
        let (aggregate, names) = if is_aggregate(&self.objective) {
            let aggregate = Aggregate::parse(&self.objective)?;
            let names = aggregate.proxies().into_iter().map(str::to_owned).collect();
            (Some(aggregate), names)
        } else {
            (None, vec![self.objective.clone()])
        };
        let mut proxies: Vec<&'static dyn Proxy> = Vec::new();
        for name in &names {
            let proxy = zoo::find(name)?;
            if !proxies.iter().any(|p| p.meta().name == proxy.meta().name) {
                proxies.push(proxy);
            }
        }
        let direction = if aggregate.is_some() { Direction::HigherIsBetter } else { proxies[0].meta().direction };
        let config = ObjectiveConfig {
            name: self.objective.clone(),
            kind: if aggregate.is_some() { "aggregate" } else { "proxy" }.into(),
            direction: direction.as_str().into(),
            components: proxies.iter().map(|proxy| proxy.meta().name.to_owned()).collect(),
            source: None,
        };
        Ok(Resolved { config, kind: Kind::Computed { proxies, aggregate } })
    }

    /// Whether candidates are scored, and not looked up.
    pub fn is_computed(&self) -> bool {
        self.objective != "table" && self.scores.is_none()
    }

    fn table(&self, space: Option<&'static dyn Space>, dataset: &str) -> anyhow::Result<Resolved> {
        let space = space.ok_or_else(structures_only)?;
        let path = self.table_of(Some(space)).ok_or_else(no_table)?;
        let example = space.table_key(&space.at(0)?);
        let (quantity, values) = values_of(Values::File(&path), space.meta().name, dataset, &example, &Options::default())?;
        let config = ObjectiveConfig {
            name: "table".into(),
            kind: "table".into(),
            direction: quantity.direction.as_str().into(),
            components: vec![quantity.metric.clone()],
            source: Some(format!(
                "{} {} of {dataset} (sha256 of the table {})",
                quantity.split,
                quantity.metric,
                tables::hash_file(&path)?
            )),
        };
        Ok(Resolved { config, kind: Kind::Known(values) })
    }

    fn scores(&self, path: &Path, space: Option<&'static dyn Space>, dataset: &str, seed: u64) -> anyhow::Result<Resolved> {
        let space = space.ok_or_else(structures_only)?;
        let table = if path.is_dir() { ScoreTable::read_dir(path)? } else { ScoreTable::read(path)? };
        let wanted = (space.meta().name, dataset, self.objective.as_str());
        let rows = || table.iter().filter(|row| (row.space, row.dataset, row.proxy) == wanted);
        let seeds: BTreeSet<u64> = rows().map(|row| row.seed).collect();
        let seed = match seeds.first() {
            Some(&only) if seeds.len() == 1 => only,
            _ => seed,
        };
        let mut values = HashMap::new();
        for row in rows().filter(|row| row.seed == seed) {
            if let Some(value) = row.value {
                values.insert(space.table_key(&space.parse(row.arch)?), value);
            }
        }
        if values.is_empty() {
            let (path, name, objective) = (path.display(), space.meta().name, &self.objective);
            return Err(bad_input(format!("{path} has no scores `{objective}` of {name} on {dataset} with seed {seed} of the weights")));
        }
        let direction = zoo::find(&self.objective).map_or(Direction::HigherIsBetter, |proxy| proxy.meta().direction);
        let config = ObjectiveConfig {
            name: self.objective.clone(),
            kind: "scores".into(),
            direction: direction.as_str().into(),
            components: vec![self.objective.clone()],
            source: Some(format!("seed {seed} of the weights (sha256 of the scores {})", table.content_sha256())),
        };
        Ok(Resolved { config, kind: Kind::Known(values) })
    }

    /// The table of a space's benchmark, if one was named or is where `zico ingest` puts it.
    pub fn table_of(&self, space: Option<&'static dyn Space>) -> Option<PathBuf> {
        let ingested = || Some(Path::new("data/tables").join(format!("{}.parquet", space?.meta().name))).filter(|path| path.exists());
        self.table.clone().or_else(ingested)
    }
}

fn no_table() -> anyhow::Error {
    usage("no table of the benchmark: give --table FILE, or run `zico ingest BENCHMARK` first")
}

fn structures_only() -> anyhow::Error {
    usage("the space plainnet has no table and no scores: --objective names a proxy or a combination of proxies there")
}

impl Resolved {
    /// Which networks have the same value, where values are computed.
    pub fn scope(&self) -> Option<Scope> {
        let Kind::Computed { proxies, .. } = &self.kind else { return None };
        let whole = proxies.iter().any(|proxy| proxy.meta().scope == Scope::Whole);
        Some(if whole { Scope::Whole } else { Scope::Live })
    }

    /// How candidates are compared.
    pub fn ranking(&self) -> Ranking<'_> {
        match &self.kind {
            Kind::Computed { proxies, aggregate: Some(aggregate) } => {
                Ranking::Set(Box::new(move |values: &[&[Value]]| merits(aggregate, proxies, values)))
            }
            _ => Ranking::Value { higher: self.config.direction == Direction::HigherIsBetter.as_str() },
        }
    }
}

fn merits(aggregate: &Aggregate, proxies: &[&'static dyn Proxy], values: &[&[Value]]) -> Vec<Option<f64>> {
    let of = |name: &str| -> Vec<Option<f64>> {
        let position = proxies.iter().position(|proxy| proxy.meta().name == name);
        let sign = position.map_or(1.0, |p| if proxies[p].meta().direction == Direction::HigherIsBetter { 1.0 } else { -1.0 });
        values.iter().map(|values| values[position?].as_ref().ok().map(|value| sign * value)).collect()
    };
    let whole = values.iter().map(|values| values.iter().all(Result::is_ok));
    aggregate.scores(&of).into_iter().zip(whole).map(|(merit, whole)| merit.filter(|_| whole)).collect()
}
