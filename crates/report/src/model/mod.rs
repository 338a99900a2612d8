//! Everything a report shows, computed once; pages, pictures and data files only read it.

mod dataset;
mod finding;
mod load;
mod matrix;
mod noise;
mod protocol;
mod sets;
mod top;

pub use dataset::Dataset;
pub(crate) use dataset::slug;
pub(crate) use load::TIMINGS;
pub use load::{Loaded, Run};
pub use matrix::Matrix;
pub use noise::{Comparison, NoiseRow};
pub use protocol::{Entry, Protocol};
pub use sets::{ArchitectureSet, SetRow};
pub use top::TopRow;

use tables::{BenchTable, CorrelationTable};

use crate::correlate::{ProxyCorrelation, correlation_table};
use crate::join::join;
use crate::{Options, Result};

/// A whole report.
#[derive(Clone, Debug)]
pub struct Model {
    /// Heading of the page.
    pub title: String,
    /// One entry per dataset and space.
    pub datasets: Vec<Dataset>,
    /// Runs the scores were compared with.
    pub comparisons: Vec<Comparison>,
    /// How the numbers were made.
    pub protocol: Protocol,
    /// All correlations as a table.
    pub correlations: CorrelationTable,
    /// What the correlations were computed with.
    pub options: Options,
}

impl Model {
    /// Computes a report from scores, measured values and further runs of the same proxies.
    ///
    /// # Errors
    /// Those of [`join`] and [`crate::correlate()`].
    pub fn new(title: Option<&str>, scores: &Loaded, table: &BenchTable, comparisons: &[Loaded], options: &Options) -> Result<Self> {
        let mut options = options.clone();
        options.lower_is_better.extend(scores.lower_is_better());
        let joined = join(&scores.table, table, &options)?;
        let correlations: Vec<Vec<ProxyCorrelation>> =
            joined.iter().map(|dataset| crate::correlate::correlate_joined(dataset, &options)).collect::<Result<_>>()?;
        let table_of_all = correlation_table(&joined, &correlations, &scores.table, table, &options)?;
        let datasets: Vec<Dataset> =
            joined.into_iter().zip(correlations).map(|(joined, correlations)| Dataset::new(joined, correlations, &options)).collect();
        let comparisons = comparisons.iter().map(|run| Comparison::new(scores, run, &datasets)).collect();
        let protocol = Protocol::new(scores, table, &datasets, &options);
        let title = title.map_or_else(|| default_title(&datasets), str::to_owned);
        Ok(Self { title, datasets, comparisons, protocol, correlations: table_of_all, options })
    }
}

fn default_title(datasets: &[Dataset]) -> String {
    let space = datasets.first().map_or("", |dataset| dataset.joined.space.as_str());
    let title = spaces::find(space).map_or_else(|_| space.to_owned(), |space| space.meta().title.to_owned());
    format!("Zero-cost proxies on {title}")
}
