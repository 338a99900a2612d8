use std::path::Path;

use tables::{BenchRow, CostRow, Direction};

use crate::error::excerpt;
use crate::readers::pickle::{Problem, Value};
use crate::{Error, Result, Sink};

use super::file::{Architecture, EXPECTED};
use super::metric::{Metric, of_table};
use super::{TASKS, curve};

/// No task is trained longer.
const MAX_EPOCHS: i64 = 1_000;

/// A metric that the file lists.
#[derive(Clone, Debug)]
pub struct Listed<'a> {
    /// Its name there.
    pub in_file: &'a str,
    /// Where it was measured.
    pub split: &'static str,
    /// Its name in the tables.
    pub name: String,
}

/// What rows are about.
#[derive(Clone, Copy)]
struct Place<'a> {
    space: &'static str,
    arch: &'a str,
    task: &'a str,
}

/// Writes rows and counts what cannot be written.
pub struct Writer<'a> {
    path: &'a Path,
    metrics: Vec<(&'a str, Vec<Listed<'a>>)>,
    every_epoch: bool,
    sink: &'a mut Sink,
    rows: u64,
    not_finite: u64,
    missing: u64,
    unlisted: u64,
}

impl<'a> Writer<'a> {
    pub fn new(path: &'a Path, metrics: Vec<(&'a str, Vec<Listed<'a>>)>, every_epoch: bool, sink: &'a mut Sink) -> Self {
        Self { path, metrics, every_epoch, sink, rows: 0, not_finite: 0, missing: 0, unlisted: 0 }
    }

    /// Rows of an architecture: its tasks in the order of their names.
    pub fn architecture(&mut self, architecture: &Architecture<'_>) -> Result<()> {
        let Architecture { arch, part, tasks } = *architecture;
        let mut named = Vec::new();
        let no_task = Place { space: part.space, arch, task: "" };
        for (task, values) in tasks.items().map_err(|problem| self.wrong(no_task, "", &problem))? {
            let task = task.text().map_err(|problem| self.wrong(no_task, "", &problem))?;
            let place = Place { space: part.space, arch, task };
            let known = TASKS.iter().any(|known| known.name == task);
            let Some((_, listed)) = self.metrics.iter().find(|(listed, _)| known && *listed == task) else {
                let expected = format!("a task that metrics_dict lists, of {}", TASKS.map(|task| task.name).join(", "));
                return Err(self.wrong(place, "", &Problem::wrong(expected, "another one")));
            };
            named.push((place, values, listed.clone()));
        }
        named.sort_by_key(|(place, ..)| place.task);
        named.into_iter().try_for_each(|(place, values, listed)| self.task(place, values, &listed))
    }

    fn task(&mut self, place: Place<'_>, values: Value<'_>, listed: &[Listed<'_>]) -> Result<()> {
        let epochs = values.require("total_epochs").and_then(Value::integer).and_then(|epochs| {
            let wrong = || Problem::wrong(format!("1 to {MAX_EPOCHS}"), epochs.to_string());
            (1..=MAX_EPOCHS).contains(&epochs).then_some(epochs as u32).ok_or_else(wrong)
        });
        let epochs = epochs.map_err(|problem| self.wrong(place, "total_epochs", &problem))?;
        let curves = values.require("metrics").and_then(|curves| Ok((curves, curves.items()?.len())));
        let (curves, there) = curves.map_err(|problem| self.wrong(place, "metrics", &problem))?;
        let mut found = 0;
        for Listed { in_file, split, name } in listed {
            let values = curves.get(in_file).and_then(|list| list.map(|list| curve::read(list, epochs)).transpose());
            match values.map_err(|problem| self.wrong(place, in_file, &problem))? {
                Some(values) => {
                    found += 1;
                    self.curve(place, split, &of_table(place.task, name), &values)?;
                }
                None => self.missing += 1,
            }
        }
        self.unlisted += there.saturating_sub(found) as u64;
        self.cost(place, epochs, values)
    }

    /// Rows of a metric: at the best epoch, then by epoch.
    fn curve(&mut self, place: Place<'_>, split: &str, metric: &Metric<'_>, values: &[Option<f64>]) -> Result<()> {
        let Place { space, arch, task } = place;
        // The API's best of a loss is its largest value, which is nobody's best: losses have no such row.
        let best = if metric.direction == Direction::HigherIsBetter { curve::best(values) } else { None };
        let first = if self.every_epoch { 0 } else { values.len().saturating_sub(1) };
        self.not_finite += values[first..].iter().filter(|value| value.is_none()).count() as u64;
        let by_epoch = (1..).zip(values).skip(first).filter_map(|(epoch, value)| Some((Some(epoch), (*value)?)));
        for (epoch, value) in best.map(|value| (None, value)).into_iter().chain(by_epoch) {
            self.sink.bench.push(BenchRow {
                space,
                arch,
                index: None,
                dataset: task,
                split,
                metric: metric.name,
                unit: metric.unit,
                direction: metric.direction,
                epochs: values.len() as u32,
                epoch,
                trial: None,
                value,
            })?;
            self.rows += 1;
        }
        Ok(())
    }

    /// Parameters, multiply-adds and seconds of a forward pass, as far as they are there and finite.
    fn cost(&mut self, place: Place<'_>, epochs: u32, values: Value<'_>) -> Result<()> {
        let info = values.require("model_info").map_err(|problem| self.wrong(place, "model_info", &problem))?;
        let figure = |name: &str| -> Result<Option<f64>> {
            let value = info.get(name).and_then(|value| value.map(Value::number).transpose());
            let value = value.map_err(|problem| self.wrong(place, name, &problem))?;
            Ok(value.filter(|value| value.is_finite() && *value >= 0.0))
        };
        let (params, flops, seconds) = (figure("model_params")?, figure("model_FLOPs")?, figure("inference_time")?);
        if params.is_none() && flops.is_none() && seconds.is_none() {
            return Ok(());
        }
        self.sink.cost.push(CostRow {
            space: place.space,
            arch: place.arch,
            index: None,
            dataset: place.task,
            origin: CostRow::OFFICIAL,
            epochs: Some(epochs),
            trial: None,
            params,
            flops,
            latency_ms: seconds.map(|seconds| 1e3 * seconds),
        })?;
        Ok(())
    }

    /// Number of rows, and what was left out.
    pub fn finish(self) -> (u64, Vec<String>) {
        let counted = [
            (self.not_finite, "values are not finite and were left out"),
            (self.missing, "metrics that the file lists are missing"),
            (self.unlisted, "metrics are not listed by the file and were left out"),
        ];
        (self.rows, counted.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect())
    }

    fn wrong(&self, place: Place<'_>, what: &str, problem: &Problem) -> Error {
        let place = [place.arch, place.task, what].into_iter().filter(|part| !part.is_empty()).map(excerpt).collect::<Vec<_>>().join(", ");
        Error::Format { path: self.path.into(), expected: EXPECTED, reason: format!("{place}: {problem}") }
    }
}
