//! A user's own images from a safetensors file.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use bench_loaders::{Batch, Targets};
use safetensors::{Dtype, SafeTensors};

use super::Args;
use crate::exit::bad_input;

/// As many batches as asked for, in the order of the file.
pub fn read(path: &Path, args: &Args) -> anyhow::Result<Vec<Batch>> {
    let bytes = fs::read(path).with_context(|| format!("failed to read the images {}", path.display()))?;
    let wrong = |reason: String| bad_input(format!("{}: {reason}", path.display()));
    let tensors = SafeTensors::deserialize(&bytes).map_err(|error| wrong(format!("not a safetensors file: {error}")))?;
    let named = |name: &str| tensors.tensor(name).map_err(|_| wrong(format!("there is no tensor `{name}`")));
    let (images, labels) = (named("images")?, named("labels")?);
    let [c, h, w] = args.input;
    let n = labels.shape().first().copied().unwrap_or(0);
    if images.shape() != [n, c, h, w] || labels.shape().len() != 1 {
        return Err(wrong(format!(
            "expected `images` [n, {c}, {h}, {w}] and `labels` [n], got {:?} and {:?}",
            images.shape(),
            labels.shape()
        )));
    }
    let needed = args.batches * args.batch_size;
    if n < needed {
        return Err(wrong(format!("{} batches of {} need {needed} images, it has {n}", args.batches, args.batch_size)));
    }
    let pixels: Vec<f64> = match images.dtype() {
        Dtype::F32 => images.data().chunks_exact(4).map(|b| f64::from(f32::from_le_bytes([b[0], b[1], b[2], b[3]]))).collect(),
        Dtype::F64 => images.data().chunks_exact(8).map(|b| f64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]])).collect(),
        other => return Err(wrong(format!("`images` must be F32 or F64 (normalised), got {other:?}"))),
    };
    if pixels.iter().any(|pixel| !pixel.is_finite()) {
        return Err(wrong("`images` has values that are not finite".into()));
    }
    let Dtype::I64 = labels.dtype() else { return Err(wrong(format!("`labels` must be I64, got {:?}", labels.dtype()))) };
    let classes: Vec<i64> =
        labels.data().chunks_exact(8).map(|b| i64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]])).collect();
    if let Some(label) = classes.iter().find(|&&label| label < 0 || label >= args.classes as i64) {
        return Err(wrong(format!("a label is {label}, of {} classes", args.classes)));
    }
    let size = args.batch_size;
    let batch = |b: usize| Batch {
        images: pixels[b * size * c * h * w..(b + 1) * size * c * h * w].to_vec(),
        targets: Targets::Classes(classes[b * size..(b + 1) * size].to_vec()),
        shape: [size, c, h, w],
    };
    Ok((0..args.batches).map(batch).collect())
}
