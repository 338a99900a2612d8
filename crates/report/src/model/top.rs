//! What each proxy would pick.

use crate::join::Joined;
use crate::stats::{StatsError, TopK};
use tables::Direction;

/// The picks of one proxy.
#[derive(Clone, Debug)]
pub struct TopRow {
    /// Proxy.
    pub proxy: String,
    /// Architectures it scored.
    pub n_scored: usize,
    /// Which end of its scores it picks from.
    pub direction: Direction,
    /// The first pick.
    pub top_1: Result<TopK, StatsError>,
    /// The first ten.
    pub top_10: Result<TopK, StatsError>,
    /// Place in [`Joined::architectures`] of the first pick (of several that tie, the first in index order).
    pub first: Option<usize>,
}

impl TopRow {
    pub(crate) fn new(joined: &Joined, proxy: usize, direction: Direction) -> Self {
        let column = &joined.proxies[proxy];
        let scored: Vec<usize> = (0..column.scores.len()).filter(|&place| column.scores[place].is_some()).collect();
        let scores: Vec<f64> = column.scores.iter().filter_map(|score| *score).collect();
        let values: Vec<f64> = scored.iter().map(|&place| joined.architectures[place].value).collect();
        let top = |k| TopK::of(&scores, &values, k, direction, joined.quantity.direction);
        let top_1 = top(1);
        let first = top_1.as_ref().ok().and_then(|top| scored.get(top.first)).copied();
        Self { proxy: column.proxy.clone(), n_scored: scored.len(), direction, top_10: top(10), top_1, first }
    }
}
