use std::any::Any;

use netgraph::ModuleId;
use tch::{Kind, Tensor};

use crate::reading::{Batches, Demands, Reader, Reading, Run, Setup};
use crate::{Error, LayerSums};

/// Mean and spread of the loss's gradient over all batches, per weight, in f64 whatever the dtype: Welford's recurrence, so
/// that memory does not grow with the number of batches and no difference of large sums is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MomentReading {
    /// Spread of the gradient itself.
    Signed,
    /// Spread of its absolute value.
    Magnitude,
    /// Spread of the sum of the gradients up to each batch.
    Accumulated,
}

/// What is known of every layer with a gradient.
#[derive(Debug, Default)]
pub struct Moments {
    /// The layers.
    pub layers: Vec<LayerMoments>,
    /// Mean loss of each batch.
    pub losses: Vec<f64>,
}

/// Moments of the quantity x whose spread was asked for, element by element.
#[derive(Debug)]
pub struct LayerMoments {
    /// Modules along the first dimension.
    pub modules: Vec<ModuleId>,
    /// Mean of x.
    pub mean: Tensor,
    /// Sum of (x - mean)^2.
    squares: Tensor,
    /// Sum of abs(x).
    magnitudes: Tensor,
    /// Sum of the gradients so far, where x is that.
    sum: Option<Tensor>,
    /// Batches seen.
    count: f64,
}

impl LayerMoments {
    fn new(modules: Vec<ModuleId>, x: Tensor, accumulated: bool) -> Self {
        let (squares, magnitudes) = (x.zeros_like(), x.abs());
        Self { modules, squares, magnitudes, sum: accumulated.then(|| x.copy()), mean: x, count: 1.0 }
    }

    fn push(&mut self, gradient: Tensor) {
        let x = match &mut self.sum {
            Some(sum) => {
                *sum += gradient;
                sum.shallow_clone()
            }
            None => gradient,
        };
        self.count += 1.0;
        let before = &x - &self.mean;
        self.mean += &before / self.count;
        self.squares += before * (&x - &self.mean);
        self.magnitudes += x.abs();
    }

    /// Of one layer (module 0) whose gradient in batch b is `rows[b]`.
    #[cfg(test)]
    pub(crate) fn of_rows(rows: &[&[f64]], kind: MomentReading) -> Self {
        let of = |row: &&[f64]| if kind == MomentReading::Magnitude { Tensor::from_slice(row).abs() } else { Tensor::from_slice(row) };
        let mut rows = rows.iter().map(of);
        let mut layer = Self::new(vec![0], rows.next().expect("a batch"), kind == MomentReading::Accumulated);
        rows.for_each(|row| layer.push(row));
        layer
    }

    /// Mean of abs(x).
    pub fn magnitude(&self) -> Tensor {
        &self.magnitudes / self.count
    }

    /// Population standard deviation of x (`ddof` 0).
    pub fn std(&self) -> Tensor {
        (&self.squares / self.count).sqrt()
    }
}

impl Moments {
    /// For each layer of `order`, sums over its weights of K quantities.
    pub fn sums<const K: usize>(&self, order: &[ModuleId], quantities: impl Fn(&LayerMoments) -> [Tensor; K]) -> [Vec<f64>; K] {
        let mut sums = LayerSums::default();
        for layer in &self.layers {
            sums.push(&layer.modules, quantities(layer));
        }
        sums.finish(order)
    }
}

/// Found by [`MomentReading::Signed`].
#[derive(Debug)]
pub struct SignedMoments(pub Moments);
/// Found by [`MomentReading::Magnitude`].
#[derive(Debug)]
pub struct MagnitudeMoments(pub Moments);
/// Found by [`MomentReading::Accumulated`].
#[derive(Debug)]
pub struct AccumulatedMoments(pub Moments);

impl Reading for MomentReading {
    fn name(&self) -> &'static str {
        match self {
            Self::Signed => "mean and spread of gradients",
            Self::Magnitude => "mean and spread of gradients' absolute values",
            Self::Accumulated => "mean and spread of accumulated gradients",
        }
    }

    fn demands(&self) -> Demands {
        Demands { batches: Batches::All, ..Demands::LOSS }
    }

    fn start(&self, _: &Setup) -> Box<dyn Reader> {
        Box::new(Collector { kind: *self, moments: Moments::default(), of_layer: Vec::new() })
    }
}

struct Collector {
    kind: MomentReading,
    moments: Moments,
    /// Position of each layer of the model among the moments.
    of_layer: Vec<Option<usize>>,
}

impl Reader for Collector {
    fn wants_layers(&self, _: usize) -> bool {
        true
    }

    fn gradients(&mut self, run: &Run, layers: &[Option<Tensor>], _: &[Option<Tensor>]) -> Result<(), Error> {
        self.of_layer.resize(layers.len(), None);
        self.moments.losses.extend(run.loss.map(|loss| loss.double_value(&[])));
        for ((layer, gradient), of_layer) in run.model.layers().iter().zip(layers).zip(&mut self.of_layer) {
            // A gradient that is absent is absent in every batch: whether there is one depends on the graph alone.
            let Some(gradient) = gradient else { continue };
            let mut x = gradient.to_kind(Kind::Double);
            if self.kind == MomentReading::Magnitude {
                x = x.abs();
            }
            if let Some(k) = *of_layer {
                self.moments.layers[k].push(x);
            } else {
                *of_layer = Some(self.moments.layers.len());
                // In f64 `to_kind` gives the gradient itself, which others read too.
                let x = if gradient.kind() == Kind::Double { x.copy() } else { x };
                self.moments.layers.push(LayerMoments::new(layer.modules.clone(), x, self.kind == MomentReading::Accumulated));
            }
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Box<dyn Any> {
        match self.kind {
            MomentReading::Signed => Box::new(SignedMoments(self.moments)),
            MomentReading::Magnitude => Box::new(MagnitudeMoments(self.moments)),
            MomentReading::Accumulated => Box::new(AccumulatedMoments(self.moments)),
        }
    }
}
