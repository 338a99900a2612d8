//! Which set of architectures gives which tau: all strings, connected ones, those without dead edges, one per
//! class of the live graph.

use std::collections::HashSet;

use spaces::{Architecture, Features, Scope};

use crate::join::Joined;
use crate::stats::tau_b;

/// A way to choose among the scored architectures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchitectureSet {
    /// Name for people.
    pub title: String,
    /// Number of architectures in it.
    pub n: usize,
}

/// Tau-b of one proxy over each set.
#[derive(Clone, Debug)]
pub struct SetRow {
    /// Proxy.
    pub proxy: String,
    /// Tau-b, in the order of the sets; none where it is undefined.
    pub tau_b: Vec<Option<f64>>,
}

/// A set and the places of its members.
pub(super) type Members = (&'static str, Vec<usize>);

impl ArchitectureSet {
    pub(super) fn of((title, places): &Members) -> Self {
        Self { title: (*title).into(), n: places.len() }
    }
}

/// The sets that are smaller than the whole, after the whole itself. Empty where there is none: every architecture is
/// connected, has no dead edge and is the only one of its network; or the workspace does not know the space.
pub(super) fn members(space: &str, architectures: &[Architecture], features: &[Option<Features>]) -> Vec<Members> {
    let Ok(space) = spaces::find(space) else { return Vec::new() };
    let everything: Vec<usize> = (0..architectures.len()).collect();
    let with = |wanted: &dyn Fn(Features) -> bool| -> Vec<usize> {
        everything.iter().copied().filter(|&place| features[place].is_none_or(wanted)).collect()
    };
    let mut seen = HashSet::new();
    let first_of_class = |place: &usize| match space.canonical(&architectures[*place], Scope::Live) {
        Ok(class) => seen.insert(class),
        Err(_) => true,
    };
    let one_per_class = everything.iter().copied().filter(first_of_class).collect();
    let smaller = [
        ("connected strings", with(&|f| f.connected)),
        ("strings without dead edges", with(&|f| f.dead_edges == 0)),
        ("first string of each live graph", one_per_class),
    ];
    let smaller: Vec<Members> = smaller.into_iter().filter(|(_, places): &Members| places.len() < everything.len()).collect();
    if smaller.is_empty() { Vec::new() } else { std::iter::once(("all scored strings", everything)).chain(smaller).collect() }
}

/// Every proxy's tau-b over each set.
pub(super) fn rows(joined: &Joined, members: &[Members], order: &[usize]) -> Vec<SetRow> {
    if members.is_empty() {
        return Vec::new();
    }
    let row = |&proxy: &usize| {
        let column = &joined.proxies[proxy];
        let tau = |(_, places): &Members| {
            let pairs = places.iter().filter_map(|&place| Some((column.scores[place]?, joined.architectures[place].value)));
            let (scores, values): (Vec<f64>, Vec<f64>) = pairs.unzip();
            tau_b(&scores, &values).ok()
        };
        SetRow { proxy: column.proxy.clone(), tau_b: members.iter().map(tau).collect() }
    };
    order.iter().map(row).collect()
}
