//! Pictures and tables beside the page.

pub(crate) mod columns;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use crate::html::Link;
use crate::index::card::{self, Card};
use crate::index::other::{self, Other};
use crate::model::{Loaded, Model, TIMINGS, slug};
use crate::plots::Scene;
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

    /// What an index needs to know of a report.
    pub fn card(&mut self, card: &Card) -> Result<()> {
        self.in_short(card::FILE, card)
    }

    /// What an index needs to know of another page.
    pub fn other(&mut self, other: &Other) -> Result<()> {
        self.in_short(other::FILE, other)
    }

    fn in_short(&mut self, file: &str, summary: &impl serde::Serialize) -> Result<()> {
        let path = self.folder.join(file);
        let mut text =
            serde_json::to_vec_pretty(summary).map_err(|error| Error::Summary { path: path.clone(), reason: error.to_string() })?;
        text.push(b'\n');
        tables::atomic_write(&path, |output| output.write_all(&text))?;
        self.remember(file.into(), "summary for the index");
        Ok(())
    }

    /// Every table as Parquet, CSV and JSON; scores and milliseconds as Parquet only, since they are large.
    pub fn tables(&mut self, model: &Model, scores: &Loaded, comparisons: &[Loaded]) -> Result<()> {
        let name = "data/correlations";
        if let Some(correlations) = &model.correlations {
            correlations.write(&self.folder.join(format!("{name}.parquet")))?;
            self.remember(format!("{name}.parquet"), "rank correlations");
            self.texts(name, correlations.batch(), "rank correlations")?;
            self.table("picks", &columns::picks(model), "what each proxy would pick")?;
            if model.datasets.iter().any(|dataset| dataset.ceiling.is_some()) {
                self.table("ceiling", &columns::ceiling(model), "agreement of training runs with each other")?;
            }
            self.table("sets", &columns::sets(model), "τ-b over sets of architectures")?;
        } else {
            self.table("spread", &columns::spread(model), "how the scores are spread")?;
        }
        self.table("proxies", &columns::matrix(model), "proxy-to-proxy rank correlation")?;
        if !model.comparisons.is_empty() {
            self.table("noise", &columns::noise(model), "agreement with the other runs")?;
        }

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

    /// A table as Parquet, CSV and JSON.
    pub fn table(&mut self, name: &str, columns: &[(&str, ArrayRef)], title: &str) -> Result<()> {
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

    /// A file of these bytes; `path` is relative to the folder.
    pub fn file(&mut self, path: &Path, bytes: &[u8], title: &str) -> Result<()> {
        tables::atomic_write(&self.folder.join(path), |output| output.write_all(bytes))?;
        self.remember(path.display().to_string(), title);
        Ok(())
    }

    /// A table of one of the workspace's kinds; `path` is relative to the folder.
    pub fn parquet<K: tables::Kind>(&mut self, path: &Path, table: &tables::Table<K>, title: &str) -> Result<()> {
        table.write(&self.folder.join(path))?;
        self.remember(path.display().to_string(), title);
        Ok(())
    }

    /// Notes a file that was written by someone else.
    pub fn remember(&mut self, path: String, title: &str) {
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
