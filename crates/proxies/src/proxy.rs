use engine::{DType, Norm, Scheme};
use spaces::Scope;
use tables::{Direction, Status};

use crate::Evidence;

/// A zero-cost proxy. Implement it in a file of its own and list it in [`crate::zoo::ALL`], or pass it to
/// [`crate::evaluate`] from outside (`examples/custom_proxy.rs`).
pub trait Proxy: Sync {
    /// Static description.
    fn meta(&self) -> &'static Meta;

    /// The score, from the evidence that [`Meta::needs`] asked for.
    ///
    /// # Errors
    /// [`Undefined`] where the definition gives no finite number.
    fn score(&self, evidence: &Evidence) -> Result<Score, Undefined>;
}

/// Static description of a proxy.
#[derive(Clone, Copy, Debug)]
pub struct Meta {
    /// Short name, as on the command line and in tables.
    pub name: &'static str,
    /// Raised when a score changes.
    pub version: u32,
    /// Full name.
    pub title: &'static str,
    /// Formula in plain text.
    pub formula: &'static str,
    /// Paper that defines it.
    pub paper: &'static str,
    /// Code it equals, `owner/repo@commit path`.
    pub reference: &'static str,
    /// Which end of the scale claims the better network.
    pub direction: Direction,
    /// Unit of the score.
    pub unit: &'static str,
    /// Whether operations that lead nowhere count.
    pub scope: Scope,
    /// What it must see of the network.
    pub needs: Needs,
    /// Whether the score of a network depends on the other candidates.
    pub set_dependent: bool,
    /// What the paper leaves open and how it is settled here.
    pub conventions: &'static str,
}

/// What a proxy must see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// The graph alone: nothing runs.
    Graph,
    /// A pass over the network.
    Pass(PassSpec),
}

/// A pass over a network. Proxies with equal ones share it (objectives and taps are united).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PassSpec {
    /// What goes in.
    pub input: Input,
    /// Whether at least two batches are needed, all of which count; otherwise the first.
    pub all_batches: bool,
    /// What is differentiated.
    pub objective: Objective,
    /// Whether ReLU signs of the first batch are wanted.
    pub relu_signs: bool,
    /// Default initialisation; `--init` overrides it.
    pub init: Scheme,
    /// Whether parameters lose their signs.
    pub absolute: bool,
    /// What batch norms do.
    pub norm: Norm,
    /// A dtype that replaces the run's.
    pub dtype: Option<DType>,
}

impl PassSpec {
    /// Gradients of the loss of the first batch, PyTorch's default weights, train-mode batch norm: what most
    /// gradient proxies need.
    pub const LOSS_GRADIENTS: Self = Self {
        input: Input::Batches,
        all_batches: false,
        objective: Objective::Loss,
        relu_signs: false,
        init: Scheme::TorchDefault,
        absolute: false,
        norm: Norm::Train,
        dtype: None,
    };
}

/// What goes into a pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Input {
    /// The run's batches with their targets.
    Batches,
    /// One image of ones.
    Ones,
}

/// The scalar whose gradient with respect to the weights is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Objective {
    /// Nothing: forward only.
    Nothing,
    /// Mean loss of the batch, by its targets ([`bench_loaders::Target`]): cross entropy for classes.
    Loss,
    /// Sum of all logits.
    SumOfLogits,
}

/// A finite score with what led to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// The score.
    pub value: f64,
    /// Intermediate quantities by name, for checking and teaching.
    pub details: Vec<(&'static str, Detail)>,
}

/// An intermediate quantity.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
#[serde(untagged)]
pub enum Detail {
    /// One number; `null` if it is not finite.
    Number(f64),
    /// One per layer (canonical order) or batch.
    Numbers(Vec<f64>),
}

/// Why there is no score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undefined {
    /// Kind of reason; never [`Status::Ok`].
    pub status: Status,
    /// The reason in words.
    pub reason: String,
}

impl Score {
    /// A score if `value` is finite, else [`Status::NonFinite`] with the name of what went wrong.
    ///
    /// # Errors
    /// [`Undefined`] for NaN and infinities.
    pub fn finite(value: f64, what: &str, details: Vec<(&'static str, Detail)>) -> Result<Self, Undefined> {
        if value.is_finite() {
            Ok(Self { value, details })
        } else {
            Err(Undefined { status: Status::NonFinite, reason: format!("{what} is {value}") })
        }
    }
}
