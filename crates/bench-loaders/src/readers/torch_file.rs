//! Files of `torch.save`: where in them the object's pickle is.
//!
//! # Conventions
//! * Before torch 1.6: five things in a row, four of them pickles: a magic number, the version 1001, the sizes of types, the
//!   object, the keys of storages; then the storages. Here a file without storages has to end after the keys.
//! * Since 1.6: a ZIP archive whose `*/data.pkl` is the pickle; its checksum is compared.
//! * Storages are not read.
//!
//! Source: `pytorch/pytorch@v1.13.1 torch/serialization.py`.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use crate::{Error, Result};

use super::compressed::Bounded;
use super::pickle::{Document, Handler, KeepAll, Limits, PickleError, Pickles, Problem, Value};

/// `0x1950a86a20f9469cfc6c`, little-endian.
const MAGIC: [u8; 10] = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
const VERSION: i64 = 1001;
const ZIP: [u8; 4] = *b"PK\x03\x04";
const ZIP_END: [u8; 4] = *b"PK\x05\x06";
/// For the small pickles around the object.
const SMALL: Limits = Limits { memory: 64 << 20, longest_bytes: 1 << 16 };

/// Reads the object of a file.
///
/// # Errors
/// [`Error::Pickle`] with the place; [`Error::Format`] if it is no file of torch; [`Error::Io`].
pub fn load(path: &Path, limits: &Limits) -> Result<Document> {
    read(path, limits, &mut KeepAll)
}

/// As [`load`], with a handler.
///
/// # Errors
/// As [`load`].
pub fn read(path: &Path, limits: &Limits, handler: &mut impl Handler) -> Result<Document> {
    let mut file = File::open(path).map_err(Error::io("open", path))?;
    let mut head = [0; 4];
    let zipped = match file.read_exact(&mut head) {
        Ok(()) => head == ZIP,
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => false,
        Err(error) => return Err(Error::io("read", path)(error)),
    };
    file.seek(SeekFrom::Start(0)).map_err(Error::io("read", path))?;
    if zipped { read_zip(file, path, limits, handler) } else { read_legacy(file, path, limits, handler) }
}

fn read_legacy(file: File, path: &Path, limits: &Limits, handler: &mut impl Handler) -> Result<Document> {
    let wrong = |part: &str| {
        let (path, record) = (path.to_path_buf(), part.to_owned());
        move |source| Error::Pickle { path, record, source: Box::new(source) }
    };
    let mut pickles = Pickles::new(file);
    let magic = pickles.load(&SMALL).map_err(wrong("the magic number of torch.save"))?;
    if !magic.root().long().is_ok_and(|magic| magic == MAGIC) {
        let reason = format!("it begins with {} instead of the magic number", magic.root().describe());
        return Err(Error::Format { path: path.into(), expected: "a file of torch.save", reason });
    }
    let (at, version) = (pickles.position(), pickles.load(&SMALL).map_err(wrong("the version"))?);
    let version = version.root();
    if !version.integer().is_ok_and(|version| version == VERSION) {
        return Err(wrong("the version")(located(at, version.wrong(VERSION.to_string()))));
    }
    let (at, system) = (pickles.position(), pickles.load(&SMALL).map_err(wrong("the sizes of types"))?);
    let little_endian = system.root().require("little_endian").and_then(Value::boolean);
    match little_endian {
        Ok(true) => {}
        Ok(false) => return Err(wrong("the sizes of types")(located(at, Problem::wrong("a little-endian file", "a big-endian one")))),
        Err(problem) => return Err(wrong("the sizes of types")(located(at, problem))),
    }
    let object = pickles.read(limits, handler).map_err(wrong(""))?;
    let (at, keys) = (pickles.position(), pickles.load(&SMALL).map_err(wrong("the keys of storages"))?);
    let keys = keys.root().sequence().map(|keys| keys.len()).map_err(|problem| wrong("the keys of storages")(located(at, problem)))?;
    if keys == 0 {
        pickles.finish().map_err(wrong("the end"))?;
    }
    Ok(object)
}

fn located(offset: u64, problem: Problem) -> PickleError {
    PickleError { offset, opcode: "STOP", problem }
}

fn read_zip(mut file: File, path: &Path, limits: &Limits, handler: &mut impl Handler) -> Result<Document> {
    let not_torch = |reason: String| Error::Format { path: path.into(), expected: "a file of torch.save", reason };
    // The archive's own reader seeks for the end byte by byte: 70 ms for each file that was cut.
    if !has_end(&mut file).map_err(Error::io("read", path))? {
        return Err(not_torch("the archive has no end: the file was cut".into()));
    }
    let mut archive = zip::ZipArchive::new(BufReader::new(file)).map_err(|error| not_torch(error.to_string()))?;
    let name = archive.file_names().find(|name| name.ends_with("/data.pkl")).map(str::to_owned);
    let name = name.ok_or_else(|| not_torch("the archive holds no data.pkl".into()))?;
    let entry = archive.by_name(&name).map_err(|error| not_torch(error.to_string()))?;
    let bytes = entry.size();
    let mut pickles = Pickles::new(Bounded::new(entry, bytes));
    let wrong = |source| Error::Pickle { path: path.into(), record: crate::error::excerpt(&name), source: Box::new(source) };
    let object = pickles.read(limits, handler).map_err(wrong)?;
    pickles.finish().map_err(wrong)?;
    Ok(object)
}

/// Whether a ZIP archive has its end record: within the last 64 KiB and 22 bytes, where its reader looks for it. Goes back to the start.
fn has_end(file: &mut File) -> std::io::Result<bool> {
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub((1 << 16) + 22)))?;
    let mut tail = Vec::new();
    file.by_ref().take((1 << 16) + 22).read_to_end(&mut tail)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(tail.windows(ZIP_END.len()).any(|window| window == ZIP_END))
}
