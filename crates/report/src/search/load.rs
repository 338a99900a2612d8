//! Histories from files and folders.

use std::path::{Path, PathBuf};

use tables::SearchTable;

use super::config::Config;
use super::run::{Run, Told};
use crate::{Error, Result};

/// Name of a history in the folder of its search.
const HISTORY: &str = "history";
/// Name of what a search says of itself when it ends.
const SUMMARY: &str = "summary";
/// Most bytes of a summary that is read.
const MOST_BYTES: u64 = 4 << 20;

/// Reads searches: files, folders with `history.parquet`, or folders with several (`history-*.parquet`, as in the data folder of a
/// page). Each may have its summary beside it, under the same name with `summary` for `history` and the ending `json`.
///
/// # Errors
/// [`Error::NoSearch`] and whatever is wrong with a file.
pub fn load(paths: &[PathBuf]) -> Result<Vec<Run>> {
    let mut runs = Vec::new();
    for path in paths {
        for history in histories(path)? {
            runs.push(read(history)?);
        }
    }
    Ok(runs)
}

fn histories(path: &Path) -> Result<Vec<PathBuf>> {
    let none = || Error::NoSearch { path: path.into() };
    if path.is_file() {
        return Ok(vec![path.into()]);
    }
    let one = path.join(HISTORY).with_extension("parquet");
    if one.is_file() {
        return Ok(vec![one]);
    }
    if !path.is_dir() {
        return Err(none());
    }
    let failed = |source| Error::Io { action: "list", path: path.into(), source };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(path).map_err(failed)? {
        let file = entry.map_err(failed)?.path();
        let named = file.file_stem().is_some_and(|stem| stem.to_string_lossy().starts_with(&format!("{HISTORY}-")));
        if named && file.extension().is_some_and(|extension| extension == "parquet") {
            found.push(file);
        }
    }
    found.sort();
    if found.is_empty() { Err(none()) } else { Ok(found) }
}

fn read(path: PathBuf) -> Result<Run> {
    let table = SearchTable::read(&path)?;
    let config = Config::read(&path, &table.provenance().config)?;
    let (summary, told) = read_summary(&summary_path(&path))?.unzip();
    Run::new(path, config, table, summary, told.unwrap_or_default())
}

/// Where the summary of a history stands.
pub fn summary_path(history: &Path) -> PathBuf {
    let stem = history.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    let rest = stem.strip_prefix(HISTORY).unwrap_or("");
    history.with_file_name(format!("{SUMMARY}{rest}.json"))
}

/// The summary, if there is one.
fn read_summary(path: &Path) -> Result<Option<(serde_json::Value, Told)>> {
    let wrong = |reason: String| Error::SearchSummary { path: path.into(), reason };
    match std::fs::metadata(path) {
        Err(_) => return Ok(None),
        Ok(metadata) if metadata.len() > MOST_BYTES => {
            return Err(wrong(format!("expected at most {MOST_BYTES} bytes, got {}", metadata.len())));
        }
        Ok(_) => {}
    }
    let bytes = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
    let json: serde_json::Value = serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?;
    let told = serde_json::from_value(json.clone()).map_err(|error| wrong(error.to_string()))?;
    Ok(Some((json, told)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_stands_beside_its_history() {
        assert_eq!(summary_path(Path::new("a/history.parquet")), Path::new("a/summary.json"));
        assert_eq!(summary_path(Path::new("a/history-x-seed1.parquet")), Path::new("a/summary-x-seed1.json"));
    }
}
