//! A training under way as a file: tensors in the safetensors format, the figures so far as JSON in its metadata.

use std::collections::HashMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use safetensors::tensor::{Dtype, TensorView};
use safetensors::{SafeTensors, serialize};
use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

use super::job::Outcome;
use crate::{Checkpoint, Error};

/// Where the metadata has the state.
const STATE: &str = "zico.training";

/// What is saved beside the tensors.
#[derive(Serialize, Deserialize)]
struct State {
    epoch: u32,
    diverged: bool,
    outcome: Outcome,
}

/// Saves a training.
pub fn write(path: &Path, checkpoint: &Checkpoint, outcome: &Outcome) -> Result<(), Error> {
    let failed = |reason: String| Error::Saved { path: path.into(), reason };
    let state = State { epoch: checkpoint.epoch, diverged: checkpoint.diverged, outcome: outcome.clone() };
    let state = serde_json::to_string(&state).map_err(|error| failed(error.to_string()))?;
    let tensors = [
        ("parameters", Some(&checkpoint.parameters)),
        ("velocity", checkpoint.velocity.as_ref()),
        ("statistics", Some(&checkpoint.statistics)),
    ];
    let stored: Vec<(&str, Dtype, Vec<u8>)> = tensors
        .into_iter()
        .filter_map(|(name, tensor)| tensor.map(|tensor| (name, tensor)))
        .map(|(name, tensor)| bytes(name, tensor))
        .collect();
    let views = stored
        .iter()
        .map(|(name, dtype, bytes)| Ok((*name, TensorView::new(*dtype, vec![bytes.len() / (dtype.bitsize() / 8)], bytes)?)))
        .collect::<Result<Vec<_>, safetensors::SafeTensorError>>()
        .map_err(|error| failed(error.to_string()))?;
    let file = serialize(views, Some(HashMap::from([(STATE.to_owned(), state)]))).map_err(|error| failed(error.to_string()))?;
    Ok(tables::atomic_write(path, |w| w.write_all(&file))?)
}

/// Reads a saved training; `None` if there is none.
pub fn read(path: &Path) -> Result<Option<(Checkpoint, Outcome)>, Error> {
    let failed = |reason: String| Error::Saved { path: path.into(), reason };
    let file = match fs::read(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error.to_string())),
    };
    let wrong = |error: &dyn std::fmt::Display| failed(error.to_string());
    let tensors = SafeTensors::deserialize(&file).map_err(|error| wrong(&error))?;
    let (_, metadata) = SafeTensors::read_metadata(&file).map_err(|error| wrong(&error))?;
    let state =
        metadata.metadata().as_ref().and_then(|metadata| metadata.get(STATE)).ok_or_else(|| failed("it holds no training".into()))?;
    let State { epoch, diverged, outcome } = serde_json::from_str(state).map_err(|error| wrong(&error))?;
    let tensor = |name: &str| -> Result<Tensor, Error> {
        let view = tensors.tensor(name).map_err(|error| wrong(&error))?;
        match view.dtype() {
            Dtype::F32 => {
                Ok(Tensor::from_slice(&view.data().as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect::<Vec<_>>()))
            }
            Dtype::F64 => {
                Ok(Tensor::from_slice(&view.data().as_chunks::<8>().0.iter().map(|b| f64::from_le_bytes(*b)).collect::<Vec<_>>()))
            }
            other => Err(failed(format!("{name} is of the type {other:?}"))),
        }
    };
    let velocity = tensors.names().contains(&"velocity").then(|| tensor("velocity")).transpose()?;
    Ok(Some((Checkpoint { epoch, diverged, parameters: tensor("parameters")?, velocity, statistics: tensor("statistics")? }, outcome)))
}

/// Removes what was saved, if anything was.
pub fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::Saved { path: path.into(), reason: error.to_string() }),
        _ => Ok(()),
    }
}

/// Values of a flat tensor as little-endian bytes.
fn bytes<'a>(name: &'a str, tensor: &Tensor) -> (&'a str, Dtype, Vec<u8>) {
    let n = tensor.numel();
    if tensor.kind() == Kind::Double {
        let mut values = vec![0.0_f64; n];
        tensor.copy_data(&mut values, n);
        (name, Dtype::F64, values.iter().flat_map(|v| v.to_le_bytes()).collect())
    } else {
        let mut values = vec![0.0_f32; n];
        tensor.copy_data(&mut values, n);
        (name, Dtype::F32, values.iter().flat_map(|v| v.to_le_bytes()).collect())
    }
}
