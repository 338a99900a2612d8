use std::path::Path;

use spaces::nb101;
use tables::{BenchRow, CostRow, Direction};

use crate::{Event, Observer, Result, Sink, Summary};

use super::read::TRIALS;
use super::run::{BUDGETS, Measured, Run};
use super::{CELLS, DATASET, SPACE};

/// A column of rows: how to find its value in what was measured.
struct Metric {
    split: &'static str,
    name: &'static str,
    unit: &'static str,
    direction: Direction,
    value: fn(&Measured) -> f64,
}

/// In the order of the rows of a table.
const METRICS: [Metric; 4] = [
    Metric::accuracy("test", |measured| measured.test),
    Metric::accuracy("train", |measured| measured.train),
    Metric { split: "train", name: "time", unit: "seconds", direction: Direction::LowerIsBetter, value: |measured| measured.seconds },
    Metric::accuracy("valid", |measured| measured.valid),
];

impl Metric {
    const fn accuracy(split: &'static str, value: fn(&Measured) -> f64) -> Self {
        Self { split, name: "accuracy", unit: "percent", direction: Direction::HigherIsBetter, value }
    }
}

/// Writes the rows of all runs, in the order of hashes, and says what is missing.
///
/// # Errors
/// [`crate::Error::Record`] for a fourth run of a cell at one budget; [`crate::Error::Table`].
pub fn write_runs(runs: &[Run], path: &Path, sink: &mut Sink, observe: &Observer<'_>) -> Result<Summary> {
    let order = order(runs);
    let run = |key: &u64| runs[(key & RECORD) as usize];
    let mut survey = Survey::default();
    for cell in order.chunk_by(|a, b| a >> CELL_AT == b >> CELL_AT) {
        let position = (cell[0] >> CELL_AT) as usize;
        let budgets: Vec<Vec<Run>> =
            cell.chunk_by(|a, b| a >> BUDGET_AT == b >> BUDGET_AT).map(|runs| runs.iter().map(run).collect()).collect();
        if let Some(fourth) = budgets.iter().find_map(|runs| runs.get(TRIALS)) {
            let expected = format!("at most {TRIALS} runs of a cell over {} epochs", fourth.budget);
            return Err(fourth.wrong(path, expected, format!("another run of {}", nb101::cells()[position].hash)));
        }
        survey.count(position, &budgets);
        survey.rows += write_cell(&nb101::cells()[position].hash.to_string(), &budgets, sink)?;
        if survey.cells.is_multiple_of(10_000) {
            observe(Event::Writing { done: survey.cells, total: CELLS.into() });
        }
    }
    Ok(survey.summary())
}

/// Bits of a sorting key: cell, budget, record.
const CELL_AT: u32 = 40;
const BUDGET_AT: u32 = 32;
const RECORD: u64 = u32::MAX as u64;

/// Sorting keys of the runs in the order of the table. The number of a run among `runs` is its record number.
fn order(runs: &[Run]) -> Vec<u64> {
    let key = |(k, run): (usize, &Run)| u64::from(run.position) << CELL_AT | u64::from(run.budget) << BUDGET_AT | k as u64;
    let mut order: Vec<u64> = runs.iter().enumerate().map(key).collect();
    order.sort_unstable();
    order
}

/// Rows of a cell; `budgets` holds its runs by ascending budget. Number of rows.
fn write_cell(hash: &str, budgets: &[Vec<Run>], sink: &mut Sink) -> Result<u64> {
    let mut rows = 0;
    for Metric { split, name, unit, direction, value } in METRICS {
        for runs in budgets {
            for half in 0..2 {
                for (trial, run) in runs.iter().enumerate() {
                    let budget = u32::from(run.budget);
                    let value = value(&run.halves[half]);
                    sink.bench.push(BenchRow {
                        space: SPACE,
                        arch: hash,
                        index: None,
                        dataset: DATASET,
                        split,
                        metric: name,
                        unit,
                        direction,
                        epochs: budget,
                        epoch: Some(budget * (half as u32 + 1) / 2),
                        trial: Some(trial as u32),
                        value: if unit == "percent" { 100.0 * value } else { value },
                    })?;
                    rows += 1;
                }
            }
        }
    }
    for runs in budgets {
        for (trial, run) in runs.iter().enumerate() {
            sink.cost.push(CostRow {
                space: SPACE,
                arch: hash,
                index: None,
                dataset: DATASET,
                origin: CostRow::OFFICIAL,
                epochs: Some(run.budget.into()),
                trial: Some(trial as u32),
                params: Some(run.parameters.into()),
                flops: None,
                latency_ms: None,
            })?;
        }
    }
    Ok(rows)
}

/// What is there and what is not.
#[derive(Default)]
struct Survey {
    cells: u64,
    rows: u64,
    /// The first cell of the space that the file does not hold, if it is known by now.
    first_missing: Option<usize>,
    /// By budget: cells with three runs, and cells with one or two.
    complete: [u64; BUDGETS.len()],
    partial: [u64; BUDGETS.len()],
    /// Runs whose epochs are not half-way and the end.
    other_epochs: u64,
}

impl Survey {
    fn count(&mut self, position: usize, budgets: &[Vec<Run>]) {
        if position as u64 != self.cells {
            self.first_missing.get_or_insert(self.cells as usize);
        }
        self.cells += 1;
        for runs in budgets {
            self.other_epochs += runs.iter().filter(|run| !run.epochs_agree).count() as u64;
            let at = BUDGETS.iter().position(|budget| runs.first().is_some_and(|run| u32::from(run.budget) == *budget));
            if let Some(at) = at {
                let counts = if runs.len() == TRIALS { &mut self.complete } else { &mut self.partial };
                counts[at] += 1;
            }
        }
    }

    fn summary(self) -> Summary {
        let mut warnings = Vec::new();
        if self.cells < u64::from(CELLS) {
            let missing = self.first_missing.unwrap_or(self.cells as usize);
            let first = nb101::cells().get(missing).map_or_else(String::new, |entry| format!(" (the first is {})", entry.hash));
            warnings.push(format!("{} of {CELLS} cells are missing{first}", u64::from(CELLS) - self.cells));
        }
        for (at, budget) in BUDGETS.iter().enumerate() {
            let (complete, partial) = (self.complete[at], self.partial[at]);
            if partial > 0 {
                warnings.push(format!("{partial} cells have fewer than {TRIALS} runs over {budget} epochs"));
            }
            if complete + partial > 0 && complete + partial < self.cells {
                warnings.push(format!("{} cells have no run over {budget} epochs", self.cells - complete - partial));
            }
        }
        if self.other_epochs > 0 {
            let runs = self.other_epochs;
            warnings.push(format!(
                "{runs} runs say they were measured at other epochs than half-way and the end, which is what they are taken for"
            ));
        }
        Summary { architectures: self.cells, rows: self.rows, warnings }
    }
}
