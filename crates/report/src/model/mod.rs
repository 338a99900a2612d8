//! Everything a report shows, computed once; pages, pictures and data files only read it.

mod columns;
mod dataset;
mod finding;
mod load;
mod matrix;
mod noise;
mod protocol;
mod scored;
mod sets;
mod top;

pub(crate) use columns::{Columns, capital, slug};
pub use dataset::Dataset;
pub use load::{Loaded, Run};
pub(crate) use load::{TIMINGS, on_noise};
pub use matrix::{Matrix, Pair};
pub use noise::{Comparison, NoiseRow};
pub use protocol::{Entry, Protocol};
pub(crate) use protocol::{flatten, label_of, per_run};
pub use scored::{ScoredDataset, Spread};
pub use sets::{ArchitectureSet, SetRow};
pub use top::TopRow;

use tables::CorrelationTable;

use crate::benchmarks::{self, Benchmark};
use crate::correlate::{ProxyCorrelation, correlation_table};
use crate::join::{join, scored as columns_of};
use crate::values::Values;
use crate::{Options, Result};

/// A whole report.
#[derive(Clone, Debug)]
pub struct Model {
    /// Heading of the page.
    pub title: String,
    /// Search space of the scores.
    pub space: String,
    /// One entry per dataset, where there are values to hold the scores against.
    pub datasets: Vec<Dataset>,
    /// One entry per dataset, where there are none.
    pub scored: Vec<ScoredDataset>,
    /// Runs the scores were compared with.
    pub comparisons: Vec<Comparison>,
    /// How the numbers were made.
    pub protocol: Protocol,
    /// All correlations as a table, if there are values.
    pub correlations: Option<CorrelationTable>,
    /// What the correlations were computed with.
    pub options: Options,
}

impl Model {
    /// Computes a report from scores, measured values where there are any, and further runs of the same proxies.
    ///
    /// # Errors
    /// Those of [`join`] and [`crate::correlate()`].
    pub fn new(title: Option<&str>, scores: &Loaded, values: Option<Values<'_>>, others: &[Loaded], options: &Options) -> Result<Self> {
        let mut options = options.clone();
        options.lower_is_better.extend(scores.lower_is_better());
        let on_noise = |dataset: &str| scores.run_of(dataset).is_some_and(Run::on_noise);
        let (mut datasets, mut scored, mut correlations, mut checksums) = (Vec::new(), Vec::new(), None, None);
        if let Some(values) = values {
            let joined = join(&scores.table, values, &options)?;
            let rows: Vec<Vec<ProxyCorrelation>> =
                joined.iter().map(|dataset| crate::correlate::correlate_joined(dataset, &options)).collect::<Result<_>>()?;
            let sums = values.checksums()?;
            correlations = Some(correlation_table(&joined, &rows, &scores.table, &sums.0, &options)?);
            checksums = Some(sums);
            datasets = joined
                .into_iter()
                .zip(rows)
                .map(|(joined, rows)| {
                    let on_noise = on_noise(&joined.dataset);
                    Dataset::new(joined, rows, on_noise, &options)
                })
                .collect();
        } else {
            let columns = columns_of(&scores.table, &options)?;
            scored = columns
                .into_iter()
                .map(|columns| {
                    let on_noise = on_noise(&columns.dataset);
                    ScoredDataset::new(columns, on_noise, &options)
                })
                .collect::<Result<_>>()?;
        }
        let all: Vec<Columns<'_>> = datasets.iter().map(Dataset::columns).chain(scored.iter().map(ScoredDataset::columns)).collect();
        let comparisons = others.iter().map(|run| Comparison::new(scores, run, &all)).collect();
        let space = all.first().map_or_else(String::new, |columns| columns.space.to_owned());
        let protocol = Protocol::new(scores, checksums.as_ref(), &datasets, &scored, &options);
        let title = title.map_or_else(|| format!("Zero-cost proxies on {}", space_title(&space)), str::to_owned);
        Ok(Self { title, space, datasets, scored, comparisons, protocol, correlations, options })
    }

    /// The benchmark of the space, if it is a known one.
    pub fn benchmark(&self) -> Option<&'static Benchmark> {
        benchmarks::of_space(&self.space)
    }

    /// Scores of every dataset, whether or not they have values.
    pub(crate) fn columns(&self) -> impl Iterator<Item = Columns<'_>> {
        self.datasets.iter().map(Dataset::columns).chain(self.scored.iter().map(ScoredDataset::columns))
    }

    /// The result of each dataset: its name and a sentence.
    pub(crate) fn findings(&self) -> impl Iterator<Item = (String, &str)> {
        let valued = self.datasets.iter().map(|dataset| (dataset.columns().dataset.to_owned(), dataset.finding.as_str()));
        valued.chain(self.scored.iter().map(|dataset| (dataset.columns().dataset.to_owned(), dataset.finding.as_str())))
    }
}

/// Name of a search space for people.
pub(crate) fn space_title(space: &str) -> String {
    let of_space = || spaces::find(space).map_or_else(|_| space.to_owned(), |space| space.meta().title.to_owned());
    benchmarks::of_space(space).map_or_else(of_space, |benchmark| benchmark.title.to_owned())
}
