//! Pictures and tables beside the page.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, StringArray, UInt64Array};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use crate::html::Link;
use crate::model::{Loaded, Model, TIMINGS, TopRow, slug};
use crate::plots::Scene;
use crate::stats::TopK;
use crate::{Error, Result};

/// Writes files into the folder of a report and remembers them.
pub(crate) struct Export {
    folder: PathBuf,
    links: Vec<Link>,
}

impl Export {
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.into(), links: Vec::new() }
    }

    /// What was written so far, relative to the folder.
    pub fn links(&self) -> &[Link] {
        &self.links
    }

    pub fn picture(&mut self, name: &str, scene: &Scene, title: &str) -> Result<()> {
        scene.write_png(&self.folder.join(name))?;
        self.remember(name.into(), title);
        Ok(())
    }

    /// Every table as Parquet, CSV and JSON; scores and milliseconds as Parquet only, since they are large.
    pub fn tables(&mut self, model: &Model, scores: &Loaded, comparisons: &[Loaded]) -> Result<()> {
        let name = "data/correlations";
        model.correlations.write(&self.folder.join(format!("{name}.parquet")))?;
        self.remember(format!("{name}.parquet"), "rank correlations");
        self.texts(name, model.correlations.batch(), "rank correlations")?;
        self.table("picks", &picks(model), "what each proxy would pick")?;
        self.table("proxies", &matrix(model), "proxy-to-proxy rank correlation")?;
        self.table("sets", &sets(model), "τ-b over sets of architectures")?;
        self.table("noise", &noise(model), "agreement with the other runs")?;

        scores.table.write(&self.folder.join("data/scores.parquet"))?;
        self.remember("data/scores.parquet".into(), "all scores");
        let timings = scores.timings()?;
        if !timings.is_empty() {
            timings.write(&self.folder.join("data").join(TIMINGS))?;
            self.remember(format!("data/{TIMINGS}"), "milliseconds of the scores");
        }
        for comparison in comparisons {
            let label = comparison.label.as_deref().unwrap_or("other run");
            let path = format!("data/compare-{}.parquet", slug(label));
            comparison.table.write(&self.folder.join(&path))?;
            self.remember(path, &format!("scores of the run “{label}”"));
        }
        Ok(())
    }

    fn table(&mut self, name: &str, columns: &[(&str, ArrayRef)], title: &str) -> Result<()> {
        let name = format!("data/{name}");
        let path = self.folder.join(format!("{name}.parquet"));
        let failed = |source| Error::Export { path: path.clone(), source };
        let columns = columns.iter().map(|(name, column)| (*name, Arc::clone(column), true));
        let batch = RecordBatch::try_from_iter_with_nullable(columns).map_err(failed)?;
        let bytes = parquet_bytes(&batch).map_err(failed)?;
        tables::atomic_write(&path, |output| output.write_all(&bytes))?;
        self.remember(format!("{name}.parquet"), title);
        self.texts(&name, &batch, title)
    }

    fn texts(&mut self, name: &str, batch: &RecordBatch, title: &str) -> Result<()> {
        let (mut csv, mut json) = (Vec::new(), Vec::new());
        tables::to_csv(batch, &mut csv)?;
        tables::to_json(batch, &mut json)?;
        for (ending, bytes) in [("csv", csv), ("json", json)] {
            let path = format!("{name}.{ending}");
            tables::atomic_write(&self.folder.join(&path), |output| output.write_all(&bytes))?;
            self.remember(path, title);
        }
        Ok(())
    }

    fn remember(&mut self, path: String, title: &str) {
        self.links.push(Link { path, title: title.into() });
    }
}

fn parquet_bytes(batch: &RecordBatch) -> std::result::Result<Vec<u8>, ArrowError> {
    // No library version and no time stamp, so that equal tables are equal files.
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).set_created_by("zico report".into()).build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties))?;
    writer.write(batch)?;
    writer.close()?;
    Ok(bytes)
}

