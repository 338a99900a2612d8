//! Networks against the official ones.

mod logits;
