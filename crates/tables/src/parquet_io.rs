use std::collections::HashMap;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use arrow::array::RecordBatch;
use arrow::datatypes::Field;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use serde::de::DeserializeOwned;

use crate::column::{Column, ColumnSpec};
use crate::files::atomic_write;
use crate::record::Record;
use crate::table::{MAX_ROWS, row_error};
use crate::{Error, Kind, Provenance, Result, Table};

/// Written instead of the library's name and version, which would change the bytes of a file with every update.
const CREATED_BY: &str = "zico tables";

const KIND: &str = "zico.kind";
const SCHEMA_VERSION: &str = "zico.schema_version";
const GIT_COMMIT: &str = "zico.git_commit";
const VERSION: &str = "zico.version";
const LIBTORCH: &str = "zico.libtorch";
const DEVICE: &str = "zico.device";
const DTYPE: &str = "zico.dtype";
const CONFIG: &str = "zico.config";
const INPUTS: &str = "zico.inputs";
const CONTENT: &str = "zico.content_sha256";

impl<K: Kind> Table<K> {
    /// Writes the table as Parquet (Snappy), provenance in the metadata. Equal tables give equal bytes. The file is whole
    /// or not there; one that is there is replaced.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write(&self, path: &Path) -> Result<()> {
        let batch = self.stored_batch()?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(CREATED_BY.into())
            .set_key_value_metadata(Some(self.metadata()))
            .build();
        atomic_write(path, |output| {
            let mut writer = ArrowWriter::try_new(output, batch.schema(), Some(properties))?;
            writer.write(&batch)?;
            writer.close()?;
            Ok(())
        })
    }

    /// Reads a file that [`Table::write`] made. Kind, columns, schema version, every row and the checksum of all rows are
    /// checked.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Parquet`] or [`Error::Decode`] if it cannot be read; [`Error::Kind`],
    /// [`Error::SchemaVersion`], [`Error::Schema`], [`Error::Metadata`], [`Error::Content`] or [`Error::InFile`] if it is
    /// not what it should be.
    pub fn read(path: &Path) -> Result<Self> {
        guarded(path, || {
            let open = OpenFile::open(path)?;
            if open.kind() != Some(K::NAME) {
                return Err(Error::Kind { path: path.into(), expected: K::NAME, got: open.kind_in_words() });
            }
            Self::read_open(open, path)
        })
    }

    fn read_open(open: OpenFile, path: &Path) -> Result<Self> {
        let (provenance, content) = open.provenance(path)?;
        if provenance.schema_version != K::SCHEMA_VERSION {
            let (expected, got) = (K::SCHEMA_VERSION, provenance.schema_version);
            return Err(Error::SchemaVersion { path: path.into(), kind: K::NAME, expected, got });
        }
        let specs = Self::stored_specs();
        check_schema::<K>(path, &specs, open.builder.schema().fields().iter().map(AsRef::as_ref))?;
        let rows = open.builder.metadata().file_metadata().num_rows();
        if !u64::try_from(rows).is_ok_and(|rows| rows <= MAX_ROWS as u64) {
            let source = Error::TooManyRows { kind: K::NAME, limit: MAX_ROWS, got: rows.try_into().unwrap_or(u64::MAX) };
            return Err(Error::InFile { path: path.into(), source: source.into() });
        }
        let reader = open.builder.build().map_err(|source| Error::Parquet { path: path.into(), source })?;
        let table = rebuild(reader, path, &specs, provenance)?;
        let got = table.content_sha256();
        if got != content {
            return Err(Error::Content { path: path.into(), expected: content, got });
        }
        Ok(table)
    }

    fn metadata(&self) -> Vec<KeyValue> {
        let p = self.provenance();
        let optional = |key: &str, value: &Option<String>| value.clone().map(|value| KeyValue::new(key.into(), value));
        let inputs = serde_json::Value::Object(p.inputs.iter().map(|(k, v)| (k.clone(), v.clone().into())).collect());
        let mut entries = vec![
            KeyValue::new(KIND.into(), K::NAME.to_owned()),
            KeyValue::new(SCHEMA_VERSION.into(), p.schema_version.to_string()),
            KeyValue::new(VERSION.into(), p.version.clone()),
            KeyValue::new(GIT_COMMIT.into(), p.git_commit.clone()),
            KeyValue::new(CONFIG.into(), p.config.to_string()),
            KeyValue::new(INPUTS.into(), inputs.to_string()),
            KeyValue::new(CONTENT.into(), self.content_sha256()),
        ];
        entries.extend([optional(LIBTORCH, &p.libtorch), optional(DEVICE, &p.device), optional(DTYPE, &p.dtype)].into_iter().flatten());
        entries
    }
}

/// Kind of the table in a file; `None` for a Parquet file that isn't ours.
pub(crate) fn kind_of(path: &Path) -> Result<Option<String>> {
    guarded(path, || Ok(OpenFile::open(path)?.entries.remove(KIND)))
}

