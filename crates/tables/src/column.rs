use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, DictionaryArray, Float64Array, Int32Array, StringArray, UInt32Array, UInt64Array};
use arrow::datatypes::{DataType, Field, Int32Type};
use arrow::error::ArrowError;
use sha2::{Digest, Sha256};

/// Longest text of a cell in bytes; a longer one in a file is not ours.
const MAX_TEXT: usize = 1 << 16;
/// Most bytes of distinct texts in a column (Arrow's 32-bit offsets end at twice that).
const MAX_TEXTS: usize = 1 << 30;

/// Static description of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColumnSpec {
    pub name: &'static str,
    pub column_type: ColumnType,
    pub nullable: bool,
}

/// Physical type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// Text, as a dictionary in order of first appearance.
    Text,
    U32,
    U64,
    F64,
}

impl ColumnSpec {
    pub fn field(&self) -> Field {
        let data_type = match self.column_type {
            ColumnType::Text => DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
            ColumnType::U32 => DataType::UInt32,
            ColumnType::U64 => DataType::UInt64,
            ColumnType::F64 => DataType::Float64,
        };
        Field::new(self.name, data_type, self.nullable)
    }
}

/// A value that is there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    Text(&'a str),
    U32(u32),
    U64(u64),
    F64(f64),
}

/// Why a cell cannot stand where it is.
#[derive(Debug)]
pub struct Wrong {
    pub column: &'static str,
    pub expected: String,
    pub got: String,
}

impl Wrong {
    pub fn new(column: &'static str, expected: impl Into<String>, got: impl Into<String>) -> Self {
        Self { column, expected: expected.into(), got: got.into() }
    }
}

/// A finished column.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    Text { keys: Int32Array, texts: StringArray },
    U32(UInt32Array),
    U64(UInt64Array),
    F64(Float64Array),
}

impl Column {
    /// The column in an array; `None` if the array has another type.
    pub fn of_array(array: &dyn Array, column_type: ColumnType) -> Option<Self> {
        let any = array.as_any();
        match column_type {
            ColumnType::Text => {
                let dictionary = any.downcast_ref::<DictionaryArray<Int32Type>>()?;
                let texts = dictionary.values().as_any().downcast_ref::<StringArray>()?;
                Some(Self::Text { keys: dictionary.keys().clone(), texts: texts.clone() })
            }
            ColumnType::U32 => any.downcast_ref::<UInt32Array>().cloned().map(Self::U32),
            ColumnType::U64 => any.downcast_ref::<UInt64Array>().cloned().map(Self::U64),
            ColumnType::F64 => any.downcast_ref::<Float64Array>().cloned().map(Self::F64),
        }
    }

    pub fn to_array(&self) -> Result<ArrayRef, ArrowError> {
        Ok(match self {
            Self::Text { keys, texts } => Arc::new(DictionaryArray::<Int32Type>::try_new(keys.clone(), Arc::new(texts.clone()))?),
            Self::U32(array) => Arc::new(array.clone()),
            Self::U64(array) => Arc::new(array.clone()),
            Self::F64(array) => Arc::new(array.clone()),
        })
    }

    /// The cell of a row; `None` if it is null or the column is shorter.
    pub fn get(&self, row: usize) -> Option<Cell<'_>> {
        let there = |array: &dyn Array| row < array.len() && array.is_valid(row);
        match self {
            Self::Text { keys, texts } => {
                let key = usize::try_from(there(keys).then(|| keys.value(row))?).ok()?;
                (key < texts.len() && texts.is_valid(key)).then(|| Cell::Text(texts.value(key)))
            }
            Self::U32(array) => there(array).then(|| Cell::U32(array.value(row))),
            Self::U64(array) => there(array).then(|| Cell::U64(array.value(row))),
            Self::F64(array) => there(array).then(|| Cell::F64(array.value(row))),
        }
    }

    /// A number that two cells of the column share exactly when they are equal, null included.
    pub fn code(&self, row: usize) -> u64 {
        match (self, self.get(row)) {
            (Self::Text { keys, .. }, Some(_)) => 1 + u64::from(keys.value(row).cast_unsigned()),
            (_, Some(Cell::U32(value))) => 1 + u64::from(value),
            // All but one of the 64-bit values keep a code of their own; seeds that large share it with null, which a
            // column of 64-bit keys never holds.
            (_, Some(Cell::U64(value))) => value.wrapping_add(1),
            (_, Some(Cell::F64(value))) => value.to_bits(),
            (_, None | Some(Cell::Text(_))) => 0,
        }
    }

    /// Feeds the contents to a hash: equal contents, equal hash, whatever the layout.
    pub fn hash(&self, hash: &mut Sha256) {
        match self {
            Self::Text { keys, texts } => {
                for text in texts.iter().flatten() {
                    hash.update((text.len() as u64).to_le_bytes());
                    hash.update(text);
                }
                hash_cells(hash, keys.iter().map(|key| key.map(i32::to_le_bytes)));
            }
            Self::U32(array) => hash_cells(hash, array.iter().map(|v| v.map(u32::to_le_bytes))),
            Self::U64(array) => hash_cells(hash, array.iter().map(|v| v.map(u64::to_le_bytes))),
            Self::F64(array) => hash_cells(hash, array.iter().map(|v| v.map(f64::to_le_bytes))),
        }
    }
}

fn hash_cells<const N: usize>(hash: &mut Sha256, cells: impl Iterator<Item = Option<[u8; N]>>) {
    for cell in cells {
        match cell {
            None => hash.update([0]),
            Some(bytes) => {
                hash.update([1]);
                hash.update(bytes);
            }
        }
    }
}

