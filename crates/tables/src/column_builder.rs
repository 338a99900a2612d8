use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, StringArray};

use crate::column::{Cell, Column, ColumnSpec, ColumnType, Wrong};

/// Longest text of a cell in bytes; a longer one in a file is not ours.
const MAX_TEXT: usize = 1 << 16;
/// Most bytes of distinct texts in a column (Arrow's 32-bit offsets end at twice that).
const MAX_TEXTS: usize = 1 << 30;
/// So few texts are searched faster than hashed.
const FEW: usize = 8;

/// A column under construction.
#[derive(Debug)]
pub struct ColumnBuilder {
    spec: ColumnSpec,
    cells: Cells,
}

#[derive(Debug)]
enum Cells {
    Text(Texts),
    U32(Vec<Option<u32>>),
    U64(Vec<Option<u64>>),
    F64(Vec<Option<f64>>),
}

/// Texts in order of first appearance, and which one each cell has.
#[derive(Debug, Default)]
struct Texts {
    keys: Vec<Option<i32>>,
    distinct: Vec<Arc<str>>,
    key_of: HashMap<Arc<str>, i32>,
    bytes: usize,
}

impl Texts {
    fn find(&self, text: &str) -> Option<i32> {
        // Neighbouring rows mostly share their texts, so the last one is tried first.
        let last = self.keys.last().copied().flatten().filter(|&key| self.distinct.get(key as usize).is_some_and(|t| **t == *text));
        last.or_else(|| {
            if self.distinct.len() <= FEW {
                self.distinct.iter().position(|t| **t == *text).map(|key| key as i32)
            } else {
                self.key_of.get(text).copied()
            }
        })
    }

    fn key(&mut self, text: &str) -> i32 {
        self.find(text).unwrap_or_else(|| {
            let (key, shared) = (self.distinct.len() as i32, Arc::<str>::from(text));
            self.distinct.push(Arc::clone(&shared));
            self.key_of.insert(shared, key);
            self.bytes += text.len();
            key
        })
    }
}

impl ColumnBuilder {
    pub fn new(spec: ColumnSpec) -> Self {
        let cells = match spec.column_type {
            ColumnType::Text => Cells::Text(Texts::default()),
            ColumnType::U32 => Cells::U32(Vec::new()),
            ColumnType::U64 => Cells::U64(Vec::new()),
            ColumnType::F64 => Cells::F64(Vec::new()),
        };
        Self { spec, cells }
    }

    pub fn spec(&self) -> ColumnSpec {
        self.spec
    }

    /// Whether the cell may stand in the column: of its type, not null unless it may be, finite, not empty, not too long.
    #[inline]
    pub fn check(&self, cell: Option<Cell<'_>>) -> Result<(), Wrong> {
        match (&self.cells, cell) {
            (_, None) if self.spec.nullable => Ok(()),
            (Cells::F64(_), Some(Cell::F64(value))) if value.is_finite() => Ok(()),
            (Cells::Text(texts), Some(Cell::Text(text)))
                if !text.is_empty() && text.len() <= MAX_TEXT && (texts.bytes + text.len() <= MAX_TEXTS || texts.find(text).is_some()) =>
            {
                Ok(())
            }
            (Cells::U32(_), Some(Cell::U32(_))) | (Cells::U64(_), Some(Cell::U64(_))) => Ok(()),
            _ => Err(self.refuse(cell)),
        }
    }

    /// Why a cell may not stand in the column.
    #[cold]
    fn refuse(&self, cell: Option<Cell<'_>>) -> Wrong {
        let wrong = |expected: &str, got: String| Wrong::new(self.spec.name, expected, got);
        match (&self.cells, cell) {
            (_, None) => wrong("a value", "null".into()),
            (Cells::F64(_), Some(Cell::F64(value))) => wrong("a finite number", value.to_string()),
            (Cells::Text(_), Some(Cell::Text(""))) => wrong("a text", "an empty one".into()),
            (Cells::Text(_), Some(Cell::Text(text))) if text.len() > MAX_TEXT => {
                wrong("a text of at most 65536 bytes", format!("{} bytes", text.len()))
            }
            (Cells::Text(_), Some(Cell::Text(_))) => wrong("at most 1 GiB of distinct texts", "more".into()),
            (_, Some(other)) => wrong(&format!("{:?}", self.spec.column_type), format!("{other:?}")),
        }
    }

    /// Appends a cell that [`Self::check`] accepts.
    #[inline]
    pub fn push(&mut self, cell: Option<Cell<'_>>) {
        match (&mut self.cells, cell) {
            (Cells::Text(texts), Some(Cell::Text(text))) => {
                let key = texts.key(text);
                texts.keys.push(Some(key));
            }
            (Cells::U32(cells), Some(Cell::U32(value))) => cells.push(Some(value)),
            (Cells::U64(cells), Some(Cell::U64(value))) => cells.push(Some(value)),
            (Cells::F64(cells), Some(Cell::F64(value))) => cells.push(Some(value)),
            (Cells::Text(texts), _) => texts.keys.push(None),
            (Cells::U32(cells), _) => cells.push(None),
            (Cells::U64(cells), _) => cells.push(None),
            (Cells::F64(cells), _) => cells.push(None),
        }
    }

    /// Appends rows of a column of the same type whose cells [`Self::check`] accepts. Each distinct text is looked up once.
    ///
    /// # Errors
    /// If the distinct texts become too many.
    pub fn extend(&mut self, column: &Column, rows: impl Iterator<Item = usize>) -> Result<(), Wrong> {
        match (&mut self.cells, column) {
            (Cells::Text(own), Column::Text { keys, texts }) => {
                let mut translated: Vec<Option<i32>> = vec![None; texts.len()];
                own.keys.reserve(rows.size_hint().0);
                for row in rows {
                    let key = usize::try_from(if keys.is_valid(row) { keys.value(row) } else { -1 }).ok();
                    let key = key.filter(|&key| key < texts.len() && texts.is_valid(key));
                    let key = key.map(|key| *translated[key].get_or_insert_with(|| own.key(texts.value(key))));
                    own.keys.push(key);
                }
                if own.bytes > MAX_TEXTS {
                    return Err(self.refuse(Some(Cell::Text("..."))));
                }
            }
            (Cells::U32(cells), Column::U32(array)) => cells.extend(rows.map(|row| array.is_valid(row).then(|| array.value(row)))),
            (Cells::U64(cells), Column::U64(array)) => cells.extend(rows.map(|row| array.is_valid(row).then(|| array.value(row)))),
            (Cells::F64(cells), Column::F64(array)) => cells.extend(rows.map(|row| array.is_valid(row).then(|| array.value(row)))),
            (_, column) => rows.for_each(|row| self.push(column.get(row))),
        }
        Ok(())
    }

    /// The column so far; starts a new one.
    pub fn take(&mut self) -> Column {
        std::mem::replace(self, Self::new(self.spec)).finish()
    }

    pub fn finish(self) -> Column {
        match self.cells {
            Cells::Text(Texts { keys, distinct, .. }) => {
                Column::Text { keys: keys.into(), texts: StringArray::from_iter_values(distinct.iter().map(|text| &**text)) }
            }
            Cells::U32(cells) => Column::U32(cells.into()),
            Cells::U64(cells) => Column::U64(cells.into()),
            Cells::F64(cells) => Column::F64(cells.into()),
        }
    }
}
