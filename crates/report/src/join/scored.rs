//! Scores of one dataset as columns: architectures in one order, a column per proxy.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use spaces::Architecture;
use tables::{ScoreRow, ScoreTable};

use crate::{Error, Options, Result, benchmarks};

/// Scores of one dataset, with or without values to hold them against.
#[derive(Clone, Debug)]
pub struct Scored {
    /// Search space.
    pub space: String,
    /// Dataset.
    pub dataset: String,
    /// Architectures that some proxy scored (or tried to), by index, then by text.
    pub architectures: Vec<Architecture>,
    /// Proxies by name.
    pub proxies: Vec<ProxyScores>,
}

/// Scores of one proxy, aligned with the architectures of a [`Scored`] or a [`super::Joined`].
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

/// The scores of every dataset, in the order of `options.datasets` or else in that of the benchmark.
///
/// # Errors
/// A dataset without scores, an open choice of seed or version.
pub fn scored(scores: &ScoreTable, options: &Options) -> Result<Vec<Scored>> {
    let groups = Group::all(scores, options)?;
    groups
        .iter()
        .map(|group| {
            let places: Vec<Option<usize>> = (0..group.architectures.len()).map(Some).collect();
            Ok(Scored {
                space: group.space.into(),
                dataset: group.dataset.into(),
                architectures: group.architectures.iter().map(|&(text, index)| Architecture { index, text: text.into() }).collect(),
                proxies: group.columns(scores, &places, places.len(), options)?,
            })
        })
        .collect()
}

/// The architectures of one dataset in a score table.
pub(super) struct Group<'a> {
    pub space: &'a str,
    pub dataset: &'a str,
    /// By index, then by text.
    pub architectures: Vec<(&'a str, Option<u32>)>,
    numbers: HashMap<&'a str, usize>,
}

impl<'a> Group<'a> {
    /// One group for every asked-for dataset.
    pub fn all(scores: &'a ScoreTable, options: &Options) -> Result<Vec<Self>> {
        let mut found: BTreeMap<(&str, &str), HashMap<&str, Option<u32>>> = BTreeMap::new();
        for row in scores.iter().filter(|row| options.score_seed.is_none_or(|seed| row.seed == seed)) {
            found.entry((row.dataset, row.space)).or_default().insert(row.arch, row.index);
        }
        let known: BTreeSet<&str> = found.keys().map(|(dataset, _)| *dataset).collect();
        if let Some(dataset) = options.datasets.iter().find(|dataset| !known.contains(dataset.as_str())) {
            let known = known.into_iter().collect::<Vec<_>>().join(", ");
            return Err(Error::UnknownDataset { dataset: dataset.clone(), known });
        }
        let place = |dataset: &str, space: &str| {
            let asked = options.datasets.iter().position(|asked| asked == dataset);
            (asked, benchmarks::dataset_place(space, dataset))
        };
        let mut groups: Vec<Self> = found
            .into_iter()
            .filter(|((dataset, _), _)| options.datasets.is_empty() || options.datasets.iter().any(|asked| asked == dataset))
            .map(|((dataset, space), architectures)| Self::new(space, dataset, architectures))
            .collect();
        groups.sort_by_key(|group| place(group.dataset, group.space));
        Ok(groups)
    }

    fn new(space: &'a str, dataset: &'a str, architectures: HashMap<&'a str, Option<u32>>) -> Self {
        let mut architectures: Vec<(&str, Option<u32>)> = architectures.into_iter().collect();
        architectures.sort_unstable_by_key(|(arch, index)| (index.is_none(), *index, *arch));
        let numbers = architectures.iter().enumerate().map(|(number, (arch, _))| (*arch, number)).collect();
        Self { space, dataset, architectures, numbers }
    }

    /// A column per proxy with `count` entries: the score of architecture number `k` stands at `places[k]`, if it has a place.
    pub fn columns(&self, scores: &ScoreTable, places: &[Option<usize>], count: usize, options: &Options) -> Result<Vec<ProxyScores>> {
        let mut proxies: BTreeMap<&str, Collected> = BTreeMap::new();
        for row in scores.iter().filter(|row| options.score_seed.is_none_or(|seed| row.seed == seed)) {
            if (row.space, row.dataset) != (self.space, self.dataset) {
                continue;
            }
            let place = self.numbers.get(row.arch).and_then(|&number| places[number]);
            proxies.entry(row.proxy).or_insert_with(|| Collected::new(&row, count)).add(&row, place, self.dataset)?;
        }
        Ok(proxies.into_values().map(Collected::finish).collect())
    }
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
