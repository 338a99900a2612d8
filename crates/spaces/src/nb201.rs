//! NAS-Bench-201, the topology search space of NATS-Bench: six edges of one cell, five operations each.

use std::collections::BTreeSet;
use std::fmt;

use netgraph::Graph;

pub use crate::four_node_cell::EDGES;
use crate::four_node_cell::{Edge, FourNodeCell};
use crate::official_order::ORDER;
use crate::space::{MUTATION_STREAM, excerpt, needs_classifier, parse_index};
use crate::tiny_network::{self, Nesting, Stage};
use crate::{Architecture, Error, Features, Head, Scope, Setting, Space, SpaceMeta};

/// The space of `|op~0|+|op~0|op~1|+|op~0|op~1|op~2|`.
///
/// # Conventions
/// An index is the position in the official list: the product over the six edges in string order, operations in the order
/// of [`OPS`], last edge fastest, shuffled by Python's `random.seed(88)`. The official "unique string" conflates one
/// convolution read twice with two convolutions of one input; [`Space::canonical`] doesn't, so only it may decide which
/// architectures share a score.
pub struct Nb201;

static META: SpaceMeta = SpaceMeta {
    name: "nb201",
    title: "NAS-Bench-201 (NATS-Bench topology search space)",
    paper: "NAS-Bench-201: Extending the Scope of Reproducible Neural Architecture Search (Dong and Yang, ICLR 2020), arXiv 2001.00326",
    reference: "D-X-Y/AutoDL-Projects@f46486e21b71 xautodl/models/cell_infers/tiny_network.py",
    grammar: "|op~0|+|op~0|op~1|+|op~0|op~1|op~2| with op one of none, skip_connect, nor_conv_1x1, nor_conv_3x3, avg_pool_3x3, or an index below 15625",
    size: 15_625,
};

/// Operation of an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Op {
    /// `none`.
    None,
    /// `skip_connect`.
    Skip,
    /// `nor_conv_1x1`: ReLU, convolution, batch norm.
    Conv1x1,
    /// `nor_conv_3x3`: ReLU, convolution, batch norm.
    Conv3x3,
    /// `avg_pool_3x3`: stride 1, padded pixels left out of the mean.
    AvgPool,
}

/// Operations in official order with their official names.
pub const OPS: [(Op, &str); 5] = [
    (Op::None, "none"),
    (Op::Skip, "skip_connect"),
    (Op::Conv1x1, "nor_conv_1x1"),
    (Op::Conv3x3, "nor_conv_3x3"),
    (Op::AvgPool, "avg_pool_3x3"),
];

impl Op {
    /// Official name.
    #[must_use]
    pub fn name(self) -> &'static str {
        OPS[self as usize].1
    }

    /// Whether the operation has weights.
    #[must_use]
    pub const fn is_conv(self) -> bool {
        matches!(self, Self::Conv1x1 | Self::Conv3x3)
    }
}

/// A cell: the operation of each edge, in the order of [`EDGES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cell(pub [Op; 6]);

impl Cell {
    /// Number in the unshuffled product, last edge fastest.
    #[must_use]
    pub fn number(self) -> u32 {
        self.0.iter().fold(0, |number, &op| number * 5 + op as u32)
    }

    /// The cell of a number (modulo 15,625).
    #[must_use]
    pub fn from_number(mut number: u32) -> Self {
        let mut ops = [Op::None; 6];
        for op in ops.iter_mut().rev() {
            *op = OPS[number as usize % 5].0;
            number /= 5;
        }
        Self(ops)
    }

    /// Operations into nodes 1, 2 and 3; the position in each slice is the source node.
    #[must_use]
    pub fn nodes(&self) -> [&[Op]; 3] {
        [&self.0[..1], &self.0[1..3], &self.0[3..]]
    }

