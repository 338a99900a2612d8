//! What configurations have in common.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Network around the cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkConfig {
    /// Channels of the first stage.
    pub channels: usize,
    /// Cells per stage.
    pub cells: usize,
    /// Classes.
    pub classes: usize,
    /// Side of the image in pixels.
    pub resolution: usize,
}

/// Which architectures a job is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    /// As asked for: `all`, `sample:1000`, ...
    pub asked: String,
    /// How many.
    pub count: usize,
    /// SHA-256 of their strings, a line each.
    pub sha256: String,
}

impl Selection {
    /// The selection of these architectures.
    pub fn new<'a>(asked: &str, texts: impl IntoIterator<Item = &'a str>) -> Self {
        let (mut hash, mut count) = (Sha256::new(), 0);
        for text in texts {
            hash.update(text.as_bytes());
            hash.update(b"\n");
            count += 1;
        }
        Self { asked: asked.into(), count, sha256: tables::hex(&hash.finalize()) }
    }
}
