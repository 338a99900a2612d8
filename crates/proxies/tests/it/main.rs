//! Proxies against the reference implementations, and runs that are interrupted and resumed.

mod derived;
mod example;
mod golden;
mod graphs;
mod invariances;
mod passes;
mod runner;
mod script;
