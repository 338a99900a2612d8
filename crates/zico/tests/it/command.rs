//! Running the binary.

use std::process::{Command, Output};

/// Runs `zico` with these words (separated by spaces) in an empty folder.
pub fn zico_in(folder: &std::path::Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_zico")).args(words).current_dir(folder).env_remove("ZICO_MIRROR").output().unwrap()
}

/// stdout as text.
pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// stderr as text.
pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}
