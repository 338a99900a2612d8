//! Reading ahead on another thread, so that decompression and parsing go on at once.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{Scope, ScopedJoinHandle};

const CHUNK: usize = 1 << 20;
/// Chunks that are read before they are wanted.
const CHUNKS_AHEAD: usize = 4;

/// What another thread reads.
#[derive(Debug)]
pub struct Ahead {
    chunks: Receiver<io::Result<Vec<u8>>>,
    chunk: Vec<u8>,
    at: usize,
}

impl Ahead {
    /// Reads `reader` on a thread of the scope, which ends when the reader does, fails, or when this is dropped.
    pub fn new<'scope>(scope: &'scope Scope<'scope, '_>, mut reader: impl Read + Send + 'scope) -> (Self, ScopedJoinHandle<'scope, ()>) {
        let (sender, chunks) = sync_channel(CHUNKS_AHEAD);
        let thread = scope.spawn(move || {
            loop {
                let mut chunk = Vec::with_capacity(CHUNK);
                let result = reader.by_ref().take(CHUNK as u64).read_to_end(&mut chunk).map(|_| chunk);
                let last = !matches!(&result, Ok(chunk) if !chunk.is_empty());
                if sender.send(result).is_err() || last {
                    return;
                }
            }
        });
        (Self { chunks, chunk: Vec::new(), at: 0 }, thread)
    }
}

impl Read for Ahead {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.chunk.len() {
            // After the last chunk, an empty one, comes nothing.
            self.chunk = self.chunks.recv().unwrap_or_else(|_| Ok(Vec::new()))?;
            self.at = 0;
        }
        let got = buffer.len().min(self.chunk.len() - self.at);
        buffer[..got].copy_from_slice(&self.chunk[self.at..self.at + got]);
        self.at += got;
        Ok(got)
    }
}
