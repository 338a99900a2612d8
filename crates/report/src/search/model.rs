//! Everything the page of a search shows, computed once.

use std::collections::BTreeSet;

use tables::Direction;

use super::aggregate;
use super::compare::Comparison;
use super::front::pareto;
use super::methods;
use super::picks::{Picks, picks};
use super::pool::{PoolAt, pool};
use super::protocol::protocol;
use super::published::{Counted, published, score};
use super::run::{Evaluated, Run, first_best};
use super::truth::Truth;
use crate::model::{Entry, capital, slug, space_title};
use crate::values::Values;
use crate::{Error, Options, Result, benchmarks};

/// Name of the space of the paper's search on `ImageNet`.
pub const PLAINNET: &str = "plainnet";

/// A whole page.
#[derive(Clone, Debug)]
pub struct Model {
    /// Heading.
    pub title: String,
    /// Search space.
    pub space: String,
    /// One per dataset and objective.
    pub sections: Vec<Section>,
    /// Published structures and those found, where the space is theirs.
    pub published: Vec<Counted>,
    /// First picks, where scores of the space were given.
    pub picks: Vec<Picks>,
    /// Settings and counts.
    pub protocol: Vec<Entry>,
    /// Choice of values and statistics.
    pub options: Options,
}

/// The searches of one dataset and objective.
#[derive(Clone, Debug)]
pub struct Section {
    /// Search space.
    pub space: String,
    /// Dataset.
    pub dataset: String,
    /// Name of the objective.
    pub objective: String,
    /// Which of its values are the better ones.
    pub direction: Direction,
    /// Whether values are ranks among all that these searches evaluated.
    pub ranked: bool,
    /// One per method.
    pub groups: Vec<Group>,
    /// Every other method against random search.
    pub comparisons: Vec<Comparison>,
    /// What no other evaluated architecture beats in score and FLOPs, by ascending FLOPs.
    pub front: Vec<FrontRow>,
    /// Trained values, where there is a table.
    pub truth: Option<Truth>,
    /// The found architecture that is drawn.
    pub found: Option<Found>,
    /// Pool of the first search that has one.
    pub pool: Option<PoolOf>,
}

/// The searches of one method.
#[derive(Clone, Debug)]
pub struct Group {
    /// Method.
    pub method: String,
    /// By seed; never empty.
    pub runs: Vec<Run>,
}

/// An architecture of the Pareto front and the search that evaluated it.
#[derive(Clone, Debug)]
pub struct FrontRow {
    /// Method.
    pub method: String,
    /// Seed.
    pub seed: u64,
    /// The architecture.
    pub evaluated: Evaluated,
    /// Its value.
    pub value: f64,
}

/// The best architecture of the leading method.
#[derive(Clone, Debug)]
pub struct Found {
    /// Method.
    pub method: String,
    /// Seed.
    pub seed: u64,
    /// The architecture.
    pub evaluated: Evaluated,
}

/// The pool of one search over time.
#[derive(Clone, Debug)]
pub struct PoolOf {
    /// Method.
    pub method: String,
    /// Seed.
    pub seed: u64,
    /// Members of a full pool.
    pub population: usize,
    /// Its quantiles.
    pub moments: Vec<PoolAt>,
}

impl Model {
    /// Computes a page from searches of one space.
    ///
    /// # Errors
    /// [`Error::SeveralSearched`], [`Error::SameSearch`], and those of values and statistics.
    pub fn new(
        mut runs: Vec<Run>,
        table: Option<Values<'_>>,
        scores: &[std::path::PathBuf],
        title: Option<&str>,
        options: &Options,
    ) -> Result<Self> {
        let spaces: BTreeSet<&str> = runs.iter().map(|run| run.config.space.as_str()).collect();
        if spaces.len() > 1 {
            return Err(Error::SeveralSearched { spaces: spaces.into_iter().collect::<Vec<_>>().join(", ") });
        }
        let space = spaces.first().copied().unwrap_or_default().to_owned();
        // The page does not depend on the order in which searches are named.
        runs.sort_by_cached_key(key);
        let protocol = protocol(&runs, table, options)?;
        let sections: Vec<Section> = by_section(runs)?.into_iter().map(|runs| Section::new(runs, table, options)).collect::<Result<_>>()?;
        let found = sections.iter().filter_map(|section| {
            let found = section.found.as_ref()?;
            let name = format!("found here: {}, {}, seed {}", section.title(), methods::title(&found.method), found.seed);
            Some((name, found.evaluated.arch.clone()))
        });
        let mut published = if space == PLAINNET { published(&found.collect::<Vec<_>>())? } else { Vec::new() };
        // Values of several objectives would need several columns.
        if let [section] = sections.as_slice()
            && let Some(found) = &section.found
        {
            for counted in published.iter_mut().filter(|counted| counted.arch == found.evaluated.arch) {
                counted.score = found.evaluated.value.filter(|_| !section.ranked);
            }
            let of_found = |run: &&Run| run.config.method == found.method && run.config.seed == found.seed;
            if let Some(summary) = section.runs().find(of_found).and_then(|run| run.summary.as_ref()) {
                score(&mut published, summary);
            }
        }
        let picks = table.map_or(Ok(Vec::new()), |table| picks(scores, &space, table, options))?;
        let title = title.map_or_else(|| format!("Search on {}", title_of(&space)), str::to_owned);
        Ok(Self { title, space, sections, published, picks, protocol, options: options.clone() })
    }
}

/// Name of a space for people.
pub fn title_of(space: &str) -> String {
    if space == PLAINNET { "networks like MobileNetV2".into() } else { space_title(space) }
}

