use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use tables::BenchRow;

use crate::error::excerpt;
use crate::{Error, Event, Located, Observer, Result, Sink, Summary};

use super::metric;
use super::part::Part;
use super::{TASKS, Task};

/// A larger file is not one of these.
const MAX_BYTES: u64 = 1 << 22;

/// Best values by space and architecture, in the order of the tasks.
type Best = BTreeMap<(&'static str, String), [Option<f64>; TASKS.len()]>;

/// Reads the lists of best values, one of each task and part of the space, and writes their rows.
pub fn ingest(sources: &Located, sink: &mut Sink, observe: &Observer<'_>) -> Result<Summary> {
    let (mut best, mut warnings) = (Best::new(), Vec::new());
    let files = &sources.files;
    for (done, located) in files.iter().enumerate() {
        observe(Event::Reading { done: done as u64, total: files.len() as u64, unit: "files" });
        let (part, task) = part_and_task(located.file).ok_or(Error::NotLocated { file: located.file })?;
        let entries = read(&located.path, part, task, &mut best)?;
        if entries < part.size {
            warnings.push(format!("{}: {} of {} architectures are missing", located.file, part.size - entries, part.size));
        }
    }
    let mut rows = 0;
    for ((space, arch), values) in &best {
        for (task, value) in TASKS.iter().zip(values) {
            let Some(value) = *value else { continue };
            let metric = metric::of_table(task.name, task.best_metric);
            sink.bench.push(BenchRow {
                space,
                arch,
                index: None,
                dataset: task.name,
                split: "valid",
                metric: metric.name,
                unit: metric.unit,
                direction: metric.direction,
                epochs: task.epochs,
                epoch: None,
                trial: None,
                value,
            })?;
            rows += 1;
        }
    }
    Ok(Summary { architectures: best.len() as u64, rows, warnings })
}

/// What the name of a file says: `micro_jigsaw.json`.
fn part_and_task(file: &str) -> Option<(&'static Part, usize)> {
    let (part, task) = file.strip_suffix(".json")?.split_once('_')?;
    Some((Part::named(part)?, TASKS.iter().position(|known| known.name == task)?))
}

/// Reads a list `[[architecture, value], ...]`; the number of its entries.
fn read(path: &Path, part: &'static Part, task: usize, best: &mut Best) -> Result<usize> {
    let wrong = |reason: String| Error::Format { path: path.into(), expected: "a list of best values of TransNAS-Bench-101", reason };
    let mut text = Vec::new();
    let file = File::open(path).map_err(Error::io("open", path))?;
    file.take(MAX_BYTES + 1).read_to_end(&mut text).map_err(Error::io("read", path))?;
    if text.len() as u64 > MAX_BYTES {
        return Err(wrong(format!("more than {MAX_BYTES} bytes")));
    }
    let entries: Vec<(String, f64)> = serde_json::from_slice(&text).map_err(|error| wrong(error.to_string()))?;
    let Task { name, range, .. } = &TASKS[task];
    for (k, (arch, value)) in entries.iter().enumerate() {
        let quoted = excerpt(arch);
        part.check(arch).map_err(|reason| wrong(format!("entry {k}: {reason}")))?;
        if !range.contains(value) {
            return Err(wrong(format!(
                "entry {k} (`{quoted}`): expected a value of {name} from {} to {}, got {value}",
                range.start(),
                range.end()
            )));
        }
        if best.entry((part.space, arch.clone())).or_default()[task].replace(*value).is_some() {
            return Err(wrong(format!("entry {k}: `{quoted}` has been there already")));
        }
    }
    Ok(entries.len())
}
