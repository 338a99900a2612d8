//! A table of trained architectures: each trained under several seeds, measured at several epochs.
//!
//! A [`TableJob`] is a job of [`shards`], with a shard for each training: it can be killed, resumed and shared among processes. A
//! training under way leaves a checkpoint every half minute and when it is interrupted, from which it goes on to the
//! same figures. [`write_tables`] joins the files into one table of values and one of costs.
//!
//! ```text
//! OUT/run.json                          the configuration
//! OUT/trainings/000012-<hash>.parquet   figures of training 12
//! OUT/checkpoints/<hash>.safetensors    a training under way
//! ```

mod config;
mod job;
mod saved;
mod tables_of;

pub use config::{ImagesConfig, TableConfig};
pub use job::{Planned, TableJob};
pub use tables_of::{Written, write_tables};
