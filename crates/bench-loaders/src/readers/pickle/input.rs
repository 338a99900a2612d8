use std::io::{ErrorKind, Read};

use super::Problem;

/// Where opcodes come from.
pub trait Input {
    /// The next byte.
    fn byte(&mut self) -> Result<u8, Problem>;
    /// The next `n` bytes. Memory is used for what is there, not for what is asked for.
    fn take(&mut self, n: usize) -> Result<&[u8], Problem>;
    /// Passes over `n` bytes.
    fn skip(&mut self, n: u64) -> Result<(), Problem>;
    /// Offset of the next byte.
    fn position(&self) -> u64;
    /// How many bytes a length in the file may claim at all, if that is known.
    fn remaining(&self) -> Option<u64>;

    /// The next `N` bytes.
    #[inline]
    fn array<const N: usize>(&mut self) -> Result<[u8; N], Problem> {
        let mut bytes = [0; N];
        bytes.copy_from_slice(self.take(N)?);
        Ok(bytes)
    }
}

fn truncated(n: u64) -> Problem {
    let expected = if n == 1 { "another byte".to_owned() } else { format!("{n} more bytes") };
    Problem::Truncated { expected }
}

/// A whole file in memory (or mapped).
pub struct SliceInput<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> SliceInput<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }
}

impl Input for SliceInput<'_> {
    #[inline]
    fn byte(&mut self) -> Result<u8, Problem> {
        let byte = *self.bytes.get(self.at).ok_or_else(|| truncated(1))?;
        self.at += 1;
        Ok(byte)
    }

    #[inline]
    fn take(&mut self, n: usize) -> Result<&[u8], Problem> {
        let taken = self.bytes[self.at..].get(..n).ok_or_else(|| truncated(n as u64))?;
        self.at += n;
        Ok(taken)
    }

    fn skip(&mut self, n: u64) -> Result<(), Problem> {
        let rest = (self.bytes.len() - self.at) as u64;
        if n > rest {
            return Err(truncated(n));
        }
        self.at += n as usize;
        Ok(())
    }

    fn position(&self) -> u64 {
        self.at as u64
    }

    fn remaining(&self) -> Option<u64> {
        Some((self.bytes.len() - self.at) as u64)
    }
}

const CHUNK: usize = 1 << 18;

/// A stream, read in chunks.
pub struct StreamInput<R> {
    reader: R,
    /// Bytes `at..` are still to be used.
    buffer: Vec<u8>,
    at: usize,
    /// Offset of the buffer's first byte.
    start: u64,
}

impl<R: Read> StreamInput<R> {
    pub fn new(reader: R) -> Self {
        Self { reader, buffer: Vec::new(), at: 0, start: 0 }
    }

    /// Whether there is nothing more.
    pub fn at_end(&mut self) -> Result<bool, Problem> {
        match self.fill(1) {
            Ok(()) => Ok(false),
            Err(Problem::Truncated { .. }) => Ok(true),
            Err(other) => Err(other),
        }
    }

    /// Sees to it that `n` bytes are in the buffer.
    #[cold]
    fn fill(&mut self, n: usize) -> Result<(), Problem> {
        self.buffer.drain(..self.at);
        self.start += self.at as u64;
        self.at = 0;
        while self.buffer.len() < n {
            let old = self.buffer.len();
            self.buffer.resize(old + CHUNK, 0);
            let got = loop {
                match self.reader.read(&mut self.buffer[old..]) {
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(error) => return Err(Problem::Stream(error.to_string())),
                    Ok(got) => break got,
                }
            };
            self.buffer.truncate(old + got);
            if got == 0 {
                return Err(truncated(n as u64));
            }
        }
        Ok(())
    }
}

impl<I: Input> Input for &mut I {
    #[inline]
    fn byte(&mut self) -> Result<u8, Problem> {
        (**self).byte()
    }

    #[inline]
    fn take(&mut self, n: usize) -> Result<&[u8], Problem> {
        (**self).take(n)
    }

    fn skip(&mut self, n: u64) -> Result<(), Problem> {
        (**self).skip(n)
    }

    fn position(&self) -> u64 {
        (**self).position()
    }

    fn remaining(&self) -> Option<u64> {
        (**self).remaining()
    }
}

impl<R: Read> Input for StreamInput<R> {
    #[inline]
    fn byte(&mut self) -> Result<u8, Problem> {
        if self.at == self.buffer.len() {
            self.fill(1)?;
        }
        let byte = self.buffer[self.at];
        self.at += 1;
        Ok(byte)
    }

    #[inline]
    fn take(&mut self, n: usize) -> Result<&[u8], Problem> {
        if self.buffer.len() - self.at < n {
            self.fill(n)?;
        }
        let taken = &self.buffer[self.at..self.at + n];
        self.at += n;
        Ok(taken)
    }

    fn skip(&mut self, mut n: u64) -> Result<(), Problem> {
        while n > 0 {
            let step = n.min(CHUNK as u64) as usize;
            self.take(step)?;
            n -= step as u64;
        }
        Ok(())
    }

    fn position(&self) -> u64 {
        self.start + self.at as u64
    }

    fn remaining(&self) -> Option<u64> {
        None
    }
}
