use crate::column::Wrong;
use crate::record::record;
use crate::step::not_negative;
use crate::{Kind, Table};

/// Random two-layer networks: spread of their gradients across batches, and their losses around one epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mlp {}

/// A [`Table`] of [`MlpRow`]s.
pub type MlpTable = Table<Mlp>;

record! {
    /// One network under one batch size and learning rate. Losses are means over images of (h - y)^2.
    pub struct MlpRow<'a> {
        /// Which figure the setting belongs to, such as `fig2`.
        pub figure: &'a str,
        /// Images per batch.
        pub batch_size: u32,
        /// Learning rate of the epoch.
        pub learning_rate: f64,
        /// Number of the network, from 0.
        pub network: u32,
        /// Hidden units.
        pub width: u32,
        /// Root of the sum over weights of the variance across batches of the gradient at the initial weights.
        pub std_root: f64,
        /// Sum over weights of the standard deviation.
        pub std_sum: f64,
        /// Mean over weights of the standard deviation.
        pub std_mean: f64,
        /// Loss over all training images before the epoch.
        pub loss_initial: f64,
        /// Loss over all training images after it.
        pub loss_train: f64,
        /// Loss over the test images after it.
        pub loss_test: f64,
    }
}

impl Kind for Mlp {
    type Row<'a> = MlpRow<'a>;
    const NAME: &'static str = "mlp";
    const KEY: &'static [&'static str] = &["figure", "batch_size", "network"];

    fn check(row: &MlpRow<'_>) -> Result<(), Wrong> {
        not_negative(&[
            ("learning_rate", row.learning_rate),
            ("std_root", row.std_root),
            ("std_sum", row.std_sum),
            ("std_mean", row.std_mean),
            ("loss_initial", row.loss_initial),
            ("loss_train", row.loss_train),
            ("loss_test", row.loss_test),
        ])
    }
}
