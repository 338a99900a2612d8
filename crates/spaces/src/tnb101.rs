//! TransNAS-Bench-101: one encoder, seven tasks. The micro space varies the cell, the macro space the layers.

mod code;
mod decoder;
mod encoder;

use netgraph::rng::{Stream, bits};
use netgraph::{Graph, GraphBuilder, NodeId};

pub use code::{BASE, Body, Code, Layer, MICRO_LAYERS, MicroCell, OPS, Op};
pub use decoder::discriminator;

use crate::space::{MUTATION_STREAM, excerpt, parse_index};
use crate::{Architecture, Error, Features, Head, Scope, Setting, Space, SpaceMeta};

/// The micro space: `64-41414-a_bc_def`, the operation of each edge of one cell.
///
/// # Conventions
/// The order of the benchmark's file cannot be derived, so architectures have no index; [`Space::at`] counts the digits of
/// the cell in base 4. Other channels and layers, and codes of the macro space, are read, lowered and mutated too.
/// A skip that changes the shape is a factorized reduction of two convolutions at either stride, as in the reference. `0`
/// with a change of channels gives fresh zeros and so cuts the graph; without one it is the input times zero.
pub struct Tnb101;

/// The macro space: `64-MACRO-basic` with 4 to 6 layers, of which 1 to 3 double the channels and 1 to 4 halve the
/// resolution.
///
/// # Conventions
/// As in [`Tnb101`]; [`Space::at`] counts shorter codes first, those of one length by their digits.
pub struct Tnb101Macro;

const PAPER: &str = "TransNAS-Bench-101: Improving Transferability and Generalizability of Cross-Task Neural Architecture Search (Duan et al., CVPR 2021), arXiv 2105.11871";
const REFERENCE: &str = "yawen-d/TransNASBench@6d4231b1eb04 lib/models/net_infer/net_macro.py";

static META: SpaceMeta = SpaceMeta {
    name: "tnb101",
    title: "TransNAS-Bench-101 micro (cell-level) search space",
    paper: PAPER,
    reference: REFERENCE,
    grammar: "BASE-MACRO-CELL as in 64-41414-3_33_333: channels after the stem, layers (1 plain, 2 channels x2, 3 resolution /2, 4 both), operations of the six edges (0 none, 1 skip, 2 conv1x1, 3 conv3x3) or `basic`; or a number below 4096",
    size: 4_096,
};

static MACRO_META: SpaceMeta = SpaceMeta {
    name: "tnb101-macro",
    title: "TransNAS-Bench-101 macro (layer-level) search space",
    paper: PAPER,
    reference: REFERENCE,
    grammar: "BASE-MACRO-basic as in 64-41414-basic: channels after the stem, layers (1 plain, 2 channels x2, 3 resolution /2, 4 both); or a number below 3256",
    size: 3_256,
};

