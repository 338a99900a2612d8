//! Zero-cost proxies: what each is, how many share a pass over the network, and how a whole space is scored.
//!
//! A [`Proxy`] is one file of [`zoo`], listed in [`zoo::ALL`]. It declares what it [`Needs`]; [`evaluate`] finds the fewest
//! passes over one network that give every asked proxy its evidence, and returns an [`Outcome`] each: a finite score, or
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
mod loss;
mod plan;
mod proxy;
pub mod runner;
pub mod zoo;

pub use critic::Critic;
pub use error::Error;
pub use evaluate::{Evaluation, Options, Outcome, TensorBatch, evaluate, evaluate_observed};
pub use evidence::{Evidence, LayerEvidence, Pass};
pub use loss::TensorTargets;
pub use proxy::{Detail, Input, Meta, Needs, Objective, PassSpec, Proxy, Score, Undefined};
