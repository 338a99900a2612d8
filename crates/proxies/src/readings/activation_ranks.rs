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
        let mut layers = HashMap::new();
        for &node in setup.graph.map_or(&[][..], Graph::registered) {
            for part in 0..setup.graph.map_or(0, |graph| parts(&graph.nodes()[node].op)) {
                layers.insert((node, part), layers.len());
            }
        }
        Box::new(Collector { drawn: self.drawn.then_some(setup.noise_seed), layers, sources: Vec::new() })
    }
}

/// Modules whose outputs a node has beside each other, of those looked at.
fn parts(op: &Op) -> usize {
    match op {
        Op::Conv2d(modules) | Op::BatchNorm2d(modules) => modules.len(),
        Op::Linear(_) | Op::Relu => 1,
        _ => 0,
    }
}

/// Activations of one module.
struct Source {
    at: (NodeId, usize),
    /// Place among the modules looked at, in the order of registration (of execution where that isn't known).
    layer: usize,
    /// What was kept of its rows.
    rows: Vec<Tensor>,
    /// Rows before those kept.
    skipped: i64,
    /// Rows that went by.
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

    /// First row and height of the matrix out of `n_rows`: row 0, or one drawn among multiples of the last side as in the
    /// reference, where one near the end leaves fewer rows.
    fn matrix(&self, n_rows: i64, drawn: Option<u64>) -> (i64, i64) {
        let choices = n_rows / self.side;
        let first = match drawn {
            Some(seed) if choices > 1 => {
                let uniform = Stream::new(seed, FIRST_STREAM + self.layer as u64).uniform(0);
                (uniform * (choices - 1) as f64).floor() as i64 * self.side
            }
            _ => 0,
        };
        (first, self.channels.min(n_rows - first))
    }

    /// Keeps what the matrix may need of a batch's output.
    fn keep(&mut self, output: &Tensor, drawn: Option<u64>) {
        let pixels = output.size().iter().skip(2).product::<i64>();
        let all = output.size()[0] * pixels;
        // Where further batches are needed, a drawn row may turn out to be any.
        let (first, n) = if self.n_rows == 0 && all >= self.channels {
            self.matrix(all, drawn)
        } else if drawn.is_some() {
            (0, all)
        } else {
            (0, all.min(self.channels - self.n_rows))
        };
        let sample = first / pixels;
        let taken = output.narrow(0, sample, (first + n + pixels - 1) / pixels - sample);
        let taken = if taken.dim() == 4 { taken.transpose(1, 3).reshape([-1, self.channels]) } else { taken };
        self.rows.push(taken.narrow(0, first - sample * pixels, n).to_kind(Kind::Double).copy());
        self.skipped += first;
        self.n_rows += all;
    }
}

struct Collector {
    /// Seed of the rows, where they are drawn.
    drawn: Option<u64>,
    /// Places in the order of registration; empty for a rewritten graph.
    layers: HashMap<(NodeId, usize), usize>,
    sources: Vec<Source>,
}

impl Reader for Collector {
    fn tap(&mut self, batch: usize, moment: &Moment) {
        let parts = parts(&moment.node.op);
        if parts == 0 {
            return;
        }
        no_grad(|| {
            for (part, output) in moment.output.chunk(parts as i64, 1).into_iter().enumerate() {
                let at = (moment.id, part);
                let k = if batch == 0 {
                    let size = output.size();
                    let (channels, side) = (size[1], *size.last().unwrap_or(&1));
                    let layer = self.layers.get(&at).copied().unwrap_or(self.sources.len());
                    let multiplicity = moment.node.multiplicity;
                    self.sources.push(Source { at, layer, rows: Vec::new(), skipped: 0, n_rows: 0, channels, side, multiplicity });
                    self.sources.len() - 1
                } else {
                    let Some(k) = self.sources.iter().position(|s| s.at == at) else { continue };
                    k
                };
                let source = &mut self.sources[k];
                if !source.is_full() {
                    source.keep(&output, self.drawn);
                }
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
        let matrices: Vec<Tensor> = self
            .sources
            .iter()
            .map(|source| {
                let (first, n) = source.matrix(source.n_rows, self.drawn);
                Tensor::cat(&source.rows, 0).narrow(0, first - source.skipped, n)
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
