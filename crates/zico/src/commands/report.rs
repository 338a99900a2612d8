use std::process::ExitCode;

/// Correlate scores with accuracies and render the HTML report with its pictures and tables.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    settings: report::Cli,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let summary = report::run(&args.settings)?;
    crate::output::say(&summary);
    Ok(ExitCode::SUCCESS)
}
