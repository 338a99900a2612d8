//! Which architectures a command is about.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use spaces::{Architecture, Space};
use tables::{BenchTable, Filter};

use crate::exit::{bad_input, usage};

/// The architectures that a selection names.
pub fn select(space: &dyn Space, selection: &str) -> anyhow::Result<Vec<Architecture>> {
    let wrong = |reason: &str| {
        usage(format!("--archs {selection}: {reason}; expected all, sample:N, sample:N@SEED, range:A..B, file:PATH or table:PATH"))
    };
    let size = space.meta().size;
    let chosen = match selection.split_once(':') {
        None if selection == "all" => space.enumerate().collect(),
        Some(("sample", sample)) => {
            let (count, seed) = sample.split_once('@').unwrap_or((sample, "0"));
            let count: usize = count.parse().map_err(|_| wrong("N is not a number"))?;
            let seed: u64 = seed.parse().map_err(|_| wrong("SEED is not a number"))?;
            if count > size as usize {
                return Err(wrong(&format!("the space has {size} architectures")));
            }
            space.sample(seed, count)
        }
        Some(("range", range)) => {
            let (from, to) = range.split_once("..").ok_or_else(|| wrong("a range is written A..B"))?;
            let bound = |text: &str| text.parse::<u32>().map_err(|_| wrong("A and B must be numbers"));
            let (from, to) = (bound(from)?, bound(to)?);
            if to > size {
                return Err(wrong(&format!("the space has {size} architectures")));
            }
            (from..to).map(|index| space.at(index)).collect::<Result<_, _>>()?
        }
        Some(("file", path)) => read_list(space, Path::new(path))?,
        Some(("table", path)) => of_table(space, Path::new(path))?,
        _ => return Err(wrong("no such selection")),
    };
    if chosen.is_empty() {
        return Err(wrong("selects nothing"));
    }
    Ok(chosen)
}

/// One architecture a line; empty lines and lines that begin with `#` are left out.
fn read_list(space: &dyn Space, path: &Path) -> anyhow::Result<Vec<Architecture>> {
    let text = fs::read_to_string(path).with_context(|| format!("failed to read the list of architectures {}", path.display()))?;
    let mut chosen: Vec<Architecture> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for (number, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty() && !l.starts_with('#')) {
        let at = || format!("{}, line {}", path.display(), number + 1);
        let architecture = space.parse(line.trim()).with_context(at)?;
        if !seen.insert(architecture.text.clone()) {
            return Err(bad_input(format!("{}: {} stands there twice", at(), architecture.text)));
        }
        chosen.push(architecture);
    }
    Ok(chosen)
}

/// Architectures of a table of measured values, in its order.
fn of_table(space: &dyn Space, path: &Path) -> anyhow::Result<Vec<Architecture>> {
    let mut keys: Vec<String> = Vec::new();
    let mut other = None;
    BenchTable::scan(path, &Filter::default(), |row| {
        if row.space != space.meta().name {
            other.get_or_insert_with(|| row.space.to_owned());
        } else if keys.last().is_none_or(|last| last != row.arch) {
            keys.push(row.arch.to_owned());
        }
    })?;
    if let Some(other) = other {
        return Err(bad_input(format!("{} has architectures of {other}, not of {}", path.display(), space.meta().name)));
    }
    keys.iter().map(|key| Ok(space.parse(key)?)).collect()
}
