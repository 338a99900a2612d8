//! Scoring of many architectures: workers, shards, resumption.
//!
//! A [`Run`] is planned from a [`RunConfig`] and a list of architectures: exact deduplication groups them into networks to
//! evaluate, and these go into *shards* of a fixed size and order. [`Run::execute`] gives shards to single-threaded
//! workers; a finished shard is written to a temporary file, synced and renamed, under a name that holds a hash of all its
//! inputs. So a run can be killed, resumed and shared among processes, and its files are the same whatever happened.
//!
//! ```text
//! OUT/run.json                       the configuration
//! OUT/scores/000012-<hash>.parquet   scores of shard 12
//! OUT/timings/000012-<hash>.parquet  milliseconds of shard 12 (apart, since they differ from run to run)
//! ```

mod config;
mod execute;
mod folder;
mod work;

pub use config::{BatchConfig, NetworkConfig, ProxyVersion, RunConfig, Selection};
pub use execute::{Event, Part, Run, Summary};
pub use work::{Item, deduplicated, sample_order};
