use crate::column::Wrong;
use crate::record::record;
use crate::status::check_value;
use crate::timing::check_wall_ms;
use crate::{Kind, Status, Table};

/// Scores of proxies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Score {}

/// A [`Table`] of [`ScoreRow`]s.
pub type ScoreTable = Table<Score>;

record! {
    /// What a proxy says about an architecture. `value` is there exactly if `status` is [`Status::Ok`], `reason` exactly if
    /// it isn't.
    pub struct ScoreRow<'a> {
        /// Search space.
        pub space: &'a str,
        /// Official string of the architecture.
        pub arch: &'a str,
        /// Official index, where the space has one.
        pub index: Option<u32>,
        /// Dataset: classes, resolution and images.
        pub dataset: &'a str,
        /// Proxy.
        pub proxy: &'a str,
        /// Version of the proxy.
        pub version: u32,
        /// Seed of the weights.
        pub seed: u64,
        /// The score; finite.
        pub value: Option<f64>,
        /// Whether there is a score.
        pub status: Status,
        /// Why there is none.
        pub reason: Option<&'a str>,
        /// The isomorphic architecture that was evaluated, if it was another.
        pub representative: Option<&'a str>,
        /// Milliseconds, where known (see [`TimingRow::wall_ms`](crate::TimingRow)); not part of a score file.
        pub wall_ms: Option<f64>,
    }
}

impl Kind for Score {
    type Row<'a> = ScoreRow<'a>;
    const NAME: &'static str = "score";
    const KEY: &'static [&'static str] = &["space", "arch", "dataset", "proxy", "seed"];
    const VOLATILE: &'static [&'static str] = &["wall_ms"];

    fn check(row: &ScoreRow<'_>) -> Result<(), Wrong> {
        check_value(row.status, row.value, row.reason)?;
        row.wall_ms.map_or(Ok(()), check_wall_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Provenance;

    const ROW: ScoreRow<'static> = ScoreRow {
        space: "nb201",
        arch: "a",
        index: None,
        dataset: "cifar10",
        proxy: "zico",
        version: 1,
        seed: 0,
        value: Some(1.5),
        status: Status::Ok,
        reason: None,
        representative: None,
        wall_ms: None,
    };

    #[test]
    fn a_value_stands_with_ok_and_a_reason_with_everything_else() {
        let missing = ScoreRow { value: None, status: Status::Undefined, reason: Some("no layer"), ..ROW };
        for good in [ROW, missing] {
            assert!(ScoreTable::builder().push(good).is_ok());
        }
        for (bad, part) in [
            (ScoreRow { value: None, ..ROW }, "column `value`: expected a number, since the status is ok, got null"),
            (ScoreRow { reason: Some("why"), ..ROW }, "column `reason`: expected null"),
            (ScoreRow { value: Some(f64::NAN), ..ROW }, "column `value`: expected a finite number, got NaN"),
            (ScoreRow { value: Some(f64::NEG_INFINITY), ..ROW }, "got -inf"),
            (ScoreRow { value: Some(1.0), ..missing }, "expected null, since the status is undefined, got 1"),
            (ScoreRow { reason: None, ..missing }, "expected a text, since the status is undefined"),
            (ScoreRow { reason: Some(""), ..missing }, "column `reason`: expected a text, got an empty one"),
            (ScoreRow { wall_ms: Some(-1.0), ..ROW }, "column `wall_ms`: expected 0 or more"),
            (ScoreRow { proxy: "", ..ROW }, "row 0 of the score table, column `proxy`"),
        ] {
            let error = ScoreTable::builder().push(bad).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn two_scores_of_one_thing_are_refused_and_named() {
        let mut builder = ScoreTable::builder();
        for row in [ROW, ScoreRow { seed: 1, ..ROW }, ScoreRow { arch: "b", ..ROW }, ScoreRow { value: Some(2.0), ..ROW }] {
            builder.push(row).unwrap();
        }
        let error = builder.finish(Provenance::new(serde_json::Value::Null)).unwrap_err().to_string();
        assert!(error.contains("rows 0 and 3 of the score table") && error.contains("arch = \"a\""), "{error}");
    }
}
