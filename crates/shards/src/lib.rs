//! Long work that can be killed, resumed and shared among processes.
//!
//! A [`Job`] is a list of items and what is to be done with each. [`execute`] cuts the list into *shards* of a fixed size and
//! order and gives the items to worker threads; a finished shard is written under a name that holds a hash of all its inputs,
//! so the files are the same whatever happened on the way.
//!
//! ```text
//! OUT/run.json                       the configuration, a `Config`
//! OUT/<FOLDER>/000012-<hash>.parquet results of shard 12
//! ```
//!
//! What an item is, and what stands in a file, is the job's business: `proxies` scores networks, `train` trains them.

mod common;
mod config;
mod error;
mod execute;
mod folder;

pub use common::{NetworkConfig, Selection};
pub use config::Config;
pub use error::Error;
pub use execute::{Event, Job, Part, Summary, execute};
pub use folder::open as open_folder;
