//! Integration tests of the `report` crate.

mod aggregates;
mod brute_force;
mod committed;
mod correlations;
mod docs;
mod every_space;
mod joins;
mod made_up;
mod page;
mod program;
mod scipy;
mod searches;
mod synthetic;
