//! Scores beside measured values: the join of a score table with a benchmark's table.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use polars::prelude::{Column, DataFrame, DataFrameJoinOps as _, JoinArgs, JoinType, MaintainOrderJoin, PolarsError};
use tables::{BenchRow, BenchTable, ScoreRow, ScoreTable};

use crate::select::{Quantity, select};
use crate::{Error, Options, Result};

/// One dataset: its architectures with a measured value, and every proxy's scores in the same order.
#[derive(Clone, Debug)]
pub struct Joined {
    /// Search space.
    pub space: String,
    /// Dataset.
    pub dataset: String,
    /// What the values are.
    pub quantity: Quantity,
    /// Architectures that have a value and that some proxy scored (or tried to), by index, then by text.
    pub architectures: Vec<Valued>,
    /// Proxies by name.
    pub proxies: Vec<ProxyScores>,
    /// Architectures with a value in the table, scored or not.
    pub n_table: usize,
    /// The best architecture of the whole table.
    pub best: Valued,
}

/// An architecture with its measured value.
#[derive(Clone, Debug, PartialEq)]
pub struct Valued {
    /// Official string.
    pub arch: String,
    /// Official index, where the space has one.
    pub index: Option<u32>,
    /// Measured value, in the unit of the quantity.
    pub value: f64,
}

/// Scores of one proxy, aligned with [`Joined::architectures`].
#[derive(Clone, Debug)]
pub struct ProxyScores {
    /// Proxy.
    pub proxy: String,
    /// Its version.
    pub version: u32,
    /// Seed of the weights.
    pub seed: u64,
    /// A score, or `None` where there is none.
    pub scores: Vec<Option<f64>>,
    /// Rows without a score, by status; `not_scored` counts architectures that only other proxies scored.
    pub missing: BTreeMap<&'static str, usize>,
    /// Scored architectures without a value in the table; left out.
    pub n_unmatched: usize,
    /// Architectures that took the score of an isomorphic one.
    pub n_shared: usize,
    /// Mean milliseconds of wall clock over the architectures that were timed.
    pub wall_ms_mean: Option<f64>,
}

impl ProxyScores {
    /// Architectures with a value but without a score.
    pub fn n_missing(&self) -> usize {
        self.missing.values().sum()
    }
}

/// What [`ProxyScores::missing`] calls an architecture without a row.
pub const NOT_SCORED: &str = "not_scored";

/// Joins each scored dataset on (space, architecture, dataset), in the order of `options.datasets` or else by name.
///
/// # Errors
/// A dataset without scores or values, an open choice of split, metric, seed or version, no architecture in common.
pub fn join(scores: &ScoreTable, table: &BenchTable, options: &Options) -> Result<Vec<Joined>> {
    let mut groups: BTreeMap<(&str, &str), Vec<ScoreRow<'_>>> = BTreeMap::new();
    for row in scores.iter().filter(|row| options.score_seed.is_none_or(|seed| row.seed == seed)) {
        groups.entry((row.dataset, row.space)).or_default().push(row);
    }
    let known: BTreeSet<&str> = groups.keys().map(|(dataset, _)| *dataset).collect();
    if let Some(dataset) = options.datasets.iter().find(|dataset| !known.contains(dataset.as_str())) {
        let known = known.into_iter().collect::<Vec<_>>().join(", ");
        return Err(Error::UnknownDataset { dataset: dataset.clone(), known });
    }
    let wanted: Vec<&str> =
        if options.datasets.is_empty() { known.into_iter().collect() } else { options.datasets.iter().map(String::as_str).collect() };
    let mut joined = Vec::new();
    for dataset in wanted {
        for (&(_, space), rows) in groups.range((dataset, "")..).take_while(|((name, _), _)| *name == dataset) {
            joined.push(join_dataset(space, dataset, rows, table, options)?);
        }
    }
    Ok(joined)
}

