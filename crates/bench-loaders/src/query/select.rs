use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use tables::{BenchRow, BenchTable, Direction};

use super::find::{moment, no_rows};
use crate::Result;

/// When a value was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum At {
    /// At the end of training.
    #[default]
    End,
    /// After that many epochs (the official API's `iepoch` plus one).
    Epoch(u32),
    /// At the best epoch by the metric itself.
    Best,
}

/// Which training runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Runs {
    /// Their mean: the one that the table holds, or else that of all runs of the schedule, if each has the value (the
    /// official API's `is_random=False`).
    #[default]
    Mean,
    /// One: its seed, or in `nb101` its number (the official API's `is_random=SEED`, which also says nothing if another run
    /// lacks the value; here that does not matter).
    One(u32),
    /// Every one for itself.
    All,
}

/// What is asked of the rows of one architecture. What is not said is not chosen by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Question<'a> {
    /// Split; all of them without one.
    pub split: Option<&'a str>,
    /// Metric; all of them without one.
    pub metric: Option<&'a str>,
    /// Length of the training schedule. Needed where the table holds several.
    pub epochs: Option<u32>,
    /// When.
    pub at: At,
    /// Which runs.
    pub runs: Runs,
}

/// A value that answers a question.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Dataset.
    pub dataset: String,
    /// Split.
    pub split: String,
    /// Metric.
    pub metric: String,
    /// Unit of the value.
    pub unit: String,
    /// Which values are the better ones.
    pub direction: Direction,
    /// Length of the training schedule.
    pub epochs: u32,
    /// When, in epochs from 1; `None` at the best one.
    pub epoch: Option<u32>,
    /// The run; `None` for the mean.
    pub trial: Option<u32>,
    /// Runs that a mean was taken over here; 1 for a single run, and `None` for a mean that stands in the table.
    pub n_runs: Option<usize>,
    /// The value.
    pub value: f64,
}

/// Answers a question from the rows of one architecture, in the order of their key.
///
/// A mean is over every run of the schedule on the dataset: a quantity that some run lacks has none, as in the official API.
/// Means are sums in ascending order of the runs, divided by their number, as Python's `sum(values) / len(values)`.
///
/// # Errors
/// [`crate::Error::NoRows`], which says what there is instead: for a split, metric, schedule, epoch or run that the table
/// does not hold, and for several schedules where none was named.
pub fn select(table: &Path, rows: &BenchTable, question: &Question<'_>) -> Result<Vec<Answer>> {
    let mut left: Vec<BenchRow<'_>> = rows.iter().collect();
    let name = left.first().map_or_else(String::new, |row| format!("{} on {}", row.arch, row.dataset));
    let keep = |left: &mut Vec<BenchRow<'_>>, asked: Option<String>, kind: &str, of: &dyn Fn(&BenchRow<'_>) -> String| {
        let Some(asked) = asked else { return Ok(()) };
        let there: Vec<String> = left.iter().map(of).collect();
        left.retain(|row| of(row) == asked);
        if left.is_empty() {
            Err(no_rows(table, format!("{name} with {kind} {asked}"), &format!("{kind}s"), there.into_iter()))
        } else {
            Ok(())
        }
    };
    keep(&mut left, question.split.map(str::to_owned), "split", &|row| row.split.to_owned())?;
    keep(&mut left, question.metric.map(str::to_owned), "metric", &|row| row.metric.to_owned())?;
    keep(&mut left, question.epochs.map(|epochs| epochs.to_string()), "schedule", &|row| row.epochs.to_string())?;
    if left.iter().any(|row| row.epochs != left[0].epochs) {
        let there = left.iter().map(|row| format!("{} epochs", row.epochs));
        return Err(no_rows(table, format!("{name} without the length of the schedule"), "choose one of", there));
    }
    let moments: Vec<String> = left.iter().map(moment).collect();
    left.retain(|row| match question.at {
        At::End => row.epoch == Some(row.epochs),
        At::Epoch(epoch) => row.epoch == Some(epoch),
        At::Best => row.epoch.is_none(),
    });
    if left.is_empty() {
        let asked = match question.at {
            At::End => "at the end of training".to_owned(),
            At::Epoch(epoch) => format!("after {epoch} epochs"),
            At::Best => "at the best epoch".to_owned(),
        };
        return Err(no_rows(table, format!("{name} {asked}"), "measured at", moments.into_iter()));
    }
    let trial = |row: &BenchRow<'_>| row.trial.map_or_else(|| "mean".to_owned(), |trial| trial.to_string());
    match question.runs {
        Runs::All => {}
        Runs::One(asked) => keep(&mut left, Some(asked.to_string()), "trial", &trial)?,
        Runs::Mean => {
            let means = means(&left, &runs_of(rows, &left));
            if means.is_empty() {
                return Err(no_rows(table, format!("{name} for every run, so no mean"), "trials that have it", left.iter().map(trial)));
            }
            return Ok(means);
        }
    }
    Ok(left.iter().map(|row| answer(row, row.trial.map(|_| 1), row.value)).collect())
}

/// All runs of the schedule that the rows which are left belong to, by dataset.
fn runs_of<'r>(rows: &'r BenchTable, left: &[BenchRow<'_>]) -> BTreeSet<(&'r str, u32)> {
    let epochs = left.first().map(|row| row.epochs);
    rows.iter().filter(|row| Some(row.epochs) == epochs).filter_map(|row| Some((row.dataset, row.trial?))).collect()
}

