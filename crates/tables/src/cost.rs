use crate::record::record;
use crate::{Kind, Table};

/// What architectures cost, before any training.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {}

/// A [`Table`] of [`CostRow`]s.
pub type CostTable = Table<Cost>;

record! {
    /// Size of the network that an architecture is on a dataset.
    pub struct CostRow<'a> {
        /// Search space.
        pub space: &'a str,
        /// Official string of the architecture.
        pub arch: &'a str,
        /// Official index, where the space has one.
        pub index: Option<u32>,
        /// Dataset: its number of classes and resolution.
        pub dataset: &'a str,
        /// Parameters: weights and biases, batch norms included.
        pub params: u64,
        /// Multiply-adds (MACs) of convolutions and linear layers for one image.
        pub flops: u64,
    }
}

impl Kind for Cost {
    type Row<'a> = CostRow<'a>;
    const NAME: &'static str = "cost";
    const KEY: &'static [&'static str] = &["space", "arch", "dataset"];
}
