use parquet::data_type::AsBytes;
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::statistics::Statistics;

use crate::column::{Column, ColumnSpec};
use crate::{Error, Kind, Result, Table};

/// Which rows to read ([`Table::read_where`]): those for which every condition holds. By default all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter<'a> {
    /// Text of the architecture.
    pub arch: Option<&'a str>,
    /// Dataset.
    pub dataset: Option<&'a str>,
    /// Split.
    pub split: Option<&'a str>,
    /// Metric.
    pub metric: Option<&'a str>,
    /// Origin of a cost.
    pub origin: Option<&'a str>,
    /// Length of the training schedule.
    pub epochs: Wanted,
    /// Epoch of the measurement.
    pub epoch: Wanted,
    /// Training run.
    pub trial: Wanted,
}

/// A condition on a number that may be null.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wanted {
    /// No condition.
    #[default]
    Any,
    /// It is null.
    Null,
    /// It is this number.
    Is(u32),
}

impl From<Option<u32>> for Wanted {
    /// The cell: null or the number.
    fn from(cell: Option<u32>) -> Self {
        cell.map_or(Self::Null, Self::Is)
    }
}

/// A condition on a stored column of a kind.
pub(crate) struct Condition<'a> {
    column: usize,
    wanted: WantedCell<'a>,
}

enum WantedCell<'a> {
    Text(&'a str),
    Null,
    U32(u32),
}

impl<'a> Filter<'a> {
    /// The conditions with the places of their columns.
    pub(crate) fn conditions<K: Kind>(&self) -> Result<Vec<Condition<'a>>> {
        let number = |wanted| match wanted {
            Wanted::Any => None,
            Wanted::Null => Some(WantedCell::Null),
            Wanted::Is(number) => Some(WantedCell::U32(number)),
        };
        let wanted = [
            ("arch", self.arch.map(WantedCell::Text)),
            ("dataset", self.dataset.map(WantedCell::Text)),
            ("split", self.split.map(WantedCell::Text)),
            ("metric", self.metric.map(WantedCell::Text)),
            ("origin", self.origin.map(WantedCell::Text)),
            ("epochs", number(self.epochs)),
            ("epoch", number(self.epoch)),
            ("trial", number(self.trial)),
        ];
        let specs: Vec<ColumnSpec> = Table::<K>::stored_specs();
        let place =
            |name: &'static str| specs.iter().position(|spec| spec.name == name).ok_or(Error::Condition { kind: K::NAME, column: name });
        wanted
            .into_iter()
            .filter_map(|(name, wanted)| Some((name, wanted?)))
            .map(|(name, wanted)| Ok(Condition { column: place(name)?, wanted }))
            .collect()
    }
}

impl Condition<'_> {
    /// Whether a row group may have rows that fulfil the condition, as far as its statistics tell.
    pub fn may_hold(&self, group: &RowGroupMetaData) -> bool {
        let statistics = group.columns().get(self.column).and_then(|chunk| chunk.statistics());
        let Some(statistics) = statistics else { return true };
        match (&self.wanted, statistics) {
            (WantedCell::Null, statistics) => statistics.null_count_opt() != Some(0),
            // Bounds of long texts may be cut, but are bounds all the same.
            (WantedCell::Text(text), Statistics::ByteArray(s)) => {
                let (least, greatest) = (s.min_opt().map(AsBytes::as_bytes), s.max_opt().map(AsBytes::as_bytes));
                least.is_none_or(|least| least <= text.as_bytes()) && greatest.is_none_or(|greatest| text.as_bytes() <= greatest)
            }
            // Stored in signed words, ordered as unsigned ones.
            (WantedCell::U32(number), Statistics::Int32(s)) => {
                s.min_opt().is_none_or(|least| least.cast_unsigned() <= *number)
                    && s.max_opt().is_none_or(|greatest| *number <= greatest.cast_unsigned())
            }
            _ => true,
        }
    }

    /// Keeps the rows that fulfil the condition.
    pub fn retain(&self, columns: &[Column], rows: &mut Vec<usize>) {
        let Some(column) = columns.get(self.column) else { return rows.clear() };
        match (&self.wanted, column) {
            (WantedCell::Text(text), Column::Text { keys, texts }) => {
                // Compared once for each distinct text; a damaged file may have the same text twice.
                let is_it: Vec<bool> = texts.iter().map(|t| t == Some(text)).collect();
                let keys = keys.values();
                rows.retain(|&row| usize::try_from(keys[row]).ok().and_then(|key| is_it.get(key)) == Some(&true));
            }
            (WantedCell::Null, column) => rows.retain(|&row| column.get(row).is_none()),
            (WantedCell::U32(number), column) => rows.retain(|&row| column.code(row) == 1 + u64::from(*number)),
            (WantedCell::Text(_), _) => rows.clear(),
        }
    }
}
