//! Searches for the architecture with the best objective under a budget: the paper's Algorithm 1 and what it is compared with.
//!
//! A [`Search`] moves through a [`Domain`] ([`Plainnet`], or the space of a [`Benchmark`]), evaluates an [`Objective`] and compares
//! candidates by a [`Ranking`]; its [`Settings`] say how ([`Method`]) and under which [`Budget`]. A [`Store`] keeps what was
//! evaluated, so that a killed search goes on.
//!
//! ```
//! use std::collections::HashMap;
//! use std::sync::atomic::AtomicBool;
//!
//! use search::{Benchmark, Lookup, Method, Ranking, Search, Settings};
//!
//! // The largest network of NAS-Bench-201 that has at most 100 million multiply-adds, by number of parameters.
//! let space = spaces::find("nb201")?;
//! let setting = space.default_setting(10, 32);
//! let mut settings = Settings::new(Method::Evolution, 300, 0);
//! settings.budget.flops = Some(100e6);
//! let domain = Benchmark::new(space, setting, space.parse("0")?, None);
//! let mut values = HashMap::new();
//! for architecture in space.enumerate().take(2_000) {
//!     values.insert(architecture.text.clone(), space.lower(&architecture, &setting)?.n_params() as f64);
//! }
//! let objective = Lookup { key: |architecture: &spaces::Architecture| architecture.text.clone(), values };
//! let ranking = Ranking::Value { higher: true };
//! let search = Search { domain: &domain, objective: &objective, components: 1, ranking: &ranking, settings: &settings };
//! let outcome = search.run(2, &AtomicBool::new(false), None, &|_| {})?;
//! let best = outcome.state.best().ok_or("nothing found")?;
//! assert!(outcome.is_whole && best.drawn.cost.flops <= 100e6);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Reproducibility
//! The candidate of a step follows from the seed, the number of the step and the results of all steps but the last few
//! ([`Settings::in_flight`]); threads only decide when a result is there. A measured latency is the exception: it is no function of the candidate.
//!
//! Nothing here scores a network or reads a table of accuracies: an objective does.

mod benchmark;
mod budget;
mod domain;
mod draws;
mod error;
mod objective;
mod plainnet;
mod propose;
mod ranking;
mod run;
mod settings;
mod state;
mod store;

pub use benchmark::Benchmark;
pub use budget::{Budget, Limit};
pub use domain::{Cost, Domain};
pub use draws::Draws;
pub use error::{Cause, Error};
pub use objective::{Lookup, Missing, Objective, Value};
pub use plainnet::Plainnet;
pub use ranking::{OfSet, Ranking};
pub use run::{Outcome, Search, View};
pub use settings::{Method, Settings};
pub use state::{Counts, Drawn, Evaluated, State};
pub use store::{HISTORY, Known, Store, history};
