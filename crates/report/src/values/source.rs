use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use tables::{BenchRow, BenchTable};

use super::choose::Wanted;
use crate::Result;

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
    pub(super) fn candidates(&self, _dataset: &str, _wanted: &Wanted) -> Result<Cow<'a, BenchTable>> {
        self.all()
    }

    /// For an error: every row of one architecture (or more).
    pub(super) fn sample(&self, _arch: &str) -> Result<Cow<'a, BenchTable>> {
        self.all()
    }

    fn all(&self) -> Result<Cow<'a, BenchTable>> {
        Ok(match self {
            Self::Table(table) => Cow::Borrowed(*table),
            Self::File(path) => Cow::Owned(BenchTable::read(path)?),
        })
    }

    /// Search spaces of the rows.
    pub(super) fn spaces(&self) -> Result<BTreeSet<String>> {
        Ok(self.all()?.iter().map(|row| row.space.to_owned()).collect())
    }

    /// SHA-256 of the rows and of the files they were read from.
    pub(crate) fn checksums(&self) -> Result<(String, BTreeMap<String, String>)> {
        let table = self.all()?;
        Ok((table.content_sha256(), table.provenance().inputs.clone()))
    }
}

/// When the value of a row was measured.
pub(super) fn epoch_of(row: &BenchRow<'_>) -> Option<u32> {
    row.epoch
}
