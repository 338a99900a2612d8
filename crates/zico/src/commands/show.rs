use std::path::PathBuf;
use std::process::ExitCode;

use tables::{AnyTable, ScoreTable};

use crate::output::{self, Format};

/// Print any table this program writes, or a folder of scores in a stable order of rows.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A Parquet file or a score folder.
    path: PathBuf,
    /// How to print.
    #[arg(long, default_value = "table")]
    format: Format,
    /// Rows at most (table only).
    #[arg(long)]
    limit: Option<usize>,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let batch =
        if args.path.is_dir() { ScoreTable::read_dir(&args.path)?.batch().clone() } else { AnyTable::read(&args.path)?.batch().clone() };
    output::print_batch(&batch, args.format, args.limit)?;
    Ok(ExitCode::SUCCESS)
}