    /// Reads `|op~0|+|op~0|op~1|+|op~0|op~1|op~2|`.
    ///
    /// # Errors
    /// [`Error::Architecture`], saying which edge is wrong.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let wrong = |reason: String| Error::Architecture { space: META.name, text: excerpt(text), reason, grammar: META.grammar };
        let nodes: Vec<&str> = text.split('+').collect();
        if nodes.len() != 3 {
            return Err(wrong(format!("{} nodes instead of 3", nodes.len())));
        }
        let mut ops = Vec::with_capacity(6);
        for (i, node) in nodes.iter().enumerate() {
            let inner = node.strip_prefix('|').and_then(|n| n.strip_suffix('|'));
            let edges: Vec<&str> = inner.ok_or_else(|| wrong(format!("node {} is not written between bars", i + 1)))?.split('|').collect();
            if edges.len() != i + 1 {
                return Err(wrong(format!("node {} has {} edges instead of {}", i + 1, edges.len(), i + 1)));
            }
            for (source, edge) in edges.into_iter().enumerate() {
                let name = edge
                    .strip_suffix(&format!("~{source}"))
                    .ok_or_else(|| wrong(format!("edge `{}` should end in `~{source}`", excerpt(edge))))?;
                let op = OPS.iter().find(|(_, known)| *known == name).ok_or_else(|| {
                    let hint = crate::suggest(name, OPS.iter().map(|o| o.1)).map_or_else(String::new, |s| format!(", did you mean `{s}`?"));
                    wrong(format!("no such operation: `{}`{hint}", excerpt(name)))
                })?;
                ops.push(op.0);
            }
        }
        Ok(Self(ops.try_into().map_err(|_| wrong("expected six edges".into()))?))
    }

    /// For each edge, whether it can influence the cell's output.
    #[must_use]
    pub fn live_edges(self) -> [bool; 6] {
        self.computation().live_edges()
    }

    /// The cell with every dead edge replaced by `none`: 9,445 are distinct.
    #[must_use]
    pub fn without_dead_edges(self) -> Self {
        let live = self.live_edges();
        Self(std::array::from_fn(|k| if live[k] { self.0[k] } else { Op::None }))
    }

    /// The official "unique string", 6,466 of them: skips are flattened and sums sorted, with no identity for
    /// convolutions; a zero term stays in its sum as `#`, so a sum of zeros is not itself a zero.
    ///
    /// Source: `D-X-Y/NATS-Bench@1d4a304ad190 nats_bench/genotype_utils.py` (`to_unique_str(consider_zero=True)`).
    #[must_use]
    pub fn official_unique_string(self) -> String {
        let mut nodes = vec!["0".to_owned()];
        for inputs in self.nodes() {
            let mut terms: Vec<String> = inputs
                .iter()
                .zip(&nodes)
                .map(|(&op, from)| match op {
                    Op::None => "#".into(),
                    _ if from == "#" => "#".into(),
                    Op::Skip => from.clone(),
                    _ => format!("({from})@{}", op.name()),
                })
                .collect();
            terms.sort_unstable();
            nodes.push(terms.join("+"));
        }
        nodes.swap_remove(3)
    }

    /// A text equal for two cells exactly when their computation graphs are isomorphic: skips and sums are flattened,
    /// pooling is parameter-free, every convolution is a weight of its own, zeros vanish. [`Scope::Whole`] adds what every
    /// edge computes, dead or alive. 5,260 live classes.
    #[must_use]
    pub fn canonical(self, scope: Scope) -> String {
        self.computation().canonical(scope)
    }

    /// Properties to colour a plot by.
    #[must_use]
    pub fn features(self) -> Features {
        self.computation().features()
    }

    fn computation(self) -> FourNodeCell {
        FourNodeCell(self.0.map(|op| match op {
            Op::None => Edge::Zero,
            Op::Skip => Edge::Identity,
            Op::Conv1x1 => Edge::Weighted('a'),
            Op::Conv3x3 => Edge::Weighted('b'),
            Op::AvgPool => Edge::Free('p'),
        }))
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, node) in self.nodes().into_iter().enumerate() {
            f.write_str(if i == 0 { "|" } else { "+|" })?;
            for (source, op) in node.iter().enumerate() {
                write!(f, "{}~{source}|", op.name())?;
            }
        }
        Ok(())
    }
}

impl From<Cell> for Architecture {
    fn from(cell: Cell) -> Self {
        Self { index: Some(ORDER.index(cell)), text: cell.to_string() }
    }
}

