//! What the metadata of a file says, and opening one.

use std::collections::HashMap;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use arrow::datatypes::Field;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::file::metadata::KeyValue;
use serde::de::DeserializeOwned;

use crate::column::ColumnSpec;
use crate::{Error, Kind, Provenance, Result, Table};

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

/// The metadata of a file: a table of kind `K` with this provenance and checksum of its rows.
pub(crate) fn entries<K: Kind>(p: &Provenance, content_sha256: String) -> Vec<KeyValue> {
    let optional = |key: &str, value: &Option<String>| value.clone().map(|value| KeyValue::new(key.into(), value));
    let inputs = serde_json::Value::Object(p.inputs.iter().map(|(k, v)| (k.clone(), v.clone().into())).collect());
    let mut entries = vec![
        KeyValue::new(KIND.into(), K::NAME.to_owned()),
        KeyValue::new(SCHEMA_VERSION.into(), p.schema_version.to_string()),
        KeyValue::new(VERSION.into(), p.version.clone()),
        KeyValue::new(GIT_COMMIT.into(), p.git_commit.clone()),
        KeyValue::new(CONFIG.into(), p.config.to_string()),
        KeyValue::new(INPUTS.into(), inputs.to_string()),
        KeyValue::new(CONTENT.into(), content_sha256),
    ];
    entries.extend([optional(LIBTORCH, &p.libtorch), optional(DEVICE, &p.device), optional(DTYPE, &p.dtype)].into_iter().flatten());
    entries
}

/// Kind of the table in a file; `None` for a Parquet file that isn't ours.
pub(crate) fn kind_of(path: &Path) -> Result<Option<String>> {
    guarded(path, || Ok(OpenFile::open(path)?.entries.remove(KIND)))
}

/// Runs `read` and turns a panic of the Parquet reader, which some damaged files bring about, into an error.
pub(crate) fn guarded<T>(path: &Path, read: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        Err(Error::Decode { path: path.into(), reason: text.unwrap_or("the reader gave up").into() })
    })
}

/// What a file says about its table.
pub(crate) struct Stored {
    pub provenance: Provenance,
    pub content_sha256: String,
}

/// A Parquet file of which only the end has been read.
pub(crate) struct OpenFile {
    file: File,
    metadata: ArrowReaderMetadata,
    entries: HashMap<String, String>,
}

impl OpenFile {
    pub fn open(path: &Path) -> Result<Self> {
        let io = |source| Error::Io { action: "open", path: path.into(), source };
        let file = File::open(path).map_err(io)?;
        // A folder opens like a file on some systems, and fails later with a less telling error.
        if file.metadata().map_err(io)?.is_dir() {
            return Err(io(std::io::ErrorKind::IsADirectory.into()));
        }
        let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new());
        let metadata = metadata.map_err(|source| Error::Parquet { path: path.into(), source })?;
        let entries = metadata.metadata().file_metadata().key_value_metadata().into_iter().flatten();
        let entries = entries.filter_map(|entry| Some((entry.key.clone(), entry.value.clone()?))).collect();
        Ok(Self { file, metadata, entries })
    }

    /// Opens a table of kind `K`: kind, schema version, provenance and columns are checked.
    pub fn open_kind<K: Kind>(path: &Path) -> Result<(Self, Stored)> {
        let open = Self::open(path)?;
        if open.kind() != Some(K::NAME) {
            return Err(Error::Kind { path: path.into(), expected: K::NAME, got: open.kind_in_words() });
        }
        let stored = open.stored(path)?;
        if stored.provenance.schema_version != K::SCHEMA_VERSION {
            let (expected, got) = (K::SCHEMA_VERSION, stored.provenance.schema_version);
            return Err(Error::SchemaVersion { path: path.into(), kind: K::NAME, expected, got, remake: K::REMAKE });
        }
        check_schema::<K>(path, &Table::<K>::stored_specs(), open.metadata.schema().fields().iter().map(AsRef::as_ref))?;
        Ok((open, stored))
    }

    pub fn metadata(&self) -> &ArrowReaderMetadata {
        &self.metadata
    }

    /// A second handle to read from.
    pub fn handle(&self, path: &Path) -> Result<File> {
        self.file.try_clone().map_err(|source| Error::Io { action: "read", path: path.into(), source })
    }

    /// Rows that the file says it has.
    pub fn n_rows(&self) -> u64 {
        u64::try_from(self.metadata.metadata().file_metadata().num_rows()).unwrap_or(u64::MAX)
    }

    fn kind(&self) -> Option<&str> {
        self.entries.get(KIND).map(String::as_str)
    }

    fn kind_in_words(&self) -> String {
        self.kind().map_or_else(|| "no table of this program".into(), |kind| format!("a {} table", kind.escape_debug()))
    }

    fn stored(&self, path: &Path) -> Result<Stored> {
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
        Ok(Stored { provenance, content_sha256: text(CONTENT)? })
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
