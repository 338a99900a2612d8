use engine::{DType, Norm, Scheme};
use spaces::Scope;
use tables::{Direction, Status};

use crate::{Evidence, Reading};

/// A zero-cost proxy. Implement it in a file of its own and list it in [`crate::zoo::ALL`], or pass it to
/// [`crate::evaluate`] from outside (`examples/custom_proxy.rs`).
pub trait Proxy: Sync {
    /// Static description.
    fn meta(&self) -> &'static Meta;

    /// The score, from the evidence that [`Meta::passes`] asked for.
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
    /// The passes over the network that it reads; none if the graph says enough.
    pub passes: &'static [PassSpec],
    /// Whether the score of a network depends on the other candidates.
    pub set_dependent: bool,
    /// What the paper leaves open and how it is settled here.
    pub conventions: &'static str,
}

impl Meta {
    /// What a proxy outside the zoo need not say: take the rest of the fields from it.
    pub const OWN: Self = Self {
        name: "own",
        version: 1,
        title: "A proxy of one's own",
        formula: "see its code",
        paper: "none",
        reference: "none",
        direction: Direction::HigherIsBetter,
        unit: "1",
        scope: Scope::Whole,
        passes: &[],
        set_dependent: false,
        conventions: "see its code",
    };

    /// Whether the dataset matters beyond its resolution: by its images, its targets or its number of classes. A proxy that reads the
    /// graph beside what its passes give must not have only passes of which classes don't matter.
    #[must_use]
    pub fn depends_on_dataset(&self) -> bool {
        let draws_its_input = |pass: &PassSpec| pass.state.input.instead_of_batches().is_some();
        let ends_early = |pass: &PassSpec| pass.readings.iter().all(|reading| reading.demands().ends_with_features);
        // The graph, which is all that others read, has the classifier.
        self.passes.is_empty() || !self.passes.iter().all(|pass| draws_its_input(pass) && ends_early(pass))
    }
}

/// A pass over a network: a state, and what is read from it. Passes of equal states are one.
#[derive(Clone, Copy, Debug)]
pub struct PassSpec {
    /// Weights, input and mode.
    pub state: State,
    /// What is taken from it.
    pub readings: &'static [&'static dyn Reading],
}

/// What a pass runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct State {
    /// What goes in.
    pub input: Input,
    /// Default initialisation; `--init` overrides it.
    pub init: Scheme,
    /// Whether parameters lose their signs.
    pub absolute: bool,
    /// What batch norms do.
    pub norm: Norm,
    /// A dtype that replaces the run's.
    pub dtype: Option<DType>,
}

impl State {
    /// The run's batches, PyTorch's default weights, train-mode batch norm: what most proxies need.
    pub const BATCHES: Self = Self { input: Input::Batches, init: Scheme::TorchDefault, absolute: false, norm: Norm::Train, dtype: None };

    /// Noise through Kaiming weights: what AZ-NAS looks at.
    pub const KAIMING_NOISE: Self = Self { input: Input::Noise, init: Scheme::KaimingNormalFanIn, ..Self::BATCHES };

    /// The same with other weights.
    #[must_use]
    pub const fn with_init(self, init: Scheme) -> Self {
        Self { init, ..self }
    }
}

/// What goes into a pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Input {
    /// Nothing: no forward pass, only the weights are looked at.
    Nothing,
    /// The run's batches with their targets, one after the other.
    Batches,
    /// The run's batches as one large batch.
    Joined,
    /// Noise `N(0, 1)` as large as a batch, whatever the images are, with random labels where the targets are classes.
    Noise,
    /// One image of ones.
    Ones,
    /// Noise `x ~ N(0, 1)` as large as a batch, then `x + 0.01 x'`.
    Perturbed,
}

impl Input {
    /// What goes in where the run's batches do not.
    pub fn instead_of_batches(self) -> Option<&'static str> {
        match self {
            Self::Nothing | Self::Batches | Self::Joined => None,
            Self::Noise | Self::Perturbed => Some("noise"),
            Self::Ones => Some("one image of ones"),
        }
    }
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

impl Undefined {
    /// The definition gives no value, for this reason.
    pub fn because(reason: impl Into<String>) -> Self {
        Self { status: Status::Undefined, reason: reason.into() }
    }

    /// The proxy does not apply to such a network or dataset, for this reason.
    pub fn does_not_apply(reason: impl Into<String>) -> Self {
        Self { status: Status::DoesNotApply, reason: reason.into() }
    }
}

impl Score {
    /// A score if `value` is finite, else [`Status::NonFinite`] with the name of what went wrong. Zero has no sign.
    ///
    /// # Errors
    /// [`Undefined`] for NaN and infinities.
    pub fn finite(value: f64, what: &str, details: Vec<(&'static str, Detail)>) -> Result<Self, Undefined> {
        if value.is_finite() {
            // An empty sum is -0.
            Ok(Self { value: value + 0.0, details })
        } else {
            Err(Undefined { status: Status::NonFinite, reason: format!("{what} is {value}") })
        }
    }
}
