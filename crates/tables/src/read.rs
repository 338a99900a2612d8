use std::path::Path;

use arrow::array::RecordBatch;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::errors::ParquetError;

use crate::column::{Column, ColumnSpec};
use crate::filter::Condition;
use crate::stored::{OpenFile, guarded};
use crate::table::{MAX_ROWS, ROW_GROUP, for_each_stored};
use crate::{Error, Filter, Kind, Provenance, Result, Table, TableBuilder};

impl<K: Kind> Table<K> {
    /// Reads a whole file that [`Table::write`] or [`crate::TableWriter`] made. Kind, columns, schema version, every row and
    /// the checksum of all rows are checked.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Parquet`] or [`Error::Decode`] if it cannot be read; [`Error::Kind`],
    /// [`Error::SchemaVersion`], [`Error::Schema`], [`Error::Metadata`], [`Error::Content`] or [`Error::InFile`] if it is
    /// not what it should be, or has more than 2^25 rows.
    pub fn read(path: &Path) -> Result<Self> {
        guarded(path, || {
            let (open, stored) = OpenFile::open_kind::<K>(path)?;
            if open.n_rows() > MAX_ROWS as u64 {
                let source = Error::TooManyRows { kind: K::NAME, limit: MAX_ROWS, got: open.n_rows() };
                return Err(Error::InFile { path: path.into(), source: source.into() });
            }
            let groups = (0..open.metadata().metadata().num_row_groups()).collect();
            let mut builder = Self::builder();
            read_groups::<K>(&open, path, groups, &[], &mut |columns, rows| append(&mut builder, path, columns, rows))?;
            let table = builder.finish(stored.provenance).map_err(|source| in_file(path, source))?;
            let got = table.content_sha256();
            if got != stored.content_sha256 {
                return Err(Error::Content { path: path.into(), expected: stored.content_sha256, got });
            }
            Ok(table)
        })
    }

    /// Reads the rows that fulfil the conditions, from those row groups alone whose statistics say that they may have some:
    /// quick for one architecture of a table of millions, since rows are in the order of architectures. Memory goes with the
    /// rows that are kept.
    ///
    /// The rows read are checked one by one; the checksum of all rows is **not**, since that would take reading them.
    ///
    /// # Errors
    /// Those of [`Table::read`] but [`Error::Content`], and [`Error::Condition`].
    pub fn read_where(path: &Path, filter: &Filter<'_>) -> Result<Self> {
        let mut builder = Self::builder();
        let provenance = scan_columns::<K>(path, filter, &mut |columns, rows| append(&mut builder, path, columns, rows))?;
        builder.finish(provenance).map_err(|source| in_file(path, source))
    }

    /// Calls `each` with the rows that fulfil the conditions, in the order of the file. Memory is bounded whatever the size of
    /// the file. Checks what [`Table::read_where`] checks, but for the order of the rows and whether two have the same key.
    ///
    /// # Errors
    /// Those of [`Table::read_where`].
    pub fn scan(path: &Path, filter: &Filter<'_>, mut each: impl FnMut(&K::Row<'_>)) -> Result<Provenance> {
        let mut before = 0;
        scan_columns::<K>(path, filter, &mut |columns, rows| {
            for_each_stored::<K>(columns, rows, before, &mut each).map_err(|source| in_file(path, source))?;
            before += rows.len();
            Ok(())
        })
    }

    /// Where the table in a file comes from, and how many rows it has, without reading them.
    ///
    /// # Errors
    /// Those of [`Table::read`] about the end of the file.
    pub fn summary(path: &Path) -> Result<(Provenance, u64)> {
        guarded(path, || OpenFile::open_kind::<K>(path).map(|(open, stored)| (stored.provenance, open.n_rows())))
    }
}

fn append<K: Kind>(builder: &mut TableBuilder<K>, path: &Path, columns: &[Column], rows: &[usize]) -> Result<()> {
    builder.append(columns, rows).map_err(|source| in_file(path, source))
}

fn in_file(path: &Path, source: Error) -> Error {
    Error::InFile { path: path.into(), source: source.into() }
}

/// Called with columns and the numbers of the rows that are wanted of them.
type Visitor<'v> = dyn FnMut(&[Column], &[usize]) -> Result<()> + 'v;

fn scan_columns<K: Kind>(path: &Path, filter: &Filter<'_>, visit: &mut Visitor<'_>) -> Result<Provenance> {
    let conditions = filter.conditions::<K>()?;
    guarded(path, || {
        let (open, stored) = OpenFile::open_kind::<K>(path)?;
        let groups = open.metadata().metadata().row_groups().iter().enumerate();
        let groups = groups.filter(|(_, group)| conditions.iter().all(|condition| condition.may_hold(group)));
        let groups = groups.map(|(number, _)| number).collect();
        read_groups::<K>(&open, path, groups, &conditions, visit)?;
        Ok(stored.provenance)
    })
}

/// Reads these row groups, at most [`ROW_GROUP`] rows at a time.
fn read_groups<K: Kind>(
    open: &OpenFile,
    path: &Path,
    groups: Vec<usize>,
    conditions: &[Condition<'_>],
    visit: &mut Visitor<'_>,
) -> Result<()> {
    let specs = Table::<K>::stored_specs();
    for group in groups {
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(open.handle(path)?, open.metadata().clone());
        let reader = builder.with_row_groups(vec![group]).with_batch_size(ROW_GROUP).build();
        for batch in reader.map_err(|source| Error::Parquet { path: path.into(), source })? {
            let batch = batch.map_err(|source| Error::Parquet { path: path.into(), source: ParquetError::from(source) })?;
            let columns = columns_of(&batch, &specs)
                .ok_or_else(|| Error::Decode { path: path.into(), reason: "a column changed its type".into() })?;
            let mut rows: Vec<usize> = (0..batch.num_rows()).collect();
            for condition in conditions {
                condition.retain(&columns, &mut rows);
            }
            if !rows.is_empty() {
                visit(&columns, &rows)?;
            }
        }
    }
    Ok(())
}

fn columns_of(batch: &RecordBatch, specs: &[ColumnSpec]) -> Option<Vec<Column>> {
    specs.iter().zip(batch.columns()).map(|(spec, array)| Column::of_array(array.as_ref(), spec.column_type)).collect()
}
