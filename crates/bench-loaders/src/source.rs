use std::path::PathBuf;

/// A file that a benchmark is read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its name.
    pub file: &'static str,
    /// Where it can be downloaded, best first.
    pub urls: &'static [&'static str],
    /// SHA-256 (hexadecimal).
    pub sha256: &'static str,
    /// Size in bytes.
    pub bytes: u64,
    /// Licence of the file.
    pub licence: &'static str,
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
    /// SHA-256 (hexadecimal) of what is there.
    pub sha256: String,
    /// Whether that is the checksum of the official file. A file named by the user may be another one.
    pub official: bool,
    /// How it was found.
    pub found: Found,
}

/// All sources of a benchmark, in the order of its metadata.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Located {
    /// The files.
    pub files: Vec<LocatedFile>,
}

impl Located {
    /// The file of a source.
    #[must_use]
    pub fn get(&self, source: &Source) -> Option<&LocatedFile> {
        self.files.iter().find(|located| located.file == source.file)
    }
}
