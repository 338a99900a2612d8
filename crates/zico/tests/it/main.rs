//! The command line as a user meets it, and scores that must not change.

mod bad_input;
mod command;
mod docs;
mod regression;
mod score_one;
