//! The code of a network, `BASE-MACRO-CELL`, and the two lists of codes that the benchmark trained.

use std::fmt;
use std::sync::LazyLock;

use crate::four_node_cell::{Edge, FourNodeCell};
use crate::space::excerpt;

/// Channels after the stem of every network of the benchmark.
pub const BASE: usize = 64;
/// Layers of the micro space: channels double in the first, third and fifth, the resolution halves there too.
pub const MICRO_LAYERS: &str = "41414";
/// Smallest and largest number of channels after the stem that a code may have; the stem's first half has half of them.
const BASES: std::ops::RangeInclusive<usize> = 2..=1024;
/// Most layers that a code may have.
const MAX_LAYERS: usize = 8;

/// Operation of an edge of a micro cell, in the order of the digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Op {
    /// `0`: zeros.
    None,
    /// `1`: the identity, or a factorized reduction where shapes change.
    Skip,
    /// `2`: ReLU, 1x1 convolution, batch norm.
    Conv1x1,
    /// `3`: ReLU, 3x3 convolution, batch norm.
    Conv3x3,
}

/// Operations by their digits.
pub const OPS: [Op; 4] = [Op::None, Op::Skip, Op::Conv1x1, Op::Conv3x3];

/// A micro cell: the operation of each edge, in the order of [`crate::nb201::EDGES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MicroCell(pub [Op; 6]);

impl MicroCell {
    /// The cell whose digits, read as a number of base 4, are this number (modulo 4,096).
    #[must_use]
    pub fn from_number(number: u32) -> Self {
        Self(std::array::from_fn(|k| OPS[(number >> (2 * (5 - k)) & 3) as usize]))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let bytes: &[u8; 8] = text
            .as_bytes()
            .try_into()
            .map_err(|_| format!("`{}` is no cell: expected `basic` or six digits as in `3_33_333`", excerpt(text)))?;
        let [a, b'_', b, c, b'_', d, e, f] = *bytes else {
            return Err(format!("the digits of cell `{}` are not grouped as in `3_33_333`", excerpt(text)));
        };
        let mut ops = [Op::None; 6];
        for (op, digit) in ops.iter_mut().zip([a, b, c, d, e, f]) {
            *op = *OPS
                .get(usize::from(digit.wrapping_sub(b'0')))
                .ok_or_else(|| format!("cell `{}` has a digit other than 0, 1, 2, 3", excerpt(text)))?;
        }
        Ok(Self(ops))
    }

    /// What the cell computes: `changing` where the channels or the resolution of its input change, so that a skip from
    /// the input has weights.
    pub(super) fn computation(self, changing: bool) -> FourNodeCell {
        FourNodeCell(std::array::from_fn(|k| match self.0[k] {
            Op::None => Edge::Zero,
            Op::Skip if changing && crate::nb201::EDGES[k].0 == 0 => Edge::Weighted('f'),
            Op::Skip => Edge::Identity,
            Op::Conv1x1 => Edge::Weighted('a'),
            Op::Conv3x3 => Edge::Weighted('b'),
        }))
    }
}

impl fmt::Display for MicroCell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0.map(|op| op as u8);
        write!(f, "{a}_{b}{c}_{d}{e}{g}")
    }
}

/// What a layer repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Body {
    /// `basic`: the block of a residual network.
    Basic,
    /// A micro cell.
    Micro(MicroCell),
}

/// A layer: two cells, the first of which changes the shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Layer {
    /// Halves the resolution: digits 3 and 4.
    pub reduces: bool,
    /// Doubles the channels: digits 2 and 4.
    pub widens: bool,
}

impl Layer {
    /// The layer of a digit from 1 to 4.
    const fn from_digit(digit: u8) -> Option<Self> {
        match digit {
            b'1'..=b'4' => Some(Self { reduces: digit >= b'3', widens: matches!(digit, b'2' | b'4') }),
            _ => None,
        }
    }

    const fn digit(self) -> char {
        match (self.reduces, self.widens) {
            (false, false) => '1',
            (false, true) => '2',
            (true, false) => '3',
            (true, true) => '4',
        }
    }

    /// Whether its first cell changes the shape.
    #[must_use]
    pub const fn changes(self) -> bool {
        self.reduces || self.widens
    }
}

