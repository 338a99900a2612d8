use netgraph::rng::Stream;
use netgraph::{Graph, Module, ModuleId};

use crate::Error;

/// Which tensor of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// Weight of any module.
    Weight,
    /// Bias of a batch norm, convolution or linear layer.
    Bias,
    /// Running mean of a batch norm.
    RunningMean,
    /// Running variance of a batch norm.
    RunningVariance,
}

/// Gives every parameter its values.
pub trait Parameters {
    /// Fills the tensor `slot` of module `id` (flat, row-major). `first_tensor` is the number of the module's first
    /// parameter tensor in canonical order.
    fn fill(&self, module: &Module, id: ModuleId, first_tensor: usize, slot: Slot, values: &mut [f64]);
}

/// Distribution of fresh weights. Batch norms start at weight 1, bias 0, mean 0, variance 1 in all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// Convolution and linear weight and bias `U(-1/sqrt(fan_in), 1/sqrt(fan_in))`: PyTorch's own default, which the
    /// released ZiCo uses.
    TorchDefault,
    /// Convolution and linear weight `N(0, 2/fan_in)`, biases 0.
    KaimingNormalFanIn,
    /// Convolution and linear weight `N(0, 1)`, biases 0.
    Gaussian,
}

impl Scheme {
    /// Every scheme.
    pub const ALL: [Self; 3] = [Self::TorchDefault, Self::KaimingNormalFanIn, Self::Gaussian];

    /// Name on the command line and in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TorchDefault => "torch-default",
            Self::KaimingNormalFanIn => "kaiming-normal-fan-in",
            Self::Gaussian => "gaussian",
        }
    }

    /// Element `i` of a weight, or of a bias of [`Scheme::TorchDefault`], whose layer has that many inputs a unit.
    pub(crate) fn draw(self, stream: Stream, i: u64, fan_in: f64) -> f64 {
        let scale = match self {
            Self::TorchDefault => 1.0 / fan_in.sqrt(),
            Self::KaimingNormalFanIn => (2.0 / fan_in).sqrt(),
            Self::Gaussian => 1.0,
        };
        match self {
            Self::TorchDefault => -scale + (scale - -scale) * stream.uniform(i),
            Self::KaimingNormalFanIn | Self::Gaussian => stream.normal(i) * scale,
        }
    }

    /// The scheme of that name.
    ///
    /// # Errors
    /// [`Error::Unknown`].
    pub fn parse(name: &str) -> Result<Self, Error> {
        let known = || Self::ALL.map(Self::name).join(", ");
        Self::ALL.into_iter().find(|s| s.name() == name).ok_or_else(|| Error::Unknown {
            what: "initialisation",
            got: name.into(),
            known: known(),
        })
    }
}

/// Stream of parameter tensor 0; tensor `k` has `FIRST_STREAM + k`.
pub(crate) const FIRST_STREAM: u64 = 1000;

/// Fresh weights: element `i` of tensor `k` is drawn at `(seed, 1000 + k, i)`, so it depends on nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Init {
    /// Distribution.
    pub scheme: Scheme,
    /// Seed of the weights.
    pub seed: u64,
}

impl Parameters for Init {
    fn fill(&self, module: &Module, _: ModuleId, first_tensor: usize, slot: Slot, values: &mut [f64]) {
        let constant = match (module, slot) {
            (Module::BatchNorm2d(_), Slot::Weight) | (_, Slot::RunningVariance) => Some(1.0),
            (Module::BatchNorm2d(_), Slot::Bias) | (_, Slot::RunningMean) => Some(0.0),
            (_, Slot::Bias) if self.scheme != Scheme::TorchDefault => Some(0.0),
            _ => None,
        };
        let (None, Some(fan_in)) = (constant, module.fan_in()) else {
            values.fill(constant.unwrap_or(0.0));
            return;
        };
        let stream = Stream::new(self.seed, FIRST_STREAM + first_tensor as u64 + u64::from(slot == Slot::Bias));
        for (i, value) in values.iter_mut().enumerate() {
            *value = self.scheme.draw(stream, i as u64, fan_in as f64);
        }
    }
}

/// Another source's values without their signs (`SynFlow` linearises a network this way).
#[derive(Clone, Copy, Debug)]
pub struct Absolute<P>(pub P);

impl<P: Parameters> Parameters for Absolute<P> {
    fn fill(&self, module: &Module, id: ModuleId, first_tensor: usize, slot: Slot, values: &mut [f64]) {
        self.0.fill(module, id, first_tensor, slot, values);
        for value in values {
            *value = value.abs();
        }
    }
}

/// The values of one tensor as a vector.
pub(crate) fn values(parameters: &dyn Parameters, graph: &Graph, numbers: &[usize], id: ModuleId, slot: Slot) -> Vec<f64> {
    let module = &graph.modules()[id];
    let n = if slot == Slot::Weight { module.n_weights() } else { module.n_biases() };
    let mut values = vec![0.0; n];
    parameters.fill(module, id, numbers[id], slot, &mut values);
    values
}