impl Code {
    /// Reads `BASE-MACRO-CELL`.
    ///
    /// # Errors
    /// [`Error::Architecture`], saying which part is wrong.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::read(text).map_err(|reason| wrong(&META, text, reason))
    }

    /// A text equal for two codes exactly when their networks are isomorphic.
    fn canonical(&self, scope: Scope) -> String {
        let Body::Micro(cell) = self.body else { return self.to_string() };
        let layers = Self { body: Body::Basic, ..self.clone() };
        // The second cell of a layer never changes the shape.
        let plain = cell.computation(false).canonical(scope);
        let changing = self.layers.iter().any(|layer| layer.changes()).then(|| cell.computation(true).canonical(scope));
        format!("{}|{plain}|{}", layers.to_string().trim_end_matches("-basic"), changing.unwrap_or_default())
    }

    /// Properties to colour a plot by.
    fn features(&self) -> Features {
        match self.body {
            Body::Basic => Features { dead_edges: 0, depth: 2, connected: true },
            Body::Micro(cell) => cell.computation(false).features(),
        }
    }

    /// A neighbour under draw `draw`: one operation of the micro cell, or one layer of the macro code, changed.
    fn mutated(&self, seed: u64, draw: u64) -> Option<Self> {
        let random = bits(seed, MUTATION_STREAM, draw);
        match self.body {
            Body::Micro(mut cell) => {
                let (edge, step) = ((random >> 32) as usize % 6, random as u32 as usize % 3 + 1);
                cell.0[edge] = OPS[(cell.0[edge] as usize + step) % 4];
                Some(Self { body: Body::Micro(cell), ..self.clone() })
            }
            Body::Basic => {
                let mut neighbours = self.macro_neighbours();
                let n = neighbours.len() as u64;
                (n > 0).then(|| neighbours.swap_remove(Stream::new(random, 0).below(&mut 0, n) as usize))
            }
        }
    }

    /// The network.
    fn lower(&self, space: &'static str, setting: &Setting) -> Result<Graph, Error> {
        let Setting { classes, resolution, head, .. } = *setting;
        let wrong = |reason: String| Error::Setting {
            space,
            setting: format!("{classes} outputs, resolution {resolution}, head {head:?} on {self}"),
            reason,
        };
        if classes == 0 || !(1..=MAX_RESOLUTION).contains(&resolution) {
            return Err(wrong(format!("there must be outputs, and a resolution from 1 to {MAX_RESOLUTION}")));
        }
        let doublings = self.halvings();
        if matches!(head, Head::Segmentation | Head::Generator) {
            if !decoder::DOUBLINGS.contains(&doublings) {
                return Err(wrong(format!("the decoder can double the resolution 2 to 6 times, not {doublings}")));
            }
            if resolution % (1 << doublings) != 0 {
                return Err(wrong(format!("the output has the input's resolution only if that is a multiple of {}", 1 << doublings)));
            }
        }
        self.build(setting).map_err(|source| wrong(source.to_string()))
    }

    fn build(&self, setting: &Setting) -> Result<Graph, netgraph::Error> {
        let Setting { classes, resolution, head, .. } = *setting;
        let mut b = GraphBuilder::new(head.input_channels(), resolution, resolution);
        let features = if head == Head::Jigsaw { self.encode_tiles(&mut b)? } else { encoder::encode(&mut b, 0, self)? };
        let output = match head {
            Head::Classifier | Head::Jigsaw => decoder::classifier(&mut b, features, classes)?,
            Head::Segmentation => decoder::segmentation(&mut b, features, classes, self.halvings())?,
            Head::Generator => decoder::generator(&mut b, features, classes, self.halvings())?,
        };
        Ok(b.finish(features, output))
    }

    /// Encodes each tile of three channels with the same modules and joins the maps.
    fn encode_tiles(&self, b: &mut GraphBuilder) -> Result<NodeId, netgraph::Error> {
        let (images, first) = (b.input(), b.n_modules());
        let mut maps = Vec::new();
        for start in (0..b.shape(images).channels()).step_by(3) {
            let tile = b.slice(images, start, 3)?;
            maps.push(if start == 0 { encoder::encode(b, tile, self)? } else { b.sharing(first, |b| encoder::encode(b, tile, self))? });
        }
        b.concat(maps)
    }
}

/// Largest side of an image that a network is built for, in pixels.
const MAX_RESOLUTION: usize = 4_096;

impl From<Code> for Architecture {
    fn from(code: Code) -> Self {
        Self { index: None, text: code.to_string() }
    }
}

fn wrong(meta: &'static SpaceMeta, text: &str, reason: String) -> Error {
    Error::Architecture { space: meta.name, text: excerpt(text), reason, grammar: meta.grammar }
}

fn beyond(meta: &'static SpaceMeta, index: u32) -> Error {
    Error::Index { space: meta.name, index: index.into(), last: u64::from(meta.size) - 1 }
}

impl Tnb101Macro {
    fn code(text: &str) -> Result<Code, Error> {
        match Code::read(text) {
            Ok(code @ Code { body: Body::Basic, .. }) => Ok(code),
            Ok(_) => Err(wrong(&MACRO_META, text, "the cell is not `basic`; micro cells are in the space `tnb101`".into())),
            Err(reason) => Err(wrong(&MACRO_META, text, reason)),
        }
    }
}

