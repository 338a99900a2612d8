use std::cmp::Ordering;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use parquet::errors::ParquetError;

use crate::column::{Cell, Column, Wrong};
use crate::column_builder::ColumnBuilder;
use crate::encode::Encoder;
use crate::files::PendingFile;
use crate::record::{Record as _, describe};
use crate::table::ROW_GROUP;
use crate::{Error, Kind, Provenance, Result};

/// Writes a table of any length row by row, holding no more than three row groups of it (about 2^17 rows each).
///
/// Rows must come in strictly ascending order of their key ([`Kind::KEY`]: texts by their bytes, null before every number).
/// Row groups are compressed on a thread of the writer's own while the next one is filled. The file is there once
/// [`TableWriter::finish`] has returned, and not a moment before; a writer that is dropped leaves nothing. The same rows
/// give the same bytes, and the same ones as [`crate::Table::write`].
///
/// ```
/// use tables::{Cost, CostRow, CostTable, Provenance, TableWriter};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("cost.parquet");
/// let mut writer = TableWriter::<Cost>::create(&path, Provenance::new(serde_json::Value::Null))?;
/// for arch in ["8:8:8:8:16", "8:8:8:8:8"] {
///     let (origin, params) = (CostRow::COMPUTED, Some(11_714.0));
///     let nothing_else = (None, None, None);
///     let (index, flops, latency_ms) = nothing_else;
///     writer.push(CostRow { space: "sss", arch, index, dataset: "cifar10", origin, epochs: None, trial: None, params, flops, latency_ms })?;
/// }
/// writer.finish()?;
/// assert_eq!(CostTable::read(&path)?.len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct TableWriter<K: Kind> {
    columns: Vec<ColumnBuilder>,
    /// The key of the last row, column by column; `None` for columns that are not part of it.
    last: Vec<Option<LastCell>>,
    in_group: usize,
    rows: u64,
    refused: bool,
    provenance: Provenance,
    encoding: Option<Encoding>,
    pending: PendingFile,
    kind: std::marker::PhantomData<fn() -> K>,
}

/// A table that is written to the last byte and has only to be given its name.
#[derive(Debug)]
pub struct Sealed {
    pending: PendingFile,
    rows: u64,
}

/// The thread that encodes.
#[derive(Debug)]
struct Encoding {
    blocks: SyncSender<Vec<Column>>,
    thread: JoinHandle<std::result::Result<Encoder<BufWriter<File>>, ParquetError>>,
}

#[derive(Clone, Debug, PartialEq)]
enum LastCell {
    Null,
    Text(String),
    Number(u32),
}

impl LastCell {
    /// How a cell compares with this one; then takes its place.
    #[inline]
    fn advance(&mut self, cell: Option<Cell<'_>>) -> Ordering {
        match (&mut *self, cell) {
            (Self::Text(last), Some(Cell::Text(text))) => {
                let order = text.cmp(last.as_str());
                if order.is_ne() {
                    last.clear();
                    last.push_str(text);
                }
                order
            }
            (Self::Number(last), Some(Cell::U32(number))) => {
                let order = number.cmp(last);
                *last = number;
                order
            }
            (Self::Null, None) => Ordering::Equal,
            (_, cell) => {
                let order = if *self == Self::Null { Ordering::Greater } else { Ordering::Less };
                *self = match cell {
                    Some(Cell::Text(text)) => Self::Text(text.into()),
                    Some(Cell::U32(number)) => Self::Number(number),
                    _ => Self::Null,
                };
                order
            }
        }
    }
}

