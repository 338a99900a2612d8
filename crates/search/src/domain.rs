use crate::{Draws, Error};

/// What a candidate costs, as the budget of its search counts it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    /// FLOPs for one image (multiply-adds; what else is counted is the domain's convention).
    pub flops: f64,
    /// Parameters.
    pub params: f64,
    /// Layers.
    pub layers: u32,
}

/// What a search moves through.
pub trait Domain: Sync {
    /// A place in it.
    type Candidate: Clone + Send + Sync;

    /// Where a search begins.
    fn initial(&self) -> &Self::Candidate;

    /// A neighbour: `replacements` changes of `parent`.
    ///
    /// # Errors
    /// [`Error::Space`] if nothing of the parent can change.
    fn mutate(&self, parent: &Self::Candidate, replacements: usize, draws: &mut Draws) -> Result<Self::Candidate, Error>;

    /// A candidate that has nothing to do with others.
    ///
    /// # Errors
    /// As [`Domain::mutate`].
    fn random(&self, draws: &mut Draws) -> Result<Self::Candidate, Error>;

    /// What it costs.
    ///
    /// # Errors
    /// [`Error::Space`] if it gives no network.
    fn cost(&self, candidate: &Self::Candidate) -> Result<Cost, Error>;

    /// Official string: what stands in the history, and under what a score is found again.
    fn text(&self, candidate: &Self::Candidate) -> String;

    /// A text that two candidates share if there is no point in evaluating both; its string, unless the domain knows better.
    ///
    /// # Errors
    /// [`Error::Space`] if it gives no network.
    fn identity(&self, candidate: &Self::Candidate) -> Result<String, Error> {
        Ok(self.text(candidate))
    }
}
