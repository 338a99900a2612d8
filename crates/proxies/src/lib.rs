//! Zero-cost proxies: what each is, how many share a pass over the network, and how a whole space is scored.
//!
//! A [`Proxy`] is one file of [`zoo`], listed in [`zoo::ALL`]. It names the passes over the network that it reads and what it
//! takes from them, its [`readings`]; [`evaluate`] finds the fewest passes that give every asked proxy its evidence, and returns an [`Outcome`] each: a finite score, or
//! none with a reason. [`runner`] does so for many architectures: workers, shards, resumption.
//!
//! ```
//! use proxies::{Options, evaluate, zoo};
//!
//! let nb201 = spaces::find("nb201")?;
//! let graph = nb201.lower(&nb201.parse("1462")?, &nb201.default_setting(10, 32))?;
//! let counts = [zoo::find("params")?, zoo::find("flops")?];
//! let outcomes = evaluate(&graph, &counts, &[], &Options::default())?.outcomes;
//! assert_eq!(outcomes[0].score.as_ref().map(|s| s.value), Ok(1_531_546.0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Nothing here ranks or correlates: that is `report`'s work, on the tables written here.

mod critic;
mod error;
mod evaluate;
mod evidence;
mod layer_sums;
mod loss;
mod noise;
mod pass;
mod plan;
mod proxy;
mod reading;
pub mod readings;
mod repeats;
pub mod runner;
mod script;
pub mod zoo;

pub use critic::Critic;
pub use error::Error;
pub use evaluate::{Evaluation, Options, Outcome, TensorBatch, evaluate, evaluate_caught, evaluate_observed};
pub use evidence::{Blind, Evidence, Subject};
pub use layer_sums::{LayerSums, eigenvalues, singular_values, to_vec};
pub use loss::TensorTargets;
pub use pass::Observation;
pub use plan::{Planned, User, Workload, plan};
pub use proxy::{Detail, Input, Meta, PassSpec, Proxy, Score, State, Undefined};
pub use reading::{Batches, Cost, Demands, Derivative, Extent, Model, Reader, Reading, Run, Setup, derivatives};
pub use script::evaluate_script;
