//! Which set of architectures gives which tau: all strings, connected ones, those without dead edges, one per
//! class of the live graph.

use std::collections::HashSet;

use spaces::{Architecture, Features, Scope, Space};

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

/// The sets of a dataset and every proxy's tau-b over them. Empty for a space this workspace does not know.
pub(super) fn sets(joined: &Joined, features: &[Option<Features>], order: &[usize]) -> (Vec<ArchitectureSet>, Vec<SetRow>) {
    let Ok(space) = spaces::find(&joined.space) else { return (Vec::new(), Vec::new()) };
    let everything: Vec<usize> = (0..joined.architectures.len()).collect();
    let connected: Vec<usize> = everything.iter().copied().filter(|&place| features[place].is_some_and(|f| f.connected)).collect();
    let no_dead_edges: Vec<usize> =
        everything.iter().copied().filter(|&place| features[place].is_some_and(|f| f.dead_edges == 0)).collect();
    let mut seen = HashSet::new();
    let one_per_class: Vec<usize> =
        everything.iter().copied().filter(|&place| canonical(space, joined, place).is_some_and(|class| seen.insert(class))).collect();
    let members = [
        ("all scored strings", everything),
        ("connected strings", connected),
        ("strings without dead edges", no_dead_edges),
        ("first string of each live graph", one_per_class),
    ];
    let rows = order.iter().map(|&proxy| {
        let column = &joined.proxies[proxy];
        let tau = |places: &Vec<usize>| {
            let pairs = places.iter().filter_map(|&place| Some((column.scores[place]?, joined.architectures[place].value)));
            let (scores, values): (Vec<f64>, Vec<f64>) = pairs.unzip();
            tau_b(&scores, &values).ok()
        };
        SetRow { proxy: column.proxy.clone(), tau_b: members.iter().map(|(_, places)| tau(places)).collect() }
    });
    let rows = rows.collect();
    (members.iter().map(|(title, places)| ArchitectureSet { title: (*title).into(), n: places.len() }).collect(), rows)
}

fn canonical(space: &dyn Space, joined: &Joined, place: usize) -> Option<String> {
    let valued = &joined.architectures[place];
    space.canonical(&Architecture { index: valued.index, text: valued.arch.clone() }, Scope::Live).ok()
}
