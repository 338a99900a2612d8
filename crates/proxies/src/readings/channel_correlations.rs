use std::any::Any;
use std::collections::HashMap;

use engine::Moment;
use netgraph::rng::Stream;
use netgraph::{Graph, NodeId, Op};
use tch::{Kind, Tensor, no_grad};

use crate::reading::{Cost, Demands, Extent, Reader, Reading, Setup};
use crate::{eigenvalues, to_vec};

/// Stream of the channels drawn for the first operation; the c-th in order of execution has `FIRST_STREAM + c`.
const FIRST_STREAM: u64 = 4000;

/// Channels of an operation that are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelChoice {
    /// All.
    All,
    /// The first eight.
    First,
    /// Eight drawn ones.
    Drawn,
    /// All, and an output counts once more for each module around its operation in the published code.
    Nested,
}

/// Channels looked at when not all are.
const FEW: i64 = 8;

/// Least eigenvalue of the correlations between channels, for every operation's output, first sample of the first batch.
#[derive(Clone, Copy, Debug)]
pub struct ChannelCorrelations(pub ChannelChoice);

/// Found by [`ChannelCorrelations`].
#[derive(Debug, Default)]
pub struct Correlations {
    /// Least eigenvalue of each operation in order of execution, times channels over channels looked at.
    pub terms: Vec<f64>,
    /// Least number of channels, where eight are looked at and an operation has fewer.
    pub too_narrow: Option<usize>,
}

/// Found with all channels.
#[derive(Debug)]
pub struct AllChannels(pub Correlations);
/// Found with the first channels.
#[derive(Debug)]
pub struct FirstChannels(pub Correlations);
/// Found with drawn channels.
#[derive(Debug)]
pub struct DrawnChannels(pub Correlations);
/// Found with all channels, outputs of containers counted; `None` where the search space names none.
#[derive(Debug)]
pub struct NestedChannels(pub Option<Correlations>);

impl Reading for ChannelCorrelations {
    fn name(&self) -> &'static str {
        match self.0 {
            ChannelChoice::All => "correlations between channels",
            ChannelChoice::First => "correlations between the first 8 channels",
            ChannelChoice::Drawn => "correlations between 8 drawn channels",
            ChannelChoice::Nested => "correlations between channels, containers counted",
        }
    }

    fn demands(&self) -> Demands {
        // Equal operations are drawn for one by one, and containers stand around operations as they were built.
        let extent = if matches!(self.0, ChannelChoice::Drawn | ChannelChoice::Nested) { Extent::Untouched } else { Extent::Whole };
        Demands { extent, cost: Cost::Forwards(0.6), ..Demands::FORWARD }
    }

    fn start(&self, setup: &Setup) -> Box<dyn Reader> {
        let mut containers: HashMap<NodeId, usize> = HashMap::new();
        if self.0 == ChannelChoice::Nested {
            for &(node, count) in setup.graph.map_or(&[][..], Graph::containers) {
                *containers.entry(node).or_default() += count;
            }
        }
        Box::new(Collector {
            choice: self.0,
            containers,
            seed: setup.noise_seed,
            calls: 0,
            matrices: Vec::new(),
            found: Correlations::default(),
        })
    }
}

/// A correlation matrix `[c, c]` with the number of operations it stands for.
struct Matrix {
    values: Tensor,
    channels: i64,
    multiplicity: usize,
}

struct Collector {
    choice: ChannelChoice,
    /// Modules that end at a node.
    containers: HashMap<NodeId, usize>,
    seed: u64,
    calls: u64,
    matrices: Vec<Matrix>,
    found: Correlations,
}

impl Collector {
    fn push(&mut self, map: &Tensor, multiplicity: usize) {
        let channels = map.size()[0];
        let chosen = match self.choice {
            ChannelChoice::All | ChannelChoice::Nested => map.shallow_clone(),
            _ if channels < FEW => {
                let least = self.found.too_narrow.get_or_insert(channels as usize);
                *least = (*least).min(channels as usize);
                return;
            }
            ChannelChoice::First => map.narrow(0, 0, FEW),
            ChannelChoice::Drawn => map.index_select(0, &Tensor::from_slice(&self.draw(channels as usize)).to_device(map.device())),
        };
        self.calls += 1;
        let rows = chosen.to_kind(Kind::Double).flatten(1, -1);
        let centred = &rows - rows.mean_dim([1i64].as_slice(), true, None::<Kind>);
        let covariance = centred.matmul(&centred.tr());
        let deviations = covariance.diagonal(0, 0, 1).sqrt();
        let values = (covariance / (deviations.unsqueeze(0) * deviations.unsqueeze(1))).nan_to_num(0.0, 0.0, 0.0);
        self.matrices.push(Matrix { values, channels, multiplicity });
    }

    /// Eight of `n` channels without replacement: a partial Fisher-Yates shuffle.
    fn draw(&self, n: usize) -> Vec<i64> {
        let stream = Stream::new(self.seed, FIRST_STREAM + self.calls);
        let mut order: Vec<i64> = (0..n as i64).collect();
        for j in 0..FEW as usize {
            let other = j + (stream.uniform(j as u64) * (n - j) as f64).floor() as usize;
            order.swap(j, other);
        }
        order.truncate(FEW as usize);
        order
    }
}

impl Reader for Collector {
    fn tap(&mut self, batch: usize, moment: &Moment) {
        if batch > 0 {
            return;
        }
        let (parts, own) = match &moment.node.op {
            Op::Conv2d(modules) | Op::BatchNorm2d(modules) => (modules.len(), moment.node.multiplicity),
            Op::Relu | Op::AvgPool2d(_) | Op::MaxPool2d(_) => (1, moment.node.multiplicity),
            _ => (1, 0),
        };
        let count = own + self.containers.get(&moment.id).copied().unwrap_or(0);
        // Vectors have one observation a channel, so no correlations.
        if count == 0 || moment.output.dim() != 4 {
            return;
        }
        no_grad(|| {
            for map in moment.output.get(0).chunk(parts as i64, 0) {
                self.push(&map, count);
            }
        });
    }

    fn finish(mut self: Box<Self>) -> Box<dyn Any> {
        // Matrices of one size are decomposed together.
        let mut terms = vec![0.0; self.matrices.len()];
        let mut sizes: Vec<i64> = self.matrices.iter().map(|m| m.values.size()[0]).collect();
        sizes.sort_unstable();
        sizes.dedup();
        for size in sizes {
            let members: Vec<usize> = (0..terms.len()).filter(|&k| self.matrices[k].values.size()[0] == size).collect();
            let stack: Vec<&Tensor> = members.iter().map(|&k| &self.matrices[k].values).collect();
            let least = eigenvalues(&Tensor::stack(&stack, 0)).select(1, 0);
            for (&k, value) in members.iter().zip(to_vec(&least)) {
                terms[k] = value * self.matrices[k].channels as f64 / size as f64;
            }
        }
        let repeated = self.matrices.iter().zip(terms).flat_map(|(m, term)| std::iter::repeat_n(term, m.multiplicity));
        self.found.terms = repeated.collect();
        match self.choice {
            ChannelChoice::All => Box::new(AllChannels(self.found)),
            ChannelChoice::First => Box::new(FirstChannels(self.found)),
            ChannelChoice::Drawn => Box::new(DrawnChannels(self.found)),
            ChannelChoice::Nested => Box::new(NestedChannels((!self.containers.is_empty()).then_some(self.found))),
        }
    }
}
