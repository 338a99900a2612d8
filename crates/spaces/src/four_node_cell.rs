//! Cells of four nodes with an edge from every node to every later one, as NAS-Bench-201 and TransNAS-Bench-101 have them:
//! which edges are live, and when two cells are the same computation.

use crate::{Features, Scope};

/// Source and destination node of each edge in string order.
pub const EDGES: [(usize, usize); 6] = [(0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3)];

/// What matters about the operation of an edge. The letter tells operations of one kind apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// Nothing but zeros come through.
    Zero,
    /// What goes in comes out.
    Identity,
    /// A function without weights: two of one letter on one tensor give the same.
    Free(char),
    /// A function with weights: two of one letter on one tensor differ.
    Weighted(char),
}

/// The edges of a cell, in the order of [`EDGES`].
#[derive(Clone, Copy, Debug)]
pub struct FourNodeCell(pub [Edge; 6]);

impl FourNodeCell {
    /// For each edge, whether it can influence the cell's output.
    pub fn live_edges(self) -> [bool; 6] {
        let edge = |k: usize| self.0[k] != Edge::Zero;
        let (mut fed, mut read) = ([true, false, false, false], [false, false, false, true]);
        for (k, &(source, target)) in EDGES.iter().enumerate() {
            fed[target] |= edge(k) && fed[source];
        }
        for (k, &(source, target)) in EDGES.iter().enumerate().rev() {
            read[source] |= edge(k) && read[target];
        }
        std::array::from_fn(|k| edge(k) && fed[EDGES[k].0] && read[EDGES[k].1])
    }

    /// A text equal for two cells exactly when their computation graphs are isomorphic: identities and sums are flattened,
    /// every weighted operation has weights of its own, zeros vanish. [`Scope::Whole`] adds what every edge computes, dead or
    /// alive.
    pub fn canonical(self, scope: Scope) -> String {
        // Isomorphism may rename weights: the smallest text over all numberings of those that count.
        let live = self.live_edges();
        let counts = |k: &usize| matches!(self.0[*k], Edge::Weighted(_)) && (scope == Scope::Whole || live[*k]);
        let weighted: Vec<usize> = (0..6).filter(counts).collect();
        let mut labels = [0; 6];
        let mut best: Option<String> = None;
        permutations(&mut (0..weighted.len()).collect::<Vec<_>>(), 0, &mut |order| {
            for (&edge, &label) in weighted.iter().zip(order) {
                labels[edge] = label;
            }
            let text = self.labelled(&labels, scope);
            if best.as_ref().is_none_or(|b| text < *b) {
                best = Some(text);
            }
        });
        best.unwrap_or_default()
    }

    /// The computation as text when the weights of edge `k` are called `labels[k]`.
    fn labelled(self, labels: &[usize; 6], scope: Scope) -> String {
        let mut nodes: [Vec<String>; 4] = [vec!["x".into()], vec![], vec![], vec![]];
        let mut operations = Vec::new();
        for (k, &(source, target)) in EDGES.iter().enumerate() {
            let from = &nodes[source];
            let zero = from.is_empty();
            let inner = from.join("+");
            let term = match self.0[k] {
                Edge::Zero => continue,
                Edge::Identity => {
                    let terms = nodes[source].clone();
                    nodes[target].extend(terms);
                    nodes[target].sort_unstable();
                    continue;
                }
                Edge::Weighted(letter) => format!("{letter}{}({inner})", labels[k]),
                Edge::Free(letter) => format!("{letter}({inner})"),
            };
            if scope == Scope::Whole {
                operations.push(term.clone());
            }
            if !zero {
                nodes[target].push(term);
                nodes[target].sort_unstable();
            }
        }
        operations.sort_unstable();
        let output = nodes[3].join("+");
        if scope == Scope::Whole { format!("{output};{}", operations.join(";")) } else { output }
    }

    /// Properties to colour a plot by.
    pub fn features(self) -> Features {
        let live = self.live_edges();
        let mut depth = [0u32; 4];
        for (k, &(source, target)) in EDGES.iter().enumerate() {
            if live[k] {
                depth[target] = depth[target].max(depth[source] + u32::from(matches!(self.0[k], Edge::Weighted(_))));
            }
        }
        let dead_edges = (0..6).filter(|&k| self.0[k] != Edge::Zero && !live[k]).count() as u32;
        Features { dead_edges, depth: depth[3], connected: live.contains(&true) }
    }
}

/// Calls `visit` with every permutation of `items`.
fn permutations(items: &mut Vec<usize>, from: usize, visit: &mut impl FnMut(&[usize])) {
    if from >= items.len() {
        visit(items);
        return;
    }
    for k in from..items.len() {
        items.swap(from, k);
        permutations(items, from + 1, visit);
        items.swap(from, k);
    }
}
