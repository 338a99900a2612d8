//! Proxies against the reference implementations, and runs that are interrupted and resumed.

mod derived;
mod example;
mod golden;
mod invariances;
mod passes;
mod runner;
mod script;
