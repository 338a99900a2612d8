//! Spaces against the official tables and counters.

mod counts;
mod logits;
mod nb101;
mod plainnet;
mod tnb101;

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

/// The official counts, if the golden files lie beside the checkout.
fn golden() -> Option<Value> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/golden/network_counts.json");
    let text = fs::read_to_string(path).ok();
    if text.is_none() {
        skipped("no golden counts beside the checkout");
    }
    text.map(|t| serde_json::from_str(&t).unwrap())
}

#[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
fn skipped(why: &str) {
    eprintln!("SKIPPED: {why}");
}

/// `BITS:ops` of a golden network of NAS-Bench-101.
fn record(net: &Value) -> String {
    let rows = net["matrix"].as_array().unwrap().iter().flat_map(|row| row.as_array().unwrap());
    let ops: Vec<&str> = net["ops"].as_array().unwrap().iter().map(|op| op.as_str().unwrap()).collect();
    format!("{}:{}", rows.map(Value::to_string).collect::<String>(), ops.join(","))
}