/// The order of runs on the page; two of the same key would be one and the same search.
fn key(run: &Run) -> impl Ord + use<> {
    let config = &run.config;
    let dataset = (benchmarks::dataset_place(&config.space, &config.dataset), config.dataset.clone());
    (dataset, config.objective.name.clone(), methods::place(&config.method), config.method.clone(), config.seed)
}

/// Ordered runs, apart by dataset and objective.
fn by_section(runs: Vec<Run>) -> Result<Vec<Vec<Run>>> {
    for pair in runs.windows(2) {
        if key(&pair[0]) == key(&pair[1]) {
            let config = &pair[0].config;
            return Err(Error::SameSearch {
                first: pair[0].path.clone(),
                second: pair[1].path.clone(),
                what: format!("{} of {} on {} with seed {}", config.method, config.objective.name, config.dataset, config.seed),
            });
        }
    }
    let mut sections: Vec<Vec<Run>> = Vec::new();
    for run in runs {
        let same = |other: &Run| other.config.dataset == run.config.dataset && other.config.objective.name == run.config.objective.name;
        match sections.last_mut().filter(|section| section.first().is_some_and(same)) {
            Some(section) => section.push(run),
            None => sections.push(vec![run]),
        }
    }
    Ok(sections)
}

impl Section {
    fn new(mut runs: Vec<Run>, table: Option<Values<'_>>, options: &Options) -> Result<Self> {
        let ranked = aggregate::fill(&mut runs.iter_mut().collect::<Vec<_>>());
        let config = runs[0].config.clone();
        let direction = config.objective.direction;
        if let Some(run) = runs.iter().find(|run| run.config.objective.direction != direction) {
            return Err(Error::SearchConfig {
                path: run.path.clone(),
                key: "objective.direction".into(),
                expected: "that of the other searches for the same objective",
                got: format!("`{}`", run.config.objective.direction),
            });
        }
        let mut groups: Vec<Group> = Vec::new();
        for run in runs {
            match groups.last_mut().filter(|group| group.method == run.config.method) {
                Some(group) => group.runs.push(run),
                None => groups.push(Group { method: run.config.method.clone(), runs: vec![run] }),
            }
        }
        let comparisons = match groups.iter().find(|group| group.method == methods::BASELINE) {
            Some(baseline) => {
                let others = groups.iter().filter(|group| group.method != methods::BASELINE);
                others.map(|group| Comparison::new(group, baseline, options.confidence)).collect::<Result<_>>()?
            }
            None => Vec::new(),
        };
        let truth = match table {
            Some(values) => Some(Truth::new(&config.space, &config.dataset, &groups, values, options)?),
            None => None,
        };
        Ok(Self {
            space: config.space,
            dataset: config.dataset,
            objective: config.objective.name,
            direction,
            ranked,
            comparisons,
            front: front(&groups, direction),
            truth,
            found: leading(&groups, direction)?,
            pool: pool_of(&groups),
            groups,
        })
    }

    /// Objective and dataset, for people.
    pub fn title(&self) -> String {
        format!("{} on {}", self.objective, self.dataset_title())
    }

    /// Name of the dataset for people.
    pub fn dataset_title(&self) -> String {
        capital(&benchmarks::dataset_title(&self.space, &self.dataset))
    }

    /// Part of file names and anchors.
    pub fn slug(&self) -> String {
        slug(&format!("{}-{}", self.dataset, self.objective))
    }

    /// Every search.
    pub fn runs(&self) -> impl Iterator<Item = &Run> {
        self.groups.iter().flat_map(|group| &group.runs)
    }

    /// The tightest limit on FLOPs of the searches, if they agree on one.
    pub fn flops_budget(&self) -> Option<f64> {
        let mut budgets = self.runs().map(|run| run.config.budget.flops);
        let first = budgets.next()??;
        budgets.all(|budget| budget == Some(first)).then_some(first)
    }
}

/// The best find of the first group that found anything: by value, or else of its first seed.
fn leading(groups: &[Group], direction: Direction) -> Result<Option<Found>> {
    for group in groups {
        let mut found = Vec::new();
        for run in &group.runs {
            if let Some(evaluated) = run.found()? {
                found.push((run.config.seed, evaluated.clone()));
            }
        }
        let all: Vec<Evaluated> = found.iter().map(|(_, evaluated)| evaluated.clone()).collect();
        let best = first_best(&all, direction).or(all.first()).cloned();
        if let Some(best) = best {
            let seed = found.iter().find(|(_, evaluated)| *evaluated == best).map_or(0, |(seed, _)| *seed);
            return Ok(Some(Found { method: group.method.clone(), seed, evaluated: best }));
        }
    }
    Ok(None)
}

/// The front over all searches of a section.
fn front(groups: &[Group], direction: Direction) -> Vec<FrontRow> {
    let mut rows = Vec::new();
    for group in groups {
        for run in &group.runs {
            let valued = run.evaluated.iter().filter_map(|evaluated| Some((evaluated, evaluated.value?)));
            rows.extend(valued.map(|(evaluated, value)| (group.method.as_str(), run.config.seed, evaluated, value)));
        }
    }
    let points: Vec<(f64, f64)> = rows.iter().map(|row| (row.2.flops, row.3)).collect();
    let row = |place: usize| {
        let (method, seed, evaluated, value) = rows[place];
        FrontRow { method: method.into(), seed, evaluated: evaluated.clone(), value }
    };
    pareto(&points, direction).into_iter().map(row).collect()
}

fn pool_of(groups: &[Group]) -> Option<PoolOf> {
    groups.iter().find_map(|group| {
        let (kept, run) = (methods::find(&group.method)?.kept?, group.runs.first()?);
        let population = run.config.population?;
        let moments = pool(&run.values(), population, kept, run.config.objective.direction);
        (moments.len() > 1).then(|| PoolOf { method: group.method.clone(), seed: run.config.seed, population, moments })
    })
}
