//! Exit codes of the program, the same as those of `zico`.

use std::io::ErrorKind;

use crate::Error;

/// Something went wrong that has no code of its own.
pub const FAILURE: u8 = 1;
/// The command line is wrong, or leaves a choice open.
pub const USAGE: u8 = 2;
/// An input is wrong: a file's content, a dataset's name.
pub const BAD_INPUT: u8 = 3;
/// A file that is needed is not there.
pub const NO_DATA: u8 = 4;
/// An output could not be written.
pub const NO_OUTPUT: u8 = 5;

/// Shown below `--help`.
pub const HELP: &str = "Exit codes: 0 done; 1 failed; 2 wrong or incomplete command line; 3 wrong input (file, dataset); 4 a file is \
    missing; 5 an output cannot be written.";

/// Which failure has which code.
pub fn code(error: &Error) -> u8 {
    match error {
        Error::NoScores { .. }
        | Error::NoTable { .. }
        | Error::NoReport { .. }
        | Error::NoSearch { .. }
        | Error::NoTheory { .. }
        | Error::Table(tables::Error::NoScores { .. }) => NO_DATA,
        Error::Aggregate { .. } | Error::Ambiguous { .. } | Error::Label { .. } | Error::Statistic { .. } | Error::SeveralSeeds { .. } => {
            USAGE
        }
        Error::Table(tables::Error::Io { action, source, .. }) => match (*action, source.kind()) {
            ("read" | "open" | "list", ErrorKind::NotFound) => NO_DATA,
            ("read" | "open" | "list", _) => BAD_INPUT,
            _ => NO_OUTPUT,
        },
        Error::Table(_)
        | Error::EmptyScores { .. }
        | Error::UnknownDataset { .. }
        | Error::NoValues { .. }
        | Error::WrongSpace { .. }
        | Error::SeveralSpaces { .. }
        | Error::Summary { .. }
        | Error::SeveralVersions { .. }
        | Error::EmptySearch { .. }
        | Error::SearchConfig { .. }
        | Error::SearchSummary { .. }
        | Error::SeveralSearched { .. }
        | Error::SameSearch { .. }
        | Error::SearchArchitecture { .. }
        | Error::NotInTable { .. }
        | Error::NothingMatched { .. } => BAD_INPUT,
        Error::Io { .. } => NO_OUTPUT,
        Error::Join(_) | Error::Export { .. } | Error::Plot { .. } => FAILURE,
    }
}