impl Space for Nb201 {
    fn meta(&self) -> &'static SpaceMeta {
        &META
    }

    fn parse(&self, text: &str) -> Result<Architecture, Error> {
        parse_index(&META, text).map_or_else(|| Cell::parse(text).map(Architecture::from), |index| self.at(index?))
    }

    fn at(&self, index: u32) -> Result<Architecture, Error> {
        let cell = ORDER.cell(index).ok_or(Error::Index { space: META.name, index: index.into(), last: u64::from(META.size) - 1 })?;
        Ok(Architecture { index: Some(index), text: cell.to_string() })
    }

    fn default_setting(&self, classes: usize, resolution: usize) -> Setting {
        Setting { channels: 16, cells: 5, classes, resolution, head: Head::Classifier }
    }

    fn lower(&self, architecture: &Architecture, setting: &Setting) -> Result<Graph, Error> {
        let cell = Cell::parse(&architecture.text)?;
        let Setting { channels: c, cells: n, classes, resolution, .. } = *setting;
        needs_classifier(&META, setting)?;
        let wrong = |reason: String| Error::Setting {
            space: META.name,
            setting: format!("{c} channels, {n} cells per stage, {classes} classes, resolution {resolution}"),
            reason,
        };
        if c == 0 || n == 0 || classes == 0 || resolution < 4 {
            return Err(wrong("channels, cells and classes must be positive, and the resolution at least 4".into()));
        }
        let stages = [0, 1, 2].map(|s| Stage { reduction: (s > 0).then_some(c << s), cells: vec![c << s; n] });
        let nesting = Nesting { stem: 2, stages: true };
        tiny_network::build(cell, c, &stages, nesting, classes, resolution).map_err(|source| wrong(source.to_string()))
    }

    fn canonical(&self, architecture: &Architecture, scope: Scope) -> Result<String, Error> {
        Ok(Cell::parse(&architecture.text)?.canonical(scope))
    }

    fn features(&self, architecture: &Architecture) -> Result<Features, Error> {
        Ok(Cell::parse(&architecture.text)?.features())
    }

    fn mutate(&self, architecture: &Architecture, seed: u64, draw: u64) -> Result<Architecture, Error> {
        let mut cell = Cell::parse(&architecture.text)?;
        let random = netgraph::rng::bits(seed, MUTATION_STREAM, draw);
        let (edge, step) = ((random >> 32) as usize % 6, random as u32 as usize % 4 + 1);
        cell.0[edge] = OPS[(cell.0[edge] as usize + step) % 5].0;
        Ok(cell.into())
    }
}

/// Number of distinct texts that `name` gives over all cells.
#[must_use]
pub fn count_distinct(name: impl Fn(Cell) -> String) -> usize {
    (0..META.size).map(|number| name(Cell::from_number(number))).collect::<BTreeSet<_>>().len()
}

#[cfg(test)]
mod tests {
    use netgraph::Op;
    use netgraph::passes::{Keep, Passes};

    use super::*;

    #[test]
    fn the_official_order_has_its_known_members() {
        for (index, text) in [
            (0, "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_connect~2|"),
            (1651, "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|"),
            (15_162, "|nor_conv_3x3~0|+|nor_conv_1x1~0|none~1|+|none~0|none~1|none~2|"),
        ] {
            assert_eq!(Nb201.at(index).unwrap().text, text);
        }
    }

    #[test]
    fn index_and_string_are_two_names_of_one_architecture() {
        for arch in Nb201.enumerate() {
            assert_eq!(Nb201.parse(&arch.text).unwrap(), arch);
        }
        assert!(Nb201.parse("15625").is_err());
    }

    #[test]
    fn canonical_forms_have_their_known_counts() {
        assert_eq!(count_distinct(Cell::official_unique_string), 6_466);
        assert_eq!(count_distinct(|c| c.without_dead_edges().to_string()), 9_445);
        assert_eq!(count_distinct(|c| c.canonical(Scope::Live)), 5_260);
        let disconnected = (0..META.size).filter(|&n| !Cell::from_number(n).features().connected).count();
        assert_eq!(disconnected, 341);
    }

