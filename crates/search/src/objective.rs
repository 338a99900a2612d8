use std::collections::HashMap;

use tables::Status;

use crate::Error;

/// Why a candidate has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// In one word; never [`Status::Ok`].
    pub status: Status,
    /// In a sentence.
    pub reason: String,
}

/// A finite value, or why there is none.
pub type Value = Result<f64, Missing>;

/// What a search wants much (or little) of.
pub trait Objective<C>: Sync {
    /// What a thread keeps between candidates.
    type Worker;

    /// Called at the start of every thread.
    ///
    /// # Errors
    /// The objective's own, as [`Error::Objective`]: the search ends.
    fn worker(&self) -> Result<Self::Worker, Error>;

    /// The values of a candidate, one for each component of the objective, in its order.
    ///
    /// # Errors
    /// As [`Objective::worker`]. What is wrong with one candidate alone belongs into its values.
    fn evaluate(&self, candidate: &C, worker: &Self::Worker) -> Result<Vec<Value>, Error>;

    /// Milliseconds of a forward pass; asked for only where the budget has a limit.
    ///
    /// # Errors
    /// [`Error::NoLatency`] if it has none to give.
    fn latency_ms(&self, _candidate: &C, _worker: &Self::Worker) -> Result<f64, Error> {
        Err(Error::NoLatency)
    }
}

/// An objective that is known beforehand: values by a key of the candidate.
pub struct Lookup<K> {
    /// The key of a candidate.
    pub key: K,
    /// Values.
    pub values: HashMap<String, f64>,
}

impl<C, K: Fn(&C) -> String + Sync> Objective<C> for Lookup<K> {
    type Worker = ();

    fn worker(&self) -> Result<(), Error> {
        Ok(())
    }

    fn evaluate(&self, candidate: &C, (): &()) -> Result<Vec<Value>, Error> {
        let key = (self.key)(candidate);
        let missing = || Missing { status: Status::DoesNotApply, reason: format!("the table has no value of {key}") };
        Ok(vec![self.values.get(&key).copied().ok_or_else(missing)])
    }
}
