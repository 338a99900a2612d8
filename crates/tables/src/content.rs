use sha2::{Digest, Sha256};

use crate::Kind;
use crate::column::{Column, ColumnSpec};
use crate::files::hex;
use crate::record::Record as _;

/// Checksum of the rows of a kind that is streamed, row group by row group, so that it never takes all rows in memory. The
/// boundaries of row groups are fixed, and texts are numbered anew in each, so it depends on the rows alone.
pub struct BlockHash {
    hash: Sha256,
    stored: Vec<ColumnSpec>,
}

impl BlockHash {
    pub fn new<K: Kind>() -> Self {
        let mut hash = Sha256::new();
        hash.update(K::NAME);
        Self { hash, stored: K::Row::specs().into_iter().filter(|spec| !K::VOLATILE.contains(&spec.name)).collect() }
    }

    /// The next row group: its stored columns, texts numbered in order of first appearance.
    pub fn update(&mut self, block: &[Column]) {
        for (spec, column) in self.stored.iter().zip(block) {
            self.hash.update(spec.name);
            column.hash_block(&mut self.hash);
        }
    }

    pub fn finish(self) -> String {
        hex(&self.hash.finalize())
    }
}
