use std::fmt;

use crate::{Module, ModuleId};

/// Position of a node in its graph; inputs of a node have smaller ones.
pub type NodeId = usize;

/// Shape of a node's output without the batch dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// Feature maps `[channels, height, width]`.
    Map {
        /// Channels.
        c: usize,
        /// Height in pixels.
        h: usize,
        /// Width in pixels.
        w: usize,
    },
    /// A vector of features.
    Vector(usize),
}

impl Shape {
    /// Channels of a map, or features of a vector.
    #[must_use]
    pub const fn channels(self) -> usize {
        match self {
            Self::Map { c, .. } | Self::Vector(c) => c,
        }
    }

    /// Units (elements) per sample.
    #[must_use]
    pub const fn units(self) -> usize {
        match self {
            Self::Map { c, h, w } => c * h * w,
            Self::Vector(n) => n,
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Map { c, h, w } => write!(f, "[{c}, {h}, {w}]"),
            Self::Vector(n) => write!(f, "[{n}]"),
        }
    }
}

/// Window of a pooling. Padded pixels count neither in a mean nor in a maximum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pool {
    /// Side of the window, in pixels.
    pub kernel: usize,
    /// Step of the window, in pixels.
    pub stride: usize,
    /// Padding on each side, in pixels.
    pub padding: usize,
}

/// Slope of a leaky ReLU for negative inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Slope(u64);

impl Slope {
    /// This slope.
    #[must_use]
    pub const fn new(slope: f64) -> Self {
        Self(slope.to_bits())
    }

    /// Its value.
    #[must_use]
    pub const fn value(self) -> f64 {
        f64::from_bits(self.0)
    }
}

/// An operation. Where it names several modules, they are fused: one operation over their concatenated output channels.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// The batch of images; the first node, without inputs.
    Input,
    /// A tensor of zeros, without inputs: cuts the graph.
    Zeros,
    /// Convolution.
    Conv2d(Vec<ModuleId>),
    /// Transposed convolution.
    ConvTranspose2d(ModuleId),
    /// Batch normalisation.
    BatchNorm2d(Vec<ModuleId>),
    /// Rectified linear unit.
    Relu,
    /// Rectified linear unit with a slope for negative inputs.
    LeakyRelu(Slope),
    /// Hyperbolic tangent.
    Tanh,
    /// Logistic function, `1 / (1 + exp(-x))`.
    Sigmoid,
    /// A map times one number for each of its channels: the second input, a map of one pixel.
    Scale,
    /// Average pooling.
    AvgPool2d(Pool),
    /// Maximum pooling.
    MaxPool2d(Pool),
    /// Mean over all positions: a map becomes a vector.
    GlobalAvgPool,
    /// Linear layer.
    Linear(ModuleId),
    /// Sum of one or more terms.
    Add,
    /// Channels of all inputs one after the other.
    Concat,
    /// A run of channels.
    Slice {
        /// First channel.
        start: usize,
        /// Number of channels.
        channels: usize,
    },
    /// Everything one pixel up and left; zeros enter at the right and the bottom.
    Shift,
    /// Every pixel whose coordinates are multiples of this stride.
    Subsample(usize),
    /// The input times zero: what the references do for a `none` edge, so that gradients are zero and not absent.
    TimesZero,
    /// Cuts the channels into runs of these lengths; only [`Op::Part`] reads it (made by passes).
    Split(Vec<usize>),
    /// The run of that number of a [`Op::Split`] (made by passes).
    Part(usize),
}

impl Op {
    /// Modules whose parameters it uses.
    #[must_use]
    pub fn modules(&self) -> &[ModuleId] {
        match self {
            Self::Conv2d(modules) | Self::BatchNorm2d(modules) => modules,
            Self::Linear(module) | Self::ConvTranspose2d(module) => std::slice::from_ref(module),
            _ => &[],
        }
    }
}

/// One operation with its inputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What is computed.
    pub op: Op,
    /// Where its inputs come from.
    pub inputs: Vec<NodeId>,
    /// Shape of the output (of the whole, for a split).
    pub shape: Shape,
    /// Whether a gradient can reach it from the output; nodes of a graph fresh from the builder are all taken for live.
    pub live: bool,
    /// How many operations of the original network it stands for (deduplicated operations count each).
    pub multiplicity: usize,
}

/// A feed-forward network: nodes in topological order, modules in canonical order.
#[derive(Clone, Debug, PartialEq)]
pub struct Graph {
    pub(crate) modules: Vec<Module>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) features: NodeId,
    pub(crate) output: NodeId,
    pub(crate) blocks: Vec<NodeId>,
    pub(crate) containers: Vec<(NodeId, usize)>,
    pub(crate) registered: Vec<NodeId>,
}

impl Graph {
    /// Modules in canonical order. Passes leave them (and so the numbering of weights) alone.
    #[must_use]
    pub fn modules(&self) -> &[Module] {
        &self.modules
    }

    /// Nodes in topological order.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// One node.
    #[must_use]
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id]
    }

    /// The feature map before global average pooling.
    #[must_use]
    pub const fn features(&self) -> NodeId {
        self.features
    }

    /// Ends of the blocks that the search space names (the stem, then each cell and reduction), in order; empty if it names none.
    #[must_use]
    pub fn blocks(&self) -> &[NodeId] {
        &self.blocks
    }

    /// Nodes that are also the output of modules around them in the published code, and of how many: code that looks at the
    /// output of every module, containers included, sees them that many times more. Empty after rewriting, and where the search
    /// space does not say.
    #[must_use]
    pub fn containers(&self) -> &[(NodeId, usize)] {
        &self.containers
    }

    /// Nodes in the order in which the golden networks register the modules that compute them, which need not be that of execution.
    /// Empty after rewriting.
    #[must_use]
    pub fn registered(&self) -> &[NodeId] {
        &self.registered
    }

    /// The output: logits `[classes]` per sample, or maps `[channels, h, w]` of a network with a pixel decoder.
    #[must_use]
    pub const fn output(&self) -> NodeId {
        self.output
    }

    /// Number of classes, or channels of an output map.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.nodes[self.output].shape.channels()
    }

    /// Shape of one input image.
    #[must_use]
    pub fn input_shape(&self) -> Shape {
        self.nodes[0].shape
    }

    /// Number of the first parameter tensor of each module, in canonical order.
    #[must_use]
    pub fn tensor_numbers(&self) -> Vec<usize> {
        let mut next = 0;
        self.modules
            .iter()
            .map(|module| {
                let first = next;
                next += module.n_tensors();
                first
            })
            .collect()
    }

    /// For each node, the nodes that read it.
    #[must_use]
    pub fn consumers(&self) -> Vec<Vec<NodeId>> {
        let mut consumers = vec![Vec::new(); self.nodes.len()];
        for (id, node) in self.nodes.iter().enumerate() {
            for &input in &node.inputs {
                consumers[input].push(id);
            }
        }
        consumers
    }
}
