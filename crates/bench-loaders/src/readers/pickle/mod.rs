//! Pickles (protocols 2 to 5), read as data: nothing in them is ever called.
//!
//! [`load`] reads one pickle into a [`Document`]; [`Document::root`] is where reading starts. Values are handles into one
//! flat store, so sharing costs nothing, cycles are harmless, and neither depth nor doubling through the memo can overflow
//! anything. Files too large for that are read with a [`Handler`], which is told of every dictionary as it closes and can
//! take what it needs and drop the rest ([`read`]).
//!
//! ```
//! use bench_loaders::readers::pickle;
//!
//! // {'accuracy': [0.5]}
//! let bytes = b"\x80\x02}X\x08\0\0\0accuracy]G?\xe0\0\0\0\0\0\0as.";
//! let document = pickle::load(bytes, &pickle::Limits::default())?;
//! let accuracies = document.root().require("accuracy")?.sequence()?;
//! assert_eq!(accuracies.map(|value| value.number()).collect::<Result<Vec<_>, _>>()?, [0.5]);
//!
//! // os.system('echo')
//! let error = pickle::load(b"\x80\x02cos\nsystem\nX\x04\0\0\0echo\x85R.", &pickle::Limits::default()).unwrap_err();
//! assert_eq!(error.to_string(), "byte 23 (REDUCE): refused to call os.system");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Conventions
//! * Data: `None`, booleans, integers, floats, texts, bytes, lists, tuples, sets, dictionaries, `OrderedDict`, `defaultdict`,
//!   `NumPy` scalars (they become numbers), dtypes and arrays, and bytes that protocol 2 writes as `_codecs.encode`.
//! * A class or function is a name ([`Value::global`]). A call of one from `numpy`, `pandas`, `torch`, `collections`, or of
//!   `functools.partial` or `slice`, that is not data of the list above becomes a [`Call`], which carries its arguments
//!   and is never carried out: whoever asks it for data gets [`Problem::Refused`] with its name. Every other call ends the
//!   reading with [`Problem::Refused`].
//! * Attributes set on a dictionary (`BUILD`) are passed over. A dictionary keeps repeated keys; [`Value::get`] finds the last.
//! * `BINSTRING` of Python 2 is a text if it is UTF-8 of at most 255 bytes, else bytes.
//! * Persistent ids (`torch` storages) are calls of the name `persistent id`. Extension codes, out-of-band buffers and the
//!   text opcodes of protocols 0 and 1 are refused by name.
//!
//! Source of the opcodes: `python/cpython@v3.12.0 Lib/pickle.py`.

mod array;
mod calls;
mod error;
mod input;
mod literal;
mod machine;
mod memo;
mod opcode;
mod stack;
mod store;
mod value;

use std::io::Read;

pub use array::{Array, Dtype};
pub use error::{PickleError, Problem};
pub use store::{ObjectId, Store};
pub use value::{Call, Value};

use input::{Input as _, SliceInput, StreamInput};
use machine::Machine;
use store::Val;

/// What reading a pickle may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of memory for values, texts, stack and memo together (not the input itself).
    pub memory: usize,
    /// Longest `bytes` that is kept. A longer one is passed over; asking for it is an error that says so.
    pub longest_bytes: usize,
}

impl Default for Limits {
    /// 256 MiB, and no bound of their own for `bytes`.
    fn default() -> Self {
        Self { memory: 256 << 20, longest_bytes: usize::MAX }
    }
}

/// A pickle that has been read.
#[derive(Debug)]
pub struct Document {
    store: Store,
    root: Val,
    end: u64,
}

impl Document {
    /// The value.
    pub fn root(&self) -> Value<'_> {
        self.store.value(self.root)
    }

    /// Offset of the byte after the pickle.
    pub fn end(&self) -> u64 {
        self.end
    }
}

/// Is told of dictionaries while a pickle is read.
pub trait Handler {
    /// A dictionary has got items (`SETITEM`, `SETITEMS`, `DICT`): in pickles of Python that is all of them, or the next 1,000.
    /// The handler may take the dictionary away ([`Store::take`]).
    ///
    /// # Errors
    /// Whatever ends the reading.
    fn closed(&mut self, store: &mut Store, dictionary: ObjectId) -> Result<(), Problem>;
}

/// Keeps everything.
pub(crate) struct KeepAll;

impl Handler for KeepAll {
    fn closed(&mut self, _: &mut Store, _: ObjectId) -> Result<(), Problem> {
        Ok(())
    }
}

/// Reads the pickle at the start of `bytes`; what comes after it is not looked at.
///
/// # Errors
/// [`PickleError`] with the place.
pub fn load(bytes: &[u8], limits: &Limits) -> Result<Document, PickleError> {
    read(bytes, limits, &mut KeepAll)
}

/// Reads the one pickle that a stream holds, to the stream's end: so a checksum behind it is compared.
///
/// # Errors
/// [`PickleError`] with the place; another byte after the pickle is an error.
pub fn load_from(reader: impl Read, limits: &Limits) -> Result<Document, PickleError> {
    read_from(reader, limits, &mut KeepAll)
}

/// As [`load`], with a handler.
///
/// # Errors
/// [`PickleError`] with the place.
pub fn read(bytes: &[u8], limits: &Limits, handler: &mut impl Handler) -> Result<Document, PickleError> {
    Machine::new(SliceInput::new(bytes), limits, handler).run()
}

/// As [`load_from`], with a handler.
///
/// # Errors
/// [`PickleError`] with the place.
pub fn read_from(reader: impl Read, limits: &Limits, handler: &mut impl Handler) -> Result<Document, PickleError> {
    let mut pickles = Pickles::new(reader);
    let document = pickles.read(limits, handler)?;
    pickles.finish()?;
    Ok(document)
}

/// A stream of pickles, one after the other. Offsets in errors count from the start of the stream.
pub struct Pickles<R> {
    input: StreamInput<R>,
}

impl<R: Read> Pickles<R> {
    /// The pickles of a stream. No buffer is needed around it.
    pub fn new(reader: R) -> Self {
        Self { input: StreamInput::new(reader) }
    }

    /// Offset of the next pickle.
    pub fn position(&self) -> u64 {
        self.input.position()
    }

    /// The next pickle.
    ///
    /// # Errors
    /// [`PickleError`] with the place.
    pub fn load(&mut self, limits: &Limits) -> Result<Document, PickleError> {
        self.read(limits, &mut KeepAll)
    }

    /// The next pickle, with a handler.
    ///
    /// # Errors
    /// [`PickleError`] with the place.
    pub fn read(&mut self, limits: &Limits, handler: &mut impl Handler) -> Result<Document, PickleError> {
        Machine::new(&mut self.input, limits, handler).run()
    }

    /// Sees that there is nothing more in the stream.
    ///
    /// # Errors
    /// [`PickleError`] if there is, or if the stream fails at its end (where checksums stand).
    pub fn finish(mut self) -> Result<(), PickleError> {
        let offset = self.input.position();
        let located = |problem| PickleError { offset, opcode: "end", problem };
        if self.input.at_end().map_err(located)? {
            return Ok(());
        }
        Err(located(Problem::wrong("the end of the file after the pickle", "more bytes")))
    }
}
