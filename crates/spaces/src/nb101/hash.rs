//! The module hash of NAS-Bench-101.
//!
//! Source: `google-research/nasbench@b94247037ee4 nasbench/lib/graph_util.py` (`hash_module`).

use super::cell::{Cell, MAX_VERTICES};
use super::md5::{Digest, Messages, hex};

/// Labels of the operations as the reference numbers them, in ASCII.
const LABELS: [u8; 3] = *b"012";

/// What is known of a vertex in one lane: its hash in a form that sorts, and in hex.
#[derive(Clone, Copy)]
struct VertexHash {
    key: u128,
    text: [u8; 32],
}

/// Hashes of up to `LANES` labelings (numbers of [`Cell::labeling`]) of one matrix; unused lanes repeat the last one.
///
/// A vertex starts as `md5("(out-degree, in-degree, label)")` and is hashed again, as often as there are vertices, with
/// the sorted hashes of its predecessors and successors. The result is the hash of the sorted list of vertex hashes,
/// written as Python writes a list of strings. Lengths depend on the matrix alone, so labelings share every step.
pub fn hashes<const LANES: usize>(vertices: usize, matrix: u32, labelings: &[u8]) -> [Digest; LANES] {
    let cells: [Cell; LANES] =
        std::array::from_fn(|lane| Cell::new(vertices, matrix, labelings[lane.min(labelings.len().saturating_sub(1))]));
    let graph = cells[0];
    let neighbours: Vec<[Vec<usize>; 2]> = (0..vertices)
        .map(|v| [(0..v).filter(|&u| graph.has_edge(u, v)).collect(), (v + 1..vertices).filter(|&w| graph.has_edge(v, w)).collect()])
        .collect();
    let mut messages = Messages::new();
    let mut state = [[VertexHash { key: 0, text: [0; 32] }; LANES]; MAX_VERTICES];
    for (v, [predecessors, successors]) in neighbours.iter().enumerate() {
        messages.push(format!("({}, {}, ", successors.len(), predecessors.len()).as_bytes());
        match v {
            0 => messages.push(b"-1"),
            _ if v == vertices - 1 => messages.push(b"-2"),
            _ => messages.push_byte(|lane| LABELS[cells[lane].op(v) as usize]),
        }
        messages.push(b")");
        state[v] = vertex_hashes(&mut messages);
    }
    for _ in 0..vertices {
        let mut next = state;
        for (v, [predecessors, successors]) in neighbours.iter().enumerate() {
            push_sorted(&mut messages, &state, predecessors);
            messages.push(b"|");
            push_sorted(&mut messages, &state, successors);
            messages.push(b"|");
            messages.push_each(|lane| state[v][lane].text);
            next[v] = vertex_hashes(&mut messages);
        }
        state = next;
    }
    let all: Vec<usize> = (0..vertices).collect();
    let order = sorted(&state, &all);
    for rank in 0..vertices {
        messages.push(if rank == 0 { b"['" } else { b"', '" });
        messages.push_each(|lane| state[order[lane][rank]][lane].text);
    }
    messages.push(b"']");
    messages.digest()
}

fn vertex_hashes<const LANES: usize>(messages: &mut Messages<LANES>) -> [VertexHash; LANES] {
    messages.digest().map(|digest| VertexHash { key: u128::from_be_bytes(digest), text: hex(&digest) })
}

/// For each lane, the vertices in the order of their hashes.
fn sorted<const LANES: usize>(state: &[[VertexHash; LANES]; MAX_VERTICES], vertices: &[usize]) -> [[usize; MAX_VERTICES]; LANES] {
    std::array::from_fn(|lane| {
        let mut order = [0; MAX_VERTICES];
        // Insertion sort: there are two or three as a rule.
        for (n, &v) in vertices.iter().enumerate() {
            let mut place = n;
            while place > 0 && state[order[place - 1]][lane].key > state[v][lane].key {
                order[place] = order[place - 1];
                place -= 1;
            }
            order[place] = v;
        }
        order
    })
}

fn push_sorted<const LANES: usize>(messages: &mut Messages<LANES>, state: &[[VertexHash; LANES]; MAX_VERTICES], vertices: &[usize]) {
    let order = sorted(state, vertices);
    for rank in 0..vertices.len() {
        messages.push_each(|lane| state[order[lane][rank]][lane].text);
    }
}
