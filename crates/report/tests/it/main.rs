//! Integration tests of the `report` crate.

mod brute_force;
mod scipy;
