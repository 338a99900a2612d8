//! Scores of one or several runs as one table that remembers each run's configuration.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tables::{Provenance, ScoreRow, ScoreTable, TimingRow, TimingTable};

use crate::{Error, Result, aggregate};

/// Key under which a merged table keeps the configurations of its runs.
const RUNS: &str = "runs";
/// Key under which the scores of a comparison keep their name.
const LABEL: &str = "label";
/// File beside a merged score file that holds its milliseconds.
pub(crate) const TIMINGS: &str = "timings.parquet";

/// How one run was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Full configuration, as the run stored it.
    pub config: Value,
    /// Commit of the program.
    pub git_commit: String,
    /// Version of the program.
    pub version: String,
    /// Version of libtorch, where it took part.
    pub libtorch: Option<String>,
    /// Device.
    pub device: Option<String>,
    /// Dtype.
    pub dtype: Option<String>,
}

/// Scores with the runs they come from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// Name of a comparison; none for the scores of the report itself.
    pub label: Option<String>,
    /// All scores, in their stable order.
    pub table: ScoreTable,
    /// Their runs.
    pub runs: Vec<Run>,
}

impl Run {
    /// Whether its batches were noise instead of images.
    pub(crate) fn on_noise(&self) -> bool {
        on_noise(&self.config)
    }
}

/// Whether the run of this configuration had noise instead of images.
pub(crate) fn on_noise(config: &Value) -> bool {
    config.pointer("/batches/protocol").and_then(Value::as_str).is_some_and(|protocol| protocol.ends_with(tables::NO_IMAGES))
}

impl Loaded {
    /// Reads and merges score folders and files. Beside a file, `timings.parquet` is read too, if it is there.
    ///
    /// # Errors
    /// [`Error::NoScores`], [`Error::EmptyScores`], and those of [`ScoreTable::read_any`].
    pub fn read(paths: &[PathBuf], label: Option<&str>) -> Result<Self> {
        let mut tables = Vec::new();
        for path in paths {
            if !path.exists() {
                return Err(Error::NoScores { path: path.clone() });
            }
            let table = ScoreTable::read_any(path)?;
            if table.is_empty() {
                return Err(Error::EmptyScores { path: path.clone() });
            }
            tables.push(with_timings(table, path)?);
        }
        let label = label.map(str::to_owned).or_else(|| {
            let named = tables.iter().find_map(|table| table.provenance().config.get(LABEL));
            named.and_then(Value::as_str).map(str::to_owned)
        });
        let mut runs = Vec::new();
        for table in &tables {
            runs.extend(runs_of(table.provenance()).into_iter().filter(|run| !runs.contains(run)).collect::<Vec<_>>());
        }
        let rows = || tables.iter().flat_map(ScoreTable::iter);
        let mut builder = ScoreTable::builder();
        // The runner's tables come in order; a list of the rows would take several times their memory.
        if rows().is_sorted_by(|a, b| key(a) <= key(b)) {
            rows().try_for_each(|row| builder.push(row))?;
        } else {
            let mut sorted: Vec<ScoreRow<'_>> = rows().collect();
            sorted.sort_by_key(key);
            sorted.into_iter().try_for_each(|row| builder.push(row))?;
        }
        // The commit and version of the runs stay, so that rebuilding a report leaves its score file as it was.
        let mut provenance = Provenance::new(config_of(label.as_deref(), &runs));
        aggregate::name_aggregates(&mut provenance.config, rows().map(|row| row.proxy));
        provenance.git_commit = joined(runs.iter().map(|run| Some(run.git_commit.as_str()))).unwrap_or_else(|| "unknown".into());
        provenance.version = joined(runs.iter().map(|run| Some(run.version.as_str()))).unwrap_or_else(|| "unknown".into());
        provenance.libtorch = joined(runs.iter().map(|run| run.libtorch.as_deref()));
        provenance.device = joined(runs.iter().map(|run| run.device.as_deref()));
        provenance.dtype = joined(runs.iter().map(|run| run.dtype.as_deref()));
        for table in &tables {
            provenance.inputs.extend(table.provenance().inputs.clone());
        }
        Ok(Self { label, table: builder.finish(provenance)?, runs })
    }

