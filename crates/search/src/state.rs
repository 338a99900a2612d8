use std::collections::HashSet;

use crate::ranking::{highest, lowest};
use crate::{Cost, Limit, Method, Ranking, Settings, Value};

/// A candidate with what is known of it before it is evaluated.
#[derive(Clone, Debug)]
pub struct Drawn<C> {
    /// The candidate.
    pub candidate: C,
    /// Its string.
    pub text: String,
    /// Step that evaluated its parent.
    pub parent: Option<u64>,
    /// Its cost.
    pub cost: Cost,
}

/// A candidate with its values.
#[derive(Clone, Debug)]
pub struct Evaluated<C> {
    /// The step that drew it.
    pub step: u64,
    /// What was drawn.
    pub drawn: Drawn<C>,
    /// Milliseconds of a forward pass, if the budget has a limit.
    pub latency_ms: Option<f64>,
    /// Values of the components of the objective.
    pub values: Vec<Value>,
}

/// What became of the candidates that were drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Candidates drawn.
    pub tries: u64,
    /// Of these, drawn before (and not evaluated again).
    pub duplicates: u64,
    /// Of these, over a limit, in the order of [`Limit::ALL`].
    pub rejected: [u64; 4],
    /// Of these, without a value of (every component of) the objective.
    pub unscored: u64,
}

impl Counts {
    /// Candidates within the budget over those drawn.
    #[must_use]
    pub fn acceptance_rate(&self) -> f64 {
        let within = self.tries - self.rejected.iter().sum::<u64>();
        within as f64 / self.tries.max(1) as f64
    }

    pub(crate) fn reject(&mut self, limit: Limit) {
        self.rejected[limit as usize] += 1;
    }
}

/// What a search knows at a step.
pub struct State<'a, C> {
    ranking: &'a Ranking<'a>,
    settings: &'a Settings,
    /// Every candidate that was evaluated, in the order of steps.
    pub evaluated: Vec<Evaluated<C>>,
    /// Positions in `evaluated`, oldest first.
    pub(crate) pool: Vec<usize>,
    /// Identities of all that was drawn within the budget.
    pub(crate) seen: HashSet<String>,
    pub(crate) counts: Counts,
    /// What breaks the budget least, and by which factor.
    pub(crate) nearest: Option<(f64, Drawn<C>)>,
    best: Option<usize>,
}

impl<'a, C> State<'a, C> {
    pub(crate) fn new(ranking: &'a Ranking<'a>, settings: &'a Settings) -> Self {
        let (evaluated, pool, seen) = (Vec::new(), Vec::new(), HashSet::new());
        Self { ranking, settings, evaluated, pool, seen, counts: Counts::default(), nearest: None, best: None }
    }

    /// Takes the result of a step. Results come in the order of steps.
    pub(crate) fn take(&mut self, evaluated: Evaluated<C>) {
        let (has_value, too_slow) = (evaluated.values.iter().all(Result::is_ok), self.is_too_slow(&evaluated));
        self.evaluated.push(evaluated);
        if too_slow {
            self.counts.reject(Limit::Latency);
            return;
        }
        if !has_value {
            self.counts.unscored += 1;
            return;
        }
        let new = self.evaluated.len() - 1;
        self.pool.push(new);
        if let Ranking::Value { .. } = self.ranking
            && (self.best.is_none() || highest(&self.merits(&[self.best.unwrap_or(new), new])) == Some(1))
        {
            self.best = Some(new);
        }
    }

    /// Whether a candidate is over the limit of the latency.
    pub(crate) fn is_too_slow(&self, evaluated: &Evaluated<C>) -> bool {
        self.settings.budget.latency_ms.zip(evaluated.latency_ms).is_some_and(|(limit, latency)| latency > limit)
    }

    /// The fastest candidate, where latency is measured.
    pub(crate) fn fastest(&self) -> Option<&Evaluated<C>> {
        let timed = self.evaluated.iter().filter_map(|evaluated| Some((evaluated, evaluated.latency_ms?)));
        timed.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(evaluated, _)| evaluated)
    }

    /// Before a step: members leave until the pool has its size.
    pub(crate) fn trim(&mut self) {
        while self.pool.len() > self.settings.population {
            let leaves = match self.settings.method {
                Method::Regularised => 0,
                _ => lowest(&self.merits(&self.pool)).unwrap_or(0),
            };
            self.pool.remove(leaves);
        }
    }

    /// Merits of evaluated candidates beside each other.
    pub(crate) fn merits(&self, members: &[usize]) -> Vec<Option<f64>> {
        let values: Vec<&[Value]> = members.iter().map(|&k| self.evaluated[k].values.as_slice()).collect();
        self.ranking.merits(&values)
    }

    /// Values of the objective in the pool, best last; for a combination of proxies its merits there. Members without one are left out.
    #[must_use]
    pub fn pool_values(&self) -> Vec<f64> {
        let mut merits: Vec<f64> = self.merits(&self.pool).into_iter().flatten().collect();
        merits.sort_by(f64::total_cmp);
        if let Ranking::Value { higher: false } = self.ranking {
            // A merit is what is larger for the better one.
            for merit in &mut merits {
                *merit = -*merit;
            }
        }
        merits
    }

    /// The first of the best candidates of all.
    #[must_use]
    pub fn best(&self) -> Option<&Evaluated<C>> {
        let best = match self.ranking {
            Ranking::Value { .. } => self.best,
            Ranking::Set(_) => {
                let all: Vec<usize> = (0..self.evaluated.len()).collect();
                highest(&self.merits(&all))
            }
        };
        best.map(|k| &self.evaluated[k])
    }

    /// What became of the candidates so far.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        self.counts
    }
}
