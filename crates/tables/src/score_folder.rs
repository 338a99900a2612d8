use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::{Error, Provenance, Result, ScoreRow, ScoreTable, TimingTable};

type TimingKey<'a> = (&'a str, &'a str, &'a str, u64);

impl ScoreTable {
    /// All scores of a run: the files of `DIR/scores`, with milliseconds from the files of the same name in `DIR/timings`
    /// where they are there. Rows are ordered by space, dataset, index (those without last), architecture, proxy, seed.
    ///
    /// # Errors
    /// [`Error::NoScores`] if there are no files; [`Error::MixedRuns`] if their configurations differ;
    /// [`Error::Duplicate`] if two files score the same thing; those of [`crate::Table::read`].
    pub fn read_dir(dir: &Path) -> Result<Self> {
        let files = parquet_files(dir)?;
        let mut provenance: Option<(&Path, Provenance)> = None;
        let (mut shards, mut timings) = (Vec::with_capacity(files.len()), Vec::new());
        for file in &files {
            let shard = Self::read(file)?;
            match &mut provenance {
                None => provenance = Some((file, shard.provenance().clone())),
                Some((first, union)) => {
                    if union.config != shard.provenance().config {
                        let differences = differences(&union.config, &shard.provenance().config);
                        return Err(Error::MixedRuns { first: first.to_path_buf(), second: file.clone(), differences });
                    }
                    union.absorb(shard.provenance());
                }
            }
            let timing = file.file_name().map(|name| dir.join("timings").join(name)).filter(|path| path.exists());
            timings.extend(timing.map(|path| TimingTable::read(&path)).transpose()?);
            shards.push(shard);
        }
        let Some((_, provenance)) = provenance else {
            return Err(Error::NoScores { path: dir.into(), expected: dir.join("scores").join("*.parquet") });
        };
        let wall_ms: HashMap<TimingKey<'_>, f64> =
            timings.iter().flat_map(TimingTable::iter).map(|row| ((row.arch, row.dataset, row.proxy, row.seed), row.wall_ms)).collect();
        let rows = shards.iter().flat_map(Self::iter).map(|row| {
            let measured = wall_ms.get(&(row.arch, row.dataset, row.proxy, row.seed)).copied();
            ScoreRow { wall_ms: measured, ..row }
        });
        Self::sorted(rows.collect(), provenance)
    }

    /// Scores from a file or from the folder of a run ([`ScoreTable::read_dir`]), in the same stable order.
    ///
    /// # Errors
    /// Those of [`crate::Table::read`] and [`ScoreTable::read_dir`].
    pub fn read_any(path: &Path) -> Result<Self> {
        if path.is_dir() {
            return Self::read_dir(path);
        }
        let table = Self::read(path)?;
        Self::sorted(table.iter().collect(), table.provenance().clone())
    }

    fn sorted(mut rows: Vec<ScoreRow<'_>>, provenance: Provenance) -> Result<Self> {
        rows.sort_by_key(|row| (row.space, row.dataset, row.index.is_none(), row.index, row.arch, row.proxy, row.seed));
        let mut builder = Self::builder();
        for row in rows {
            builder.push(row)?;
        }
        builder.finish(provenance)
    }
}

/// The Parquet files of `DIR/scores` by name. Temporary files of a run that was killed are hidden files, and left out.
fn parquet_files(dir: &Path) -> Result<Vec<PathBuf>> {
    let folder = dir.join("scores");
    let failed = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::NotFound => Error::NoScores { path: dir.into(), expected: folder.join("*.parquet") },
        _ => Error::Io { action: "list", path: folder.clone(), source },
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(&folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let hidden = path.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
        if !hidden && path.extension().is_some_and(|extension| extension == "parquet") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Entries in which two configurations differ, as `name (first, second)`.
fn differences(first: &Value, second: &Value) -> String {
    let entry = |object: &Value, key: &str| object.get(key).cloned().unwrap_or(Value::Null);
    let (Value::Object(a), Value::Object(b)) = (first, second) else {
        return format!("{first} and {second}");
    };
    let keys = a.keys().chain(b.keys().filter(|key| !a.contains_key(*key)));
    let differing = keys.filter(|key| a.get(*key) != b.get(*key));
    differing.map(|key| format!("{key} ({}, {})", entry(first, key), entry(second, key))).collect::<Vec<_>>().join("; ")
}
