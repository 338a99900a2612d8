use crate::column::Wrong;
use crate::record::record;
use crate::status::check_value;
use crate::{Kind, Status, Table};

/// What a search evaluated, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Search {}

/// A [`Table`] of [`SearchRow`]s.
pub type SearchTable = Table<Search>;

record! {
    /// One objective of one architecture that a search evaluated.
    pub struct SearchRow<'a> {
        /// Step of the search, from 0; steps whose candidate broke a budget are not there.
        pub step: u64,
        /// Official string of the architecture.
        pub arch: &'a str,
        /// Step that evaluated its parent; null without one.
        pub parent: Option<u64>,
        /// Objective: a proxy, or a metric of a table.
        pub objective: &'a str,
        /// Its value, where there is one.
        pub value: Option<f64>,
        /// Whether there is one.
        pub status: Status,
        /// Why there is none.
        pub reason: Option<&'a str>,
        /// FLOPs as the search's budget counts them (multiply-adds; see the space).
        pub flops: f64,
        /// Parameters as the search's budget counts them.
        pub params: f64,
        /// Layers as the search's budget counts them.
        pub layers: u32,
        /// Milliseconds of a forward pass, where the search measured them.
        pub latency_ms: Option<f64>,
    }
}

impl Kind for Search {
    type Row<'a> = SearchRow<'a>;
    const NAME: &'static str = "search";
    const KEY: &'static [&'static str] = &["step", "objective"];

    fn check(row: &SearchRow<'_>) -> Result<(), Wrong> {
        check_value(row.status, row.value, row.reason)?;
        for (column, value) in [("flops", Some(row.flops)), ("params", Some(row.params)), ("latency_ms", row.latency_ms)] {
            if let Some(value) = value.filter(|&value| value < 0.0) {
                return Err(Wrong::new(column, "0 or more", value.to_string()));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_are_not_negative_and_a_value_has_its_status() {
        let row = SearchRow {
            step: 3,
            arch: "a",
            parent: Some(1),
            objective: "zico",
            value: Some(2.0),
            status: Status::Ok,
            reason: None,
            flops: 1.0,
            params: 2.0,
            layers: 3,
            latency_ms: None,
        };
        assert!(SearchTable::builder().push(row).is_ok());
        for (bad, part) in [
            (SearchRow { flops: -1.0, ..row }, "column `flops`: expected 0 or more"),
            (SearchRow { latency_ms: Some(-1.0), ..row }, "column `latency_ms`"),
            (SearchRow { value: None, ..row }, "column `value`"),
        ] {
            let error = SearchTable::builder().push(bad).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
        let mut builder = SearchTable::builder();
        builder.push(row).unwrap();
        builder.push(SearchRow { objective: "naswot", ..row }).unwrap();
        builder.push(row).unwrap();
        assert!(builder.finish(crate::Provenance::new(serde_json::json!({}))).is_err());
    }
}
