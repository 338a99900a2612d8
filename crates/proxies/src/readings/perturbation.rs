use std::any::Any;

use tch::{Kind, Tensor};

use crate::reading::{Batches, Cost, Demands, Extent, Reader, Reading, Run, Setup};
use crate::{Error, to_vec};

/// How far the feature map moves when a little noise is added to the input, and what scale the batch norms took away.
#[derive(Clone, Copy, Debug)]
pub struct PerturbationReading;

/// What [`PerturbationReading`] finds.
#[derive(Debug, Default)]
pub struct Perturbation {
    first: Option<Tensor>,
    /// Mean over samples of the l1 distance between the two feature maps.
    pub distance: f64,
    /// For each batch norm, the mean over channels of its running variance after both passes.
    pub variances: Vec<f64>,
}

impl Reading for PerturbationReading {
    fn name(&self) -> &'static str {
        "shift of the features under noise"
    }

    fn demands(&self) -> Demands {
        Demands {
            batches: Batches::UpTo(2),
            extent: Extent::Whole,
            ends_with_features: true,
            cost: Cost::Forwards(0.6),
            ..Demands::FORWARD
        }
    }

    fn start(&self, _: &Setup) -> Box<dyn Reader> {
        Box::new(Perturbation::default())
    }
}

impl Reader for Perturbation {
    fn after_forward(&mut self, run: &Run) -> Result<(), Error> {
        let features = run.forward.features.to_kind(Kind::Double);
        if let Some(first) = self.first.take() {
            let distance = (first - features).abs().flatten(1, -1).sum_dim_intlist([1i64].as_slice(), false, None::<Kind>);
            self.distance = distance.mean(None::<Kind>).double_value(&[]);
            let variances = run.model.running_variances();
            self.variances = if variances.is_empty() { Vec::new() } else { to_vec(&Tensor::cat(&variances, 0)) };
        } else {
            self.first = Some(features);
        }
        Ok(())
    }

    fn is_done(&self) -> bool {
        false
    }

    fn finish(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
