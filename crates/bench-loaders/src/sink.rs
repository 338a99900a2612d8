use std::path::{Path, PathBuf};

use spaces::Architecture;
use tables::{Bench, Cost, CostRow, Provenance, TableWriter};

use crate::{Benchmark, BenchmarkMeta, IngestOptions, Located, Observer, Result, Summary, datasets};

/// Where readers put rows: two tables in the making, of values and of costs. Dropped unfinished, it leaves nothing.
#[derive(Debug)]
pub struct Sink {
    /// Measured values.
    pub bench: TableWriter<Bench>,
    /// Parameters, multiply-adds, latency.
    pub cost: TableWriter<Cost>,
}

impl Sink {
    /// Tables that will stand at `table` and at [`cost_path`] of it.
    ///
    /// # Errors
    /// [`tables::Error::Io`] if the folder cannot be written.
    pub fn create(table: &Path, meta: &BenchmarkMeta, sources: &Located, options: &IngestOptions) -> Result<Self> {
        Ok(Self {
            bench: TableWriter::create(table, provenance(meta, sources, options, "bench"))?,
            cost: TableWriter::create(&cost_path(table), provenance(meta, sources, options, "cost"))?,
        })
    }

    /// Names an input in the provenance of both tables: for what a reader finds in folders and archives.
    pub fn add_input(&mut self, name: &str, sha256: &str) {
        for provenance in [self.bench.provenance_mut(), self.cost.provenance_mut()] {
            provenance.inputs.insert(name.into(), sha256.into());
        }
    }

    /// Counts the networks that an architecture is on these data sets (in ascending order) and adds a row for each.
    ///
    /// # Errors
    /// An unknown data set, an architecture that gives no network, rows out of order.
    pub fn push_computed_cost(&mut self, space: &dyn spaces::Space, architecture: &Architecture, datasets: &[&str]) -> Result<()> {
        let arch = space.table_key(architecture);
        for dataset in datasets {
            let meta = datasets::find(dataset)?;
            let network = space.lower(architecture, &space.default_setting(meta.classes, meta.resolution))?;
            self.cost.push(CostRow {
                space: space.meta().name,
                arch: &arch,
                index: architecture.index,
                dataset,
                origin: CostRow::COMPUTED,
                epochs: None,
                trial: None,
                params: Some(network.n_params() as f64),
                flops: Some(network.flops() as f64),
                latency_ms: None,
            })?;
        }
        Ok(())
    }

    /// Writes both tables to their end, then gives both their names: the costs first, so that where there is a table of
    /// values its costs are there too. Returns the number of rows of values.
    ///
    /// # Errors
    /// [`tables::Error::Io`].
    pub fn finish(self) -> Result<u64> {
        let (bench, cost) = (self.bench.seal()?, self.cost.seal()?);
        cost.publish()?;
        Ok(bench.publish()?)
    }
}

/// Where the costs of a table stand: `NAME-cost.parquet` beside `NAME.parquet`.
#[must_use]
pub fn cost_path(table: &Path) -> PathBuf {
    let stem = table.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    table.with_file_name(format!("{stem}-cost.parquet"))
}

/// Reads a benchmark into a table at `out` and one of costs beside it. Both are there if all went well, and neither is new
/// otherwise.
///
/// # Errors
/// Those of [`Benchmark::ingest`] and [`Sink`].
pub fn ingest(
    benchmark: &dyn Benchmark,
    sources: &Located,
    options: &IngestOptions,
    out: &Path,
    observe: &Observer<'_>,
) -> Result<Summary> {
    let mut sink = Sink::create(out, benchmark.meta(), sources, options)?;
    let summary = benchmark.ingest(sources, options, &mut sink, observe)?;
    let rows = sink.finish()?;
    Ok(Summary { rows, ..summary })
}

fn provenance(meta: &BenchmarkMeta, located: &Located, options: &IngestOptions, table: &str) -> Provenance {
    let sources = located.files.iter().map(|file| serde_json::json!({ "file": file.file, "official": file.official }));
    let config = serde_json::json!({
        "benchmark": meta.name, "space": meta.space, "edition": located.edition.name, "table": table, "every_epoch": options.every_epoch,
        "sources": sources.collect::<Vec<_>>(),
    });
    let hashed = located.files.iter().filter_map(|file| Some((file.file, file.sha256.clone()?)));
    hashed.fold(Provenance::new(config), |provenance, (file, sha256)| provenance.with_input(file, sha256))
}
