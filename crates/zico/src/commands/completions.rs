use std::process::ExitCode;

use clap::CommandFactory as _;

/// Print shell completions to stdout.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The shell.
    shell: clap_complete::Shell,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut crate::cli::Cli::command(), "zico", &mut text);
    crate::output::print(&String::from_utf8_lossy(&text))?;
    Ok(ExitCode::SUCCESS)
}
