//! Questions to an ingested table, with the answers that the benchmark's own API gives.
//!
//! * [`find_rows`] reads the rows of one architecture, which takes milliseconds in a table of millions.
//! * [`select`] chooses among them: a split, a metric, a schedule, an epoch, and one run, all runs, or their mean.
//! * [`costs`] answers as `get_cost_info` does, the legacy fix included; [`simulated_seconds`] as `simulate_train_eval`.

mod cost;
mod find;
mod select;

pub use cost::{CostInfo, costs, simulated_seconds};
pub use find::{find_costs, find_rows};
pub use select::{Answer, At, Question, Runs, select};
