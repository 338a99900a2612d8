//! One file per subcommand: its `Args` beside its `run`.

mod census;
pub mod completions;
pub mod correlate;
pub mod fetch;
pub mod ingest;
pub mod inspect;
pub mod list;
mod own_csv;
pub mod query;
pub mod report;
pub mod score;
pub mod score_model;
pub mod score_one;
pub mod search;
pub mod show;
pub mod theory;
pub mod train_table;