impl<K: Kind> TableWriter<K> {
    /// A writer of a table that will stand at `path`. Makes the folder if it is missing.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn create(path: &Path, provenance: Provenance) -> Result<Self> {
        const { assert!(K::STREAMED, "only tables whose rows have an order are written row by row") };
        let pending = PendingFile::create(path)?;
        let output = BufWriter::with_capacity(1 << 20, pending.handle()?);
        let mut encoder = Encoder::new::<K>(output).map_err(|source| io_error(path, source))?;
        let (blocks, received) = sync_channel::<Vec<Column>>(1);
        let thread = std::thread::Builder::new().name("parquet".into()).spawn(move || {
            received.into_iter().try_for_each(|block| encoder.write(&block))?;
            Ok(encoder)
        });
        let thread = thread.map_err(|source| Error::Io { action: "start a thread to write", path: path.into(), source })?;
        let columns: Vec<ColumnBuilder> = K::Row::specs().into_iter().map(ColumnBuilder::new).collect();
        Ok(Self {
            last: columns.iter().map(|column| K::KEY.contains(&column.spec().name).then_some(LastCell::Null)).collect(),
            columns,
            in_group: 0,
            rows: 0,
            refused: false,
            provenance: Provenance { schema_version: K::SCHEMA_VERSION, ..provenance },
            encoding: Some(Encoding { blocks, thread }),
            pending,
            kind: std::marker::PhantomData,
        })
    }

    /// Where the table will stand.
    pub fn path(&self) -> &Path {
        self.pending.path()
    }

    /// Rows so far.
    pub fn len(&self) -> u64 {
        self.rows
    }

    /// Whether there are no rows yet.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Where the table comes from: can be added to until the table is finished.
    pub fn provenance_mut(&mut self) -> &mut Provenance {
        &mut self.provenance
    }

    /// Appends a row. After an error the table cannot be finished any more.
    ///
    /// # Errors
    /// [`Error::Row`] as [`crate::TableBuilder::push`]; [`Error::Order`] if the row belongs before the last one,
    /// [`Error::Duplicate`] if it has the same key; [`Error::Io`] if earlier rows could not be written.
    pub fn push(&mut self, row: K::Row<'_>) -> Result<()> {
        match self.put(&row) {
            Ok(order) if order.is_gt() || self.rows == 0 => {}
            Ok(order) => {
                self.refused = true;
                return Err(self.out_of_order(&row, order));
            }
            Err(wrong) => {
                self.refused = true;
                return Err(crate::table::row_error::<K>(self.rows as usize, wrong));
            }
        }
        self.rows += 1;
        self.in_group += 1;
        if self.in_group == ROW_GROUP { self.send() } else { Ok(()) }
    }

    /// Puts the cells into their columns and compares the key with the last one.
    #[inline]
    fn put(&mut self, row: &K::Row<'_>) -> std::result::Result<Ordering, Wrong> {
        K::check(row)?;
        let mut order = Ordering::Equal;
        let mut columns = self.columns.iter_mut().zip(&mut self.last);
        row.visit(|cell| {
            let Some((column, last)) = columns.next() else { return Ok(()) };
            column.check(cell)?;
            column.push(cell);
            if let Some(last) = last {
                order = order.then(last.advance(cell));
            }
            Ok(())
        })?;
        Ok(order)
    }

    #[cold]
    fn out_of_order(&mut self, row: &K::Row<'_>, order: Ordering) -> Error {
        let mut cells = Vec::new();
        let _ = row.visit(|cell| {
            cells.push(describe(cell));
            Ok(())
        });
        let names: Vec<&str> = self.columns.iter().map(|column| column.spec().name).collect();
        let in_words = |cells: &[String]| {
            let pairs = names.iter().zip(cells).filter(|(name, _)| K::KEY.contains(name));
            pairs.map(|(name, cell)| format!("{name} = {cell}")).collect::<Vec<_>>().join(", ")
        };
        let key = in_words(&cells);
        if order.is_eq() {
            let second = self.rows as usize;
            return Error::Duplicate { kind: K::NAME, first: second.saturating_sub(1), second, key };
        }
        // The row before stands in the columns still, unless it was the last one of a row group.
        let columns: Vec<Column> = self.columns.iter_mut().map(ColumnBuilder::take).collect();
        let before = self.in_group.checked_sub(1);
        let previous = before.map(|row| columns.iter().map(|column| describe(column.get(row))).collect::<Vec<_>>());
        let previous = previous.map_or_else(|| "the last row of the row group before".into(), |cells| in_words(&cells));
        Error::Order { kind: K::NAME, row: self.rows, key, previous }
    }

    /// Hands the row group to the thread.
    fn send(&mut self) -> Result<()> {
        self.in_group = 0;
        let specs = self.columns.iter_mut().filter(|column| !K::VOLATILE.contains(&column.spec().name));
        let block: Vec<Column> = specs.map(ColumnBuilder::take).collect();
        let Some(encoding) = &self.encoding else { return Err(self.abandoned()) };
        if encoding.blocks.send(block).is_err() {
            // The thread is gone, with an error of its own.
            self.refused = true;
            return Err(self.join().err().unwrap_or_else(|| self.abandoned()));
        }
        Ok(())
    }

    /// Waits for the thread.
    fn join(&mut self) -> Result<Encoder<BufWriter<File>>> {
        let Some(Encoding { blocks, thread }) = self.encoding.take() else { return Err(self.abandoned()) };
        drop(blocks);
        let panicked = |_| ParquetError::General("the encoder gave up".into());
        thread.join().map_err(panicked).and_then(|result| result).map_err(|source| io_error(self.path(), source))
    }

    fn abandoned(&self) -> Error {
        Error::Abandoned { path: self.path().into() }
    }

    /// Writes what is left and the end of the file, but doesn't give it its name yet: for several tables that are to appear
    /// together.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Abandoned`] if a row was refused.
    pub fn seal(mut self) -> Result<Sealed> {
        if self.refused {
            return Err(self.abandoned());
        }
        if self.in_group > 0 {
            self.send()?;
        }
        let encoder = self.join()?;
        let mut output = encoder.finish::<K>(&self.provenance).map_err(|source| io_error(self.path(), source))?;
        output.flush().map_err(|source| Error::Io { action: "write", path: self.path().into(), source })?;
        self.pending.sync()?;
        Ok(Sealed { pending: self.pending, rows: self.rows })
    }

    /// Writes what is left; then the file is there. Returns the number of rows.
    ///
    /// # Errors
    /// Those of [`TableWriter::seal`] and [`Sealed::publish`].
    pub fn finish(self) -> Result<u64> {
        self.seal()?.publish()
    }
}

impl Sealed {
    /// Gives the file its name, replacing one that is there. Returns the number of rows.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn publish(self) -> Result<u64> {
        self.pending.publish()?;
        Ok(self.rows)
    }
}

/// What went wrong with the file under the Parquet writer: its own data was checked before.
fn io_error(path: &Path, source: ParquetError) -> Error {
    let source = match source {
        ParquetError::External(source) => match source.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(source) => io::Error::other(source),
        },
        source => io::Error::other(source),
    };
    Error::Io { action: "write", path: path.into(), source }
}
