use std::path::PathBuf;

use crate::Budget;

/// The cause of a failure that is not the search's own.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// What can go wrong with a search.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A candidate that the space refuses.
    #[error("failed to use the architecture {text}")]
    Space {
        /// The architecture.
        text: String,
        /// Why.
        #[source]
        source: Cause,
    },
    /// The objective failed for good, not for one candidate.
    #[error("failed to evaluate candidates")]
    Objective(#[source] Cause),
    /// A budget with a latency for an objective that runs nothing.
    #[error("this objective runs no network: it has no latency to hold against the budget")]
    NoLatency,
    /// Nothing that was drawn is within the budget.
    #[error(
        "no architecture within the budget ({budget}) among {tries} candidates; the nearest miss is {nearest}, with {}\n\
        raise the limit it breaks, or start from a smaller architecture",
        costs
    )]
    Infeasible {
        /// The budget.
        budget: Budget,
        /// Number of candidates that were drawn.
        tries: u64,
        /// The one that breaks it least.
        nearest: String,
        /// What that one costs, in words.
        costs: String,
    },
    /// An objective that does not apply.
    #[error("none of the first {candidates} candidates has a value of the objective: {reason}")]
    NoValue {
        /// Number of candidates.
        candidates: usize,
        /// Why the first of them has none.
        reason: String,
    },
    /// A setting without a sense.
    #[error("{setting}: {reason}")]
    Setting {
        /// The setting and its value.
        setting: &'static str,
        /// Why not.
        reason: String,
    },
    /// A checkpoint that this program would not have written.
    #[error(
        "{} goes another way than this program: step {step} evaluates {here}, but there it is {there}\n\
        the checkpoint is of another version of the program; use another output folder",
        path.display()
    )]
    Diverged {
        /// The folder.
        path: PathBuf,
        /// The step.
        step: u64,
        /// What this program evaluates.
        here: String,
        /// What stands in the checkpoint.
        there: String,
    },
    /// The folder of the search.
    #[error(transparent)]
    Shards(#[from] shards::Error),
    /// The tables.
    #[error(transparent)]
    Table(#[from] tables::Error),
}
