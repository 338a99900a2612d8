use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use shards::Config;
use tables::{Provenance, SearchRow, SearchTable, Status};

use crate::state::{Drawn, Evaluated};
use crate::{Cost, Error, Missing, Value};

/// Folder of the checkpoints of a search.
const CHECKPOINTS: &str = "evaluations";
/// The history of a search that came to its end.
pub const HISTORY: &str = "history.parquet";

/// What a candidate was found to be worth.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// Milliseconds of a forward pass, if measured.
    pub latency_ms: Option<f64>,
    /// Values of the components.
    pub values: Vec<Value>,
}

/// The folder of a search: its configuration, and what it has evaluated.
///
/// A search that goes on replays itself from its first step; what it evaluated before it finds here. So a checkpoint is a list
/// of values and nothing else, and a search that was killed ends as one that was not.
///
/// ```text
/// OUT/run.json                         the configuration
/// OUT/evaluations/000000000000.parquet evaluations from that step on
/// OUT/history.parquet                  all of them, at the end
/// ```
pub struct Store {
    folder: PathBuf,
    components: Vec<String>,
    provenance: Provenance,
    every: usize,
    known: HashMap<String, Known>,
    /// Strings of the steps that stand in files.
    stored: BTreeMap<u64, String>,
    pending: Vec<Evaluated<()>>,
}

impl Store {
    /// Opens or makes the folder of a search with this configuration. A checkpoint is written after `every` evaluations.
    ///
    /// # Errors
    /// [`Error::Shards`] if the folder holds another search, [`Error::Table`] if a checkpoint cannot be read.
    pub fn open(folder: &Path, config: &impl Config, provenance: Provenance, components: &[String], every: usize) -> Result<Self, Error> {
        shards::open_folder(folder, config, &[CHECKPOINTS])?;
        let (folder, components, every) = (folder.to_path_buf(), components.to_vec(), every.max(1));
        let mut store = Self { folder, components, provenance, every, known: HashMap::new(), stored: BTreeMap::new(), pending: Vec::new() };
        store.read()?;
        Ok(store)
    }

    fn read(&mut self) -> Result<(), Error> {
        let folder = self.folder.join(CHECKPOINTS);
        let failed = |source| shards::Error::File { action: "list", path: folder.clone(), source };
        let mut files = Vec::new();
        for entry in fs::read_dir(&folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path.extension().is_some_and(|extension| extension == "parquet") {
                files.push(path);
            }
        }
        for path in files {
            for row in SearchTable::read(&path)?.iter() {
                let value = match (row.value, row.reason) {
                    (Some(value), _) => Ok(value),
                    (None, reason) => Err(Missing { status: row.status, reason: reason.unwrap_or_default().to_owned() }),
                };
                let position = self.components.iter().position(|component| component == row.objective);
                let known =
                    self.known.entry(row.arch.to_owned()).or_insert_with(|| Known { latency_ms: row.latency_ms, values: Vec::new() });
                let lacks = || Err(Missing { status: Status::Error, reason: "not in the checkpoint".into() });
                known.values.resize_with(self.components.len(), lacks);
                if let Some(position) = position {
                    known.values[position] = value;
                }
                self.stored.insert(row.step, row.arch.to_owned());
            }
        }
        Ok(())
    }

    /// Number of steps that were evaluated before.
    #[must_use]
    pub fn found(&self) -> usize {
        self.stored.len()
    }

    /// What is known of a candidate.
    #[must_use]
    pub fn known(&self, text: &str) -> Option<&Known> {
        self.known.get(text)
    }

    /// Keeps the result of a step; those of one search come in the order of steps.
    ///
    /// # Errors
    /// [`Error::Diverged`] if another candidate stands there for this step, [`Error::Table`] if a checkpoint cannot be written.
    pub fn keep<C>(&mut self, evaluated: &Evaluated<C>) -> Result<(), Error> {
        let text = &evaluated.drawn.text;
        if let Some(there) = self.stored.get(&evaluated.step) {
            if there == text {
                return Ok(());
            }
            let (path, step) = (self.folder.clone(), evaluated.step);
            return Err(Error::Diverged { path, step, here: text.clone(), there: there.clone() });
        }
        let known = || Known { latency_ms: evaluated.latency_ms, values: evaluated.values.clone() };
        self.known.entry(text.clone()).or_insert_with(known);
        let drawn = Drawn { candidate: (), text: text.clone(), parent: evaluated.drawn.parent, cost: evaluated.drawn.cost };
        let (step, latency_ms, values) = (evaluated.step, evaluated.latency_ms, evaluated.values.clone());
        self.pending.push(Evaluated { step, drawn, latency_ms, values });
        if self.pending.len() >= self.every { self.flush() } else { Ok(()) }
    }

    /// Writes what is not written yet.
    ///
    /// # Errors
    /// [`Error::Table`].
    pub fn flush(&mut self) -> Result<(), Error> {
        let Some(first) = self.pending.first() else { return Ok(()) };
        let path = self.folder.join(CHECKPOINTS).join(format!("{:012}.parquet", first.step));
        history(&self.pending, &self.components, self.provenance.clone())?.write(&path)?;
        let written = self.pending.drain(..).map(|evaluated| (evaluated.step, evaluated.drawn.text));
        self.stored.extend(written);
        Ok(())
    }

    /// Writes the history of a search that came to its end; gives its path.
    ///
    /// # Errors
    /// [`Error::Table`].
    pub fn finish<C>(&mut self, evaluated: &[Evaluated<C>]) -> Result<PathBuf, Error> {
        self.flush()?;
        let path = self.folder.join(HISTORY);
        history(evaluated, &self.components, self.provenance.clone())?.write(&path)?;
        Ok(path)
    }
}

/// Evaluations as a table.
///
/// # Errors
/// [`Error::Table`].
pub fn history<C>(evaluated: &[Evaluated<C>], components: &[String], provenance: Provenance) -> Result<SearchTable, Error> {
    let mut builder = SearchTable::builder();
    for Evaluated { step, drawn, latency_ms, values } in evaluated {
        let Cost { flops, params, layers } = drawn.cost;
        for (objective, value) in components.iter().zip(values) {
            let (value, status, reason) = match value {
                Ok(value) => (Some(*value), Status::Ok, None),
                Err(missing) => (None, missing.status, Some(missing.reason.as_str())),
            };
            let (step, arch, parent, latency_ms) = (*step, drawn.text.as_str(), drawn.parent, *latency_ms);
            builder.push(SearchRow { step, arch, parent, objective, value, status, reason, flops, params, layers, latency_ms })?;
        }
    }
    Ok(builder.finish(provenance)?)
}
