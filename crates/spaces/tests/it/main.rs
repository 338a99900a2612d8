//! Spaces against the official tables and counters.

mod counts;
