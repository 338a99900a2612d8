//! What a proxy's first pick out of all scored architectures is worth: the protocol of the paper's Table 4.

use std::path::PathBuf;

use tables::Direction;

use crate::join::{Joined, join};
use crate::model::{Loaded, TopRow};
use crate::paper::{self, PaperPick};
use crate::quantity::Quantity;
use crate::stats::Spread;
use crate::values::Values;
use crate::{Error, Options, Result};

/// First picks on one dataset.
#[derive(Clone, Debug)]
pub struct Picks {
    /// Dataset.
    pub dataset: String,
    /// What the values are.
    pub quantity: Quantity,
    /// Value of the best architecture of the table.
    pub best: f64,
    /// Architectures of the table.
    pub n_table: usize,
    /// Proxies, the best pick first.
    pub proxies: Vec<ProxyPicks>,
    /// What the paper prints for `ZiCo`.
    pub paper: Option<&'static PaperPick>,
}

/// First picks of one proxy, one per run of scores.
#[derive(Clone, Debug)]
pub struct ProxyPicks {
    /// Proxy.
    pub proxy: String,
    /// By run, in the order they were given.
    pub runs: Vec<PickOfRun>,
    /// Over the runs.
    pub spread: Spread,
}

/// The first pick under one run of scores.
#[derive(Clone, Debug, PartialEq)]
pub struct PickOfRun {
    /// Seed of the scores.
    pub seed: Option<u64>,
    /// Value of the architecture with the highest score; of several that tie, their mean.
    pub value: f64,
    /// How many share the highest score.
    pub tied: usize,
    /// Architectures with a score.
    pub scored: usize,
    /// The architecture; of several that tie, the first in the order of the space.
    pub arch: String,
}

/// Picks from score folders, one run each; folders of one dataset are repetitions.
///
/// # Errors
/// Those of reading and joining scores.
pub fn picks(scores: &[PathBuf], space: &str, table: Values<'_>, options: &Options) -> Result<Vec<Picks>> {
    let mut all: Vec<Picks> = Vec::new();
    for path in scores {
        let loaded = Loaded::read(std::slice::from_ref(path), None)?;
        if let Some(other) = loaded.table.iter().map(|row| row.space).find(|other| *other != space) {
            return Err(Error::SeveralSearched { spaces: format!("{space} (searched), {other} (scored)") });
        }
        let mut options = options.clone();
        options.lower_is_better.extend(loaded.lower_is_better());
        for joined in join(&loaded.table, table, &options)? {
            let seed = loaded.table.iter().find(|row| row.dataset == joined.dataset).map(|row| row.seed);
            let place = all.iter().position(|picks| picks.dataset == joined.dataset).unwrap_or_else(|| {
                all.push(Picks {
                    dataset: joined.dataset.clone(),
                    quantity: joined.quantity.clone(),
                    best: joined.best.value,
                    n_table: joined.n_table,
                    proxies: Vec::new(),
                    paper: paper::pick(space, &joined.dataset, &joined.quantity.metric),
                });
                all.len() - 1
            });
            add(&mut all[place], &joined, seed, &options);
        }
    }
    for picks in &mut all {
        for proxy in &mut picks.proxies {
            let values: Vec<f64> = proxy.runs.iter().map(|run| run.value).collect();
            proxy.spread = Spread::of(&values).unwrap_or(proxy.spread);
        }
        let lower = picks.quantity.direction == Direction::LowerIsBetter;
        let key = |proxy: &ProxyPicks| if lower { proxy.spread.mean } else { -proxy.spread.mean };
        picks.proxies.sort_by(|a, b| key(a).total_cmp(&key(b)).then_with(|| a.proxy.cmp(&b.proxy)));
    }
    Ok(all)
}

fn add(picks: &mut Picks, joined: &Joined, seed: Option<u64>, options: &Options) {
    for (number, column) in joined.proxies.iter().enumerate() {
        let row = TopRow::new(joined, number, options.direction(&column.proxy));
        // A proxy without a single score picks nothing.
        let (Ok(top), Some(first)) = (&row.top_1, row.first) else { continue };
        let scored = column.scores.iter().flatten().count();
        let arch = joined.architectures[first].arch.clone();
        let run = PickOfRun { seed, value: top.mean, tied: top.tied_at_edge, scored, arch };
        if let Some(known) = picks.proxies.iter_mut().find(|known| known.proxy == column.proxy) {
            known.runs.push(run);
        } else {
            let spread = Spread { n: 1, mean: run.value, deviation: None };
            picks.proxies.push(ProxyPicks { proxy: column.proxy.clone(), runs: vec![run], spread });
        }
    }
}
