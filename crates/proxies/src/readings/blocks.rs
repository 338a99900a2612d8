use std::any::Any;

use engine::{Moment, Placement};
use netgraph::NodeId;
use tch::{Kind, Tensor, no_grad};

use crate::reading::{Cost, Demands, Derivative, Extent, Reader, Reading, Run, Setup, derivatives};
use crate::{Error, eigenvalues, noise, singular_values, to_vec};

/// Stream of the first random direction; block i from the end has `FIRST_STREAM + i`.
const FIRST_STREAM: u64 = 2000;

/// How the outputs of successive blocks of the network differ, on the first batch (AZ-NAS).
#[derive(Clone, Copy, Debug)]
pub struct BlockReading;

/// What [`BlockReading`] finds.
#[derive(Debug, Default)]
pub struct Blocks {
    /// Entropy of the principal components of each block's output, in nats; not finite where they are all zero.
    pub entropies: Vec<f64>,
    /// From the last block to the first: -s - 1/(s + 1e-6) + 2, s the largest singular value between a random direction at
    /// the block's output and what comes back at its input; minus infinity where the same comes back.
    pub trainability: Vec<f64>,
}

impl Reading for BlockReading {
    fn name(&self) -> &'static str {
        "outputs of blocks"
    }

    fn demands(&self) -> Demands {
        Demands {
            extent: Extent::AsBuilt,
            trainable: engine::Trainable::Layers,
            derivative: Derivative::Own,
            ends_with_features: true,
            cost: Cost::Forwards(4.2),
            ..Demands::FORWARD
        }
    }

    fn start(&self, setup: &Setup) -> Box<dyn Reader> {
        let ends = setup.graph.map(|graph| graph.blocks().to_vec()).unwrap_or_default();
        let outputs = ends.iter().map(|_| None).collect();
        Box::new(Collector { ends, outputs, seed: setup.noise_seed, placement: setup.placement, found: Blocks::default() })
    }
}

struct Collector {
    ends: Vec<NodeId>,
    outputs: Vec<Option<Tensor>>,
    seed: u64,
    placement: Placement,
    found: Blocks,
}

impl Reader for Collector {
    fn tap(&mut self, batch: usize, moment: &Moment) {
        if batch == 0 {
            for (end, output) in self.ends.iter().zip(&mut self.outputs) {
                if *end == moment.id {
                    *output = Some(moment.output.shallow_clone());
                }
            }
        }
    }

    fn after_forward(&mut self, run: &Run) -> Result<(), Error> {
        if run.batch > 0 {
            return Ok(());
        }
        let outputs: Vec<Tensor> = std::mem::take(&mut self.outputs).into_iter().flatten().collect();
        self.found.entropies = no_grad(|| outputs.iter().map(entropy).collect());
        for (i, pair) in outputs.windows(2).rev().enumerate() {
            let (before, after) = (&pair[0], &pair[1]);
            let direction = noise::signs(self.seed, FIRST_STREAM + i as u64, &after.size(), self.placement)?;
            // The same tensor: what goes in comes back.
            let same = before.data_ptr() == after.data_ptr();
            let term = if same { f64::NEG_INFINITY } else { trainability(before, after, &direction)? };
            self.found.trainability.push(term);
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Box<dyn Any> {
        Box::new(self.found)
    }
}

/// Entropy of the normalised eigenvalues of the covariance between channels of `[batch, c, h, w]`.
fn entropy(map: &Tensor) -> f64 {
    let rows = map.detach().permute([0, 2, 3, 1]).reshape([-1, map.size()[1]]).to_kind(Kind::Double);
    let centred = &rows - rows.mean_dim([0i64].as_slice(), true, None::<Kind>);
    let covariance = centred.tr().matmul(&centred) / rows.size()[0] as f64;
    let eigenvalues = to_vec(&eigenvalues(&covariance));
    let total: f64 = eigenvalues.iter().sum();
    -eigenvalues.iter().map(|s| s / total).map(|p| p * (p + 1e-8).ln()).sum::<f64>()
}

fn trainability(before: &Tensor, after: &Tensor, direction: &Tensor) -> Result<f64, Error> {
    let back = derivatives(&(after * direction).sum(None::<Kind>), &[before.shallow_clone()], false)?.pop().flatten();
    let back = back.unwrap_or_else(|| before.zeros_like());
    if back.size() == direction.size() && back.equal(direction) {
        return Ok(f64::NEG_INFINITY);
    }
    let shrinkage = back.size()[2] / direction.size()[2];
    let back = if shrinkage > 1 { back.pixel_unshuffle(shrinkage) } else { back };
    let columns = |map: &Tensor| map.permute([0, 2, 3, 1]).reshape([-1, map.size()[1]]);
    let (back, direction) = (columns(&back), columns(direction));
    let between = back.tr().matmul(&direction).to_kind(Kind::Double) / back.size()[0] as f64;
    let largest = singular_values(&between).max().double_value(&[]);
    Ok(-largest - 1.0 / (largest + 1e-6) + 2.0)
}
