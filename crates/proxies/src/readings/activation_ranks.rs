use std::any::Any;
use std::collections::HashMap;

use engine::Moment;
use netgraph::rng::Stream;
use netgraph::{Graph, NodeId, Op};
use tch::{Kind, Tensor, no_grad};

use crate::reading::{Batches, Cost, Demands, Extent, Reader, Reading, Setup};
use crate::{singular_values, to_vec};

/// Stream of the first row of the first layer's matrix, where it is drawn.
const FIRST_STREAM: u64 = 3000;
/// Batches looked at, at most.
const MOST_BATCHES: usize = 4;

/// Effective rank of a square matrix of activations, for the output of every layer, batch norm and ReLU.
#[derive(Clone, Copy, Debug)]
pub struct ActivationRanks {
    /// Whether the first row is drawn, as in the reference; otherwise it is row 0.
    pub drawn: bool,
}

/// Found by [`ActivationRanks`].
#[derive(Debug)]
pub struct Ranks(pub Vec<f64>);
/// Found by [`ActivationRanks`] with drawn rows.
#[derive(Debug)]
pub struct DrawnRanks(pub Vec<f64>);

impl Reading for ActivationRanks {
    fn name(&self) -> &'static str {
        if self.drawn { "effective ranks of activations from a drawn row" } else { "effective ranks of activations" }
    }

    fn demands(&self) -> Demands {
        // Equal operations are drawn for one by one.
        let extent = if self.drawn { Extent::Untouched } else { Extent::Whole };
        Demands { batches: Batches::UpTo(MOST_BATCHES), extent, cost: Cost::Forwards(0.7), ..Demands::FORWARD }
    }

    fn start(&self, setup: &Setup) -> Box<dyn Reader> {
        let drawn = self.drawn.then_some(setup.noise_seed);
        let registered = setup.graph.map_or(&[][..], Graph::registered).iter().enumerate();
        Box::new(Collector { drawn, place_of: registered.map(|(place, &node)| (node, place)).collect(), sources: Vec::new() })
    }
}

/// Activations of one module.
struct Source {
    at: (NodeId, usize),
    rows: Vec<Tensor>,
    n_rows: i64,
    channels: i64,
    /// Last side of the output, a multiple of which a drawn row is.
    side: i64,
    multiplicity: usize,
}

impl Source {
    const fn is_full(&self) -> bool {
        self.n_rows >= self.channels
    }
}

struct Collector {
    /// Seed of the rows, where they are drawn.
    drawn: Option<u64>,
    /// Place of a node in the order of registration; empty for a rewritten graph.
    place_of: HashMap<NodeId, usize>,
    sources: Vec<Source>,
}

impl Reader for Collector {
    fn tap(&mut self, batch: usize, moment: &Moment) {
        let parts = match &moment.node.op {
            Op::Conv2d(modules) | Op::BatchNorm2d(modules) => modules.len(),
            Op::Linear(_) | Op::Relu => 1,
            _ => return,
        };
        no_grad(|| {
            for (part, output) in moment.output.chunk(parts as i64, 1).into_iter().enumerate() {
                let at = (moment.id, part);
                let k = if batch == 0 {
                    let size = output.size();
                    let (channels, side) = (size[1], *size.last().unwrap_or(&1));
                    let multiplicity = moment.node.multiplicity;
                    self.sources.push(Source { at, rows: Vec::new(), n_rows: 0, channels, side, multiplicity });
                    self.sources.len() - 1
                } else {
                    let Some(k) = self.sources.iter().position(|s| s.at == at) else { continue };
                    k
                };
                let (source, drawn) = (&mut self.sources[k], self.drawn.is_some());
                if source.is_full() {
                    continue;
                }
                let pixels = output.size().iter().skip(2).product::<i64>();
                let all = output.size()[0] * pixels;
                // Samples that hold the rows needed; a drawn first row may lie anywhere.
                let missing = source.channels - source.n_rows;
                let samples = if drawn { output.size()[0] } else { (missing + pixels - 1) / pixels };
                let taken = output.narrow(0, 0, samples.min(output.size()[0]));
                let taken = if taken.dim() == 4 { taken.transpose(1, 3).reshape([-1, source.channels]) } else { taken };
                let taken = taken.to_kind(Kind::Double).copy();
                source.n_rows += all;
                source.rows.push(taken);
            }
        });
    }

    fn is_done(&self) -> bool {
        self.sources.iter().all(Source::is_full)
    }

    fn finish(self: Box<Self>) -> Box<dyn Any> {
        let ranks = no_grad(|| self.ranks());
        if self.drawn.is_some() { Box::new(DrawnRanks(ranks)) } else { Box::new(Ranks(ranks)) }
    }
}

impl Collector {
    fn ranks(&self) -> Vec<f64> {
        let key = |source: &Source| (self.place_of.get(&source.at.0).copied(), source.at);
        let mut order: Vec<_> = self.sources.iter().map(key).collect();
        order.sort_unstable();
        let matrices: Vec<Tensor> = self
            .sources
            .iter()
            .map(|source| {
                let rows = Tensor::cat(&source.rows, 0);
                let layer = order.binary_search(&key(source)).unwrap_or_else(|place| place);
                let first = self.first_row(layer, source);
                // A drawn first row near the end leaves fewer rows, as in the reference.
                rows.narrow(0, first, source.channels.min(source.n_rows - first))
            })
            .collect();
        // Matrices of one shape are decomposed together.
        let mut shapes: Vec<Vec<i64>> = matrices.iter().map(Tensor::size).collect();
        shapes.sort_unstable();
        shapes.dedup();
        let mut ranks = vec![0.0; matrices.len()];
        for shape in shapes {
            let members: Vec<usize> = (0..matrices.len()).filter(|&k| matrices[k].size() == shape).collect();
            let stack: Vec<&Tensor> = members.iter().map(|&k| &matrices[k]).collect();
            let values = singular_values(&Tensor::stack(&stack, 0));
            let width = values.size()[1] as usize;
            for (&k, values) in members.iter().zip(to_vec(&values).chunks_exact(width.max(1))) {
                ranks[k] = effective_rank(values);
            }
        }
        self.sources.iter().zip(ranks).flat_map(|(source, rank)| std::iter::repeat_n(rank, source.multiplicity)).collect()
    }

    /// The first row of the matrix: 0, or drawn among multiples of the last side as in the reference.
    fn first_row(&self, layer: usize, source: &Source) -> i64 {
        let Some(seed) = self.drawn else { return 0 };
        let choices = source.n_rows / source.side;
        if choices <= 1 {
            return 0;
        }
        let uniform = Stream::new(seed, FIRST_STREAM + layer as u64).uniform(0);
        (uniform * (choices - 1) as f64).floor() as i64 * source.side
    }
}

/// Exponential of the entropy of normalised singular values; 0 for a zero matrix.
fn effective_rank(singular_values: &[f64]) -> f64 {
    let total: f64 = singular_values.iter().sum();
    if !total.is_finite() {
        return f64::NAN;
    }
    if total == 0.0 {
        return 0.0;
    }
    let entropy: f64 = singular_values.iter().map(|s| s / total).filter(|&p| p > 0.0).map(|p| -p * p.ln()).sum();
    entropy.exp()
}
