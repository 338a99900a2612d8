//! Scoring of many architectures: workers, shards, resumption.
//!
//! A [`Run`] is planned from a [`RunConfig`] and a list of architectures: exact deduplication groups them into networks to
//! evaluate, and these are the items of a job of [`shards`], done by single-threaded workers. So a run can be killed, resumed
//! and shared among processes, and its files are the same whatever happened. What other runs must have found as well can be taken
//! from them ([`Reused`]).
//!
//! ```text
//! OUT/run.json                       the configuration
//! OUT/scores/000012-<hash>.parquet   scores of shard 12
//! OUT/timings/000012-<hash>.parquet  milliseconds of shard 12 (apart, since they differ from run to run)
//! ```

mod config;
mod execute;
mod reuse;
mod work;

pub use config::{BatchConfig, ProxyVersion, RunConfig};
pub use execute::Run;
pub use reuse::Reused;
pub use work::{Item, deduplicated, sample_order};
