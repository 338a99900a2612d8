use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use tables::{BenchRow, BenchTable, Filter};

use super::choose::Wanted;
use crate::Result;
use crate::benchmarks::Measured;

/// Where values are read from.
#[derive(Clone, Copy, Debug)]
pub enum Values<'a> {
    /// A table in memory.
    Table(&'a BenchTable),
    /// A file, of which only the rows are read that are needed: a benchmark's table may have ten million.
    File(&'a Path),
}

impl<'a> Values<'a> {
    /// Rows of a dataset that may be the wanted ones; others may be among them.
    pub(super) fn candidates(&self, dataset: &str, wanted: &Wanted, trial: Option<u32>) -> Result<Cow<'a, BenchTable>> {
        let epoch = match (wanted.measured, wanted.epochs) {
            (Some(Measured::Best), _) => tables::Wanted::Null,
            (Some(Measured::At(epoch)), _) | (Some(Measured::Last), Some(epoch)) => tables::Wanted::Is(epoch),
            (Some(Measured::Last), None) | (None, _) => tables::Wanted::Any,
        };
        self.rows(&Filter {
            dataset: Some(dataset),
            split: wanted.split.as_deref(),
            metric: wanted.metric.as_deref(),
            epochs: wanted.epochs.map_or(tables::Wanted::Any, tables::Wanted::Is),
            epoch,
            trial: trial.map_or(tables::Wanted::Any, tables::Wanted::Is),
            ..Filter::default()
        })
    }

    /// For an error: every row of one architecture (or more).
    pub(super) fn sample(&self, arch: &str) -> Result<Cow<'a, BenchTable>> {
        self.rows(&Filter { arch: Some(arch), ..Filter::default() })
    }

    fn rows(&self, filter: &Filter<'_>) -> Result<Cow<'a, BenchTable>> {
        Ok(match self {
            Self::Table(table) => Cow::Borrowed(*table),
            Self::File(path) => Cow::Owned(BenchTable::read_where(path, filter)?),
        })
    }

    /// Search spaces of the rows. Reads all of them.
    pub(super) fn spaces(&self) -> Result<BTreeSet<String>> {
        let mut spaces = BTreeSet::new();
        let mut add = |row: &BenchRow<'_>| {
            if !spaces.contains(row.space) {
                spaces.insert(row.space.to_owned());
            }
        };
        match self {
            Self::Table(table) => table.iter().for_each(|row| add(&row)),
            Self::File(path) => {
                BenchTable::scan(path, &Filter::default(), add)?;
            }
        }
        Ok(spaces)
    }

    /// SHA-256 of the table (in memory that of its rows, of a file that of its bytes), and those of the files it was made of.
    pub(crate) fn checksums(&self) -> Result<(String, BTreeMap<String, String>)> {
        Ok(match self {
            Self::Table(table) => (table.content_sha256(), table.provenance().inputs.clone()),
            Self::File(path) => (tables::hash_file(path)?, BenchTable::summary(path)?.0.inputs),
        })
    }
}
