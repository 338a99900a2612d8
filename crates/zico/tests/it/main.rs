//! The command line as a user meets it, and scores that must not change.

mod bad_input;
mod combination;
mod command;
mod docs;
mod explain;
mod own_table;
mod regression;
mod score_model;
mod score_one;
mod search;
mod theory;
mod train_table;
