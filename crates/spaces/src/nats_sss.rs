//! NATS-Bench size search space: the widths of one fixed cell network.

use netgraph::Graph;

use crate::nb201::{Cell, Op};
use crate::space::{MUTATION_STREAM, excerpt, needs_classifier, parse_index};
use crate::tiny_network::{self, Nesting, Stage};
use crate::{Architecture, Error, Features, Head, Scope, Setting, Space, SpaceMeta};

/// The space of `c0:c1:c2:c3:c4`, each of 8, 16, ..., 64 channels.
///
/// # Conventions
/// `c0` is the stem and the first cell, `c1` the first reduction, `c2` a cell from `c1` to `c2`, `c3` the second
/// reduction, `c4` a cell from `c3` to `c4`. The README of NATS-Bench names the numbers one place off; this reading gives
/// the official parameter counts. An index is the number with the digits `c/8 - 1` in base 8, `c0` first.
pub struct NatsSss;

static META: SpaceMeta = SpaceMeta {
    name: "nats-sss",
    title: "NATS-Bench size search space",
    paper: "NATS-Bench: Benchmarking NAS Algorithms for Architecture Topology and Size (Dong et al., TPAMI 2021), arXiv 2009.00437",
    reference: "D-X-Y/AutoDL-Projects@f46486e21b71 xautodl/models/shape_infers/InferTinyCellNet.py",
    grammar: "c0:c1:c2:c3:c4 with each of 8, 16, ..., 64, or an index below 32768",
    size: 32_768,
};

/// The genotype of every network of the space.
const CELL: Cell = Cell([Op::Conv3x3, Op::Conv3x3, Op::Conv3x3, Op::Skip, Op::Conv3x3, Op::Conv3x3]);

impl NatsSss {
    fn widths(text: &str) -> Result<[usize; 5], Error> {
        let wrong = |reason: String| Error::Architecture { space: META.name, text: excerpt(text), reason, grammar: META.grammar };
        let parts: Vec<&str> = text.split(':').collect();
        let parts: [&str; 5] = parts.try_into().map_err(|p: Vec<_>| wrong(format!("{} numbers instead of 5", p.len())))?;
        let mut widths = [0; 5];
        for (width, part) in widths.iter_mut().zip(parts) {
            *width = part
                .parse()
                .ok()
                .filter(|w| (8..=64).contains(w) && w % 8 == 0)
                .ok_or_else(|| wrong(format!("no such width: `{}`", excerpt(part))))?;
        }
        Ok(widths)
    }

    fn architecture(widths: [usize; 5]) -> Architecture {
        let index = widths.iter().fold(0, |index, w| index * 8 + (*w as u32 / 8 - 1));
        Architecture { index: Some(index), text: widths.map(|w| w.to_string()).join(":") }
    }
}

impl Space for NatsSss {
    fn meta(&self) -> &'static SpaceMeta {
        &META
    }

    fn parse(&self, text: &str) -> Result<Architecture, Error> {
        parse_index(&META, text).map_or_else(|| Self::widths(text).map(Self::architecture), |index| self.at(index?))
    }

    fn at(&self, index: u32) -> Result<Architecture, Error> {
        if index >= META.size {
            return Err(Error::Index { space: META.name, index: index.into(), last: u64::from(META.size) - 1 });
        }
        Ok(Self::architecture([12, 9, 6, 3, 0].map(|shift| ((index >> shift & 7) as usize + 1) * 8)))
    }

    fn default_setting(&self, classes: usize, resolution: usize) -> Setting {
        Setting { channels: 0, cells: 1, classes, resolution, head: Head::Classifier }
    }

    fn lower(&self, architecture: &Architecture, setting: &Setting) -> Result<Graph, Error> {
        needs_classifier(&META, setting)?;
        let [c0, c1, c2, c3, c4] = Self::widths(&architecture.text)?;
        let stages = [
            Stage { reduction: None, cells: vec![c0] },
            Stage { reduction: Some(c1), cells: vec![c2] },
            Stage { reduction: Some(c3), cells: vec![c4] },
        ];
        let nesting = Nesting { stem: 1, stages: false };
        tiny_network::build(CELL, c0, &stages, nesting, setting.classes, setting.resolution).map_err(|source| Error::Setting {
            space: META.name,
            setting: format!("resolution {}", setting.resolution),
            reason: source.to_string(),
        })
    }

    fn canonical(&self, architecture: &Architecture, _: Scope) -> Result<String, Error> {
        Ok(Self::architecture(Self::widths(&architecture.text)?).text)
    }

    fn features(&self, architecture: &Architecture) -> Result<Features, Error> {
        Self::widths(&architecture.text)?;
        Ok(Features { dead_edges: 0, depth: 3, connected: true })
    }

    fn mutate(&self, architecture: &Architecture, seed: u64, draw: u64) -> Result<Architecture, Error> {
        let mut widths = Self::widths(&architecture.text)?;
        let random = netgraph::rng::bits(seed, MUTATION_STREAM, draw);
        let (place, step) = ((random >> 32) as usize % 5, random as u32 as usize % 7 + 1);
        widths[place] = ((widths[place] / 8 - 1 + step) % 8 + 1) * 8;
        Ok(Self::architecture(widths))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_outside_the_space_are_refused() {
        for text in ["8:8:8:8", "8:8:8:8:9", "8:8:8:8:72", "8:8:8:8:-8", "", "a:b:c:d:e"] {
            assert!(NatsSss.parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_mutation_changes_one_width() {
        let parent = NatsSss.parse("16:24:8:40:32").unwrap();
        for draw in 0..100 {
            let child = NatsSss.mutate(&parent, 1, draw).unwrap();
            let changed = parent.text.split(':').zip(child.text.split(':')).filter(|(a, b)| a != b).count();
            assert_eq!(changed, 1, "{}", child.text);
        }
    }
}
