//! Values that stand in the pickle itself: texts, bytes, integers, names.

use super::input::Input;
use super::store::{Object, Store, Val};
use super::{Limits, Problem};

/// Longest module or class name.
const MAX_NAME: usize = 1 << 12;
/// Longest integer in bytes.
const MAX_INTEGER: usize = 1 << 12;

/// A text of `n` bytes.
#[inline]
pub fn text(input: &mut impl Input, store: &mut Store, n: u64) -> Result<Val, Problem> {
    let n = length(input, store, n)?;
    let text = std::str::from_utf8(input.take(n)?).map_err(|_| Problem::wrong("a text in UTF-8", "other bytes"))?;
    store.intern(text)
}

/// A length that memory could be had for.
#[inline]
fn length(input: &impl Input, store: &Store, n: u64) -> Result<usize, Problem> {
    let n = usize::try_from(n).unwrap_or(usize::MAX);
    if let Some(rest) = input.remaining()
        && n as u64 > rest
    {
        return Err(Problem::Truncated { expected: format!("{n} more bytes") });
    }
    store.affords(n)?;
    Ok(n)
}

/// `n` bytes, which are passed over if they are more than the limits allow to keep.
pub fn bytes(input: &mut impl Input, store: &mut Store, limits: &Limits, n: u64) -> Result<Val, Problem> {
    if n > limits.longest_bytes as u64 {
        input.skip(n)?;
        return store.add(Object::Skipped(n));
    }
    let n = length(input, store, n)?;
    store.add(Object::Bytes(input.take(n)?.into()))
}

/// What Python 2 wrote for a text or for bytes.
pub fn old_string(input: &mut impl Input, store: &mut Store, limits: &Limits, n: u64) -> Result<Val, Problem> {
    if n > 255 {
        return bytes(input, store, limits, n);
    }
    let bytes = input.take(n as usize)?;
    match std::str::from_utf8(bytes) {
        Ok(text) => store.intern(text),
        Err(_) => store.add(Object::Bytes(bytes.into())),
    }
}

/// An integer of `n` bytes.
pub fn integer(input: &mut impl Input, store: &mut Store, n: usize) -> Result<Val, Problem> {
    if n > MAX_INTEGER {
        return Err(Problem::wrong(format!("an integer of at most {MAX_INTEGER} bytes"), format!("one of {n}")));
    }
    let bytes = input.take(n)?;
    if n > 8 {
        return store.add(Object::Long(bytes.into()));
    }
    let negative = bytes.last().is_some_and(|byte| byte & 0x80 != 0);
    let mut eight = [if negative { 0xff } else { 0 }; 8];
    eight[..n].copy_from_slice(bytes);
    Ok(Val::Int(i64::from_le_bytes(eight)))
}

/// A name, up to the end of the line.
pub fn name(input: &mut impl Input, store: &mut Store) -> Result<Val, Problem> {
    let mut bytes = Vec::new();
    loop {
        match input.byte()? {
            b'\n' => break,
            _ if bytes.len() == MAX_NAME => return Err(Problem::wrong("a name", format!("one of more than {MAX_NAME} bytes"))),
            byte => bytes.push(byte),
        }
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| Problem::wrong("a name in UTF-8", "other bytes"))?;
    store.intern(text)
}
