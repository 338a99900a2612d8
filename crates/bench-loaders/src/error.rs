use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// What can go wrong with files from outside. Reads after "failed to load the data:".
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No benchmark or data set of that name.
    #[error("unknown {what} `{name}`{}; known: {known}", suggestion.as_ref().map_or_else(String::new, |s| format!(": did you mean `{s}`?")))]
    Unknown {
        /// What was being named.
        what: &'static str,
        /// What was asked for.
        name: String,
        /// The nearest name.
        suggestion: Option<String>,
        /// All names.
        known: String,
    },
    /// A file or folder could not be read or written.
    #[error("failed to {action} {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: std::io::Error,
    },
    /// The sources of a benchmark are in no folder and may not or could not be downloaded.
    #[error("no source of {benchmark} is in {}{}\nput {} into {}", list(searched), in_words(rejected), alternatives(wanted), raw.display())]
    Missing {
        /// The benchmark.
        benchmark: &'static str,
        /// For each edition that would do, its sources in words.
        wanted: Vec<Vec<String>>,
        /// Folders that were searched.
        searched: Vec<PathBuf>,
        /// Files of the right name with other contents, each with what is different.
        rejected: Vec<(PathBuf, String)>,
        /// Where to put it.
        raw: Box<Path>,
        /// Why the download failed, if it was tried.
        #[source]
        source: Option<Box<Self>>,
    },
    /// A table has no row of what was asked for.
    #[error("{} holds no value of {what}{}{holds}", path.display(), if holds.is_empty() { "" } else { "; " })]
    NoRows {
        /// The table.
        path: PathBuf,
        /// What was asked for.
        what: String,
        /// What there is instead.
        holds: String,
    },
    /// Figures of several runs differ, and the run whose figure would count is not there.
    #[error("the {column} on {dataset} for {epochs} epochs differ between runs, and none has the seed 888, whose figure would count")]
    Legacy {
        /// Parameters or multiply-adds.
        column: &'static str,
        /// The dataset.
        dataset: String,
        /// The training schedule.
        epochs: u32,
    },
    /// A source that the reader of an edition asks for is not among those located: an error of the program.
    #[error("{file} is not among the files that were located")]
    NotLocated {
        /// The source.
        file: &'static str,
    },
    /// `--source` was given the file of another benchmark.
    #[error("{} is a source of {other}, not of {benchmark}\nrun: zico ingest {other} --source {}", path.display(), path.display())]
    WrongBenchmark {
        /// What was given.
        path: PathBuf,
        /// The benchmark that was asked for.
        benchmark: &'static str,
        /// The benchmark it belongs to.
        other: &'static str,
    },
    /// A download failed.
    #[error("failed to download {url}: {reason}")]
    Download {
        /// Address.
        url: String,
        /// Why.
        reason: String,
    },
    /// A file is not the one it should be. A download like that is not kept.
    #[error("{file} has the wrong {what}: expected {expected}, got {got}")]
    Checksum {
        /// The file, or its address.
        file: String,
        /// `sha256`, `md5` or `size`.
        what: &'static str,
        /// What it should be.
        expected: String,
        /// What it is.
        got: String,
    },
    /// `--source` was given something that cannot be the sources of the benchmark.
    #[error("{} cannot serve as {needed}: {reason}", path.display())]
    NotASource {
        /// What was given.
        path: PathBuf,
        /// Files that are needed.
        needed: String,
        /// What is wrong.
        reason: String,
    },
    /// A table in text form is wrong in one place.
    #[error("{}, line {line}, column {column}: expected {expected}, got {got}", path.display())]
    Cell {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: u64,
        /// Name of the column.
        column: &'static str,
        /// What should stand there.
        expected: String,
        /// What stands there.
        got: String,
    },
    /// A table in text form that a user describes is wrong in one place.
    #[error("{}, line {line}, column {column}: expected {expected}, got {got}", path.display())]
    Place {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: u64,
        /// Name of the column.
        column: String,
        /// What should stand there.
        expected: String,
        /// What stands there.
        got: String,
    },
    /// A table in text form has no column of a name, or several.
    #[error("{} has {} column `{column}`; columns: {columns}", path.display(), if *twice { "more than one" } else { "no" })]
    NoColumn {
        /// The file.
        path: PathBuf,
        /// The name.
        column: String,
        /// Whether there are several.
        twice: bool,
        /// All names.
        columns: String,
    },
    /// A table in text form has too few or too many rows, or a line that is none.
    #[error("{}, line {line}: expected {expected}, got {got}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: u64,
        /// What should stand there.
        expected: String,
        /// What stands there.
        got: String,
    },
    /// A record of a file of records is damaged or does not hold what it should.
    #[error("{}, record {record} at byte {offset}: expected {expected}, got {got}", path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// Number of the record, from 0.
        record: u64,
        /// Where it begins in the file.
        offset: u64,
        /// What it should hold.
        expected: String,
        /// What it holds.
        got: String,
    },
    /// A file is not in the format it should have.
    #[error("{} is not {expected}: {reason}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// The format.
        expected: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// An array of an `.npz` file is missing or has another type or shape.
    #[error("{}, array `{array}`: expected {expected}, got {got}", path.display())]
    Array {
        /// The file.
        path: PathBuf,
        /// Name of the array.
        array: &'static str,
        /// What it should be.
        expected: String,
        /// What it is.
        got: String,
    },
    /// A label that the data set does not have.
    #[error("{}, row {row}: label {label} is out of range: {dataset} has {classes} classes, here {first} to {}", path.display(), usize::from(*first) + classes - 1)]
    Label {
        /// The file.
        path: PathBuf,
        /// Image, from 0.
        row: usize,
        /// Its label.
        label: i128,
        /// The data set.
        dataset: &'static str,
        /// Number of classes.
        classes: usize,
        /// Number of the first class in this file.
        first: u16,
    },
    /// Fewer images than the batches need.
    #[error("{n_batches} batches of {batch_size} need {needed} images, {name} has {got}")]
    TooFewImages {
        /// The image set.
        name: String,
        /// Number of batches.
        n_batches: usize,
        /// Images per batch.
        batch_size: usize,
        /// Their product.
        needed: usize,
        /// Images there are.
        got: usize,
    },
    /// Batches that cannot be made.
    #[error("cannot make {n_batches} batches of {batch_size} images: {reason}")]
    BatchSpec {
        /// Number of batches.
        n_batches: usize,
        /// Images per batch.
        batch_size: usize,
        /// Why not.
        reason: String,
    },
    /// No images of a data set were found.
    #[error("no images of {dataset}: expected {expected}\nput the file into {}, or name a file with images", raw.display())]
    NoImages {
        /// The data set.
        dataset: &'static str,
        /// Files that would do, and where they are from.
        expected: String,
        /// Where to put one.
        raw: PathBuf,
    },
    /// A pickle, or what it holds, is not as it should be.
    #[error("failed to read {}{}", path.display(), in_record(record))]
    Pickle {
        /// The file.
        path: PathBuf,
        /// Part of the file: a member of an archive, an architecture; may be empty.
        record: String,
        /// What is wrong, and at which byte and opcode.
        #[source]
        source: Box<crate::readers::pickle::PickleError>,
    },
    /// A part of a file holds something else than it should.
    #[error("{}{}: expected {expected}, got {got}", path.display(), in_record(part))]
    Part {
        /// The file.
        path: PathBuf,
        /// Part of the file; may be empty.
        part: String,
        /// What should be there.
        expected: String,
        /// What is there.
        got: String,
    },
    /// A text that names no images.
    #[error("`{text}` names no images: {reason}\nexpected {expected}")]
    DataSpec {
        /// The text.
        text: String,
        /// What is wrong.
        reason: String,
        /// What is understood.
        expected: &'static str,
    },
    /// Images of the user's own that cannot be used.
    #[error("{}: {reason}", path.display())]
    OwnData {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The search space.
    #[error(transparent)]
    Space(#[from] spaces::Error),
    /// The tables.
    #[error(transparent)]
    Table(#[from] tables::Error),
}

impl Error {
    pub(crate) fn unknown(what: &'static str, name: &str, known: impl Iterator<Item = &'static str> + Clone) -> Self {
        let suggestion = spaces::suggest(name, known.clone());
        Self::Unknown { what, name: excerpt(name), suggestion, known: known.collect::<Vec<_>>().join(", ") }
    }

    /// For `map_err` on operations on a file.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { action, path, source }
    }
}

/// At most 80 characters of a text from outside, control characters escaped.
pub(crate) fn excerpt(text: &str) -> String {
    let cut: String = text.chars().take(80).flat_map(char::escape_debug).collect();
    if text.chars().nth(80).is_some() { format!("{cut}...") } else { cut }
}

fn in_record(record: &str) -> String {
    if record.is_empty() { String::new() } else { format!(", {record}") }
}

fn list(folders: &[PathBuf]) -> String {
    if folders.is_empty() {
        return "no folder".into();
    }
    folders.iter().map(|folder| folder.display().to_string()).collect::<Vec<_>>().join(", ")
}

fn in_words(rejected: &[(PathBuf, String)]) -> String {
    rejected.iter().fold(String::new(), |mut text, (path, difference)| {
        let _ = write!(text, "; {} {difference}", path.display());
        text
    })
}

/// The sources of each edition on a line of their own.
fn alternatives(wanted: &[Vec<String>]) -> String {
    let one: Vec<String> = wanted.iter().map(|sources| sources.join(" and ")).collect();
    match one.as_slice() {
        [only] => only.clone(),
        several => format!("one of these (the first holds most)\n  {}\n", several.join("\n  ")),
    }
}
