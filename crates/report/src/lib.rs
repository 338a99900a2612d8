//! Rank statistics, pictures and the page that hold zero-cost scores against trained accuracies.
//!
//! [`correlate()`] turns a score table and a benchmark's table into a correlation table; [`build`] makes a whole report
//! from files: page, pictures, data. Between the two stands a [`model::Model`], which holds every number of a report.
//!
//! ```
//! use report::stats::{BootstrapOptions, Sample, bootstrap, tau_b};
//!
//! let scores = [1.0, 3.0, 2.0, 5.0, 4.0];
//! let accuracies = [90.1, 91.4, 91.0, 93.9, 94.2];
//! assert_eq!(tau_b(&scores, &accuracies)?, 0.8);
//! let intervals = bootstrap(&Sample::new(&scores, &accuracies)?, &BootstrapOptions::default())?;
//! assert!(intervals.tau_b.low <= 0.8 && 0.8 <= intervals.tau_b.high);
//! # Ok::<(), report::stats::StatsError>(())
//! ```
//!
//! # From scores to a page
//! 1. [`join`]: scores beside values, coverage counted.
//! 2. [`stats`]: one file per statistic; [`correlate()`] applies them to every proxy.
//! 3. [`model`]: correlations, picks, [`ceiling`], noise, protocol, findings.
//! 4. [`plots`], [`html`]: pictures and page. [`build`]: all of it, written file by file, each whole or not there.
//! 5. [`index`]: one page over the reports of all benchmarks.
//!
//! [`search`] makes the page of a search from its history.
//! [`theory`] is apart from these: the page of the experiments with the paper's theorems.
//!
//! [`benchmarks`] says which value of a benchmark speaks for an architecture. Without a benchmark's table a report shows what
//! scores alone show, and says which official file is missing.
//!
//! [`paper`] has the paper's own figures, which stand beside the numbers and enter none of them.
//!
//! This crate scores nothing and never links libtorch; scores come from `proxies`, accuracies from `bench-loaders`.

pub mod aggregate;
pub mod benchmarks;
mod build;
pub mod ceiling;
mod cli;
pub mod correlate;
mod error;
pub mod exit;
mod export;
mod format;
pub mod html;
pub mod index;
pub mod join;
pub mod model;
mod options;
pub mod paper;
pub mod plots;
mod quantity;
pub mod search;
pub mod stats;
pub mod theory;
mod values;

pub use build::{Settings, Summary, TableChoice, build};
pub use cli::{Cli, run};
pub use correlate::{correlate, correlate_values};
pub use error::{Error, Result};
pub use options::Options;
pub use quantity::{Quantity, Runs};
pub use search::{SearchSettings, build_search};
pub use values::{Values, values_of};
