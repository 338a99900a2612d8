//! The tables that the stages of the harness exchange: Arrow in memory, Parquet on disk, provenance inside.
//!
//! A [`Table`] is columns plus a [`Provenance`]. Its kind says what a row is: [`BenchTable`] (measured values of trained
//! architectures), [`CostTable`] (parameters, multiply-adds, latency), [`ScoreTable`] (scores of proxies), [`TimingTable`] (how
//! long a score took), [`CorrelationTable`] (how well scores rank values) and [`SearchTable`] (what a search evaluated); of the
//! experiments with the paper's theorems [`StepTable`], [`MlpTable`] and [`GramTable`]. [`AnyTable`] reads whichever a file holds.
//!
//! ```
//! use tables::{BenchRow, BenchTable, Direction, Provenance};
//!
//! let mut builder = BenchTable::builder();
//! builder.push(BenchRow {
//!     space: "nb201",
//!     arch: "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|",
//!     index: Some(1651),
//!     dataset: "cifar10",
//!     split: "test",
//!     metric: "accuracy",
//!     unit: "percent",
//!     direction: Direction::HigherIsBetter,
//!     epochs: 200,
//!     epoch: Some(200),
//!     trial: None,
//!     value: 10.0,
//! })?;
//! let table = builder.finish(Provenance::new(serde_json::json!({ "example": true })))?;
//!
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("example.parquet");
//! table.write(&path)?;
//! assert_eq!(BenchTable::read(&path)?, table);
//! assert_eq!(table.iter().next().map(|row| row.value), Some(10.0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Benchmarks have millions of rows: a [`TableWriter`] writes them one by one in bounded memory, and
//! [`Table::read_where`] reads those of one architecture from among them in milliseconds.
//!
//! # Rules of every table
//! * A number is finite. What has no value is null, with a status and a reason where the kind has them; never NaN, never a
//!   sentinel. Texts are not empty. No two rows have the same key. All of it is checked when a table is built and when a
//!   file is read.
//! * Equal contents give equal bytes: files hold no time stamp, and what differs from run to run (milliseconds) stands in
//!   files of its own.
//! * A file is written beside its destination, synced and renamed, so it is whole or not there.
//!
//! This crate computes nothing: statistics stand in `report`, scores come from `proxies`, benchmarks from `bench-loaders`.

mod any;
mod bench;
mod column;
mod column_builder;
mod content;
mod correlation;
mod cost;
mod direction;
mod encode;
mod error;
mod files;
mod filter;
mod gram;
mod mlp;
mod order;
mod print;
mod provenance;
mod read;
mod record;
mod score;
mod score_folder;
mod search;
mod status;
mod step;
mod stored;
mod table;
mod timing;
mod writer;

pub use any::AnyTable;
pub use bench::{Bench, BenchRow, BenchTable};
pub use correlation::{Correlation, CorrelationRow, CorrelationTable};
pub use cost::{Cost, CostRow, CostTable};
pub use direction::Direction;
pub use error::Error;
pub use files::{atomic_write, hash_file, hex};
pub use filter::{Filter, Wanted};
pub use gram::{Gram, GramRow, GramTable};
pub use mlp::{Mlp, MlpRow, MlpTable};
pub use print::{to_csv, to_json, to_text};
pub use provenance::{NO_IMAGES, Provenance, git_commit};
pub use score::{Score, ScoreRow, ScoreTable};
pub use search::{Search, SearchRow, SearchTable};
pub use status::Status;
pub use step::{Step, StepRow, StepTable};
pub use table::{Kind, Table, TableBuilder};
pub use timing::{Timing, TimingRow, TimingTable};
pub use writer::{Sealed, TableWriter};

pub use arrow::record_batch::RecordBatch;

/// Result with this crate's [`enum@Error`].
pub type Result<T> = std::result::Result<T, Error>;
