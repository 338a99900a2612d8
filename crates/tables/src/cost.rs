use crate::column::Wrong;
use crate::record::record;
use crate::{Kind, Table};

/// What architectures cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {}

/// A [`Table`] of [`CostRow`]s, in ascending order of their key.
pub type CostTable = Table<Cost>;

record! {
    /// Size and speed of the network that an architecture is on a dataset. At least one of the three figures is there, and
    /// none is negative.
    pub struct CostRow<'a> {
        /// Search space.
        pub space: &'a str,
        /// Official string of the architecture; in `nb101` the hash of its module.
        pub arch: &'a str,
        /// Official index, where the space has one.
        pub index: Option<u32>,
        /// Dataset: its number of classes and resolution.
        pub dataset: &'a str,
        /// [`CostRow::COMPUTED`] or [`CostRow::OFFICIAL`].
        pub origin: &'a str,
        /// Length of the training schedule that an official figure belongs to; none for computed ones.
        pub epochs: Option<u32>,
        /// The training run that an official figure belongs to; none for computed ones.
        pub trial: Option<u32>,
        /// Parameters: weights and biases, batch norms included. A count, not millions; official figures that were published
        /// in millions need not be whole.
        pub params: Option<f64>,
        /// Multiply-adds (MACs) of convolutions and linear layers for one image. A count, not millions.
        pub flops: Option<f64>,
        /// Milliseconds of a forward pass, on the machine and the batch of the benchmark's authors.
        pub latency_ms: Option<f64>,
    }
}

impl CostRow<'_> {
    /// Origin of figures that this program counted on the networks that it builds.
    pub const COMPUTED: &'static str = "computed";
    /// Origin of figures that stand in the benchmark's file.
    pub const OFFICIAL: &'static str = "official";
}

impl Kind for Cost {
    type Row<'a> = CostRow<'a>;
    const NAME: &'static str = "cost";
    const SCHEMA_VERSION: u32 = 2;
    const REMAKE: &'static str = "make it again: zico ingest BENCHMARK --out FILE";
    const KEY: &'static [&'static str] = &["space", "arch", "dataset", "origin", "epochs", "trial"];
    const STREAMED: bool = true;

    fn check(row: &CostRow<'_>) -> Result<(), Wrong> {
        let figures = [("params", row.params), ("flops", row.flops), ("latency_ms", row.latency_ms)];
        if let Some((column, value)) = figures.iter().find_map(|(column, value)| Some((*column, value.filter(|v| *v < 0.0)?))) {
            return Err(Wrong::new(column, "0 or more", value.to_string()));
        }
        if figures.iter().all(|(_, value)| value.is_none()) {
            return Err(Wrong::new("params", "a number, since flops and latency_ms are null", "null"));
        }
        match row.origin {
            CostRow::COMPUTED if row.epochs.is_some() => Err(Wrong::new("epochs", "null, since the origin is computed", "a number")),
            CostRow::COMPUTED if row.trial.is_some() => Err(Wrong::new("trial", "null, since the origin is computed", "a number")),
            CostRow::COMPUTED | CostRow::OFFICIAL => Ok(()),
            other => Err(Wrong::new("origin", "computed or official", format!("{:?}", other.chars().take(80).collect::<String>()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CostTable;

    const ROW: CostRow<'static> = CostRow {
        space: "nb201",
        arch: "a",
        index: None,
        dataset: "cifar10",
        origin: CostRow::OFFICIAL,
        epochs: Some(200),
        trial: Some(777),
        params: Some(1.5e6),
        flops: None,
        latency_ms: Some(12.5),
    };

    #[test]
    fn a_cost_is_about_something_and_knows_where_it_is_from() {
        assert!(CostTable::builder().push(ROW).is_ok());
        assert!(CostTable::builder().push(CostRow { origin: CostRow::COMPUTED, epochs: None, trial: None, ..ROW }).is_ok());
        for (bad, part) in [
            (CostRow { flops: Some(-1.0), ..ROW }, "column `flops`: expected 0 or more, got -1"),
            (CostRow { params: None, latency_ms: None, ..ROW }, "column `params`: expected a number"),
            (CostRow { origin: "guessed", ..ROW }, "column `origin`: expected computed or official, got \"guessed\""),
            (CostRow { origin: CostRow::COMPUTED, ..ROW }, "column `epochs`: expected null"),
            (CostRow { origin: CostRow::COMPUTED, epochs: None, ..ROW }, "column `trial`: expected null"),
            (CostRow { params: Some(f64::NAN), ..ROW }, "column `params`: expected a finite number"),
        ] {
            let error = CostTable::builder().push(bad).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
