//! Networks against the official ones.

mod gates;
mod logits;
