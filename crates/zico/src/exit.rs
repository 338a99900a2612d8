//! Exit codes, and which failure has which.

use std::process::ExitCode;

/// Something went wrong that has no code of its own.
pub const FAILURE: u8 = 1;
/// The command line is wrong (clap's own code).
pub const USAGE: u8 = 2;
/// An input is wrong: a file's content, an architecture, a name.
pub const BAD_INPUT: u8 = 3;
/// A file that is needed is not there and could not be had.
pub const NO_DATA: u8 = 4;
/// An output could not be written.
pub const NO_OUTPUT: u8 = 5;
/// The output folder holds a run of another configuration.
pub const OTHER_RUN: u8 = 6;
/// Interrupted; the run can be resumed.
pub const INTERRUPTED: u8 = 130;

/// Shown below `--help`.
pub const HELP: &str = "Exit codes: 0 done; 1 failed; 2 wrong command line; 3 wrong input (file, architecture, name); 4 a file is \
    missing and could not be fetched; 5 an output cannot be written; 6 the output folder holds another configuration; 130 \
    interrupted, can be resumed.";

/// A failure whose code the command knows.
#[derive(Debug)]
pub struct Coded {
    code: u8,
    text: String,
}

impl std::fmt::Display for Coded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Coded {}

/// A wrong command line that clap cannot see (contradictory or incomplete flags).
pub fn usage(text: impl Into<String>) -> anyhow::Error {
    Coded { code: USAGE, text: text.into() }.into()
}

/// A wrong input.
pub fn bad_input(text: impl Into<String>) -> anyhow::Error {
    Coded { code: BAD_INPUT, text: text.into() }.into()
}

/// A file that is needed and not there.
pub fn no_data(text: impl Into<String>) -> anyhow::Error {
    Coded { code: NO_DATA, text: text.into() }.into()
}

/// Says what went wrong and gives the code.
pub fn report(error: &anyhow::Error) -> ExitCode {
    crate::output::say(&format!("error: {}", chain(error)));
    ExitCode::from(code(error))
}

/// The messages from the outermost to the cause. Transparent wrappers repeat their cause's text: said once.
fn chain(error: &anyhow::Error) -> String {
    let mut messages: Vec<String> = error.chain().map(ToString::to_string).collect();
    messages.dedup();
    messages.join(": ")
}

/// The code of the outermost cause that has one.
fn code(error: &anyhow::Error) -> u8 {
    error.chain().find_map(code_of).unwrap_or(FAILURE)
}

fn code_of(cause: &(dyn std::error::Error + 'static)) -> Option<u8> {
    use bench_loaders::Error as Loader;
    if let Some(coded) = cause.downcast_ref::<Coded>() {
        return Some(coded.code);
    }
    if let Some(error) = cause.downcast_ref::<std::io::Error>() {
        return Some(if error.kind() == std::io::ErrorKind::NotFound { NO_DATA } else { NO_OUTPUT });
    }
    if let Some(error) = cause.downcast_ref::<proxies::Error>() {
        return match error {
            proxies::Error::UnknownProxy { .. } | proxies::Error::Batches { .. } | proxies::Error::Module { .. } => Some(BAD_INPUT),
            proxies::Error::Shards(error) => code_of(error),
            proxies::Error::Engine(error) => code_of(error),
            proxies::Error::Space(error) => code_of(error),
            proxies::Error::Table(error) => code_of(error),
            _ => None,
        };
    }
    if let Some(error) = cause.downcast_ref::<shards::Error>() {
        return match error {
            shards::Error::OtherConfiguration { .. } => Some(OTHER_RUN),
            shards::Error::Part { .. } => Some(USAGE),
            shards::Error::File { source, .. } => code_of(source),
            shards::Error::Table(error) => code_of(error),
            _ => Some(BAD_INPUT),
        };
    }
    if let Some(error) = cause.downcast_ref::<train::Error>() {
        return match error {
            train::Error::Shards(error) => code_of(error),
            train::Error::Table(error) => code_of(error),
            train::Error::Engine(error) => code_of(error),
            train::Error::Training { .. } => None,
            _ => Some(BAD_INPUT),
        };
    }
    if let Some(error) = cause.downcast_ref::<search::Error>() {
        return match error {
            search::Error::Shards(error) => code_of(error),
            search::Error::Table(error) => code_of(error),
            search::Error::Objective(_) => None,
            search::Error::Setting { .. } | search::Error::NoLatency => Some(USAGE),
            search::Error::Diverged { .. } => Some(OTHER_RUN),
            _ => Some(BAD_INPUT),
        };
    }
    if let Some(error) = cause.downcast_ref::<theory::Error>() {
        return match error {
            theory::Error::Setting { .. } | theory::Error::Diverged { .. } => Some(USAGE),
            theory::Error::Torch(_) => None,
            _ => Some(BAD_INPUT),
        };
    }
    if let Some(error) = cause.downcast_ref::<Loader>() {
        return match error {
            Loader::Missing { .. } | Loader::Download { .. } | Loader::NoImages { .. } => Some(NO_DATA),
            Loader::Io { source, .. } => code_of(source),
            Loader::Table(error) => code_of(error),
            _ => Some(BAD_INPUT),
        };
    }
    if let Some(error) = cause.downcast_ref::<report::Error>() {
        return Some(report::exit::code(error));
    }
    if let Some(error) = cause.downcast_ref::<tables::Error>() {
        return match error {
            tables::Error::Io { source, .. } | tables::Error::Output(source) => code_of(source),
            tables::Error::NoScores { .. } => Some(NO_DATA),
            _ => Some(BAD_INPUT),
        };
    }
    if let Some(error) = cause.downcast_ref::<engine::Error>() {
        return (!matches!(error, engine::Error::Torch { .. })).then_some(BAD_INPUT);
    }
    cause.is::<spaces::Error>().then_some(BAD_INPUT)
}
