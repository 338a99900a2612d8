//! The page of a search: what it evaluated, what it found, how that compares.
//!
//! [`build_search`] reads histories ([`tables::SearchTable`]), groups them by dataset, objective and method (the seeds of a group
//! are its repetitions), and writes page, pictures and data. A table of trained values adds what the found architectures are worth,
//! score folders what a proxy's first pick out of the whole space is worth.

mod aggregate;
mod build;
mod columns;
mod compare;
mod config;
mod curve;
mod diagram;
mod front;
mod html;
mod load;
mod methods;
mod model;
mod picks;
mod plots;
mod pool;
mod protocol;
mod published;
mod run;
mod truth;

pub use build::{SearchSettings, build_search};
