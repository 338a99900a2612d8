//! A cell of NAS-Bench-101: matrix and operations, read, pruned, checked, written.

use std::fmt;

use super::{Hash, META, hash};
use crate::Error;
use crate::space::excerpt;

/// Vertices of the largest cell, input and output included.
pub const MAX_VERTICES: usize = 7;
/// Edges of the largest cell.
pub const MAX_EDGES: usize = 9;
/// Vertices of the largest matrix that is read; what is left after pruning must be a cell.
const MAX_WRITTEN: usize = 16;

/// Operation of an interior vertex, in official order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Op {
    /// `conv3x3-bn-relu`.
    Conv3x3,
    /// `conv1x1-bn-relu`.
    Conv1x1,
    /// `maxpool3x3`: stride 1, padded.
    MaxPool,
}

/// Operations in official order with their official names.
pub const OPS: [(Op, &str); 3] = [(Op::Conv3x3, "conv3x3-bn-relu"), (Op::Conv1x1, "conv1x1-bn-relu"), (Op::MaxPool, "maxpool3x3")];

impl Op {
    /// Official name.
    #[must_use]
    pub fn name(self) -> &'static str {
        OPS[self as usize].1
    }

    /// Whether the operation has weights.
    #[must_use]
    pub const fn is_conv(self) -> bool {
        !matches!(self, Self::MaxPool)
    }
}

/// A valid, pruned cell: 2 to 7 vertices, at most 9 edges, every vertex on a path from input to output.
///
/// The order of cells is the official order of enumeration: by vertices, matrix, labeling.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cell {
    vertices: u8,
    matrix: u32,
    labeling: u8,
}

/// Bit of the edge from `source` to a later vertex `target` in [`Cell::matrix`].
pub(super) const fn edge_bit(source: usize, target: usize) -> u32 {
    1 << (source + target * (target - 1) / 2)
}

/// Reads a matrix or says what is wrong with it.
type Reason<T> = Result<T, String>;

impl Cell {
    /// Trusts that the parts are a valid cell.
    pub(super) const fn new(vertices: usize, matrix: u32, labeling: u8) -> Self {
        Self { vertices: vertices as u8, matrix, labeling }
    }

    /// Number of vertices, input and output included: 2 to 7.
    #[must_use]
    pub const fn n_vertices(self) -> usize {
        self.vertices as usize
    }

    /// Number of edges: 1 to 9.
    #[must_use]
    pub const fn n_edges(self) -> usize {
        self.matrix.count_ones() as usize
    }

    /// The upper triangle as bits: the edge from `x` to `y` is bit `x + y(y-1)/2`, as in the official enumeration.
    #[must_use]
    pub const fn matrix(self) -> u32 {
        self.matrix
    }

    /// The operations as a number: one digit of base 3 ([`Op`]) per interior vertex, the first most significant.
    #[must_use]
    pub const fn labeling(self) -> u8 {
        self.labeling
    }

    /// Whether there is an edge; false if either is no vertex.
    #[must_use]
    pub const fn has_edge(self, source: usize, target: usize) -> bool {
        source < target && target < self.n_vertices() && self.matrix & edge_bit(source, target) != 0
    }

    /// Operation of an interior vertex, 1 to `n_vertices() - 2`.
    ///
    /// # Panics
    /// If it is no interior vertex.
    #[must_use]
    pub fn op(self, vertex: usize) -> Op {
        assert!(vertex > 0 && vertex + 1 < self.n_vertices(), "{vertex} is no interior vertex of {self}");
        OPS[usize::from(self.labeling) / 3usize.pow((self.n_vertices() - 2 - vertex) as u32) % 3].0
    }

    /// Operations of the interior vertices in order.
    pub fn ops(self) -> impl DoubleEndedIterator<Item = Op> + ExactSizeIterator {
        (1..self.n_vertices() - 1).map(move |v| self.op(v))
    }

    /// Reads an official record: row-major adjacency bits and comma-joined operations, input and output included. What
    /// leads nowhere is pruned.
    ///
    /// # Errors
    /// [`Error::Architecture`], saying what is wrong.
    pub fn parse_record(bits: &str, ops: &str) -> Result<Self, Error> {
        Self::read(bits, ops).map_err(|reason| Error::Architecture {
            space: META.name,
            text: excerpt(&format!("{bits}:{ops}")),
            reason,
            grammar: META.grammar,
        })
    }

    /// Prunes and checks a matrix (`rows[source][target]`) with the operations of its interior vertices.
    ///
    /// # Errors
    /// [`Error::Architecture`], saying what is wrong.
    pub fn from_matrix(rows: &[&[bool]], interior: &[Op]) -> Result<Self, Error> {
        let bits: String = rows.iter().flat_map(|row| row.iter().map(|&edge| if edge { '1' } else { '0' })).collect();
        let names: Vec<&str> = ["input"].into_iter().chain(interior.iter().map(|op| op.name())).chain(["output"]).collect();
        Self::parse_record(&bits, &names.join(","))
    }

    fn read(bits: &str, ops: &str) -> Reason<Self> {
        let n = bits.len().isqrt();
        if n * n != bits.len() || n < 2 {
            return Err(format!("{} adjacency bits are no square matrix of at least 2 vertices", bits.len()));
        }
        if n > MAX_WRITTEN {
            return Err(format!("a matrix of {n} vertices: at most {MAX_WRITTEN} are read, and {MAX_VERTICES} may be left after pruning"));
        }
        let mut rows = vec![0u32; n];
        for (k, bit) in bits.bytes().enumerate() {
            let (source, target) = (k / n, k % n);
            match bit {
                b'0' => {}
                b'1' if source < target => rows[source] |= 1 << target,
                b'1' => return Err(format!("edge {source} -> {target} is not above the diagonal")),
                _ => return Err(format!("adjacency bit {k} is neither 0 nor 1")),
            }
        }
        prune(&rows, &labels(ops, n)?)
    }