/// Runs `read` and turns a panic of the Parquet reader, which some damaged files bring about, into an error.
fn guarded<T>(path: &Path, read: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        Err(Error::Decode { path: path.into(), reason: text.unwrap_or("the reader gave up").into() })
    })
}

struct OpenFile {
    builder: ParquetRecordBatchReaderBuilder<File>,
    entries: HashMap<String, String>,
}

impl OpenFile {
    fn open(path: &Path) -> Result<Self> {
        let io = |source| Error::Io { action: "open", path: path.into(), source };
        let file = File::open(path).map_err(io)?;
        // A folder opens like a file on some systems, and fails later with a less telling error.
        if file.metadata().map_err(io)?.is_dir() {
            return Err(io(std::io::ErrorKind::IsADirectory.into()));
        }
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|source| Error::Parquet { path: path.into(), source })?;
        let entries = builder.metadata().file_metadata().key_value_metadata().into_iter().flatten();
        let entries = entries.filter_map(|entry| Some((entry.key.clone(), entry.value.clone()?))).collect();
        Ok(Self { builder, entries })
    }

    fn kind(&self) -> Option<&str> {
        self.entries.get(KIND).map(String::as_str)
    }

    fn kind_in_words(&self) -> String {
        self.kind().map_or_else(|| "no table of this program".into(), |kind| format!("a {} table", kind.escape_debug()))
    }

    /// Provenance and checksum of the rows.
    fn provenance(&self, path: &Path) -> Result<(Provenance, String)> {
        let wrong = |key, reason: &str| Error::Metadata { path: path.into(), key, reason: reason.into() };
        let text = |key| self.entries.get(key).cloned().ok_or_else(|| wrong(key, "is missing"));
        let provenance = Provenance {
            schema_version: text(SCHEMA_VERSION)?.parse().map_err(|_| wrong(SCHEMA_VERSION, "is no number"))?,
            git_commit: text(GIT_COMMIT)?,
            version: text(VERSION)?,
            libtorch: self.entries.get(LIBTORCH).cloned(),
            device: self.entries.get(DEVICE).cloned(),
            dtype: self.entries.get(DTYPE).cloned(),
            config: parse_json(&text(CONFIG)?).ok_or_else(|| wrong(CONFIG, "is not JSON"))?,
            inputs: parse_json(&text(INPUTS)?).ok_or_else(|| wrong(INPUTS, "is no JSON object of texts"))?,
        };
        Ok((provenance, text(CONTENT)?))
    }
}

fn parse_json<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

fn check_schema<'a, K: Kind>(path: &Path, specs: &[ColumnSpec], fields: impl Iterator<Item = &'a Field>) -> Result<()> {
    let in_words = |field: Option<&Field>| field.map_or_else(|| "nothing".into(), |f| format!("`{}` of type {}", f.name(), f.data_type()));
    let mut fields = fields.fuse();
    let mut specs = specs.iter().map(ColumnSpec::field).fuse();
    for position in 0.. {
        let (spec, field) = (specs.next(), fields.next());
        match (&spec, field) {
            (None, None) => break,
            (Some(spec), Some(field)) if spec.name() == field.name() && spec.data_type() == field.data_type() => {}
            _ => {
                let (expected, got) = (in_words(spec.as_ref()), in_words(field));
                return Err(Error::Schema { path: path.into(), kind: K::NAME, position, expected, got });
            }
        }
    }
    Ok(())
}

/// Pushes every row of the file through a builder, which checks it and gives the columns their normal form.
fn rebuild<K: Kind>(reader: ParquetRecordBatchReader, path: &Path, specs: &[ColumnSpec], provenance: Provenance) -> Result<Table<K>> {
    let in_file = |source: Error| Error::InFile { path: path.into(), source: source.into() };
    // Position in the file of each column of the kind; the columns that are never written have none.
    let positions: Vec<Option<usize>> =
        K::Row::specs().iter().map(|spec| specs.iter().position(|stored| stored.name == spec.name)).collect();
    let mut builder = Table::<K>::builder();
    for batch in reader {
        let batch = batch.map_err(|source| Error::Parquet { path: path.into(), source: ParquetError::from(source) })?;
        let columns =
            columns_of(&batch, specs).ok_or_else(|| Error::Decode { path: path.into(), reason: "a column changed its type".into() })?;
        for row in 0..batch.num_rows() {
            let cell = |column: usize| columns.get((*positions.get(column)?)?)?.get(row);
            let record = K::Row::of_cells(&cell).map_err(|wrong| in_file(row_error::<K>(builder.len(), wrong)))?;
            builder.push(record).map_err(in_file)?;
        }
    }
    builder.finish(provenance).map_err(in_file)
}

fn columns_of(batch: &RecordBatch, specs: &[ColumnSpec]) -> Option<Vec<Column>> {
    specs.iter().zip(batch.columns()).map(|(spec, array)| Column::of_array(array.as_ref(), spec.column_type)).collect()
}
