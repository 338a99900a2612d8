use std::path::Path;

use spaces::Architecture;
use tables::{BenchRow, BenchTable, CostTable, Filter};

use crate::{Error, Result};

/// The rows of an architecture on a dataset (all datasets, without one).
///
/// The architecture is named by its text in the table, or in any other way that the space of the table knows (index, matrix,
/// ...). The space is the one that the provenance of the table names.
///
/// # Errors
/// [`Error::NoRows`] if the table holds none; [`Error::Space`] if the text is no architecture of the space; those of reading.
pub fn find_rows(table: &Path, arch: &str, dataset: Option<&str>) -> Result<BenchTable> {
    let (provenance, _) = BenchTable::summary(table)?;
    for name in names_in(provenance.config["space"].as_str(), arch) {
        let name = name?;
        let rows = BenchTable::read_where(table, &Filter { arch: Some(&name), dataset, ..Filter::default() })?;
        if !rows.is_empty() {
            return Ok(rows);
        }
        let any = BenchTable::read_where(table, &Filter { arch: Some(&name), ..Filter::default() })?;
        if !any.is_empty() {
            let what = format!("{name} on {}", dataset.unwrap_or("any dataset"));
            return Err(no_rows(table, what, "datasets", any.iter().map(|row| row.dataset.to_owned())));
        }
    }
    Err(absent(table, arch))
}

/// The costs of an architecture on a dataset, as [`find_rows`] finds values.
///
/// # Errors
/// Those of [`find_rows`].
pub fn find_costs(table: &Path, arch: &str, dataset: &str) -> Result<CostTable> {
    let (provenance, _) = CostTable::summary(table)?;
    for name in names_in(provenance.config["space"].as_str(), arch) {
        let name = name?;
        let any = CostTable::read_where(table, &Filter { arch: Some(&name), ..Filter::default() })?;
        if any.iter().any(|row| row.dataset == dataset) {
            return Ok(any);
        }
        if !any.is_empty() {
            return Err(no_rows(table, format!("{name} on {dataset}"), "datasets", any.iter().map(|row| row.dataset.to_owned())));
        }
    }
    Err(absent(table, arch))
}

/// What a table may call the architecture, the cheapest to find out first: as it is written; what its space makes of it.
fn names_in(space: Option<&str>, arch: &str) -> impl Iterator<Item = Result<String>> {
    let space = space.and_then(|name| spaces::find(name).ok());
    let (written, owned) = (arch.to_owned(), arch.to_owned());
    let is_index = arch.bytes().all(|byte| byte.is_ascii_digit()) && arch.len() < 10;
    let key = move || Some(space?.table_key(&Architecture { index: None, text: written.clone() }));
    let parsed = {
        let arch = arch.to_owned();
        move || space.map(|space| Ok(space.table_key(&space.parse(&arch)?)))
    };
    // An index is no text of a table, whatever stands there.
    let as_written = (!is_index || space.is_none()).then(|| Ok(owned.clone()));
    let as_key = if is_index { None } else { key().filter(|key| *key != owned).map(Ok) };
    as_written.into_iter().chain(as_key).chain(std::iter::once_with(parsed).flatten())
}

fn absent(table: &Path, arch: &str) -> Error {
    no_rows(table, format!("the architecture {}", crate::error::excerpt(arch)), "", std::iter::empty())
}

/// The error that a table has no rows of `what`, but those in the list.
pub(super) fn no_rows(table: &Path, what: String, kind: &str, there: impl Iterator<Item = String>) -> Error {
    let mut there: Vec<String> = there.collect();
    there.sort();
    there.dedup();
    let more = if there.len() > 30 { ", ..." } else { "" };
    there.truncate(30);
    let holds = if there.is_empty() { String::new() } else { format!("{kind}: {}{more}", there.join(", ")) };
    Error::NoRows { path: table.into(), what, holds }
}

/// When a row was measured, in words.
pub(super) fn moment(row: &BenchRow<'_>) -> String {
    match row.epoch {
        Some(epoch) if epoch == row.epochs => format!("{} epochs", row.epochs),
        Some(epoch) => format!("epoch {epoch} of {}", row.epochs),
        None => format!("the best epoch of {}", row.epochs),
    }
}