    #[test]
    fn the_official_string_conflates_a_shared_convolution_with_two_separate_ones() {
        // Node 1 = conv(x), and the output takes it twice; or the output takes conv(x) and another conv(x).
        let shared = Cell::parse("|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|skip_connect~1|skip_connect~2|").unwrap();
        let separate = Cell::parse("|nor_conv_3x3~0|+|nor_conv_3x3~0|none~1|+|none~0|skip_connect~1|skip_connect~2|").unwrap();
        assert_eq!(shared.official_unique_string(), separate.official_unique_string());
        assert_ne!(shared.canonical(Scope::Live), separate.canonical(Scope::Live));
        let layers =
            |c: Cell| Nb201.lower(&c.into(), &Nb201.default_setting(10, 32)).unwrap().live_modules().iter().filter(|l| **l).count();
        assert_ne!(layers(shared), layers(separate));
    }

    #[test]
    fn a_dead_convolution_changes_the_whole_graph_but_not_the_live_one() {
        let clean = Cell::parse("|none~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|").unwrap();
        let dead = Cell::parse("|nor_conv_1x1~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|").unwrap();
        assert_eq!(clean.canonical(Scope::Live), dead.canonical(Scope::Live));
        assert_ne!(clean.canonical(Scope::Whole), dead.canonical(Scope::Whole));
        assert_eq!((dead.features().dead_edges, clean.features().dead_edges), (1, 0));
    }

    #[test]
    fn of_dead_operations_only_those_that_lead_to_relus_stay_for_them() {
        let cell = |text: &str, keep: Keep| {
            let graph = Nb201.lower(&Cell::parse(text).unwrap().into(), &Nb201.default_setting(10, 32)).unwrap();
            let graph = Passes { keep, ..Passes::LIVE }.run(&graph);
            let relus: usize = graph.nodes().iter().filter(|n| n.op == Op::Relu).map(|n| n.multiplicity).sum();
            let convolutions = |n: &netgraph::Node| if let Op::Conv2d(modules) = &n.op { modules.len() } else { 0 };
            (graph.nodes().iter().map(convolutions).sum::<usize>(), relus)
        };
        // A dead convolution whose result nothing reads: of 15 cells.
        let dead = "|nor_conv_1x1~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|";
        let [(live, alive), (kept, relus), all] = [Keep::Live, Keep::Relus, Keep::All].map(|keep| cell(dead, keep));
        assert_eq!((kept, relus), (live, alive + 15));
        assert_eq!(all, (live + 15, relus));
        // One that another's ReLU reads, in node 2.
        let read = "|nor_conv_1x1~0|+|none~0|nor_conv_3x3~1|+|skip_connect~0|none~1|none~2|";
        assert_eq!(cell(read, Keep::Relus), (live + 15, alive + 30));
        assert_eq!(cell(read, Keep::All), (live + 30, alive + 30));
    }

    #[test]
    fn broken_strings_say_what_is_wrong() {
        for (text, part) in [
            ("|nor_conv_3x3~0|+|none~0|none~1|", "2 nodes instead of 3"),
            ("|nor_conv_5x5~0|+|none~0|none~1|+|none~0|none~1|none~2|", "did you mean `nor_conv_"),
            ("|none~1|+|none~0|none~1|+|none~0|none~1|none~2|", "should end in `~0`"),
            ("|none~0|+|none~0|+|none~0|none~1|none~2|", "has 1 edges instead of 2"),
            ("none~0+|none~0|none~1|+|none~0|none~1|none~2|", "between bars"),
            ("", "1 nodes"),
        ] {
            let error = Nb201.parse(text).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn a_mutation_changes_one_edge() {
        let parent = Nb201.at(0).unwrap();
        for draw in 0..100 {
            let (a, b) = (Cell::parse(&parent.text).unwrap(), Cell::parse(&Nb201.mutate(&parent, 1, draw).unwrap().text).unwrap());
            assert_eq!((0..6).filter(|&k| a.0[k] != b.0[k]).count(), 1);
        }
    }
}
