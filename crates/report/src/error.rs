use std::path::PathBuf;

use crate::stats::StatsError;

/// Why a report or a correlation table could not be made. Reads after "error:".
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A table could not be read, built or written.
    #[error(transparent)]
    Table(#[from] tables::Error),
    /// The scores are not there.
    #[error("there are no scores at {}\nscore architectures first (`just reproduce-nb201`), or name a score folder or file with --scores", path.display())]
    NoScores {
        /// Where they were looked for.
        path: PathBuf,
    },
    /// The benchmark's table is not there.
    #[error("there is no benchmark table at {}\nmake it with `zico ingest {benchmark}`, name one with --table, or leave the accuracies out with --scores-only", path.display())]
    NoTable {
        /// Where it was looked for.
        path: PathBuf,
        /// Benchmark that it should be made of.
        benchmark: String,
    },
    /// A score file without a single row.
    #[error("{} holds no scores: expected at least one row, got 0", path.display())]
    EmptyScores {
        /// The file or folder.
        path: PathBuf,
    },
    /// An asked-for dataset has no scores.
    #[error("no scores for dataset `{dataset}`; scored: {known}")]
    UnknownDataset {
        /// As asked for.
        dataset: String,
        /// Datasets that have scores.
        known: String,
    },
    /// The table has no values for a scored dataset.
    #[error("the table has no values for {wanted}; it has: {available}")]
    NoValues {
        /// Space, dataset and selection.
        wanted: String,
        /// What the table has for the space and dataset, or all of its datasets.
        available: String,
    },
    /// Scores of one search space were to be held against values of another.
    #[error(
        "the scores are of space {scores}, but the table holds {table}\nname the table of {scores} with --table; `zico ingest` makes it"
    )]
    WrongSpace {
        /// Space of the scores.
        scores: String,
        /// Spaces of the table.
        table: String,
    },
    /// Scores of several search spaces, which one report cannot hold.
    #[error("the scores are of several spaces: {spaces}\nmake a report of each, and an index of all with --index")]
    SeveralSpaces {
        /// Their names.
        spaces: String,
    },
    /// A combination of proxies that cannot be made.
    #[error("cannot combine proxies into `{name}`: {reason}")]
    Aggregate {
        /// As it was asked for.
        name: String,
        /// Why not.
        reason: String,
    },
    /// There is no report to list.
    #[error("there is no report in {}: expected data/summary.json in it\nmake one with `zico report`, and name its folder", path.display())]
    NoReport {
        /// The folder.
        path: PathBuf,
    },
    /// There are no results of the theory experiments.
    #[error("there are no results of the theory experiments in {}\nrun `zico theory`, which writes them there", path.display())]
    NoTheory {
        /// The data folder.
        path: PathBuf,
    },
    /// The summary of a report is not what this program writes.
    #[error("failed to read the summary {}: {reason}\nmake the report again with `zico report --out` its folder", path.display())]
    Summary {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// There is no history of a search.
    #[error("there is no search history at {}\nexpected history.parquet, or a folder that holds it; `zico search` writes one", path.display())]
    NoSearch {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// A history without a single row.
    #[error("{} holds no evaluations: expected at least one row, got 0", path.display())]
    EmptySearch {
        /// The file.
        path: PathBuf,
    },
    /// A setting of a search is not what a page needs.
    #[error("the configuration of {} does not do: `{key}`: expected {expected}, got {got}", path.display())]
    SearchConfig {
        /// The history.
        path: PathBuf,
        /// Dotted name of the setting.
        key: String,
        /// What it should be.
        expected: &'static str,
        /// What it is.
        got: String,
    },
    /// What a search said of itself cannot be read, or does not fit its history.
    #[error("failed to read the summary {}: {reason}", path.display())]
    SearchSummary {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Searches of several spaces, which one page cannot hold.
    #[error("the searches are of several spaces: {spaces}\nmake a page of each")]
    SeveralSearched {
        /// Their names.
        spaces: String,
    },
    /// Two searches that only differ in what a page takes for conditions.
    #[error("{} and {} are both {what}\ngive each search a seed of its own, or make a page of each", first.display(), second.display())]
    SameSearch {
        /// A history.
        first: PathBuf,
        /// Another.
        second: PathBuf,
        /// What they have in common.
        what: String,
    },
    /// The found architecture is no architecture of the space.
    #[error("the architecture `{arch}` of a search cannot be read: {reason}")]
    SearchArchitecture {
        /// As it stands in the history.
        arch: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The table does not have what a search found.
    #[error(
        "the table has no value of {space} on {dataset} for the architecture that was found: {arch}\nname the table of {space} with --table; `zico ingest` makes it"
    )]
    NotInTable {
        /// As it stands in the history.
        arch: String,
        /// Search space.
        space: String,
        /// Dataset.
        dataset: String,
    },
    /// The selection leaves a choice open.
    #[error("the table has several {what} for {space} on {dataset}: {choices}\nchoose one with --{what}")]
    Ambiguous {
        /// `split`, `metric` or `epochs`.
        what: &'static str,
        /// Search space.
        space: String,
        /// Dataset.
        dataset: String,
        /// The choices.
        choices: String,
    },
    /// One proxy was scored under several seeds, which one correlation cannot mix.
    #[error("{proxy} on {dataset} was scored with seeds {seeds}; a correlation takes one\nchoose it with --score-seed")]
    SeveralSeeds {
        /// Proxy.
        proxy: String,
        /// Dataset.
        dataset: String,
        /// Seeds, ascending.
        seeds: String,
    },
    /// A proxy has scores of several versions, which cannot be ranked together.
    #[error("{proxy} on {dataset} was scored by versions {first} and {second}; score it again with one version")]
    SeveralVersions {
        /// Proxy.
        proxy: String,
        /// Dataset.
        dataset: String,
        /// A version.
        first: u32,
        /// Another.
        second: u32,
    },
    /// Not one scored architecture stands in the table.
    #[error("none of the {scored} scored architectures of {space} on {dataset} stands in the table")]
    NothingMatched {
        /// Search space.
        space: String,
        /// Dataset.
        dataset: String,
        /// Scored architectures.
        scored: usize,
    },
    /// A statistic of a whole report has no value, for instance because an option is out of range.
    #[error("failed to compute {what}")]
    Statistic {
        /// Which number.
        what: String,
        /// Why.
        #[source]
        source: StatsError,
    },
    /// The data-frame library refused to join.
    #[error("failed to join scores with the table")]
    Join(#[source] polars::prelude::PolarsError),
    /// Arrow or Parquet refused a table of the data folder.
    #[error("failed to build {}", path.display())]
    Export {
        /// The file under construction.
        path: PathBuf,
        /// Why.
        #[source]
        source: arrow::error::ArrowError,
    },
    /// A picture could not be drawn.
    #[error("failed to draw {picture}: {reason}")]
    Plot {
        /// Name of the picture.
        picture: String,
        /// Why, in the drawing library's words.
        reason: String,
    },
    /// A file operation failed.
    #[error("failed to {action} {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A comparison without a usable label.
    #[error("a comparison needs a label of letters, digits, spaces, `-`, `_` or `.`, got {label:?}\nwrite --compare LABEL=DIR")]
    Label {
        /// As given.
        label: String,
    },
}

/// Result with this crate's [`enum@Error`].
pub type Result<T> = std::result::Result<T, Error>;
