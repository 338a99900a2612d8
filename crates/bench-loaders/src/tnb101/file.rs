use std::path::Path;

use crate::error::excerpt;
use crate::readers::pickle::{Document, Limits, Problem, Value};
use crate::readers::torch_file;
use crate::{Error, Event, IngestOptions, Observer, Result, Sink, Summary};

use super::metric::of_file;
use super::part::{PARTS, Part};
use super::rows::{Listed, Writer};

/// Memory for the values of the file: 7,352 architectures with seven tasks and about ten curves each are 13 million
/// numbers of 16 bytes, and what holds them: a quarter of this.
const LIMITS: Limits = Limits { memory: 1 << 30, longest_bytes: 1 << 20 };
pub const EXPECTED: &str = "a file of TransNAS-Bench-101";

/// Reads the official file and writes the rows of every metric it lists.
///
/// # Errors
/// [`Error::Format`] that names architecture, task and metric; what opening the container may give.
pub fn ingest(path: &Path, options: &IngestOptions, sink: &mut Sink, observe: &Observer<'_>) -> Result<Summary> {
    let document = torch_file::load(path, &LIMITS)?;
    let wrong = |reason: String| Error::Format { path: path.into(), expected: EXPECTED, reason };
    let metrics = metrics(&document).map_err(|problem| wrong(format!("metrics_dict: {problem}")))?;
    let architectures = architectures(&document).map_err(|problem| wrong(format!("data: {problem}")))?;
    if let Some(pair) = architectures.windows(2).find(|pair| pair[0].arch == pair[1].arch) {
        return Err(wrong(format!("the architecture `{}` is there twice", excerpt(pair[0].arch))));
    }
    let mut writer = Writer::new(path, metrics, options.every_epoch, sink);
    for (done, architecture) in architectures.iter().enumerate() {
        architecture.part.check(architecture.arch).map_err(wrong)?;
        writer.architecture(architecture)?;
        if done.is_multiple_of(256) {
            observe(Event::Writing { done: done as u64, total: architectures.len() as u64 });
        }
    }
    let (rows, mut warnings) = writer.finish();
    for part in &PARTS {
        let missing = part.size.saturating_sub(architectures.iter().filter(|architecture| architecture.part == part).count());
        if missing > 0 {
            warnings.push(format!("{missing} of {} architectures of the {} part are missing", part.size, part.name));
        }
    }
    Ok(Summary { architectures: architectures.len() as u64, rows, warnings })
}

/// An architecture of the file.
pub struct Architecture<'a> {
    pub arch: &'a str,
    pub part: &'static Part,
    pub tasks: Value<'a>,
}

/// Metrics that the file lists, by task, in the order of rows.
fn metrics(document: &Document) -> std::result::Result<Vec<(&str, Vec<Listed<'_>>)>, Problem> {
    let mut tasks = Vec::new();
    for (task, names) in document.root().require("metrics_dict")?.items()? {
        let task = task.text()?;
        let mut listed = Vec::new();
        for name in names.sequence()? {
            let in_file = name.text()?;
            let (split, metric) = of_file(task, in_file);
            listed.push(Listed { in_file, split, name: metric.name.to_lowercase() });
        }
        listed.sort_by(|a, b| (a.split, &a.name).cmp(&(b.split, &b.name)));
        tasks.push((task, listed));
    }
    Ok(tasks)
}

/// Architectures in the order of rows.
fn architectures(document: &Document) -> std::result::Result<Vec<Architecture<'_>>, Problem> {
    let mut architectures = Vec::new();
    for (name, entries) in document.root().require("data")?.items()? {
        let part = Part::named(name.text()?).ok_or_else(|| name.wrong("the parts micro and macro"))?;
        for (arch, tasks) in entries.items()? {
            architectures.push(Architecture { arch: arch.text()?, part, tasks });
        }
    }
    architectures.sort_by_key(|architecture| (architecture.part.space, architecture.arch));
    Ok(architectures)
}