/// A network's code. Codes beyond the two lists of the benchmark, with other channels or layers, are networks too.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Code {
    /// Channels after the stem.
    pub base: usize,
    /// Layers in order.
    pub layers: Vec<Layer>,
    /// What they repeat.
    pub body: Body,
}

impl Code {
    /// The micro network of a number below 4,096: the cell's digits in base 4.
    #[must_use]
    pub fn micro(number: u32) -> Self {
        Self {
            base: BASE,
            layers: MICRO_LAYERS.bytes().filter_map(Layer::from_digit).collect(),
            body: Body::Micro(MicroCell::from_number(number)),
        }
    }

    /// The macro network at a position in the list of the 3,256: shorter ones first, those of one length by their digits.
    #[must_use]
    pub fn macro_at(position: usize) -> Option<Self> {
        MACROS.get(position).map(|layers| Self { base: BASE, layers: layers.clone(), body: Body::Basic })
    }

    /// Reads `BASE-MACRO-CELL` or says what is wrong.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split('-').take(4).collect();
        let &[base, layers, body] = parts.as_slice() else {
            return Err("not three parts joined by `-`".into());
        };
        let digits_only = !base.is_empty() && base.bytes().all(|b| b.is_ascii_digit());
        let base = digits_only
            .then(|| base.parse().ok())
            .flatten()
            .filter(|base| BASES.contains(base))
            .ok_or_else(|| format!("`{}` is no number of channels from {} to {}", excerpt(base), BASES.start(), BASES.end()))?;
        if !(1..=MAX_LAYERS).contains(&layers.len()) {
            return Err(format!("{} layers: expected 1 to {MAX_LAYERS}", layers.len()));
        }
        let layers = layers
            .bytes()
            .map(Layer::from_digit)
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| format!("layers `{}` have a digit other than 1, 2, 3, 4", excerpt(layers)))?;
        let body = if body == "basic" { Body::Basic } else { Body::Micro(MicroCell::parse(body)?) };
        Ok(Self { base, layers, body })
    }

    /// Halvings of the resolution from the image to the encoder's output: two in the stem, one for each reducing layer.
    #[must_use]
    pub fn halvings(&self) -> usize {
        2 + self.layers.iter().filter(|layer| layer.reduces).count()
    }

    /// Codes that differ by one layer, changed, put in or left out, and are in the macro list; in a fixed order.
    pub(super) fn macro_neighbours(&self) -> Vec<Self> {
        let all = [(false, false), (false, true), (true, false), (true, true)].map(|(reduces, widens)| Layer { reduces, widens });
        let mut found: Vec<Vec<Layer>> = Vec::new();
        for place in 0..=self.layers.len() {
            let (before, after) = self.layers.split_at(place);
            let rest = after.get(1..);
            found.extend(all.map(|layer| [before, &[layer], after].concat()));
            found.extend(rest.into_iter().flat_map(|rest| all.map(|layer| [before, &[layer], rest].concat())));
            found.extend(rest.map(|rest| [before, rest].concat()));
        }
        found.retain(|layers| *layers != self.layers && in_macro_space(layers));
        found.sort_unstable();
        found.dedup();
        found.into_iter().map(|layers| Self { layers, ..self.clone() }).collect()
    }
}

/// Whether layers are in the macro space: 4 to 6, of which 1 to 3 widen and 1 to 4 reduce.
fn in_macro_space(layers: &[Layer]) -> bool {
    let count = |of: fn(&Layer) -> bool| layers.iter().filter(|layer| of(layer)).count();
    (4..=6).contains(&layers.len()) && (1..=3).contains(&count(|l| l.widens)) && (1..=4).contains(&count(|l| l.reduces))
}

/// The macro list.
static MACROS: LazyLock<Vec<Vec<Layer>>> = LazyLock::new(|| {
    let digits = |length: u32, number: u32| (0..length).rev().filter_map(move |k| Layer::from_digit(b'1' + (number >> (2 * k) & 3) as u8));
    let all = (4..=6).flat_map(|length| (0..4u32.pow(length)).map(move |number| digits(length, number).collect::<Vec<_>>()));
    all.filter(|layers| in_macro_space(layers)).collect()
});

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let layers: String = self.layers.iter().map(|layer| layer.digit()).collect();
        write!(f, "{}-{layers}-", self.base)?;
        match self.body {
            Body::Basic => f.write_str("basic"),
            Body::Micro(cell) => cell.fmt(f),
        }
    }
}
