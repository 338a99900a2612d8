use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::commands::{
    completions, correlate, fetch, ingest, inspect, list, query, report, score, score_model, score_one, search, show, theory, train_table,
};

/// Measures whether a zero-cost proxy ranks networks as training does.
///
/// Results go to stdout, messages to stderr.
#[derive(Debug, Parser)]
#[command(name = "zico", version, after_help = crate::exit::HELP, max_term_width = 110)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    List(list::Args),
    Fetch(fetch::Args),
    Ingest(ingest::Args),
    Inspect(inspect::Args),
    Query(query::Args),
    Score(score::Args),
    ScoreOne(score_one::Args),
    ScoreModel(score_model::Args),
    Search(search::Args),
    TrainTable(train_table::Args),
    Theory(theory::Args),
    Show(show::Args),
    Correlate(correlate::Args),
    Report(report::Args),
    Completions(completions::Args),
}

impl Command {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::List(args) => list::run(&args),
            Self::Fetch(args) => fetch::run(&args),
            Self::Ingest(args) => ingest::run(&args),
            Self::Inspect(args) => inspect::run(&args),
            Self::Query(args) => query::run(&args),
            Self::Score(args) => score::run(&args),
            Self::ScoreOne(args) => score_one::run(&args),
            Self::ScoreModel(args) => score_model::run(&args),
            Self::Search(args) => search::run(&args),
            Self::TrainTable(args) => train_table::run(&args),
            Self::Theory(args) => theory::run(&args),
            Self::Show(args) => show::run(&args),
            Self::Correlate(args) => correlate::run(&args),
            Self::Report(args) => report::run(&args),
            Self::Completions(args) => completions::run(&args),
        }
    }
}
