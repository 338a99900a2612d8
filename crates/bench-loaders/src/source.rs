use std::path::PathBuf;

use crate::form::Form;
use crate::{Edition, Error, Result};

/// A file, or a folder of files, that a benchmark is read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its name.
    pub file: &'static str,
    /// How to tell it by its content.
    pub form: Form,
    /// Where it can be downloaded as it is, best first.
    pub urls: &'static [&'static str],
    /// Where to get it where no address downloads it as it is: in words, with an address.
    pub obtain: &'static str,
    /// SHA-256 (hexadecimal), where its publisher or we know it.
    pub sha256: Option<&'static str>,
    /// Size in bytes, where it is known exactly.
    pub bytes: Option<u64>,
    /// Size in words, where it is not.
    pub about: &'static str,
    /// Licence of the file.
    pub licence: &'static str,
}

impl Source {
    /// Size and checksum, as far as they are known.
    #[must_use]
    pub fn in_words(&self) -> String {
        let mut known = Vec::new();
        match self.bytes {
            Some(bytes) => known.push(format!("{bytes} bytes")),
            None if !self.about.is_empty() => known.push(self.about.to_owned()),
            None => {}
        }
        known.extend(self.sha256.map(|sha256| format!("sha256 {sha256}")));
        let from = self.urls.first().copied().unwrap_or(self.obtain);
        if !from.is_empty() {
            known.push(format!("from {from}"));
        }
        if known.is_empty() { self.file.into() } else { format!("{} ({})", self.file, known.join(", ")) }
    }
}

/// How a source was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// In the folder of raw files.
    Raw,
    /// In a mirror folder.
    Mirror,
    /// Downloaded just now, into the folder of raw files.
    Downloaded,
    /// Named by the user.
    Given,
}

/// A source on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocatedFile {
    /// Name of the source.
    pub file: &'static str,
    /// Where it is.
    pub path: PathBuf,
    /// SHA-256 (hexadecimal) of what is there; `None` for a folder, whose reader hashes what it reads.
    pub sha256: Option<String>,
    /// Whether that is the checksum of the official file, where one is known. A file named by the user may be another one.
    pub official: Option<bool>,
    /// How it was found.
    pub found: Found,
}

/// All sources of an edition, in the order of its metadata.
#[derive(Clone, Debug, PartialEq)]
pub struct Located {
    /// What they are.
    pub edition: &'static Edition,
    /// The files.
    pub files: Vec<LocatedFile>,
}

impl Located {
    /// The file of a source.
    ///
    /// # Errors
    /// [`Error::NotLocated`] if it isn't there: the files are another edition's.
    pub fn get(&self, file: &'static str) -> Result<&LocatedFile> {
        self.files.iter().find(|located| located.file == file).ok_or(Error::NotLocated { file })
    }

    /// The only file of an edition that has one.
    ///
    /// # Errors
    /// [`Error::NotLocated`] if there are none.
    pub fn only(&self) -> Result<&LocatedFile> {
        self.files.first().ok_or(Error::NotLocated { file: self.edition.name })
    }
}