/// Finds two rows with the same key: `(first, second)`. O(n log n), 8 bytes a row unless there are candidates.
pub fn first_duplicate(keys: &[&Column], n_rows: usize) -> Option<(usize, usize)> {
    let hash_of = |row: usize| {
        let mut hasher = DefaultHasher::new();
        for column in keys {
            column.code(row).hash(&mut hasher);
        }
        hasher.finish()
    };
    let mut hashes: Vec<u64> = (0..n_rows).map(hash_of).collect();
    hashes.sort_unstable();
    let repeated: Vec<u64> = hashes.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
    drop(hashes);
    if repeated.is_empty() {
        return None;
    }
    // Equal hashes are only candidates: compare the keys themselves.
    let mut seen: HashMap<Vec<u64>, usize> = HashMap::new();
    for row in (0..n_rows).filter(|&row| repeated.binary_search(&hash_of(row)).is_ok()) {
        if let Some(&first) = seen.get(&keys.iter().map(|c| c.code(row)).collect::<Vec<_>>()) {
            return Some((first, row));
        }
        seen.insert(keys.iter().map(|c| c.code(row)).collect(), row);
    }
    None
}

/// A column under construction.
#[derive(Debug)]
pub struct ColumnBuilder {
    spec: ColumnSpec,
    cells: Cells,
}

#[derive(Debug)]
enum Cells {
    Text { keys: Vec<Option<i32>>, texts: Vec<Arc<str>>, key_of: HashMap<Arc<str>, i32>, bytes: usize },
    U32(Vec<Option<u32>>),
    U64(Vec<Option<u64>>),
    F64(Vec<Option<f64>>),
}

impl ColumnBuilder {
    pub fn new(spec: ColumnSpec) -> Self {
        let cells = match spec.column_type {
            ColumnType::Text => Cells::Text { keys: Vec::new(), texts: Vec::new(), key_of: HashMap::new(), bytes: 0 },
            ColumnType::U32 => Cells::U32(Vec::new()),
            ColumnType::U64 => Cells::U64(Vec::new()),
            ColumnType::F64 => Cells::F64(Vec::new()),
        };
        Self { spec, cells }
    }

    /// Whether the cell may stand in the column: of its type, not null unless it may be, finite, not empty, not too long.
    pub fn check(&self, cell: Option<Cell<'_>>) -> Result<(), Wrong> {
        let wrong = |expected: &str, got: String| Err(Wrong::new(self.spec.name, expected, got));
        match (&self.cells, cell) {
            (_, None) if self.spec.nullable => Ok(()),
            (_, None) => wrong("a value", "null".into()),
            (Cells::F64(_), Some(Cell::F64(value))) if value.is_finite() => Ok(()),
            (Cells::F64(_), Some(Cell::F64(value))) => wrong("a finite number", value.to_string()),
            (Cells::Text { .. }, Some(Cell::Text(""))) => wrong("a text", "an empty one".into()),
            (Cells::Text { .. }, Some(Cell::Text(text))) if text.len() > MAX_TEXT => {
                wrong("a text of at most 65536 bytes", format!("{} bytes", text.len()))
            }
            (Cells::Text { key_of, bytes, .. }, Some(Cell::Text(text))) if bytes + text.len() > MAX_TEXTS && !key_of.contains_key(text) => {
                wrong("at most 1 GiB of distinct texts", "more".into())
            }
            (Cells::Text { .. }, Some(Cell::Text(_))) | (Cells::U32(_), Some(Cell::U32(_))) | (Cells::U64(_), Some(Cell::U64(_))) => Ok(()),
            (_, Some(other)) => wrong(&format!("{:?}", self.spec.column_type), format!("{other:?}")),
        }
    }

    /// Appends a cell that [`Self::check`] accepts.
    pub fn push(&mut self, cell: Option<Cell<'_>>) {
        match (&mut self.cells, cell) {
            (Cells::Text { keys, texts, key_of, bytes }, Some(Cell::Text(text))) => {
                // Neighbouring rows mostly share their texts, so the last one is tried before the map.
                let last = keys.last().copied().flatten().filter(|&key| texts.get(key as usize).is_some_and(|t| **t == *text));
                let key = last.or_else(|| key_of.get(text).copied()).unwrap_or_else(|| {
                    let (key, shared) = (texts.len() as i32, Arc::<str>::from(text));
                    texts.push(Arc::clone(&shared));
                    key_of.insert(shared, key);
                    *bytes += text.len();
                    key
                });
                keys.push(Some(key));
            }
            (Cells::U32(cells), Some(Cell::U32(value))) => cells.push(Some(value)),
            (Cells::U64(cells), Some(Cell::U64(value))) => cells.push(Some(value)),
            (Cells::F64(cells), Some(Cell::F64(value))) => cells.push(Some(value)),
            (Cells::Text { keys, .. }, _) => keys.push(None),
            (Cells::U32(cells), _) => cells.push(None),
            (Cells::U64(cells), _) => cells.push(None),
            (Cells::F64(cells), _) => cells.push(None),
        }
    }

    pub fn finish(self) -> Column {
        match self.cells {
            Cells::Text { keys, texts, .. } => {
                Column::Text { keys: keys.into(), texts: StringArray::from_iter_values(texts.iter().map(|text| &**text)) }
            }
            Cells::U32(cells) => Column::U32(cells.into()),
            Cells::U64(cells) => Column::U64(cells.into()),
            Cells::F64(cells) => Column::F64(cells.into()),
        }
    }
}
