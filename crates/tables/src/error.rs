use std::path::PathBuf;

use arrow::error::ArrowError;
use parquet::errors::ParquetError;

/// What can be wrong with a table or its file. Reads after "failed to read (or write) the table:".
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A row breaks a rule of its table.
    #[error("row {row} of the {kind} table, column `{column}`: expected {expected}, got {got}")]
    Row {
        /// Kind of table.
        kind: &'static str,
        /// Row, from 0.
        row: usize,
        /// Column.
        column: &'static str,
        /// What the column may hold.
        expected: String,
        /// What came.
        got: String,
    },
    /// Two rows are about the same thing.
    #[error("rows {first} and {second} of the {kind} table have the same key: {key}")]
    Duplicate {
        /// Kind of table.
        kind: &'static str,
        /// The earlier row, from 0.
        first: usize,
        /// The later row.
        second: usize,
        /// The key, as `column = value` pairs.
        key: String,
    },
    /// Rows of a table that is written row by row are not in order.
    #[error("row {row} of the {kind} table comes after a greater one: {key} after {previous}")]
    Order {
        /// Kind of table.
        kind: &'static str,
        /// Row, from 0.
        row: u64,
        /// Its key, as `column = value` pairs.
        key: String,
        /// Key of the row before it.
        previous: String,
    },
    /// A table of which a row was refused is finished all the same.
    #[error("{} is not written: a row of it was refused", path.display())]
    Abandoned {
        /// The file.
        path: PathBuf,
    },
    /// A condition on a column that the kind of table does not have.
    #[error("a {kind} table has no column `{column}` to choose rows by")]
    Condition {
        /// Kind of table.
        kind: &'static str,
        /// The column.
        column: &'static str,
    },
    /// More rows than a table can hold.
    #[error("a {kind} table holds at most {limit} rows, got {got}")]
    TooManyRows {
        /// Kind of table.
        kind: &'static str,
        /// The limit.
        limit: usize,
        /// Rows that came.
        got: u64,
    },
    /// The contents of a file are wrong; the source says what.
    #[error("{} is damaged or was not written by this program", path.display())]
    InFile {
        /// The file.
        path: PathBuf,
        /// What is wrong in it.
        #[source]
        source: Box<Self>,
    },
    /// A file or folder could not be read or written.
    #[error("failed to {action} {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: std::io::Error,
    },
    /// The file is no Parquet file, or a damaged one.
    #[error("{} is not a whole Parquet file", path.display())]
    Parquet {
        /// The file.
        path: PathBuf,
        /// What the Parquet reader says.
        #[source]
        source: ParquetError,
    },
    /// The Parquet reader gave up on the file in the middle of its data.
    #[error("{} cannot be decoded: {reason}", path.display())]
    Decode {
        /// The file.
        path: PathBuf,
        /// What the reader says.
        reason: String,
    },
    /// The file holds another kind of table.
    #[error("{} holds {got}, expected a {expected} table", path.display())]
    Kind {
        /// The file.
        path: PathBuf,
        /// Kind that was asked for.
        expected: &'static str,
        /// What the file holds, in words.
        got: String,
    },
    /// The file was written under another version of the schema.
    #[error("{} has version {got} of the {kind} schema, this program reads version {expected}\n{remake}", path.display())]
    SchemaVersion {
        /// The file.
        path: PathBuf,
        /// Kind of table.
        kind: &'static str,
        /// Version of this program.
        expected: u32,
        /// Version of the file.
        got: u32,
        /// What to do about it.
        remake: &'static str,
    },
    /// The columns of the file are not those of its kind.
    #[error("{}: column {position} of a {kind} table should be {expected}, got {got}", path.display())]
    Schema {
        /// The file.
        path: PathBuf,
        /// Kind of table.
        kind: &'static str,
        /// Position of the column, from 0.
        position: usize,
        /// Name and type it should have.
        expected: String,
        /// Name and type it has.
        got: String,
    },
    /// An entry of the file's metadata is missing or unreadable.
    #[error("{}: metadata entry `{key}` {reason}", path.display())]
    Metadata {
        /// The file.
        path: PathBuf,
        /// The entry.
        key: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The rows are not those that were written.
    #[error("{} has changed since it was written: its rows should have sha256 {expected}, they have {got}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// Checksum in the metadata.
        expected: String,
        /// Checksum of the rows.
        got: String,
    },
    /// A score folder without scores.
    #[error("{} holds no scores (expected {})", path.display(), expected.display())]
    NoScores {
        /// The folder.
        path: PathBuf,
        /// Where scores should stand.
        expected: PathBuf,
    },
    /// Score files of one folder come from different runs.
    #[error("{} and {} were written with different configurations: {differences}\nkeep each run in a folder of its own", first.display(), second.display())]
    MixedRuns {
        /// A score file.
        first: PathBuf,
        /// Another.
        second: PathBuf,
        /// Settings that differ.
        differences: String,
    },
    /// Arrow refused to build the columns.
    #[error("failed to build the columns of the {kind} table")]
    Arrow {
        /// Kind of table.
        kind: &'static str,
        /// Why.
        #[source]
        source: ArrowError,
    },
    /// A table that printing does not know how to show.
    #[error("failed to print column `{column}`")]
    Print {
        /// The column.
        column: String,
        /// Why.
        #[source]
        source: ArrowError,
    },
    /// The output could not be written.
    #[error("failed to write the output")]
    Output(#[source] std::io::Error),
}