fn join_dataset(space: &str, dataset: &str, scores: &[ScoreRow<'_>], table: &BenchTable, options: &Options) -> Result<Joined> {
    let (quantity, values) = select(table, space, dataset, options)?;
    let matches = match_rows(scores, &values).map_err(Error::Join)?;

    // The architectures in their order, and the place of each.
    let mut matched: Vec<&BenchRow<'_>> = matches.iter().flatten().map(|&row| &values[row as usize]).collect();
    matched.sort_by_key(|row| (row.index.is_none(), row.index, row.arch));
    matched.dedup_by_key(|row| row.arch);
    if matched.is_empty() {
        let scored = scores.iter().map(|row| row.arch).collect::<BTreeSet<_>>().len();
        return Err(Error::NothingMatched { space: space.into(), dataset: dataset.into(), scored });
    }
    let places: HashMap<&str, usize> = matched.iter().enumerate().map(|(place, row)| (row.arch, place)).collect();

    let mut proxies: BTreeMap<&str, Collected> = BTreeMap::new();
    for (row, value) in scores.iter().zip(&matches) {
        let place = value.and_then(|value| places.get(values[value as usize].arch)).copied();
        proxies.entry(row.proxy).or_insert_with(|| Collected::new(row, matched.len())).add(row, place, dataset)?;
    }
    let proxies = proxies.into_values().map(Collected::finish).collect();
    let better = |a: &&BenchRow<'_>, b: &&BenchRow<'_>| match quantity.direction {
        tables::Direction::HigherIsBetter => a.value.total_cmp(&b.value),
        tables::Direction::LowerIsBetter => b.value.total_cmp(&a.value),
    };
    // `matched` is not empty, so neither is `values`; of equals the first one stays.
    let best = values.iter().rev().max_by(better).map_or_else(|| valued(matched[0]), valued);
    Ok(Joined {
        space: space.into(),
        dataset: dataset.into(),
        architectures: matched.into_iter().map(valued).collect(),
        proxies,
        n_table: values.len(),
        best,
        quantity,
    })
}

fn valued(row: &BenchRow<'_>) -> Valued {
    Valued { arch: row.arch.into(), index: row.index, value: row.value }
}

/// Number of the value row of every score row, if it has one: a left join that keeps the order of the scores.
fn match_rows(scores: &[ScoreRow<'_>], values: &[BenchRow<'_>]) -> std::result::Result<Vec<Option<u32>>, PolarsError> {
    const KEYS: [&str; 3] = ["space", "arch", "dataset"];
    let keys = |column: [Vec<&str>; 3]| KEYS.iter().zip(column).map(|(name, texts)| Column::new((*name).into(), texts)).collect::<Vec<_>>();
    let left = keys([
        scores.iter().map(|row| row.space).collect(),
        scores.iter().map(|row| row.arch).collect(),
        scores.iter().map(|row| row.dataset).collect(),
    ]);
    let mut right = keys([
        values.iter().map(|row| row.space).collect(),
        values.iter().map(|row| row.arch).collect(),
        values.iter().map(|row| row.dataset).collect(),
    ]);
    right.push(Column::new("row".into(), (0..values.len() as u32).collect::<Vec<u32>>()));
    let (left, right) = (DataFrame::new(scores.len(), left)?, DataFrame::new(values.len(), right)?);
    let args = JoinArgs { maintain_order: MaintainOrderJoin::Left, ..JoinArgs::new(JoinType::Left) };
    let joined = left.join(&right, KEYS, KEYS, args, None)?;
    Ok(joined.column("row")?.u32()?.iter().collect())
}

/// Scores of one proxy while they are gathered.
struct Collected {
    scores: ProxyScores,
    /// Architectures that have a row.
    seen: Vec<bool>,
    wall_ms: (f64, u32),
}

impl Collected {
    fn new(first: &ScoreRow<'_>, architectures: usize) -> Self {
        Self {
            scores: ProxyScores {
                proxy: first.proxy.into(),
                version: first.version,
                seed: first.seed,
                scores: vec![None; architectures],
                missing: BTreeMap::new(),
                n_unmatched: 0,
                n_shared: 0,
                wall_ms_mean: None,
            },
            seen: vec![false; architectures],
            wall_ms: (0.0, 0),
        }
    }

    fn add(&mut self, row: &ScoreRow<'_>, place: Option<usize>, dataset: &str) -> Result<()> {
        let scores = &mut self.scores;
        if row.seed != scores.seed {
            let seeds = format!("{} and {}", scores.seed.min(row.seed), scores.seed.max(row.seed));
            return Err(Error::SeveralSeeds { proxy: row.proxy.into(), dataset: dataset.into(), seeds });
        }
        if row.version != scores.version {
            let (first, second) = (scores.version, row.version);
            return Err(Error::SeveralVersions { proxy: row.proxy.into(), dataset: dataset.into(), first, second });
        }
        if let Some(wall_ms) = row.wall_ms {
            self.wall_ms.0 += wall_ms;
            self.wall_ms.1 += 1;
        }
        let Some(place) = place else {
            scores.n_unmatched += 1;
            return Ok(());
        };
        self.seen[place] = true;
        scores.scores[place] = row.value;
        scores.n_shared += usize::from(row.representative.is_some());
        if row.value.is_none() {
            *scores.missing.entry(row.status.as_str()).or_default() += 1;
        }
        Ok(())
    }

    fn finish(mut self) -> ProxyScores {
        let not_scored = self.seen.iter().filter(|seen| !**seen).count();
        if not_scored > 0 {
            self.scores.missing.insert(NOT_SCORED, not_scored);
        }
        self.scores.wall_ms_mean = (self.wall_ms.1 > 0).then(|| self.wall_ms.0 / f64::from(self.wall_ms.1));
        self.scores
    }
}
