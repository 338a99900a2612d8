use std::sync::Arc;

use arrow::datatypes::Schema;
use arrow::record_batch::RecordBatch;
use sha2::{Digest, Sha256};

use crate::column::{Column, ColumnSpec, Wrong};
use crate::column_builder::ColumnBuilder;
use crate::content::BlockHash;
use crate::files::hex;
use crate::order::{Found, first_duplicate, order};
use crate::record::{Record, describe};
use crate::{Error, Provenance, Result};

/// Most rows of a table: 2^25. A file that claims more is not one of ours.
pub(crate) const MAX_ROWS: usize = 1 << 25;

/// Rows of a row group of a kind that is streamed. Part of the definition of its checksum.
pub(crate) const ROW_GROUP: usize = 1 << 17;

/// What a table is about: the type of its rows and their rules. The kinds are fixed; see the crate's first page.
pub trait Kind: Sized + 'static {
    /// A row, borrowed from its table.
    type Row<'a>: Record<'a>;
    /// Name, as in the metadata of a file.
    const NAME: &'static str;
    /// Version of the columns; goes up when they change.
    const SCHEMA_VERSION: u32 = 1;
    /// What to do about a file of another version.
    const REMAKE: &'static str = "write it again with this program";
    /// Columns that no two rows may share, in column order.
    const KEY: &'static [&'static str];
    /// Whether rows are always in ascending order of their key (texts by their bytes, null first), so that a file can be
    /// written row by row ([`crate::TableWriter`]) and read in part ([`Table::read_where`]).
    const STREAMED: bool = false;
    /// Columns that are never written, since they differ from run to run.
    #[doc(hidden)]
    const VOLATILE: &'static [&'static str] = &[];
    /// Rules beyond those of every table.
    #[doc(hidden)]
    fn check(_row: &Self::Row<'_>) -> std::result::Result<(), Wrong> {
        Ok(())
    }
}

/// Rows of one kind, held as columns, with their provenance. Made by [`Table::builder`] or [`Table::read`].
#[derive(Clone, Debug, PartialEq)]
pub struct Table<K: Kind> {
    columns: Vec<Column>,
    batch: RecordBatch,
    provenance: Provenance,
    kind: std::marker::PhantomData<fn() -> K>,
}

impl<K: Kind> Table<K> {
    /// An empty table to push rows to.
    #[must_use]
    pub fn builder() -> TableBuilder<K> {
        TableBuilder { columns: K::Row::specs().into_iter().map(ColumnBuilder::new).collect(), len: 0, kind: std::marker::PhantomData }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.batch.num_rows()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rows, in the order they were pushed or, of a kind that is streamed, of their key.
    pub fn iter(&self) -> impl Iterator<Item = K::Row<'_>> {
        (0..self.len()).filter_map(|row| self.get(row))
    }

    /// The row of that number, from 0.
    pub fn get(&self, row: usize) -> Option<K::Row<'_>> {
        // Rows were checked when the table was built, so within the table there is no error to report.
        (row < self.len()).then(|| K::Row::of_cells(|column| self.columns.get(column)?.get(row)).ok()).flatten()
    }

    /// Where the table comes from.
    pub fn provenance(&self) -> &Provenance {
        &self.provenance
    }

    /// The columns as Arrow arrays. Texts are dictionaries (`Int32` to `Utf8`).
    pub fn batch(&self) -> &RecordBatch {
        &self.batch
    }

    /// SHA-256 (hexadecimal) of the rows, without provenance and without columns that are never written. Two tables have
    /// the same if their rows are equal and in the same order.
    pub fn content_sha256(&self) -> String {
        if K::STREAMED {
            let mut hash = BlockHash::new::<K>();
            self.blocks().for_each(|block| hash.update(&block));
            return hash.finish();
        }
        let mut hash = Sha256::new();
        hash.update(K::NAME);
        hash.update((self.len() as u64).to_le_bytes());
        for (spec, column) in K::Row::specs().iter().zip(&self.columns) {
            if !K::VOLATILE.contains(&spec.name) {
                hash.update(spec.name);
                column.hash(&mut hash);
            }
        }
        hex(&hash.finalize())
    }

    /// The columns of a file of this kind.
    pub(crate) fn stored_specs() -> Vec<ColumnSpec> {
        K::Row::specs().into_iter().filter(|spec| !K::VOLATILE.contains(&spec.name)).collect()
    }

    /// The columns, stored ones only, in row groups as files have them.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = Vec<Column>> {
        let specs = K::Row::specs();
        (0..self.len()).step_by(ROW_GROUP).map(move |start| {
            let rows = start..(start + ROW_GROUP).min(self.len());
            let stored = specs.iter().zip(&self.columns).filter(|(spec, _)| !K::VOLATILE.contains(&spec.name));
            stored.map(|(spec, column)| column.slice(*spec, rows.clone())).collect()
        })
    }

    /// What is written to a file.
    pub(crate) fn stored_batch(&self) -> Result<RecordBatch> {
        let specs = K::Row::specs();
        let stored: Vec<usize> = (0..specs.len()).filter(|&k| !K::VOLATILE.contains(&specs[k].name)).collect();
        self.batch.project(&stored).map_err(|source| Error::Arrow { kind: K::NAME, source })
    }
}

/// Rows under construction.
#[derive(Debug)]
pub struct TableBuilder<K: Kind> {
    columns: Vec<ColumnBuilder>,
    len: usize,
    kind: std::marker::PhantomData<fn() -> K>,
}

