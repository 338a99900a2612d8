//! Order of rows by their key.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use arrow::array::Array as _;

use crate::column::Column;

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

/// What is found of rows that should be in ascending order.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    /// Every row has a greater key than the one before.
    Ascending,
    /// The rows in ascending order, by number.
    Order(Vec<u32>),
    /// Two rows with the same key, by number: `(first, second)`.
    Duplicate(usize, usize),
}

/// Looks at the order of the rows by these columns: texts by their bytes, null before everything. O(n) if they are in
/// order, else O(n log n).
pub fn order(keys: &[&Column], n_rows: usize) -> Found {
    let keys: Vec<Key<'_>> = keys.iter().map(|column| Key::new(column)).collect();
    let compare = |a: usize, b: usize| keys.iter().map(|key| key.rank(a).cmp(&key.rank(b))).find(|o| o.is_ne()).unwrap_or(Ordering::Equal);
    if (1..n_rows).all(|row| compare(row - 1, row).is_lt()) {
        return Found::Ascending;
    }
    let mut order: Vec<u32> = (0..n_rows as u32).collect();
    order.sort_by(|&a, &b| compare(a as usize, b as usize));
    match order.windows(2).find(|pair| compare(pair[0] as usize, pair[1] as usize).is_eq()) {
        Some(pair) => Found::Duplicate(pair[0] as usize, pair[1] as usize),
        None => Found::Order(order),
    }
}

/// A column with what it takes to order its cells.
struct Key<'a> {
    column: &'a Column,
    /// Place of each text in the order of the texts.
    rank_of: Vec<u64>,
}

impl<'a> Key<'a> {
    fn new(column: &'a Column) -> Self {
        let mut rank_of = Vec::new();
        if let Column::Text { texts, .. } = column {
            let mut sorted: Vec<usize> = (0..texts.len()).collect();
            sorted.sort_unstable_by_key(|&key| texts.value(key));
            rank_of.resize(texts.len(), 0);
            for (rank, &key) in sorted.iter().enumerate() {
                rank_of[key] = rank as u64;
            }
        }
        Self { column, rank_of }
    }

    /// A number in the order of the cells; 0 for null.
    fn rank(&self, row: usize) -> u64 {
        let code = self.column.code(row);
        if self.rank_of.is_empty() || code == 0 { code } else { 1 + self.rank_of[code as usize - 1] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::{Cell, ColumnSpec, ColumnType};
    use crate::column_builder::ColumnBuilder;

    fn column(column_type: ColumnType, cells: &[Option<Cell<'_>>]) -> Column {
        let mut builder = ColumnBuilder::new(ColumnSpec { name: "c", column_type, nullable: true });
        for cell in cells {
            builder.push(*cell);
        }
        builder.finish()
    }

    #[test]
    fn texts_go_by_bytes_numbers_by_size_and_null_comes_first() {
        let texts = column(ColumnType::Text, &["b", "a", "B", "ab", "a"].map(|text| Some(Cell::Text(text))));
        let numbers = column(ColumnType::U32, &[Some(1), Some(u32::MAX), Some(1), Some(0), None].map(|n| n.map(Cell::U32)));
        assert_eq!(order(&[&texts, &numbers], 5), Found::Order(vec![2, 4, 1, 3, 0]));
        assert_eq!(order(&[&texts], 5), Found::Duplicate(1, 4));
        assert_eq!(order(&[&texts], 1), Found::Ascending);
        assert_eq!(order(&[&texts], 0), Found::Ascending);
    }

    #[test]
    fn the_largest_numbers_are_told_apart() {
        let numbers = column(ColumnType::U32, &[u32::MAX - 1, u32::MAX].map(|n| Some(Cell::U32(n))));
        assert_eq!(order(&[&numbers], 2), Found::Ascending);
    }
}
