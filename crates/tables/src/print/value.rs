use std::borrow::Cow;

use arrow::array::{Array, AsArray, DictionaryArray, RecordBatch};
use arrow::datatypes::{DataType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type};
use arrow::datatypes::{UInt8Type, UInt16Type, UInt32Type, UInt64Type};
use arrow::util::display::{ArrayFormatter, FormatOptions};

use crate::{Error, Result};

/// A cell to print.
#[derive(Debug, PartialEq)]
pub enum Value<'a> {
    Null,
    Text(Cow<'a, str>),
    Integer(i128),
    Float(f64),
    Bool(bool),
}

/// A column to print.
pub struct Shown<'a> {
    pub name: &'a str,
    array: &'a dyn Array,
    /// For the types that have no variant of their own.
    other: Option<ArrayFormatter<'a>>,
}

pub fn columns(batch: &RecordBatch) -> Result<Vec<Shown<'_>>> {
    const OPTIONS: FormatOptions<'static> = FormatOptions::new();
    let fields = batch.schema_ref().fields().iter();
    fields
        .zip(batch.columns())
        .map(|(field, array)| {
            let mut shown = Shown { name: field.name(), array: array.as_ref(), other: None };
            if (0..array.len()).any(|row| shown.known(row).is_none()) {
                let formatter = ArrayFormatter::try_new(array.as_ref(), &OPTIONS);
                shown.other = Some(formatter.map_err(|source| Error::Print { column: field.name().clone(), source })?);
            }
            Ok(shown)
        })
        .collect()
}

impl Shown<'_> {
    /// Whether the column holds numbers, which are aligned to the right.
    pub fn is_number(&self) -> bool {
        self.array.data_type().is_numeric()
    }

    pub fn value(&self, row: usize) -> Value<'_> {
        if let Some(value) = self.known(row) {
            return value;
        }
        match &self.other {
            Some(formatter) if self.array.is_valid(row) => Value::Text(formatter.value(row).to_string().into()),
            _ => Value::Null,
        }
    }

    /// The cell, if its type has a variant.
    fn known(&self, row: usize) -> Option<Value<'_>> {
        let array = self.array;
        macro_rules! integer {
            ($type:ty) => {
                Value::Integer(i128::from(array.as_primitive::<$type>().value(row)))
            };
        }
        if array.is_null(row) {
            return Some(Value::Null);
        }
        Some(match array.data_type() {
            DataType::Null => Value::Null,
            DataType::Int8 => integer!(Int8Type),
            DataType::Int16 => integer!(Int16Type),
            DataType::Int32 => integer!(Int32Type),
            DataType::Int64 => integer!(Int64Type),
            DataType::UInt8 => integer!(UInt8Type),
            DataType::UInt16 => integer!(UInt16Type),
            DataType::UInt32 => integer!(UInt32Type),
            DataType::UInt64 => integer!(UInt64Type),
            DataType::Float32 => Value::Float(f64::from(array.as_primitive::<Float32Type>().value(row))),
            DataType::Float64 => Value::Float(array.as_primitive::<Float64Type>().value(row)),
            DataType::Boolean => Value::Bool(array.as_boolean().value(row)),
            DataType::Utf8 => Value::Text(array.as_string::<i32>().value(row).into()),
            DataType::Dictionary(..) => {
                let dictionary = array.as_any().downcast_ref::<DictionaryArray<Int32Type>>()?;
                let texts = dictionary.values().as_string_opt::<i32>()?;
                match dictionary.key(row) {
                    Some(key) if key < texts.len() && texts.is_valid(key) => Value::Text(texts.value(key).into()),
                    _ => Value::Null,
                }
            }
            _ => return None,
        })
    }
}