/// Both spaces are the same but for their lists: `$code` reads a text, `$at` gives the code of a number.
macro_rules! space {
    ($space:ident, $meta:ident, $code:expr, $at:expr) => {
        impl Space for $space {
            fn meta(&self) -> &'static SpaceMeta {
                &$meta
            }

            fn parse(&self, text: &str) -> Result<Architecture, Error> {
                parse_index(&$meta, text).map_or_else(|| $code(text).map(Architecture::from), |index| self.at(index?))
            }

            fn at(&self, index: u32) -> Result<Architecture, Error> {
                let code: Option<Code> = $at(index);
                code.map(Architecture::from).ok_or_else(|| beyond(&$meta, index))
            }

            fn default_setting(&self, classes: usize, resolution: usize) -> Setting {
                Setting { channels: 0, cells: 2, classes, resolution, head: Head::Classifier }
            }

            fn lower(&self, architecture: &Architecture, setting: &Setting) -> Result<Graph, Error> {
                $code(&architecture.text)?.lower($meta.name, setting)
            }

            fn canonical(&self, architecture: &Architecture, scope: Scope) -> Result<String, Error> {
                Ok($code(&architecture.text)?.canonical(scope))
            }

            fn features(&self, architecture: &Architecture) -> Result<Features, Error> {
                Ok($code(&architecture.text)?.features())
            }

            fn mutate(&self, architecture: &Architecture, seed: u64, draw: u64) -> Result<Architecture, Error> {
                let child = $code(&architecture.text)?.mutated(seed, draw);
                child.map(Architecture::from).ok_or_else(|| wrong(&$meta, &architecture.text, "no neighbour of it is in the space".into()))
            }
        }
    };
}

