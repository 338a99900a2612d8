//! Scoring of many architectures (being written).
