//! All unique cells, and the one that stands for each module hash.
//!
//! The official list takes, for each hash, the first cell met in this order: vertices from 2 to 7, matrices as numbers,
//! labelings as numbers (`google-research/nasbench@b94247037ee4 nasbench/scripts/generate_graphs.py`). Equal hashes mean
//! isomorphic cells (its authors checked that for every pair), so the first is the least among its relabelings, and no
//! other cell needs to be hashed.

use std::num::NonZero;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::cell::{Cell, MAX_EDGES, MAX_VERTICES, edge_bit};
use super::{Hash, hash};

/// A hash with the cell that stands for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Module hash.
    pub hash: Hash,
    /// The first cell with this hash in the official enumeration.
    pub cell: Cell,
}

/// Labelings hashed together.
const LANES: usize = 32;

static CELLS: OnceLock<Vec<Entry>> = OnceLock::new();

/// All 423,624 unique cells in the order of their hashes. The first call computes them, on all cores, in about a second;
/// they take 10 MB.
pub fn cells() -> &'static [Entry] {
    CELLS.get_or_init(enumerate)
}

/// Position in [`cells`] of a hash.
pub fn position(hash: Hash) -> Option<usize> {
    cells().binary_search_by_key(&hash, |entry| entry.hash).ok()
}

/// The cell that stands for a hash.
pub fn find(hash: Hash) -> Option<Cell> {
    position(hash).map(|at| cells()[at].cell)
}

/// Where each vertex goes.
type Permutation = [u8; MAX_VERTICES];

impl Cell {
    /// The cell that stands for this one's hash, without the list of all cells: the least of its relabelings.
    #[must_use]
    pub fn representative(self) -> Self {
        let mut least = self;
        for permutation in permutations(self.n_vertices()) {
            if let Some(matrix) = permuted(self.n_vertices(), self.matrix(), permutation) {
                let labeling = permuted_labeling(self.n_vertices(), self.labeling(), permutation);
                least = least.min(Self::new(self.n_vertices(), matrix, labeling));
            }
        }
        least
    }

    /// Whether the cell stands for its hash.
    #[must_use]
    pub fn is_representative(self) -> bool {
        self == self.representative()
    }
}

/// Permutations of the interior vertices; input and output stay.
fn permutations(vertices: usize) -> Vec<Permutation> {
    fn extend(current: &mut Permutation, from: usize, end: usize, all: &mut Vec<Permutation>) {
        if from >= end {
            all.push(*current);
        }
        for k in from..end {
            current.swap(from, k);
            extend(current, from + 1, end, all);
            current.swap(from, k);
        }
    }
    let mut all = Vec::new();
    extend(&mut std::array::from_fn(|v| v as u8), 1, vertices - 1, &mut all);
    all
}

/// The matrix after moving the vertices; `None` if it is not upper triangular any more.
fn permuted(vertices: usize, matrix: u32, permutation: Permutation) -> Option<u32> {
    let mut moved = 0;
    for (source, target) in Cell::new(vertices, matrix, 0).edges() {
        let (source, target) = (permutation[source], permutation[target]);
        if source >= target {
            return None;
        }
        moved |= edge_bit(source.into(), target.into());
    }
    Some(moved)
}

/// The labeling after moving the vertices.
fn permuted_labeling(vertices: usize, labeling: u8, permutation: Permutation) -> u8 {
    let cell = Cell::new(vertices, 0, labeling);
    (1..vertices - 1).map(|v| cell.op(v) as u8 * 3u8.pow((vertices - 2 - usize::from(permutation[v])) as u32)).sum()
}

/// A matrix that is the least of its relabelings.
struct Matrix {
    vertices: usize,
    bits: u32,
    /// Relabelings that leave it as it is, without the identity.
    automorphisms: Vec<Permutation>,
}

/// The matrices of all unique cells.
fn matrices() -> Vec<Matrix> {
    let mut found = Vec::new();
    for vertices in 2..=MAX_VERTICES {
        let relabelings = permutations(vertices);
        let out_edges: Vec<u32> = (0..vertices - 1).map(|v| (v + 1..vertices).map(|w| edge_bit(v, w)).sum()).collect();
        let in_edges: Vec<u32> = (1..vertices).map(|v| (0..v).map(|u| edge_bit(u, v)).sum()).collect();
        for bits in 0..1u32 << (vertices * (vertices - 1) / 2) {
            // With an edge out of every vertex but the last and into every vertex but the first, nothing can be pruned.
            let full = || out_edges.iter().chain(&in_edges).all(|mask| bits & mask != 0);
            if bits.count_ones() as usize > MAX_EDGES || !full() {
                continue;
            }
            let moved = |p: &Permutation| permuted(vertices, bits, *p);
            if relabelings.iter().filter_map(moved).any(|other| other < bits) {
                continue;
            }
            let automorphisms = relabelings.iter().skip(1).filter(|p| moved(p) == Some(bits)).copied().collect();
            found.push(Matrix { vertices, bits, automorphisms });
        }
    }
    found
}

impl Matrix {
    /// Appends the cells with this matrix, one per orbit of labelings.
    fn entries(&self, entries: &mut Vec<Entry>) {
        let least = |&labeling: &u8| {
            self.automorphisms.iter().all(|&automorphism| permuted_labeling(self.vertices, labeling, automorphism) >= labeling)
        };
        let labelings: Vec<u8> = (0..=(3u32.pow(self.vertices as u32 - 2) - 1) as u8).filter(least).collect();
        for group in labelings.chunks(LANES) {
            let hashes: [_; LANES] = hash::hashes(self.vertices, self.bits, group);
            entries.extend(
                group
                    .iter()
                    .zip(hashes)
                    .map(|(&labeling, hash)| Entry { hash: Hash(hash), cell: Cell::new(self.vertices, self.bits, labeling) }),
            );
        }
    }
}

fn enumerate() -> Vec<Entry> {
    let matrices = matrices();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut entries = Vec::new();
        while let Some(matrix) = matrices.get(next.fetch_add(1, Ordering::Relaxed)) {
            matrix.entries(&mut entries);
        }
        entries
    };
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(8);
    let mut entries = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut entries = work();
        for other in others {
            entries.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        entries
    });
    entries.sort_unstable_by_key(|entry| entry.hash);
    entries.shrink_to_fit();
    entries
}
