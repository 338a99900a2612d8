use std::path::Path;

use arrow::record_batch::RecordBatch;

use crate::stored::kind_of;
use crate::{
    BenchTable, CorrelationTable, CostTable, Error, GramTable, Kind, MlpTable, Provenance, Result, ScoreTable, SearchTable, StepTable,
    TimingTable,
};

/// Defines [`AnyTable`] and its methods from the list of kinds.
macro_rules! any_table {
    ($($(#[$meta:meta])* $kind:ident($table:ty),)*) => {
        /// A table of whichever kind a file holds.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum AnyTable { $($(#[$meta])* $kind($table),)* }

        /// Names of all kinds.
        const KINDS: &[&str] = &[$(<crate::any::kinds::$kind as Kind>::NAME),*];

        impl AnyTable {
            /// Name of its kind.
            pub fn kind(&self) -> &'static str {
                match self { $(Self::$kind(_) => <crate::any::kinds::$kind as Kind>::NAME,)* }
            }

            /// The columns.
            pub fn batch(&self) -> &RecordBatch {
                match self { $(Self::$kind(table) => table.batch(),)* }
            }

            /// Where the table comes from.
            pub fn provenance(&self) -> &Provenance {
                match self { $(Self::$kind(table) => table.provenance(),)* }
            }

            fn read_file(path: &Path, kind: &str) -> Option<Result<Self>> {
                $(if kind == <crate::any::kinds::$kind as Kind>::NAME {
                    return Some(<$table>::read(path).map(Self::$kind));
                })*
                None
            }
        }
    };
}

/// The kinds under the names that the variants have.
mod kinds {
    pub use crate::{Bench, Correlation, Cost, Gram, Mlp, Score, Search, Step, Timing};
}

any_table! {
    /// Measured values.
    Bench(BenchTable),
    /// Parameters and multiply-adds.
    Cost(CostTable),
    /// Scores.
    Score(ScoreTable),
    /// Milliseconds.
    Timing(TimingTable),
    /// Correlations.
    Correlation(CorrelationTable),
    /// What a search evaluated.
    Search(SearchTable),
    /// Steps on a linear model (Theorem 3.1).
    Step(StepTable),
    /// Random two-layer networks.
    Mlp(MlpTable),
    /// Gram matrices along training.
    Gram(GramTable),
}

impl AnyTable {
    /// Reads a file of any kind, or the scores of a run from its folder, in their stable order ([`ScoreTable::read_any`]).
    ///
    /// # Errors
    /// [`Error::Kind`] if the file holds no table of this workspace, and those of [`crate::Table::read`] and
    /// [`ScoreTable::read_dir`].
    pub fn read(path: &Path) -> Result<Self> {
        if path.is_dir() {
            return ScoreTable::read_dir(path).map(Self::Score);
        }
        let unknown = |got: String| Error::Kind { path: path.into(), expected: "a table of this workspace", got };
        let Some(kind) = kind_of(path)? else {
            return Err(unknown("no table of this program".into()));
        };
        if kind == <kinds::Score as Kind>::NAME {
            return ScoreTable::read_any(path).map(Self::Score);
        }
        Self::read_file(path, &kind).unwrap_or_else(|| Err(unknown(format!("a {} table", kind.escape_debug()))))
    }

    /// Names of all kinds.
    #[must_use]
    pub const fn kinds() -> &'static [&'static str] {
        KINDS
    }
}