    /// The milliseconds of the scores, where known.
    ///
    /// # Errors
    /// Those of [`tables::TableBuilder::finish`].
    pub fn timings(&self) -> Result<TimingTable> {
        let mut builder = TimingTable::builder();
        for row in self.table.iter() {
            let ScoreRow { arch, dataset, proxy, seed, wall_ms, .. } = row;
            if let Some(wall_ms) = wall_ms {
                builder.push(TimingRow { arch, dataset, proxy, seed, wall_ms })?;
            }
        }
        Ok(builder.finish(self.table.provenance().clone())?)
    }

    /// The first run that scored `dataset`, or the only one.
    pub(crate) fn run_of(&self, dataset: &str) -> Option<&Run> {
        self.runs_of(dataset).next().or_else(|| self.runs.first())
    }

    /// All runs that scored `dataset`.
    pub(crate) fn runs_of(&self, dataset: &str) -> impl Iterator<Item = &Run> {
        self.runs.iter().filter(move |run| run.config.get("dataset").and_then(Value::as_str) == Some(dataset))
    }

    /// Proxies that the configurations call lower-is-better.
    pub(crate) fn lower_is_better(&self) -> Vec<String> {
        aggregate::lower_is_better(&self.table.provenance().config)
    }
}

/// The stable order of scores.
fn key<'a>(row: &ScoreRow<'a>) -> impl Ord + 'a + use<'a> {
    (row.space, row.dataset, row.index.is_none(), row.index, row.arch, row.proxy, row.seed)
}

/// Texts that differ, joined; none if there are none.
fn joined<'a>(texts: impl Iterator<Item = Option<&'a str>>) -> Option<String> {
    let mut distinct: Vec<&str> = Vec::new();
    for text in texts.flatten() {
        if !distinct.contains(&text) {
            distinct.push(text);
        }
    }
    (!distinct.is_empty()).then(|| distinct.join("; "))
}

fn config_of(label: Option<&str>, runs: &[Run]) -> Value {
    let runs: Vec<Value> = runs
        .iter()
        .map(|run| {
            json!({
                "config": run.config,
                "git_commit": run.git_commit,
                "version": run.version,
                "libtorch": run.libtorch,
                "device": run.device,
                "dtype": run.dtype,
            })
        })
        .collect();
    label.map_or_else(|| json!({ RUNS: runs }), |label| json!({ LABEL: label, RUNS: runs }))
}

/// The runs of a merged table, or the one run of a table as the runner wrote it.
fn runs_of(provenance: &Provenance) -> Vec<Run> {
    let merged = provenance.config.get(RUNS).and_then(Value::as_array);
    let Some(merged) = merged else {
        return vec![Run {
            config: provenance.config.clone(),
            git_commit: provenance.git_commit.clone(),
            version: provenance.version.clone(),
            libtorch: provenance.libtorch.clone(),
            device: provenance.device.clone(),
            dtype: provenance.dtype.clone(),
        }];
    };
    let text = |run: &Value, key: &str| run.get(key).and_then(Value::as_str).map(str::to_owned);
    let run = |run: &Value| Run {
        config: run.get("config").cloned().unwrap_or(Value::Null),
        git_commit: text(run, "git_commit").unwrap_or_else(|| "unknown".into()),
        version: text(run, "version").unwrap_or_else(|| "unknown".into()),
        libtorch: text(run, "libtorch"),
        device: text(run, "device"),
        dtype: text(run, "dtype"),
    };
    merged.iter().map(run).collect()
}

/// A score file holds no milliseconds; a folder's were joined when it was read.
fn with_timings(table: ScoreTable, path: &Path) -> Result<ScoreTable> {
    let timings = path.with_file_name(TIMINGS);
    if path.is_dir() || !timings.exists() {
        return Ok(table);
    }
    let timings = TimingTable::read(&timings)?;
    let wall_ms: HashMap<_, f64> = timings.iter().map(|row| ((row.arch, row.dataset, row.proxy, row.seed), row.wall_ms)).collect();
    let mut builder = ScoreTable::builder();
    for row in table.iter() {
        builder.push(ScoreRow { wall_ms: wall_ms.get(&(row.arch, row.dataset, row.proxy, row.seed)).copied(), ..row })?;
    }
    Ok(builder.finish(table.provenance().clone())?)
}
