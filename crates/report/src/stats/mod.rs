//! Rank statistics of a proxy's scores against measured values.
//!
//! Coefficients are raw: score against value as both stand in their tables, no sign flipped. Missing scores are counted
//! and left out; NaN, infinities, constant and empty columns are typed errors. Pair counts are exact integers.
//!
//! One file per statistic; [`ALL`] lists them.

mod agreement;
mod bootstrap;
mod error;
mod metric;
mod paired;
mod pairs;
mod rank;
mod sample;
mod spearman;
mod tau_a;
mod tau_b;
mod ties;
mod top_k;

pub use agreement::Agreement;
pub(crate) use bootstrap::quantile;
pub use bootstrap::{BootstrapOptions, Interval, Intervals, bootstrap};
pub use error::{Column, StatsError};
pub use metric::Metric;
pub use paired::{Paired, Spread, student_t};
pub use pairs::PairCounts;
pub use sample::Sample;
pub use spearman::{rho, rho_of};
pub use tau_a::tau_a;
pub use tau_b::tau_b;
pub use ties::Ties;
pub use top_k::TopK;

/// Every statistic that turns a sample into one number, in the order of the report.
pub const ALL: &[Metric] = &[tau_b::METRIC, tau_a::METRIC, spearman::METRIC, top_k::TOP_1, top_k::TOP_10, top_k::REGRET];

/// The statistic called `name`.
pub fn find(name: &str) -> Option<&'static Metric> {
    ALL.iter().find(|metric| metric.name == name)
}