impl<K: Kind> TableBuilder<K> {
    /// Number of rows so far.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no rows yet.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Appends a row. A row that is refused leaves the builder as it was.
    ///
    /// # Errors
    /// [`Error::Row`] if a number is not finite, a text empty or longer than 64 KiB, or a rule of the kind is broken;
    /// [`Error::TooManyRows`] after 2^25 rows.
    pub fn push(&mut self, row: K::Row<'_>) -> Result<()> {
        if self.len >= MAX_ROWS {
            return Err(Error::TooManyRows { kind: K::NAME, limit: MAX_ROWS, got: self.len as u64 + 1 });
        }
        self.check(&row).map_err(|wrong| row_error::<K>(self.len, wrong))?;
        let mut columns = self.columns.iter_mut();
        row.visit(|cell| {
            if let Some(column) = columns.next() {
                column.push(cell);
            }
            Ok(())
        })
        .map_err(|wrong| row_error::<K>(self.len, wrong))?;
        self.len += 1;
        Ok(())
    }

    fn check(&self, row: &K::Row<'_>) -> std::result::Result<(), Wrong> {
        let mut columns = self.columns.iter();
        row.visit(|cell| columns.next().map_or(Ok(()), |column| column.check(cell)))?;
        K::check(row)
    }

    /// Appends rows of stored columns, which are checked like pushed ones.
    pub(crate) fn append(&mut self, stored: &[Column], rows: &[usize]) -> Result<()> {
        if self.len + rows.len() > MAX_ROWS {
            return Err(Error::TooManyRows { kind: K::NAME, limit: MAX_ROWS, got: (self.len + rows.len()) as u64 });
        }
        for_each_stored::<K>(stored, rows, self.len, |_| {})?;
        for (own, column) in self.columns.iter_mut().zip(placed::<K>(stored)) {
            match column {
                Some(column) => own.extend(column, rows.iter().copied()).map_err(|wrong| row_error::<K>(self.len, wrong))?,
                None => rows.iter().for_each(|_| own.push(None)),
            }
        }
        self.len += rows.len();
        Ok(())
    }

    /// The table. Rows of a kind that is streamed are put in order.
    ///
    /// # Errors
    /// [`Error::Duplicate`] if two rows have the same key.
    pub fn finish(self, provenance: Provenance) -> Result<Table<K>> {
        let specs = K::Row::specs();
        let mut columns: Vec<Column> = self.columns.into_iter().map(ColumnBuilder::finish).collect();
        let keys: Vec<(&'static str, &Column)> =
            specs.iter().zip(&columns).filter(|(spec, _)| K::KEY.contains(&spec.name)).map(|(spec, column)| (spec.name, column)).collect();
        let key_columns: Vec<&Column> = keys.iter().map(|(_, column)| *column).collect();
        let found = if K::STREAMED {
            order(&key_columns, self.len)
        } else {
            first_duplicate(&key_columns, self.len).map_or(Found::Ascending, |(first, second)| Found::Duplicate(first, second))
        };
        if let Found::Duplicate(first, second) = found {
            let key: Vec<String> = keys.iter().map(|(name, column)| format!("{name} = {}", describe(column.get(second)))).collect();
            return Err(Error::Duplicate { kind: K::NAME, first, second, key: key.join(", ") });
        }
        if let Found::Order(order) = found {
            columns = specs.iter().zip(&columns).map(|(spec, column)| column.rows(*spec, order.iter().map(|&row| row as usize))).collect();
        }
        let schema = Schema::new(specs.iter().map(ColumnSpec::field).collect::<Vec<_>>());
        let batch = columns
            .iter()
            .map(Column::to_array)
            .collect::<std::result::Result<Vec<_>, _>>()
            .and_then(|arrays| RecordBatch::try_new(Arc::new(schema), arrays))
            .map_err(|source| Error::Arrow { kind: K::NAME, source })?;
        let provenance = Provenance { schema_version: K::SCHEMA_VERSION, ..provenance };
        Ok(Table { columns, batch, provenance, kind: std::marker::PhantomData })
    }
}

/// Stored columns in the places that a row has for them; none for one that is never written.
fn placed<K: Kind>(stored: &[Column]) -> Vec<Option<&Column>> {
    let mut stored = stored.iter();
    K::Row::specs().iter().map(|spec| if K::VOLATILE.contains(&spec.name) { None } else { stored.next() }).collect()
}

/// Calls `each` with these rows of stored columns, which are checked like pushed ones. `before` of them came before.
pub(crate) fn for_each_stored<K: Kind>(stored: &[Column], rows: &[usize], before: usize, mut each: impl FnMut(&K::Row<'_>)) -> Result<()> {
    let columns = placed::<K>(stored);
    for (spec, column) in K::Row::specs().into_iter().zip(&columns) {
        if let Some((number, wrong)) = column.and_then(|column| column.first_wrong(spec, rows)) {
            return Err(row_error::<K>(before + number, wrong));
        }
    }
    for (number, &row) in rows.iter().enumerate() {
        let wrong = |wrong| row_error::<K>(before + number, wrong);
        let record = K::Row::of_cells(|column| columns.get(column).copied().flatten()?.get(row)).map_err(wrong)?;
        K::check(&record).map_err(wrong)?;
        each(&record);
    }
    Ok(())
}

pub(crate) fn row_error<K: Kind>(row: usize, wrong: Wrong) -> Error {
    Error::Row { kind: K::NAME, row, column: wrong.column, expected: wrong.expected, got: wrong.got }
}
