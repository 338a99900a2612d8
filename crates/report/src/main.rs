//! `report`: rank correlations and a page from scores that exist already. Needs no libtorch.

use std::process::ExitCode;

use clap::Parser;

/// Correlates scores with measured accuracies and writes a page, pictures and tables.
///
/// Without arguments it makes reports/nb201 again from the scores in its own data folder.
#[derive(Debug, Parser)]
#[command(version, after_help = report::exit::HELP)]
struct Arguments {
    #[command(flatten)]
    cli: report::Cli,
}

#[expect(clippy::print_stderr, reason = "the talk channel of a program")]
fn main() -> ExitCode {
    match report::run(&Arguments::parse().cli) {
        Ok(text) => {
            eprintln!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {}", chain(&error));
            ExitCode::from(report::exit::code(&error))
        }
    }
}

/// The message and its causes, from the outermost.
fn chain(error: &report::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        // A transparent wrapper repeats its cause's text: said once.
        let inner_text = inner.to_string();
        if !text.ends_with(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        cause = inner.source();
    }
    text
}
