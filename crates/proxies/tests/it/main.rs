//! Proxies against the reference implementations.

mod golden;
