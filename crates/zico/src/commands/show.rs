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
    let batch = if args.path.is_dir() {
        ScoreTable::read_dir(&args.path)?.batch().clone()
    } else {
        AnyTable::read(&args.path)?.batch().clone()
    };
    let mut text = Vec::new();
    match args.format {
        Format::Table => text = tables::to_text(&batch, args.limit)?.into_bytes(),
        Format::Json => tables::to_json(&batch, &mut text)?,
        Format::Csv => tables::to_csv(&batch, &mut text)?,
    }
    output::print(&String::from_utf8_lossy(&text))?;
    Ok(ExitCode::SUCCESS)
}
