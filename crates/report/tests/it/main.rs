//! Integration tests of the `report` crate.

mod brute_force;
mod correlations;
mod page;
mod program;
mod scipy;
mod synthetic;
