//! Scores beside measured values: the join of a score table with a benchmark's table.

mod scored;

use polars::prelude::{Column, DataFrame, DataFrameJoinOps as _, JoinArgs, JoinType, MaintainOrderJoin, PolarsError};
use spaces::Architecture;
use tables::ScoreTable;

use crate::quantity::Quantity;
use crate::values::{Known, Selected, Values, better, regret, select};
use crate::{Error, Options, Result};
use scored::Group;

pub use scored::{NOT_SCORED, ProxyScores, Scored, scored};

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
    /// Its string, as it was scored.
    pub arch: String,
    /// Official index, where the space has one.
    pub index: Option<u32>,
    /// Measured value, in the unit of the quantity.
    pub value: f64,
    /// Values of its single training runs, as far as the table has them: seed or number, value.
    pub runs: Vec<(u32, f64)>,
}

/// Joins each scored dataset with the values, in the order of `options.datasets` or else in that of the benchmark. The join
/// is on the key that the space's benchmark uses: the string, or in nb101 the hash of the module, so that a cell given as
/// any of its matrices finds its accuracy.
///
/// # Errors
/// A dataset without scores or values, scores and values of different spaces, an open choice of split, metric, seed or
/// version, no architecture in common.
pub fn join(scores: &ScoreTable, values: Values<'_>, options: &Options) -> Result<Vec<Joined>> {
    Group::all(scores, options)?.iter().map(|group| join_group(group, scores, values, options)).collect()
}

fn join_group(group: &Group<'_>, scores: &ScoreTable, source: Values<'_>, options: &Options) -> Result<Joined> {
    let keys = keys(group);
    let example = keys.first().map_or("", String::as_str);
    let Selected { quantity, values } = select(source, group.space, group.dataset, example, options)?;
    let matches = match_keys(&keys, &values).map_err(Error::Join)?;
    let mut places: Vec<Option<usize>> = Vec::with_capacity(matches.len());
    let mut architectures = Vec::new();
    for (&(arch, index), row) in group.architectures.iter().zip(matches) {
        let value = row.and_then(|row| values.get(row as usize));
        places.push(value.map(|value| {
            architectures.push(Valued { arch: arch.into(), index: index.or(value.index), value: value.value, runs: value.runs.clone() });
            architectures.len() - 1
        }));
    }
    // Of equals the one with the smallest index counts. Where something matched there is a value.
    let place = |value: &Known| std::cmp::Reverse((value.index.is_none(), value.index));
    let best = values.iter().rev().max_by(|a, b| better(quantity.direction, a.value, b.value).then_with(|| place(a).cmp(&place(b))));
    let (Some(best), false) = (best, architectures.is_empty()) else {
        return Err(Error::NothingMatched { space: group.space.into(), dataset: group.dataset.into(), scored: group.architectures.len() });
    };
    let best = Valued { arch: best.arch.clone(), index: best.index, value: best.value, runs: best.runs.clone() };
    Ok(Joined {
        space: group.space.into(),
        dataset: group.dataset.into(),
        proxies: group.columns(scores, &places, architectures.len(), options)?,
        architectures,
        n_table: values.len(),
        best,
        quantity,
    })
}

/// What the benchmark's table calls each scored architecture.
fn keys(group: &Group<'_>) -> Vec<String> {
    let space = spaces::find(group.space).ok();
    let key = |&(arch, index): &(&str, Option<u32>)| {
        space.map_or_else(|| arch.to_owned(), |space| space.table_key(&Architecture { index, text: arch.into() }))
    };
    group.architectures.iter().map(key).collect()
}

/// Number of the value of every key, if it has one: a left join that keeps the order of the keys.
fn match_keys(keys: &[String], values: &[Known]) -> std::result::Result<Vec<Option<u32>>, PolarsError> {
    const KEY: &str = "key";
    let texts = |texts: Vec<&str>| Column::new(KEY.into(), texts);
    let left = DataFrame::new(keys.len(), vec![texts(keys.iter().map(String::as_str).collect())])?;
    let rows = Column::new("row".into(), (0..values.len() as u32).collect::<Vec<u32>>());
    let right = DataFrame::new(values.len(), vec![texts(values.iter().map(|value| value.arch.as_str()).collect()), rows])?;
    let args = JoinArgs { maintain_order: MaintainOrderJoin::Left, ..JoinArgs::new(JoinType::Left) };
    let joined = left.join(&right, [KEY], [KEY], args, None)?;
    Ok(joined.column("row")?.u32()?.iter().collect())
}

impl Joined {
    /// How much worse than the best of the table a value is; 0 or more.
    pub fn regret(&self, value: f64) -> f64 {
        regret(self.quantity.direction, self.best.value, value)
    }
}
