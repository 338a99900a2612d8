use crate::column::Wrong;
use crate::record::record;
use crate::step::not_negative;
use crate::{Kind, Table};

/// The Gram matrix H(t) of a two-layer network along its training.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gram {}

/// A [`Table`] of [`GramRow`]s.
pub type GramTable = Table<Gram>;

record! {
    /// One network after one number of steps. Distances of matrices are spectral norms; u are the outputs, y the targets.
    pub struct GramRow<'a> {
        /// How training steps are sized, in words.
        pub rule: &'a str,
        /// Hidden units.
        pub width: u32,
        /// Number of the network of that width, from 0.
        pub run: u32,
        /// Steps taken, from 0.
        pub step: u32,
        /// Step size.
        pub learning_rate: f64,
        /// Least eigenvalue of the limit of H(0) at infinite width.
        pub limit_least: f64,
        /// Spectral distance of H(0) from that limit.
        pub distance_limit: f64,
        /// Spectral distance of H(t) from H(0).
        pub distance_initial: f64,
        /// Least eigenvalue of H(t). Rounding may carry a zero below 0.
        pub least: f64,
        /// Greatest eigenvalue of H(t).
        pub greatest: f64,
        /// Greatest distance over the units of a weight vector from where it began.
        pub movement: f64,
        /// What the theorem allows for it.
        pub movement_bound: f64,
        /// |u - y|^2.
        pub residual: f64,
        /// What the linear rate allows for it.
        pub residual_bound: f64,
        /// |u - y|^2 on images that took no part, per image; null but at the first and the last step, since it costs more than a step.
        pub residual_test: Option<f64>,
        /// Sum over the weights of the variance of the per-sample gradient, population form.
        pub sum_sigma2: f64,
        /// The least that sum can be, by the eigenvalues of H(t) and the loss.
        pub sigma2_low: f64,
        /// The most it can be.
        pub sigma2_high: f64,
    }
}

impl Kind for Gram {
    type Row<'a> = GramRow<'a>;
    const NAME: &'static str = "gram";
    const KEY: &'static [&'static str] = &["rule", "width", "run", "step"];

    fn check(row: &GramRow<'_>) -> Result<(), Wrong> {
        not_negative(&[
            ("learning_rate", row.learning_rate),
            ("distance_limit", row.distance_limit),
            ("distance_initial", row.distance_initial),
            ("movement", row.movement),
            ("residual", row.residual),
            ("residual_test", row.residual_test.unwrap_or(0.0)),
            ("sum_sigma2", row.sum_sigma2),
        ])
    }
}
