use crate::column::Wrong;
use crate::record::record;
use crate::{Kind, Table};

/// How long scores took. Apart from the scores, which are the same in every run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timing {}

/// A [`Table`] of [`TimingRow`]s.
pub type TimingTable = Table<Timing>;

record! {
    /// Time of one score.
    pub struct TimingRow<'a> {
        /// Official string of the architecture.
        pub arch: &'a str,
        /// Dataset.
        pub dataset: &'a str,
        /// Proxy.
        pub proxy: &'a str,
        /// Seed of the weights.
        pub seed: u64,
        /// Milliseconds it took its worker on the wall of an idle machine; 0 or more. On the CPU this is measured as processor time
        /// of the worker's thread, so that other programs and halts don't count.
        pub wall_ms: f64,
    }
}

impl Kind for Timing {
    type Row<'a> = TimingRow<'a>;
    const NAME: &'static str = "timing";
    const KEY: &'static [&'static str] = &["arch", "dataset", "proxy", "seed"];

    fn check(row: &TimingRow<'_>) -> Result<(), Wrong> {
        check_wall_ms(row.wall_ms)
    }
}

pub(crate) fn check_wall_ms(wall_ms: f64) -> Result<(), Wrong> {
    if wall_ms >= 0.0 { Ok(()) } else { Err(Wrong::new("wall_ms", "0 or more", wall_ms.to_string())) }
}
