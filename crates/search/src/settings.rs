use serde::{Deserialize, Serialize};

use crate::{Budget, Error};

/// How a search goes on from what it has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// Algorithm 1 without its waste: a step draws until it has a candidate within the budget that was not drawn before (with more
    /// replacements where it finds none), and goes down to the budget where the initial candidate breaks it; several are evaluated at once.
    Evolution,
    /// Algorithm 1 as `SLDGroup/ZiCo@b0fec65 evolution_search.py` runs it: a candidate that breaks the budget uses up a step, candidates may
    /// come again, one step after the other.
    Released,
    /// Regularised evolution (Real et al., AAAI 2019): the parent is the best of a few drawn from the last so many, the oldest leaves.
    Regularised,
    /// Random search: every candidate is drawn anew.
    Random,
}

impl Method {
    /// All.
    pub const ALL: [Self; 4] = [Self::Evolution, Self::Released, Self::Regularised, Self::Random];

    /// `evolution`, `released`, `regularised` or `random`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Evolution => "evolution",
            Self::Released => "released",
            Self::Regularised => "regularised",
            Self::Random => "random",
        }
    }
}

/// Everything that decides which candidates a search draws, but for domain and objective.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// How it goes on.
    pub method: Method,
    /// Seed of all draws.
    pub seed: u64,
    /// Number of steps. But for [`Method::Released`], where a step may break the budget, each evaluates one candidate.
    pub steps: u64,
    /// Most members of the pool; for [`Method::Regularised`] the number of youngest ones that count.
    pub population: usize,
    /// Members that [`Method::Regularised`] draws for a parent (with replacement).
    pub tournament: usize,
    /// What a candidate may cost.
    pub budget: Budget,
    /// A step knows the results of all steps but the last `in_flight - 1` before it, however many threads there are: so many can be
    /// evaluated at once.
    pub in_flight: u64,
}

impl Settings {
    /// The settings of a method: a pool of 512 as released, else of a sixteenth of the steps (16 to 512; 100 for regularised
    /// evolution, with tournaments of 10, at most a quarter of the steps); 16 at once, or one as released.
    #[must_use]
    pub fn new(method: Method, steps: u64, seed: u64) -> Self {
        let part = |share: u64, low: u64, high: u64| (steps / share).clamp(low, high) as usize;
        let population = match method {
            Method::Released => 512,
            Method::Regularised => part(4, 10, 100),
            Method::Evolution | Method::Random => part(16, 16, 512),
        };
        let in_flight = if method == Method::Released { 1 } else { 16 };
        Self { method, seed, steps, population, tournament: 10, budget: Budget::default(), in_flight }
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        let wrong = |setting, reason: &str| Err(Error::Setting { setting, reason: reason.into() });
        match self {
            Self { steps: 0, .. } => wrong("steps", "there must be at least 1"),
            Self { population: 0, .. } => wrong("population", "it must have at least 1 member"),
            Self { tournament: 0, .. } => wrong("tournament", "it must have at least 1 member"),
            Self { in_flight: 0, .. } => wrong("in_flight", "at least 1 candidate must be under way"),
            Self { method: Method::Released, in_flight: 2.., .. } => wrong("in_flight", "the released code takes one step after the other"),
            _ => Ok(()),
        }
    }
}