space!(Tnb101, META, Code::parse, |index| (index < META.size).then(|| Code::micro(index)));
space!(Tnb101Macro, MACRO_META, Tnb101Macro::code, |index| Code::macro_at(index as usize));

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn both_spaces_have_their_size_and_read_what_they_write() {
        for space in [&Tnb101 as &dyn Space, &Tnb101Macro] {
            let all: Vec<Architecture> = space.enumerate().collect();
            assert_eq!(all.len(), space.meta().size as usize);
            assert_eq!(all.iter().map(|a| &a.text).collect::<BTreeSet<_>>().len(), all.len());
            for arch in &all {
                assert_eq!(space.parse(&arch.text).unwrap(), *arch);
            }
            assert!(space.at(space.meta().size).is_err());
        }
        assert_eq!(Tnb101.at(0).unwrap().text, "64-41414-0_00_000");
        assert_eq!(Tnb101.parse("4095").unwrap().text, "64-41414-3_33_333");
        assert_eq!(Tnb101.at(0b01_00_10_11_11_11).unwrap().text, "64-41414-1_02_333");
        assert_eq!(
            (Tnb101Macro.at(0).unwrap().text, Tnb101Macro.at(3_255).unwrap().text),
            ("64-1114-basic".into(), "64-444311-basic".into())
        );
    }

    #[test]
    fn a_mutation_changes_one_operation_or_one_layer_and_stays_in_the_space() {
        let digits = |text: &str| text.bytes().filter(|b| *b != b'_').collect::<Vec<_>>();
        let parent = Tnb101.at(77).unwrap();
        let all: BTreeSet<String> = Tnb101Macro.enumerate().map(|a| a.text).collect();
        let mut reached = BTreeSet::new();
        for draw in 0..300 {
            let child = Tnb101.mutate(&parent, 1, draw).unwrap();
            assert_eq!(digits(&parent.text).iter().zip(digits(&child.text)).filter(|(a, b)| **a != *b).count(), 1);
            let child = Tnb101Macro.mutate(&Tnb101Macro.at(draw as u32 * 10).unwrap(), 1, draw).unwrap();
            assert!(all.contains(&child.text), "{}", child.text);
            reached.insert(Tnb101Macro.mutate(&Tnb101Macro.at(500).unwrap(), 1, draw).unwrap().text);
        }
        assert!(reached.len() > 10 && !reached.contains(&Tnb101Macro.at(500).unwrap().text));
        assert!(Tnb101.mutate(&Tnb101.parse("8-1-basic").unwrap(), 0, 0).is_err());
    }

    #[test]
    fn a_skip_that_changes_the_shape_has_weights() {
        let code = |text: &str| Code::parse(text).unwrap();
        // One convolution in either order: the same between equal shapes, not where the skip becomes a reduction.
        let (front, back) = (code("64-1-3_00_010"), code("64-1-1_00_030"));
        assert_eq!(front.canonical(Scope::Live), back.canonical(Scope::Live));
        let (front, back) = (code("64-4-3_00_010"), code("64-4-1_00_030"));
        assert_ne!(front.canonical(Scope::Live), back.canonical(Scope::Live));
        let (clean, dead) = (code("64-41414-0_00_300"), code("64-41414-2_00_300"));
        assert_eq!(clean.canonical(Scope::Live), dead.canonical(Scope::Live));
        assert_ne!(clean.canonical(Scope::Whole), dead.canonical(Scope::Whole));
        assert_eq!((dead.features().dead_edges, dead.features().depth, dead.features().connected), (1, 1, true));
        assert!(!code("64-41414-2_00_000").features().connected);
    }

    #[test]
    fn liveness_of_the_graph_agrees_with_the_code() {
        for number in (0..4_096).step_by(61) {
            let code = Code { base: 4, ..Code::micro(number) };
            let graph = code.lower("tnb101", &Tnb101.default_setting(5, 32)).unwrap();
            assert_eq!(graph.is_connected(), code.features().connected, "{code}");
        }
    }

    #[test]
    fn every_head_gives_its_output() {
        use netgraph::Shape;
        let arch = Tnb101.parse("8-41414-1_02_333").unwrap();
        for (head, classes, resolution, want) in [
            (Head::Classifier, 9, 64, Shape::Vector(9)),
            (Head::Jigsaw, 30, 32, Shape::Vector(30)),
            (Head::Segmentation, 17, 64, Shape::Map { c: 17, h: 64, w: 64 }),
            (Head::Generator, 3, 64, Shape::Map { c: 3, h: 64, w: 64 }),
        ] {
            let setting = Setting { head, ..Tnb101.default_setting(classes, resolution) };
            let graph = Tnb101.lower(&arch, &setting).unwrap();
            assert_eq!(graph.node(graph.output()).shape, want);
            assert_eq!(graph.input_shape().channels(), head.input_channels());
        }
        for (head, classes, resolution) in
            [(Head::Generator, 3, 48), (Head::Classifier, 0, 64), (Head::Classifier, 9, 0), (Head::Jigsaw, 9, 1 << 40)]
        {
            assert!(Tnb101.lower(&arch, &Setting { head, ..Tnb101.default_setting(classes, resolution) }).is_err());
        }
    }

    #[test]
    fn broken_codes_say_what_is_wrong() {
        for (text, part) in [
            ("", "three parts"),
            ("64-41414", "three parts"),
            ("64-41414-3_33_333-x", "three parts"),
            ("1-41414-basic", "no number of channels"),
            ("+64-41414-basic", "no number of channels"),
            ("99999999999999999999-41414-basic", "no number of channels"),
            ("64--basic", "0 layers"),
            ("64-444444444-basic", "9 layers"),
            ("64-41514-basic", "digit other than 1, 2, 3, 4"),
            ("64-41414-3_33_334", "digit other than 0, 1, 2, 3"),
            ("64-41414-33_3_333", "not grouped"),
            ("64-41414-resnet", "expected `basic`"),
        ] {
            let error = Tnb101.parse(text).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
        assert!(Tnb101Macro.parse("64-41414-3_33_333").unwrap_err().to_string().contains("in the space `tnb101`"));
    }
}