/// The mean over all runs of each quantity that every run has.
fn means(rows: &[BenchRow<'_>], runs: &BTreeSet<(&str, u32)>) -> Vec<Answer> {
    let mut quantities: BTreeMap<(&str, &str, &str), Vec<&BenchRow<'_>>> = BTreeMap::new();
    for row in rows {
        quantities.entry((row.dataset, row.split, row.metric)).or_default().push(row);
    }
    let mean = |rows: Vec<&BenchRow<'_>>| {
        // Null comes first in the order of rows.
        let first = *rows.first()?;
        if first.trial.is_none() {
            return Some(answer(first, None, first.value));
        }
        if runs.iter().filter(|(dataset, _)| *dataset == first.dataset).count() != rows.len() {
            return None;
        }
        let value = rows.iter().map(|row| row.value).sum::<f64>() / rows.len() as f64;
        Some(Answer { trial: None, ..answer(first, Some(rows.len()), value) })
    };
    quantities.into_values().filter_map(mean).collect()
}

fn answer(row: &BenchRow<'_>, n_runs: Option<usize>, value: f64) -> Answer {
    Answer {
        dataset: row.dataset.into(),
        split: row.split.into(),
        metric: row.metric.into(),
        unit: row.unit.into(),
        direction: row.direction,
        epochs: row.epochs,
        epoch: row.epoch,
        trial: row.trial,
        n_runs,
        value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tables::Provenance;

    const ROW: BenchRow<'static> = BenchRow {
        space: "nb201",
        arch: "a",
        index: None,
        dataset: "cifar100",
        split: "test",
        metric: "accuracy",
        unit: "percent",
        direction: Direction::HigherIsBetter,
        epochs: 200,
        epoch: Some(200),
        trial: Some(777),
        value: 70.0,
    };

    fn table(rows: &[BenchRow<'_>]) -> BenchTable {
        let mut builder = BenchTable::builder();
        for row in rows {
            builder.push(*row).unwrap();
        }
        builder.finish(Provenance::new(serde_json::Value::Null)).unwrap()
    }

    fn ask(rows: &BenchTable, question: &Question<'_>) -> std::result::Result<Vec<(f64, Option<usize>)>, String> {
        let answers = select(Path::new("t"), rows, question).map_err(|error| error.to_string())?;
        Ok(answers.iter().map(|answer| (answer.value, answer.n_runs)).collect())
    }

    #[test]
    fn runs_are_averaged_chosen_or_listed() {
        let rows = table(&[
            ROW,
            BenchRow { trial: Some(888), value: 71.0, ..ROW },
            BenchRow { epochs: 12, epoch: Some(12), value: 50.0, ..ROW },
            BenchRow { split: "valid", value: 60.0, ..ROW },
            BenchRow { split: "valid", trial: Some(888), value: 62.0, ..ROW },
            BenchRow { epoch: Some(100), value: 65.0, ..ROW },
        ]);
        let test = Question { split: Some("test"), epochs: Some(200), ..Question::default() };
        assert_eq!(ask(&rows, &test), Ok(vec![(70.5, Some(2))]));
        assert_eq!(ask(&rows, &Question { runs: Runs::One(888), ..test }), Ok(vec![(71.0, Some(1))]));
        assert_eq!(ask(&rows, &Question { runs: Runs::All, ..test }), Ok(vec![(70.0, Some(1)), (71.0, Some(1))]));
        assert_eq!(ask(&rows, &Question { split: None, ..test }), Ok(vec![(70.5, Some(2)), (61.0, Some(2))]));
        // Of two runs only one was evaluated then: its value is no mean.
        let half = Question { at: At::Epoch(100), ..test };
        assert_eq!(ask(&rows, &Question { runs: Runs::One(777), ..half }), Ok(vec![(65.0, Some(1))]));
        let error = ask(&rows, &half).unwrap_err();
        assert_eq!(error, "t holds no value of a on cifar100 for every run, so no mean; trials that have it: 777");
    }

    #[test]
    fn a_mean_of_the_table_goes_before_one_of_ours() {
        let rows = table(&[ROW, BenchRow { trial: None, value: 1.0, ..ROW }]);
        assert_eq!(ask(&rows, &Question::default()), Ok(vec![(1.0, None)]));
    }

    #[test]
    fn what_is_absent_is_answered_with_what_there_is() {
        let rows = table(&[ROW, BenchRow { epochs: 12, epoch: Some(12), ..ROW }, BenchRow { split: "valid", epoch: None, ..ROW }]);
        let question = Question { epochs: Some(200), ..Question::default() };
        for (question, part) in [
            (Question { split: Some("train"), ..question }, "t holds no value of a on cifar100 with split train; splits: test, valid"),
            (Question { metric: Some("loss"), ..question }, "with metric loss; metrics: accuracy"),
            (Question { epochs: Some(90), ..question }, "with schedule 90; schedules: 12, 200"),
            (Question { epochs: None, ..question }, "without the length of the schedule; choose one of: 12 epochs, 200 epochs"),
            (Question { at: At::Epoch(7), ..question }, "after 7 epochs; measured at: 200 epochs, the best epoch of 200"),
            (Question { runs: Runs::One(999), ..question }, "with trial 999; trials: 777"),
        ] {
            let error = ask(&rows, &question).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }
}
