//! Makes a `TFRecord` file of the size and form of NAS-Bench-101 with made-up values, to measure the loader with:
//!
//! ```text
//! cargo run -p bench-loaders --example make_nb101 -- OUT.tfrecord [only108|full] [CELLS]
//! ```
//!
//! Cells, hashes and framing are the real ones (all 423,624 unless fewer are asked for); the order of the records is
//! scattered, since nothing is known of the real one.

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bench_loaders::readers::tfrecord::encode_record;
use netgraph::rng;
use spaces::nb101::{Op, cells};

/// Coprime to the number of cells, so that its multiples reach each of them.
const STRIDE: usize = 271_829;
/// Stream of the made-up values.
const STREAM: u64 = 900;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (out, budgets) = match arguments.as_slice() {
        [out] => (out, [108].as_slice()),
        [out, which, ..] if which == "only108" => (out, [108].as_slice()),
        [out, which, ..] if which == "full" => (out, [4, 12, 36, 108].as_slice()),
        _ => return Err("usage: make_nb101 OUT.tfrecord [only108|full] [CELLS]".into()),
    };
    let count = arguments.get(2).map_or(Ok(cells().len()), |count| count.parse())?.min(cells().len());
    let mut output = BufWriter::with_capacity(1 << 20, File::create(out)?);
    let mut record = 0;
    for _ in 0..3 {
        for &budget in budgets {
            for k in 0..count {
                let entry = &cells()[k * STRIDE % count.max(1)];
                let metrics = STANDARD.encode(metrics(budget, record));
                let ops: Vec<&str> = entry.cell.ops().map(Op::name).collect();
                let operations = ["input"].iter().chain(&ops).chain(&["output"]).copied().collect::<Vec<_>>().join(",");
                let adjacency = entry.cell.adjacency();
                let json = format!(r#"["{}", {budget}, "{adjacency}", "{operations}", "{metrics}"]"#, entry.hash);
                output.write_all(&encode_record(json.as_bytes()))?;
                record += 1;
            }
        }
    }
    output.into_inner()?.sync_all()?;
    Ok(())
}

/// A message `ModelMetrics` of made-up values, each a widened `f32` as in the real file.
fn metrics(budget: u32, record: u64) -> Vec<u8> {
    let draw = |k: u64, from: f64, to: f64| f64::from((from + (to - from) * rng::uniform(record, STREAM, k)) as f32);
    let mut message = Vec::new();
    for half in 0..3_u64 {
        let epoch = f64::from(budget) * half as f64 / 2.0;
        let seconds = f64::from((epoch * draw(0, 5.0, 30.0)) as f32);
        let mut evaluation = Vec::new();
        for (field, value) in
            (1..).zip([epoch, seconds, draw(3 * half + 1, 0.8, 1.0), draw(3 * half + 2, 0.8, 0.95), draw(3 * half + 3, 0.8, 0.94)])
        {
            double(&mut evaluation, field, value);
        }
        message.extend([0x0a, evaluation.len() as u8]);
        message.extend(evaluation);
    }
    message.push(0x10);
    let mut parameters = draw(10, 2e5, 5e7) as u64;
    while parameters >= 0x80 {
        message.push(parameters as u8 | 0x80);
        parameters >>= 7;
    }
    message.push(parameters as u8);
    double(&mut message, 3, draw(11, 1e3, 5e3));
    message
}

fn double(message: &mut Vec<u8>, field: u8, value: f64) {
    message.push(field << 3 | 1);
    message.extend(value.to_le_bytes());
}
