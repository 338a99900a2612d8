use std::path::Path;

use bench_loaders::cost_path;
use shards::Config as _;
use spaces::{Architecture, Setting, Space};
use tables::{BenchTable, CostRow, CostTable, Provenance};

use super::config::TableConfig;
use super::job::TRAININGS;
use crate::Error;

/// What stands in the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Architectures.
    pub architectures: usize,
    /// Rows of values.
    pub rows: usize,
    /// Trainings that diverged.
    pub diverged: usize,
}

/// Joins the trainings below `folder` into a table of values at `table` and one of costs beside it ([`cost_path`]).
///
/// # Errors
/// [`Error::Table`], and [`Error::Space`] for an architecture that gives no network.
pub fn write_tables(
    folder: &Path,
    config: &TableConfig,
    space: &dyn Space,
    setting: &Setting,
    architectures: &[Architecture],
    table: &Path,
) -> Result<Written, Error> {
    let trainings = folder.join(TRAININGS);
    let failed = |source| shards::Error::File { action: "read the folder", path: trainings.clone(), source };
    let mut values = BenchTable::builder();
    let mut provenance: Option<Provenance> = None;
    for entry in std::fs::read_dir(&trainings).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|extension| extension == "parquet") {
            let part = BenchTable::read(&path)?;
            part.iter().try_for_each(|row| values.push(row))?;
            provenance.get_or_insert_with(|| part.provenance().clone());
        }
    }
    let mut costs = CostTable::builder();
    for architecture in architectures {
        let network = space.lower(architecture, setting)?;
        costs.push(CostRow {
            space: space.meta().name,
            arch: &space.table_key(architecture),
            index: architecture.index,
            dataset: &config.dataset,
            origin: CostRow::COMPUTED,
            epochs: None,
            trial: None,
            params: Some(network.n_params() as f64),
            flops: Some(network.flops() as f64),
            latency_ms: None,
        })?;
    }
    let values = values.finish(provenance.unwrap_or_else(|| Provenance::new(config.to_json())))?;
    costs.finish(Provenance::new(config.to_json()))?.write(&cost_path(table))?;
    values.write(table)?;
    let diverged = values.iter().filter(|row| row.metric == "diverged").count();
    Ok(Written { architectures: architectures.len(), rows: values.len(), diverged })
}