    /// The 16 bytes of the module hash.
    #[must_use]
    pub fn hash(self) -> Hash {
        let [digest] = hash::hashes(self.n_vertices(), self.matrix, &[self.labeling]);
        Hash(digest)
    }

    /// Row-major adjacency bits, as in an official record.
    #[must_use]
    pub fn adjacency(self) -> String {
        let n = self.n_vertices();
        (0..n * n).map(|k| if self.has_edge(k / n, k % n) { '1' } else { '0' }).collect()
    }

    /// Changes the edge from `source` to `target`, then prunes and checks; `None` if nothing valid is left.
    pub(super) fn with_edge_flipped(self, source: usize, target: usize) -> Option<Self> {
        let flipped = Self { matrix: self.matrix ^ edge_bit(source, target), ..self };
        let labels: Vec<u8> = flipped.ops().map(|op| op as u8).collect();
        prune(&flipped.rows(), &labels).ok()
    }

    /// The same with another operation.
    pub(super) fn with_op(self, vertex: usize, op: Op) -> Self {
        let place = 3u8.pow((self.n_vertices() - 2 - vertex) as u32);
        Self { labeling: self.labeling - self.op(vertex) as u8 * place + op as u8 * place, ..self }
    }

    /// A new vertex with this operation in the middle of an edge; `None` if the cell is full or there is no such edge.
    pub(super) fn with_vertex_on(self, source: usize, target: usize, op: Op) -> Option<Self> {
        if !self.has_edge(source, target) {
            return None;
        }
        // The new vertex goes right in front of `target`.
        let moved = |v: usize| v + usize::from(v >= target);
        let mut rows = vec![0u32; self.n_vertices() + 1];
        for (s, t) in self.edges() {
            rows[moved(s)] |= 1 << moved(t);
        }
        rows[source] = rows[source] & !(1 << moved(target)) | 1 << target;
        rows[target] |= 1 << moved(target);
        let mut labels: Vec<u8> = self.ops().map(|op| op as u8).collect();
        labels.insert(target - 1, op as u8);
        prune(&rows, &labels).ok()
    }

    /// The edges, by target, then source.
    pub(super) fn edges(self) -> impl Iterator<Item = (usize, usize)> {
        (1..self.n_vertices()).flat_map(move |t| (0..t).filter(move |&s| self.has_edge(s, t)).map(move |s| (s, t)))
    }

    fn rows(self) -> Vec<u32> {
        let mut rows = vec![0; self.n_vertices()];
        for (source, target) in self.edges() {
            rows[source] |= 1 << target;
        }
        rows
    }
}

/// Numbers of the interior operations.
fn labels(ops: &str, n: usize) -> Reason<Vec<u8>> {
    let names: Vec<&str> = ops.split(',').take(n + 1).collect();
    if names.len() != n {
        let count = if names.len() > n { "more".into() } else { names.len().to_string() };
        return Err(format!("{count} operations for {n} vertices"));
    }
    if (names[0], names[n - 1]) != ("input", "output") {
        return Err(format!(
            "the first and last operations are `{}` and `{}`, not `input` and `output`",
            excerpt(names[0]),
            excerpt(names[n - 1])
        ));
    }
    names[1..n - 1]
        .iter()
        .map(|name| {
            OPS.iter().position(|(_, known)| known == name).map(|k| k as u8).ok_or_else(|| {
                let hint = crate::suggest(name, OPS.iter().map(|o| o.1)).map_or_else(String::new, |s| format!(", did you mean `{s}`?"));
                format!("no such operation: `{}`{hint}", excerpt(name))
            })
        })
        .collect()
}

/// Leaves out every vertex that is not both reachable from the input and able to reach the output; checks the sizes.
fn prune(rows: &[u32], labels: &[u8]) -> Reason<Cell> {
    let n = rows.len();
    let (mut fed, mut read) = (1u32, 1u32 << (n - 1));
    for (v, row) in rows.iter().enumerate() {
        if fed >> v & 1 == 1 {
            fed |= row;
        }
    }
    for (v, row) in rows.iter().enumerate().rev() {
        if row & read != 0 {
            read |= 1 << v;
        }
    }
    let kept: Vec<usize> = (0..n).filter(|v| fed & read & 1 << v != 0).collect();
    if kept.len() < 2 {
        return Err("no path from input to output".into());
    }
    if kept.len() > MAX_VERTICES {
        return Err(format!("{} vertices after pruning: a cell has at most {MAX_VERTICES}", kept.len()));
    }
    let mut matrix = 0;
    for (t, &target) in kept.iter().enumerate() {
        for (s, &source) in kept[..t].iter().enumerate() {
            if rows[source] >> target & 1 == 1 {
                matrix |= edge_bit(s, t);
            }
        }
    }
    let cell = Cell::new(kept.len(), matrix, kept[1..kept.len() - 1].iter().fold(0, |number, &v| number * 3 + labels[v - 1]));
    if cell.n_edges() > MAX_EDGES {
        return Err(format!("{} edges after pruning: a cell has at most {MAX_EDGES}", cell.n_edges()));
    }
    Ok(cell)
}

/// `BITS:ops`, as [`Cell::parse_record`] reads it.
impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:input,", self.adjacency())?;
        for op in self.ops() {
            write!(f, "{},", op.name())?;
        }
        f.write_str("output")
    }
}

impl fmt::Debug for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cell({self})")
    }
}
