//! NAS-Bench-101: cells of up to seven vertices and nine edges, known by a hash that is the same for isomorphic cells.

mod cell;
mod enumeration;
mod hash;
mod md5;
mod network;

use std::fmt;

use netgraph::Graph;
use netgraph::rng::Stream;

pub use cell::{Cell, MAX_EDGES, MAX_VERTICES, OPS, Op};
pub use enumeration::{Entry, cells, find, position};
pub use network::STACKS;

use crate::space::{MUTATION_STREAM, excerpt, parse_index};
use crate::{Architecture, Error, Features, Head, Scope, Setting, Space, SpaceMeta};

/// The space of the 423,624 module hashes.
///
/// # Conventions
/// A hash stands for the first cell of the official enumeration that has it ([`Cell::representative`]). Isomorphic cells
/// are not the same network: channels that don't divide go to the first vertices, and vertices number the weights. So a
/// matrix that is its hash's representative has the hash for its text, any other keeps `BITS:ops`, pruned;
/// [`Space::table_key`] is the hash of both, since the benchmark trained one cell per hash. There is no official index:
/// [`Space::at`] counts in the order of the hashes.
pub struct Nb101;

static META: SpaceMeta = SpaceMeta {
    name: "nb101",
    title: "NAS-Bench-101",
    paper: "NAS-Bench-101: Towards Reproducible Neural Architecture Search (Ying et al., ICML 2019), arXiv 1902.09635",
    reference: "google-research/nasbench@b94247037ee4 nasbench/lib/{model_spec,graph_util,model_builder}.py",
    grammar: "a module hash of 32 hex digits, or BITS:ops (row-major adjacency bits, a colon, operations joined by commas: input, then conv3x3-bn-relu, conv1x1-bn-relu or maxpool3x3, then output), or a position in hash order below 423624",
    size: 423_624,
};

/// A module hash; its order is that of its hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hash(pub [u8; 16]);

impl Hash {
    /// Reads 32 hex digits of either case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text: &[u8; 32] = text.as_bytes().try_into().ok()?;
        let mut bytes = [0; 16];
        for (byte, pair) in bytes.iter_mut().zip(text.as_chunks::<2>().0) {
            let [high, low] = pair.map(|digit| char::from(digit).to_digit(16));
            *byte = (high? * 16 + low?) as u8;
        }
        Some(Self(bytes))
    }
}

/// 32 lower-case hex digits.
impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

impl Cell {
    /// Reads a hash (which gives its representative) or `BITS:ops`.
    ///
    /// # Errors
    /// [`Error::Architecture`]: an unknown hash, or what is wrong with the matrix or the operations.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let wrong = |reason: String| Error::Architecture { space: META.name, text: excerpt(text), reason, grammar: META.grammar };
        if let Some((bits, ops)) = text.split_once(':') {
            return Self::parse_record(bits, ops);
        }
        let hash = Hash::parse(text).ok_or_else(|| wrong("neither 32 hex digits nor a matrix, a colon and operations".into()))?;
        find(hash).ok_or_else(|| wrong(format!("no cell has this hash; all {} are known", META.size)))
    }

    /// The hash if the cell stands for it, else `BITS:ops`.
    #[must_use]
    pub fn text(self) -> String {
        if self.is_representative() { self.hash().to_string() } else { self.to_string() }
    }

    /// A neighbour under draw `draw` of a stream: an edge flipped (then pruned), an operation changed, or a vertex put on an
    /// edge. Without the last, vertices that pruning took away would never come back.
    fn mutated(self, random: Stream) -> Self {
        let (n, mut counter) = (self.n_vertices(), 0);
        let pairs: Vec<(usize, usize)> = (1..n).flat_map(|t| (0..t).map(move |s| (s, t))).collect();
        let kinds = pairs.len() + 2 * (n - 2) + self.n_edges();
        loop {
            let mut draw = |bound: usize| random.below(&mut counter, bound as u64) as usize;
            let kind = draw(kinds);
            let child = if let Some(&(s, t)) = pairs.get(kind) {
                self.with_edge_flipped(s, t)
            } else if kind < pairs.len() + 2 * (n - 2) {
                let (vertex, step) = ((kind - pairs.len()) / 2 + 1, (kind - pairs.len()) % 2 + 1);
                Some(self.with_op(vertex, OPS[(self.op(vertex) as usize + step) % 3].0))
            } else {
                self.edges().nth(kind - pairs.len() - 2 * (n - 2)).and_then(|(s, t)| self.with_vertex_on(s, t, OPS[draw(3)].0))
            };
            // Some neighbour is always valid: with an interior vertex its operation can change, without one the only edge
            // takes a vertex.
            if let Some(child) = child {
                return child;
            }
        }
    }
}

impl From<Cell> for Architecture {
    fn from(cell: Cell) -> Self {
        Self { index: None, text: cell.text() }
    }
}

impl Space for Nb101 {
    fn meta(&self) -> &'static SpaceMeta {
        &META
    }

    fn parse(&self, text: &str) -> Result<Architecture, Error> {
        // A hash may consist of decimal digits only, but no index is that long.
        match parse_index(&META, text) {
            Some(index) if text.len() != 32 => self.at(index?),
            _ => Cell::parse(text).map(Architecture::from),
        }
    }

    fn at(&self, index: u32) -> Result<Architecture, Error> {
        let entry = cells().get(index as usize).ok_or(Error::Index {
            space: META.name,
            index: index.into(),
            last: u64::from(META.size) - 1,
        })?;
        Ok(Architecture { index: None, text: entry.hash.to_string() })
    }

    fn default_setting(&self, classes: usize, resolution: usize) -> Setting {
        Setting { channels: 128, cells: 3, classes, resolution, head: Head::Classifier }
    }

    fn lower(&self, architecture: &Architecture, setting: &Setting) -> Result<Graph, Error> {
        Cell::parse(&architecture.text)?;
        Err(Error::Setting { space: META.name, setting: format!("{setting:?}"), reason: "lowering follows".into() })
    }

    fn canonical(&self, architecture: &Architecture, _: Scope) -> Result<String, Error> {
        Ok(Cell::parse(&architecture.text)?.text())
    }

    fn table_key(&self, architecture: &Architecture) -> String {
        let record = architecture.text.split_once(':').and_then(|(bits, ops)| Cell::parse_record(bits, ops).ok());
        record.map_or_else(|| architecture.text.clone(), |cell| cell.hash().to_string())
    }

    fn features(&self, architecture: &Architecture) -> Result<Features, Error> {
        let cell = Cell::parse(&architecture.text)?;
        let mut depth = [0u32; MAX_VERTICES];
        for (source, target) in cell.edges() {
            let own = u32::from(target + 1 < cell.n_vertices() && cell.op(target).is_conv());
            depth[target] = depth[target].max(depth[source] + own);
        }
        Ok(Features { dead_edges: 0, depth: depth[cell.n_vertices() - 1], connected: true })
    }

    fn mutate(&self, architecture: &Architecture, seed: u64, draw: u64) -> Result<Architecture, Error> {
        let cell = Cell::parse(&architecture.text)?;
        let random = Stream::new(netgraph::rng::bits(seed, MUTATION_STREAM, draw), 0);
        Ok(cell.mutated(random).representative().into())
    }
}
