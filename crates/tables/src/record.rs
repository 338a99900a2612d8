use crate::column::{Cell, ColumnSpec, ColumnType, Wrong};
use crate::{Direction, Status};

/// A row as cells. [`record!`] derives it from the fields of the row; only this crate does so.
pub trait Record<'a>: Copy {
    #[doc(hidden)]
    fn specs() -> Vec<ColumnSpec>;
    /// Calls `visit` with each cell in column order, until one is refused.
    #[doc(hidden)]
    fn visit(&self, visit: impl FnMut(Option<Cell<'a>>) -> Result<(), Wrong>) -> Result<(), Wrong>;
    /// The row of the cells that `get` returns by column number.
    #[doc(hidden)]
    fn of_cells(get: impl Fn(usize) -> Option<Cell<'a>>) -> Result<Self, Wrong>;
}

/// A type that a field of a row may have.
pub trait FieldType<'a>: Copy {
    const COLUMN: ColumnType;
    const NULLABLE: bool = false;
    fn to_cell(self) -> Option<Cell<'a>>;
    /// The value in a cell, or what was expected.
    fn of_cell(cell: Option<Cell<'a>>) -> Result<Self, &'static str>;
}

macro_rules! field_type {
    ($type:ty, $column:ident, $expected:literal) => {
        impl<'a> FieldType<'a> for $type {
            const COLUMN: ColumnType = ColumnType::$column;
            #[inline]
            fn to_cell(self) -> Option<Cell<'a>> {
                Some(Cell::$column(self))
            }
            #[inline]
            fn of_cell(cell: Option<Cell<'a>>) -> Result<Self, &'static str> {
                if let Some(Cell::$column(value)) = cell { Ok(value) } else { Err($expected) }
            }
        }
    };
}

field_type!(&'a str, Text, "a text");
field_type!(u32, U32, "a number");
field_type!(u64, U64, "a number");
field_type!(f64, F64, "a number");

impl<'a, T: FieldType<'a>> FieldType<'a> for Option<T> {
    const COLUMN: ColumnType = T::COLUMN;
    const NULLABLE: bool = true;
    fn to_cell(self) -> Option<Cell<'a>> {
        self.and_then(T::to_cell)
    }
    fn of_cell(cell: Option<Cell<'a>>) -> Result<Self, &'static str> {
        cell.map(|cell| T::of_cell(Some(cell))).transpose()
    }
}

macro_rules! word_type {
    ($type:ty, $expected:literal) => {
        impl<'a> FieldType<'a> for $type {
            const COLUMN: ColumnType = ColumnType::Text;
            #[inline]
            fn to_cell(self) -> Option<Cell<'a>> {
                Some(Cell::Text(self.as_str()))
            }
            #[inline]
            fn of_cell(cell: Option<Cell<'a>>) -> Result<Self, &'static str> {
                match cell {
                    Some(Cell::Text(text)) => <$type>::parse(text).ok_or($expected),
                    _ => Err($expected),
                }
            }
        }
    };
}

word_type!(Direction, "higher or lower");
word_type!(Status, "ok, undefined, non_finite, does_not_apply or error");

/// What a cell holds, for an error.
pub fn describe(cell: Option<Cell<'_>>) -> String {
    match cell {
        None => "null".into(),
        Some(Cell::Text(text)) => {
            let cut: String = text.chars().take(200).collect();
            format!("{cut:?}{}", if cut.len() < text.len() { "..." } else { "" })
        }
        Some(Cell::U32(value)) => value.to_string(),
        Some(Cell::U64(value)) => value.to_string(),
        Some(Cell::F64(value)) => value.to_string(),
    }
}

/// Defines a row: a struct with public fields, each a [`FieldType`], in column order.
macro_rules! record {
    ($(#[$meta:meta])* pub struct $name:ident<$lt:lifetime> { $($(#[$field_meta:meta])* pub $field:ident: $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub struct $name<$lt> { $($(#[$field_meta])* pub $field: $type,)* }

        impl<$lt> $crate::record::Record<$lt> for $name<$lt> {
            fn specs() -> Vec<$crate::column::ColumnSpec> {
                use $crate::record::FieldType;
                vec![$($crate::column::ColumnSpec {
                    name: stringify!($field),
                    column_type: <$type as FieldType<$lt>>::COLUMN,
                    nullable: <$type as FieldType<$lt>>::NULLABLE,
                }),*]
            }

            fn visit(
                &self,
                mut visit: impl FnMut(Option<$crate::column::Cell<$lt>>) -> Result<(), $crate::column::Wrong>,
            ) -> Result<(), $crate::column::Wrong> {
                use $crate::record::FieldType;
                $(visit(self.$field.to_cell())?;)*
                Ok(())
            }

            #[inline]
            fn of_cells(get: impl Fn(usize) -> Option<$crate::column::Cell<$lt>>) -> Result<Self, $crate::column::Wrong> {
                use $crate::record::FieldType;
                let mut columns = 0..;
                $(
                    let cell = columns.next().and_then(&get);
                    let $field = <$type as FieldType<$lt>>::of_cell(cell)
                        .map_err(|expected| $crate::column::Wrong::new(stringify!($field), expected, $crate::record::describe(cell)))?;
                )*
                Ok(Self { $($field),* })
            }
        }
    };
}

pub(crate) use record;
