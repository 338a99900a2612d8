//! The experiments on MNIST with which the paper supports ZiCo, and numerical checks of its theorems.
//!
//! [`Data`] holds the digits as unit vectors with a number to predict. Each experiment is one file and gives rows of a table:
//!
//! | experiment | of the paper | rows |
//! |---|---|---|
//! | [`linear`] with the bounds of [`theorem31`] | Figure 1, Theorem 3.1 | [`tables::StepRow`] |
//! | [`mlp`] | Figures 2 and 5 | [`tables::MlpRow`] |
//! | [`gram`] | Theorems 3.2, 3.3 and 3.5 | [`tables::GramRow`] |
//!
//! ```
//! let row = theory::theorem31::counter_example();
//! assert_eq!(row.loss_after, 0.0);
//! assert_eq!(row.bound_printed, Some(-0.5));
//! assert_eq!(row.bound_corrected, Some(0.0));
//! ```
//!
//! # Conventions
//! * Everything is computed in double precision.
//! * An image is its 784 grey values divided by their Euclidean norm; no mean is subtracted. The theorems ask for |x| = 1.
//! * The target is the digit itself as a number from 0 to 9, because the models have one output; [`gram`] divides it by 9.
//! * Every random number is a function of the seed and its position ([`netgraph::rng`]), and each network or repetition is
//!   computed by one single-threaded worker: results do not depend on the number of workers.
//!
//! This crate draws nothing and correlates nothing: `report::theory` makes the page from the tables.

mod data;
mod error;
pub mod gram;
pub mod linear;
pub mod mlp;
mod network;
mod parallel;
mod streams;
pub mod theorem31;

pub use data::{Data, Samples};
pub use error::Error;
pub use parallel::Done;

/// Result with this crate's [`enum@Error`].
pub type Result<T> = std::result::Result<T, Error>;