type Columns = Vec<(&'static str, ArrayRef)>;

fn texts(values: impl Iterator<Item = Option<String>>) -> ArrayRef {
    Arc::new(values.collect::<StringArray>())
}

fn numbers(values: impl Iterator<Item = Option<f64>>) -> ArrayRef {
    Arc::new(values.collect::<Float64Array>())
}

fn counts(values: impl Iterator<Item = Option<usize>>) -> ArrayRef {
    Arc::new(values.map(|value| value.map(|value| value as u64)).collect::<UInt64Array>())
}

fn picks(model: &Model) -> Columns {
    let rows: Vec<_> = model.datasets.iter().flat_map(|dataset| dataset.top.iter().map(move |row| (dataset, row))).collect();
    let first = |row: &TopRow, get: &dyn Fn(&TopK) -> f64| row.top_1.as_ref().ok().map(get);
    let ten = |row: &TopRow, get: &dyn Fn(&TopK) -> f64| row.top_10.as_ref().ok().map(get);
    let picked = |at: usize| {
        let (dataset, row) = &rows[at];
        row.first.map(|place| &dataset.joined.architectures[place])
    };
    let all = 0..rows.len();
    vec![
        ("space", texts(rows.iter().map(|(dataset, _)| Some(dataset.joined.space.clone())))),
        ("dataset", texts(rows.iter().map(|(dataset, _)| Some(dataset.joined.dataset.clone())))),
        ("proxy", texts(rows.iter().map(|(_, row)| Some(row.proxy.clone())))),
        ("direction", texts(rows.iter().map(|(_, row)| Some(row.direction.to_string())))),
        ("unit", texts(rows.iter().map(|(dataset, _)| Some(dataset.joined.quantity.unit.clone())))),
        ("top_1", numbers(rows.iter().map(|(_, row)| first(row, &|top| top.mean)))),
        ("top_1_tied", counts(rows.iter().map(|(_, row)| row.top_1.as_ref().ok().map(|top| top.tied_at_edge)))),
        ("top_10_mean", numbers(rows.iter().map(|(_, row)| ten(row, &|top| top.mean)))),
        ("top_10_best", numbers(rows.iter().map(|(_, row)| ten(row, &|top| top.best)))),
        ("best_scored", numbers(rows.iter().map(|(_, row)| first(row, &|top| top.best_of_all)))),
        ("best_in_table", numbers(rows.iter().map(|(dataset, _)| Some(dataset.joined.best.value)))),
        ("regret_scored", numbers(rows.iter().map(|(_, row)| first(row, &|top| top.regret)))),
        ("regret_in_table", numbers(rows.iter().map(|(dataset, row)| first(row, &|top| (dataset.joined.best.value - top.mean).abs())))),
        ("first_index", counts(all.clone().map(|at| Some(picked(at)?.index? as usize)))),
        ("first_arch", texts(all.map(|at| Some(picked(at)?.arch.clone())))),
    ]
}

fn matrix(model: &Model) -> Columns {
    let mut rows = Vec::new();
    for dataset in &model.datasets {
        let matrix = &dataset.matrix;
        for (k, a) in matrix.proxies.iter().enumerate() {
            for (l, b) in matrix.proxies.iter().enumerate() {
                rows.push((&dataset.joined.dataset, a, b, matrix.rho[k][l], matrix.n[k][l]));
            }
        }
    }
    vec![
        ("dataset", texts(rows.iter().map(|row| Some(row.0.clone())))),
        ("proxy", texts(rows.iter().map(|row| Some(row.1.clone())))),
        ("other", texts(rows.iter().map(|row| Some(row.2.clone())))),
        ("rho", numbers(rows.iter().map(|row| row.3))),
        ("n", counts(rows.iter().map(|row| Some(row.4)))),
    ]
}

fn sets(model: &Model) -> Columns {
    let mut rows = Vec::new();
    for dataset in &model.datasets {
        for row in &dataset.set_rows {
            for (set, tau) in dataset.sets.iter().zip(&row.tau_b) {
                rows.push((&dataset.joined.dataset, &row.proxy, set, *tau));
            }
        }
    }
    vec![
        ("dataset", texts(rows.iter().map(|row| Some(row.0.clone())))),
        ("proxy", texts(rows.iter().map(|row| Some(row.1.clone())))),
        ("set", texts(rows.iter().map(|row| Some(row.2.title.clone())))),
        ("n", counts(rows.iter().map(|row| Some(row.2.n)))),
        ("tau_b", numbers(rows.iter().map(|row| row.3))),
    ]
}

fn noise(model: &Model) -> Columns {
    let rows: Vec<_> = model.comparisons.iter().flat_map(|run| run.rows.iter().map(move |row| (run, row))).collect();
    let agreement =
        |get: &dyn Fn(&crate::stats::Agreement) -> f64| numbers(rows.iter().map(|(_, row)| row.agreement.as_ref().ok().map(get)));
    vec![
        ("run", texts(rows.iter().map(|(run, _)| Some(run.label.clone())))),
        ("changed", texts(rows.iter().map(|(run, _)| Some(run.differences.join("; "))))),
        ("dataset", texts(rows.iter().map(|(_, row)| Some(row.dataset.clone())))),
        ("proxy", texts(rows.iter().map(|(_, row)| Some(row.proxy.clone())))),
        ("n", counts(rows.iter().map(|(_, row)| row.agreement.as_ref().ok().map(|a| a.n)))),
        ("n_null", counts(rows.iter().map(|(_, row)| Some(row.n_null)))),
        ("tau_b", agreement(&|a| a.tau_b)),
        ("rho", agreement(&|a| a.rho)),
        ("median_relative", agreement(&|a| a.median_relative)),
        ("max_relative", agreement(&|a| a.max_relative)),
        ("equal", counts(rows.iter().map(|(_, row)| row.agreement.as_ref().ok().map(|a| a.equal)))),
        ("base_tau_with_values", numbers(rows.iter().map(|(_, row)| row.base_tau))),
        ("other_tau_with_values", numbers(rows.iter().map(|(_, row)| row.other_tau))),
        ("reason", texts(rows.iter().map(|(_, row)| row.agreement.as_ref().err().map(ToString::to_string)))),
    ]
}
