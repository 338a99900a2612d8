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

use crate::space::{MUTATION_STREAM, excerpt, needs_classifier, parse_index};
use crate::{Architecture, Error, Features, Head, Scope, Setting, Space, SpaceMeta};

/// The space of the 423,624 module hashes.
///
/// # Conventions
/// A hash stands for the first cell of the official enumeration that has it ([`Cell::representative`]). Isomorphic cells
/// are not the same network: channels that don't divide go to the first vertices, and vertices number the weights. So a
/// matrix that is its hash's representative has the hash for its text, any other keeps `BITS:ops`, pruned;
/// [`Space::table_key`] is the hash of both, since the benchmark trained one cell per hash. There is no official index:
/// [`Space::at`] counts in the order of the hashes. [`Space::mutate`] gives the representative of the neighbour.
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
        let entry =
            cells().get(index as usize).ok_or(Error::Index { space: META.name, index: index.into(), last: u64::from(META.size) - 1 })?;
        Ok(Architecture { index: None, text: entry.hash.to_string() })
    }

    fn default_setting(&self, classes: usize, resolution: usize) -> Setting {
        Setting { channels: 128, cells: 3, classes, resolution, head: Head::Classifier }
    }

    fn lower(&self, architecture: &Architecture, setting: &Setting) -> Result<Graph, Error> {
        needs_classifier(&META, setting)?;
        network::build(Cell::parse(&architecture.text)?, setting)
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Some matrix, valid or not, with operations.
    fn record() -> impl Strategy<Value = (String, String)> {
        (2usize..=8).prop_flat_map(|n| {
            let bits = proptest::collection::vec(prop::bool::weighted(0.35), n * n).prop_map(move |edges| {
                edges.iter().enumerate().map(|(k, &edge)| if edge && k / n < k % n { '1' } else { '0' }).collect::<String>()
            });
            let ops = proptest::collection::vec(0usize..3, n - 2).prop_map(|ops| {
                let names: Vec<&str> = ["input"].into_iter().chain(ops.iter().map(|&k| OPS[k].1)).chain(["output"]).collect();
                names.join(",")
            });
            (bits, ops)
        })
    }

    /// The cell with its interior vertices in another order, if that order is a topological one.
    fn relabelled(cell: Cell, keys: &[u32]) -> Option<Cell> {
        let n = cell.n_vertices();
        let mut order: Vec<usize> = (1..n - 1).collect();
        order.sort_by_key(|&v| keys[v]);
        let order: Vec<usize> = [0].into_iter().chain(order).chain([n - 1]).collect();
        let place = |v: usize| order.iter().position(|&o| o == v).unwrap();
        let mut bits = vec!['0'; n * n];
        for (source, target) in cell.edges() {
            bits[place(source) * n + place(target)] = '1';
        }
        let names: Vec<&str> = ["input"].into_iter().chain(order[1..n - 1].iter().map(|&v| cell.op(v).name())).chain(["output"]).collect();
        Cell::parse_record(&bits.iter().collect::<String>(), &names.join(",")).ok()
    }

    proptest! {
        #[test]
        fn a_hash_and_its_representative_survive_relabelling((bits, ops) in record(), keys in proptest::array::uniform7(any::<u32>())) {
            let Ok(cell) = Cell::parse_record(&bits, &ops) else { return Ok(()) };
            let Some(other) = relabelled(cell, &keys) else { return Ok(()) };
            prop_assert_eq!(cell.hash(), other.hash());
            prop_assert_eq!(cell.representative(), other.representative());
            prop_assert_eq!(cell.representative().hash(), cell.hash());
            prop_assert!(cell.representative() <= cell.min(other));
        }

        #[test]
        fn pruning_twice_is_pruning_once_and_what_is_written_is_read((bits, ops) in record()) {
            let Ok(cell) = Cell::parse_record(&bits, &ops) else { return Ok(()) };
            prop_assert_eq!(Cell::parse(&cell.to_string()).unwrap(), cell);
            prop_assert!(cell.n_edges() <= MAX_EDGES && (2..=MAX_VERTICES).contains(&cell.n_vertices()));
            for v in 1..cell.n_vertices() - 1 {
                prop_assert!((0..v).any(|u| cell.has_edge(u, v)) && (v + 1..cell.n_vertices()).any(|w| cell.has_edge(v, w)));
            }
        }

        #[test]
        fn a_mutation_is_another_valid_representative((bits, ops) in record(), draw in any::<u64>()) {
            let Ok(cell) = Cell::parse_record(&bits, &ops) else { return Ok(()) };
            let child = cell.mutated(Stream::new(draw, 0)).representative();
            prop_assert_eq!(Cell::parse_record(&child.adjacency(), child.to_string().split_once(':').unwrap().1).unwrap(), child);
            prop_assert_ne!(child, cell.representative());
        }

        #[test]
        fn any_text_is_read_or_refused(bits in "[01x]{0,70}", ops in "[a-z0-9,-]{0,60}") {
            let _ = Cell::parse_record(&bits, &ops);
        }

        #[test]
        fn parameters_are_those_of_the_graph((bits, ops) in record(), stem in 5usize..40, modules in 1usize..3) {
            let Ok(cell) = Cell::parse_record(&bits, &ops) else { return Ok(()) };
            let setting = Setting { channels: stem, cells: modules, ..Nb101.default_setting(7, 8) };
            prop_assert_eq!(network::build(cell, &setting).unwrap().n_params(), cell.n_params(stem, modules, 7));
        }
    }

    #[test]
    fn a_representative_is_called_by_its_hash_and_another_order_by_its_matrix() {
        let chain = |ops: &str| format!("0111000101000010000100000:{ops}");
        let arch = Nb101.parse(&chain("input,conv3x3-bn-relu,conv1x1-bn-relu,maxpool3x3,output")).unwrap();
        let cell = Cell::parse(&arch.text).unwrap();
        assert_eq!(Nb101.table_key(&arch), "d2fc85c84cfce21684e2650a10e5a99e");
        assert_eq!(arch.text.len() == 32, cell.is_representative());
        let representative: Architecture = cell.representative().into();
        assert_eq!(representative.text, "d2fc85c84cfce21684e2650a10e5a99e");
        assert_eq!(Nb101.parse(&representative.text.to_uppercase()).unwrap(), representative);
        assert_eq!(Nb101.canonical(&arch, Scope::Live).unwrap(), arch.text);
    }

    #[test]
    fn broken_records_say_what_is_wrong() {
        let three = "010001000";
        for (bits, ops, part) in [
            ("01000", "input,output", "no square matrix"),
            ("0", "input", "no square matrix"),
            (three, "input,output", "2 operations for 3 vertices"),
            (three, "input,conv3x3-bn-relu,output,output", "more operations for 3"),
            (three, "output,conv3x3-bn-relu,input", "not `input` and `output`"),
            (three, "input,conv5x5-bn-relu,output", "did you mean `conv"),
            ("010101000", "input,maxpool3x3,output", "edge 1 -> 0 is not above the diagonal"),
            ("01000z000", "input,maxpool3x3,output", "bit 5 is neither 0 nor 1"),
            ("010000000", "input,maxpool3x3,output", "no path from input to output"),
            ("0111101110110100", "input,maxpool3x3,maxpool3x3,output", "above the diagonal"),
        ] {
            let error = Cell::parse_record(bits, ops).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
        let full: String = (0..25).map(|k| if k / 5 < k % 5 { '1' } else { '0' }).collect();
        let error = Cell::parse(&format!("{full}:input,{}output", "maxpool3x3,".repeat(3))).unwrap_err().to_string();
        assert!(error.contains("10 edges after pruning"), "{error}");
        let chain: String = (0..64).map(|k| if k / 8 + 1 == k % 8 { '1' } else { '0' }).collect();
        let error = Cell::parse(&format!("{chain}:input,{}output", "maxpool3x3,".repeat(6))).unwrap_err().to_string();
        assert!(error.contains("8 vertices after pruning"), "{error}");
        for text in ["", "abc", "0123456789abcdef", "zz005c142e6f48ac74fdcf73e3439874", "é"] {
            assert!(Cell::parse(text).unwrap_err().to_string().contains("neither 32 hex digits"), "{text}");
        }
    }

    #[test]
    fn too_few_channels_are_refused() {
        let cell = Cell::parse("0111000001000010000100000:input,maxpool3x3,maxpool3x3,maxpool3x3,output").unwrap();
        let setting = |channels, cells| Setting { channels, cells, ..Nb101.default_setting(10, 8) };
        assert!(network::build(cell, &setting(3, 1)).is_ok());
        for (channels, cells) in [(2, 1), (0, 1), (8, 0), (usize::MAX, 1), (8, usize::MAX)] {
            assert!(network::build(cell, &setting(channels, cells)).is_err(), "{channels} {cells}");
        }
    }
}
