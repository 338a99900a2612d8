use std::ops::Range;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, DictionaryArray, Float64Array, Int32Array, StringArray, UInt32Array, UInt64Array};
use arrow::datatypes::{DataType, Field, Int32Type};
use arrow::error::ArrowError;
use sha2::{Digest, Sha256};

use crate::column_builder::ColumnBuilder;

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
    #[inline]
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

    /// The first of these rows whose cell may not stand in a column of this description, by its place among them, and why
    /// ([`ColumnBuilder::check`]). Each distinct text is looked at once.
    pub fn first_wrong(&self, spec: ColumnSpec, rows: &[usize]) -> Option<(usize, Wrong)> {
        let builder = ColumnBuilder::new(spec);
        let look = |(number, &row): (usize, &usize)| builder.check(self.get(row)).err().map(|wrong| (number, wrong));
        let rows = rows.iter().enumerate();
        match self {
            Self::Text { keys, texts } => {
                let mut looked = vec![false; texts.len()];
                rows.filter(|(_, row)| {
                    let key = keys.is_valid(**row).then(|| usize::try_from(keys.value(**row)).ok()).flatten();
                    !key.and_then(|key| looked.get_mut(key)).is_some_and(|looked| std::mem::replace(looked, true))
                })
                .find_map(look)
            }
            Self::F64(array) => rows.filter(|(_, row)| array.is_null(**row) || !array.value(**row).is_finite()).find_map(look),
            Self::U32(array) => rows.filter(|(_, row)| array.is_null(**row)).find_map(look),
            Self::U64(array) => rows.filter(|(_, row)| array.is_null(**row)).find_map(look),
        }
    }

    /// A number that two cells of the column share exactly when they are equal, null included.
    #[inline]
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

    /// These rows as a column of their own, in its normal form.
    pub fn rows(&self, spec: ColumnSpec, rows: impl Iterator<Item = usize>) -> Self {
        let mut builder = ColumnBuilder::new(spec);
        // A part of a column has no more texts than the whole.
        let _ = builder.extend(self, rows);
        builder.finish()
    }

    /// Consecutive rows as a column of their own, in its normal form. The numbers are shared.
    pub fn slice(&self, spec: ColumnSpec, range: Range<usize>) -> Self {
        match self {
            Self::Text { .. } => self.rows(spec, range),
            Self::U32(array) => Self::U32(array.slice(range.start, range.len())),
            Self::U64(array) => Self::U64(array.slice(range.start, range.len())),
            Self::F64(array) => Self::F64(array.slice(range.start, range.len())),
        }
    }

    /// Feeds the contents to a hash, as [`Self::hash`] does but by the block: texts, then the number of cells, then which
    /// are null if any are, then the values (zero for null), little endian.
    pub fn hash_block(&self, hash: &mut Sha256) {
        let nulls = |hash: &mut Sha256, array: &dyn Array| {
            let nulls: Vec<u8> =
                if array.null_count() > 0 { (0..array.len()).map(|row| u8::from(array.is_null(row))).collect() } else { Vec::new() };
            hash.update((array.len() as u64).to_le_bytes());
            hash.update((nulls.len() as u64).to_le_bytes());
            hash.update(&nulls);
        };
        match self {
            Self::Text { keys, texts } => {
                hash.update((texts.len() as u64).to_le_bytes());
                for text in texts.iter().flatten() {
                    hash.update((text.len() as u64).to_le_bytes());
                    hash.update(text);
                }
                nulls(hash, keys);
                hash_values(hash, keys.iter().map(|key| key.unwrap_or(0).to_le_bytes()));
            }
            Self::U32(array) => {
                nulls(hash, array);
                hash_values(hash, array.iter().map(|value| value.unwrap_or(0).to_le_bytes()));
            }
            Self::U64(array) => {
                nulls(hash, array);
                hash_values(hash, array.iter().map(|value| value.unwrap_or(0).to_le_bytes()));
            }
            Self::F64(array) => {
                nulls(hash, array);
                hash_values(hash, array.iter().map(|value| value.unwrap_or(0.0).to_le_bytes()));
            }
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

fn hash_values<const N: usize>(hash: &mut Sha256, values: impl Iterator<Item = [u8; N]>) {
    const BLOCK: usize = 1 << 14;
    let mut block = Vec::with_capacity(BLOCK + N);
    for value in values {
        block.extend_from_slice(&value);
        if block.len() >= BLOCK {
            hash.update(&block);
            block.clear();
        }
    }
    hash.update(&block);
}
