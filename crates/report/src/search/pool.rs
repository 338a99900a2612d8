//! The pool of a search over time, played again from its history.

use std::collections::VecDeque;

use tables::Direction;

use crate::stats::quantile;
use crate::values::better;

/// Which members a full pool keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// The best values.
    Best,
    /// Those evaluated last.
    Latest,
}

/// The pool after some evaluations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PoolAt {
    /// Evaluations so far.
    pub evaluations: usize,
    /// Members with a value.
    pub members: usize,
    /// Least value, quartiles (interpolated) and greatest value.
    pub quantiles: [f64; 5],
}

/// Places in time that are looked at.
const MOMENTS: usize = 80;

/// The pool of `population` members at evenly spread moments; those without a value are left out. Moments before the first value
/// are left out too.
pub fn pool(values: &[Option<f64>], population: usize, kept: Kept, direction: Direction) -> Vec<PoolAt> {
    let step = values.len().div_ceil(MOMENTS).max(1);
    // Ascending, whichever direction is the better one.
    let mut sorted: Vec<f64> = Vec::new();
    let mut ages: VecDeque<f64> = VecDeque::new();
    let mut moments = Vec::new();
    for (place, value) in values.iter().enumerate() {
        if let Some(value) = *value {
            sorted.insert(sorted.partition_point(|other| *other < value), value);
            ages.push_back(value);
        }
        if sorted.len() > population {
            let leaves = match kept {
                Kept::Latest => ages.pop_front(),
                Kept::Best => sorted.iter().copied().min_by(|a, b| better(direction, *a, *b)),
            };
            let at = leaves.map(|leaves| sorted.partition_point(|other| *other < leaves));
            if let Some(at) = at.filter(|at| *at < sorted.len()) {
                sorted.remove(at);
            }
        }
        let evaluations = place + 1;
        if !sorted.is_empty() && (evaluations.is_multiple_of(step) || evaluations == values.len()) {
            let quantiles = [0.0, 0.25, 0.5, 0.75, 1.0].map(|fraction| quantile(&sorted, fraction));
            moments.push(PoolAt { evaluations, members: sorted.len(), quantiles });
        }
    }
    moments
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last(values: &[f64], population: usize, kept: Kept, direction: Direction) -> PoolAt {
        let values: Vec<Option<f64>> = values.iter().map(|value| Some(*value)).collect();
        *pool(&values, population, kept, direction).last().unwrap()
    }

    #[test]
    fn a_full_pool_drops_the_worst_or_the_oldest() {
        let values = [5.0, 1.0, 4.0, 2.0, 3.0];
        let best = last(&values, 3, Kept::Best, Direction::HigherIsBetter);
        assert_eq!((best.evaluations, best.members, best.quantiles), (5, 3, [3.0, 3.5, 4.0, 4.5, 5.0]));
        assert_eq!(last(&values, 3, Kept::Best, Direction::LowerIsBetter).quantiles, [1.0, 1.5, 2.0, 2.5, 3.0]);
        assert_eq!(last(&values, 3, Kept::Latest, Direction::HigherIsBetter).quantiles, [2.0, 2.5, 3.0, 3.5, 4.0]);
        assert_eq!(last(&values, 9, Kept::Best, Direction::HigherIsBetter).members, 5);
    }

    #[test]
    fn moments_are_few_and_reach_the_end() {
        let values: Vec<Option<f64>> = (0..1001).map(|k| (k > 20).then_some(f64::from(k))).collect();
        let moments = pool(&values, 10, Kept::Best, Direction::HigherIsBetter);
        assert!(moments.len() <= MOMENTS + 1 && moments[0].evaluations > 21);
        assert_eq!(moments.last().unwrap().quantiles[4], 1000.0);
    }
}
