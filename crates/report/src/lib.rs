//! Rank statistics, plots and the HTML report.

pub mod correlate;
mod error;
mod format;
pub mod join;
pub mod model;
mod options;
pub mod paper;
mod select;
pub mod stats;

pub use correlate::correlate;
pub use error::{Error, Result};
pub use options::Options;
pub use select::Quantity;
