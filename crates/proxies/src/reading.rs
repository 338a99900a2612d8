use std::any::Any;
use std::fmt::Debug;

use engine::{Forward, Layer, Moment, Network, Norm, Placement, Trainable, Trained};
use netgraph::Graph;
use tch::Tensor;

use crate::{Error, TensorTargets};

/// Something that is taken from passes over a network, for one proxy or for several: a file of [`crate::readings`].
pub trait Reading: Sync + Debug {
    /// Name, as `zico score --explain` prints it. Readings of equal names are one.
    fn name(&self) -> &'static str;

    /// What the pass must provide.
    fn demands(&self) -> Demands;

    /// Begins to read a network.
    fn start(&self, setup: &Setup) -> Box<dyn Reader>;
}

/// What a reading demands of its pass.
#[derive(Clone, Copy, Debug)]
pub struct Demands {
    /// How many batches it sees.
    pub batches: Batches,
    /// What must not be rewritten away.
    pub extent: Extent,
    /// Parameters that it differentiates with respect to.
    pub trainable: Trainable,
    /// What it differentiates: if no reading does, nothing is kept for a backward pass.
    pub derivative: Derivative,
    /// Whether it looks at single operations; a model of which only inputs and outputs are known cannot give it.
    pub operations: bool,
    /// Whether it reads nothing that classes or targets can change: only what comes before the last layer.
    pub ends_with_features: bool,
    /// What it costs beside the forward passes it sees and the loss's backward pass, in forward passes of one batch.
    pub cost: Cost,
}

impl Demands {
    /// The first batch, forward only.
    pub const FORWARD: Self = Self {
        batches: Batches::First,
        extent: Extent::Live,
        trainable: Trainable::Nothing,
        derivative: Derivative::Nothing,
        operations: true,
        ends_with_features: false,
        cost: Cost::Forwards(0.0),
    };

    /// The gradient of the loss of the first batch.
    pub const LOSS: Self = Self { trainable: Trainable::Layers, derivative: Derivative::Loss, operations: false, ..Self::FORWARD };
}

/// What a reading differentiates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Derivative {
    /// Nothing.
    Nothing,
    /// Something of its own, with respect to parameters or activations.
    Own,
    /// Something of its own, with respect to the images.
    Image,
    /// The loss, in the backward pass that all such readings share.
    Loss,
}

/// How many batches a reading sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Batches {
    /// The first.
    First,
    /// All, at least two.
    All,
    /// As many as it asks for, at most this many.
    UpTo(usize),
}

/// What a reading needs of the network as it was built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Extent {
    /// What can influence the output.
    Live,
    /// Dead ReLUs too, and the operations that they read.
    Relus,
    /// All operations that lead nowhere, too.
    Whole,
    /// Multiplications by zero as well: what reads them still has batch-norm biases.
    AsBuilt,
    /// Every operation by itself, in the order of execution.
    Untouched,
}

/// Estimated cost, in forward passes of one batch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cost {
    /// That many.
    Forwards(f64),
    /// That many for each image.
    PerImage(f64),
    /// That many for each class.
    PerClass(f64),
}

/// What a reading may ask before it begins.
#[derive(Debug)]
pub struct Setup<'a> {
    /// The graph that runs, after rewriting; `None` for a model of which only inputs and outputs are known.
    pub graph: Option<&'a Graph>,
    /// Images in the first batch.
    pub batch_size: usize,
    /// Seed of drawn directions and samples.
    pub noise_seed: u64,
    /// Device, dtype, layout.
    pub placement: Placement,
}

/// A network that runs: ours, or somebody's `TorchScript` module.
pub trait Model {
    /// Convolutions and linear layers.
    fn layers(&self) -> &[Layer];
    /// Every parameter that asks for a gradient.
    fn trained(&self) -> Vec<Trained>;
    /// Mean over channels of each batch norm's running variance.
    fn running_variances(&self) -> Vec<Tensor>;
    /// The network, if its operations are known.
    fn network(&self) -> Option<&Network<'_>>;
    /// Runs a batch as the pass does, without taps.
    ///
    /// # Errors
    /// [`Error::Engine`] if libtorch fails.
    fn forward(&self, images: &Tensor) -> Result<Tensor, Error>;
}

/// A pass after the forward run of one batch; what it computed can still be differentiated.
pub struct Run<'a> {
    /// Number of the batch.
    pub batch: usize,
    /// The network.
    pub model: &'a dyn Model,
    /// What went in.
    pub images: &'a Tensor,
    /// What should come out; `None` where the input has no targets.
    pub targets: Option<&'a TensorTargets>,
    /// What came out.
    pub forward: &'a Forward,
    /// Mean loss of the batch, if a reading takes part in its backward pass.
    pub loss: Option<&'a Tensor>,
    /// What batch norms do.
    pub norm: Norm,
}

/// A reading under way.
pub trait Reader {
    /// Sees the network before anything runs.
    fn begin(&mut self, model: &dyn Model) {
        let _ = model;
    }

    /// Sees every operation of a batch as soon as its output is there.
    fn tap(&mut self, batch: usize, moment: &Moment) {
        let _ = (batch, moment);
    }

    /// Looks at a batch after its forward pass; may differentiate, if it keeps the graph for others.
    ///
    /// # Errors
    /// [`Error`] if libtorch fails.
    fn after_forward(&mut self, run: &Run) -> Result<(), Error> {
        let _ = run;
        Ok(())
    }

    /// Tensors, beside the weights of the layers, that it wants the loss's gradient of.
    fn wants(&mut self, batch: usize) -> Vec<Tensor> {
        let _ = batch;
        Vec::new()
    }

    /// Whether it wants the loss's gradient of the weights of the layers.
    fn wants_layers(&self, batch: usize) -> bool {
        let _ = batch;
        false
    }

    /// Whether it differentiates once more when it gets the gradients of the loss.
    fn goes_on(&self, batch: usize) -> bool {
        let _ = batch;
        false
    }

    /// Gets the gradients of the mean loss: of each layer's weight, and of what it wanted. `None` is zero.
    ///
    /// # Errors
    /// [`Error`] if libtorch fails.
    fn gradients(&mut self, run: &Run, layers: &[Option<Tensor>], wanted: &[Option<Tensor>]) -> Result<(), Error> {
        let _ = (run, layers, wanted);
        Ok(())
    }

    /// Whether it needs another batch, for [`Batches::UpTo`].
    fn is_done(&self) -> bool {
        true
    }

    /// What it found: one type for each reading, by which [`crate::Evidence::of`] gives it to proxies.
    fn finish(self: Box<Self>) -> Box<dyn Any>;
}

/// Gradients of a scalar; `None` where it does not depend on a tensor. The graph stays.
///
/// # Errors
/// [`Error::Engine`] if libtorch fails.
pub fn derivatives(scalar: &Tensor, of: &[Tensor], create_graph: bool) -> Result<Vec<Option<Tensor>>, Error> {
    if of.is_empty() || !scalar.requires_grad() {
        return Ok(of.iter().map(|_| None).collect());
    }
    let of: Vec<&Tensor> = of.iter().collect();
    let gradients = Tensor::f_run_backward(&[scalar], &of, true, create_graph).map_err(engine::Error::from)?;
    Ok(gradients.into_iter().map(|g| Some(g).filter(Tensor::defined)).collect())
}
