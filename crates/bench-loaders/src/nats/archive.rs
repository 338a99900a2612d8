//! A `-simple` folder, or the tar archive of it: one file an architecture.

use std::fs::{self, File};
use std::io::{Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use spaces::Space;

use crate::error::excerpt;
use crate::readers::tar;
use crate::{Error, Result};

/// The files of architectures in the order of rows.
#[derive(Debug)]
pub struct Archive {
    path: PathBuf,
    /// The list of architectures.
    meta: Option<(String, Place)>,
    architectures: Vec<Entry>,
    /// Files with other names.
    ignored: usize,
}

/// The file of an architecture.
#[derive(Debug)]
pub struct Entry {
    pub index: u32,
    pub name: String,
    place: Place,
}

#[derive(Clone, Debug)]
enum Place {
    File(PathBuf),
    Member { offset: u64, bytes: u64 },
}

const SUFFIX: &str = ".pickle.pbz2";
/// More files are not the folder of a benchmark.
const MAX_FILES: usize = 1 << 20;

impl Archive {
    /// The files of a folder or of a tar archive.
    pub fn open(path: &Path, space: &dyn Space) -> Result<Self> {
        let is_folder = fs::metadata(path).map_err(Error::io("open", path))?.is_dir();
        let files = if is_folder { files(path)? } else { members(path)? };
        let (mut meta, mut architectures, mut ignored) = (None, Vec::new(), 0);
        for (name, place) in files {
            let stem = name.rsplit('/').next().and_then(|file| file.strip_suffix(SUFFIX));
            // The API takes 000012 and 12.
            let index = stem.filter(|stem| !stem.is_empty() && stem.len() <= 9 && stem.bytes().all(|byte| byte.is_ascii_digit()));
            match (stem, index.and_then(|digits| digits.parse().ok())) {
                (_, Some(index)) => architectures.push((space.at(index)?.text, Entry { index, name, place })),
                (Some("meta"), _) => meta = Some((name, place)),
                _ => ignored += 1,
            }
        }
        architectures.sort_by(|a, b| a.0.cmp(&b.0));
        if let Some([(_, first), (_, second)]) = architectures.windows(2).find(|pair| pair[0].1.index == pair[1].1.index) {
            let part = format!("{} and {}", excerpt(&first.name), excerpt(&second.name));
            return Err(Error::Part { path: path.into(), part, expected: "one file an architecture".into(), got: "two".into() });
        }
        if architectures.is_empty() {
            let reason = format!("it holds no 000000{SUFFIX} or the like");
            return Err(Error::Format { path: path.into(), expected: "a folder or archive of NATS-Bench", reason });
        }
        let architectures = architectures.into_iter().map(|(_, entry)| entry).collect();
        Ok(Self { path: path.into(), meta, architectures, ignored })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn architectures(&self) -> &[Entry] {
        &self.architectures
    }

    pub fn ignored(&self) -> usize {
        self.ignored
    }

    /// The bytes of an architecture's file.
    pub fn read(&self, entry: &Entry) -> Result<impl Read + use<>> {
        self.read_place(&entry.place)
    }

    /// Name and bytes of the list of architectures.
    pub fn read_meta(&self) -> Option<(&str, Result<impl Read + use<>>)> {
        self.meta.as_ref().map(|(name, place)| (name.as_str(), self.read_place(place)))
    }

    fn read_place(&self, place: &Place) -> Result<impl Read + use<>> {
        let (path, offset, bytes) = match place {
            Place::File(path) => (path.as_path(), 0, u64::MAX),
            Place::Member { offset, bytes } => (self.path.as_path(), *offset, *bytes),
        };
        let mut file = File::open(path).map_err(Error::io("open", path))?;
        if offset > 0 {
            file.seek(SeekFrom::Start(offset)).map_err(Error::io("read", path))?;
        }
        Ok(file.take(bytes))
    }
}

fn files(folder: &Path) -> Result<Vec<(String, Place)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(Error::io("read", folder))? {
        let entry = entry.map_err(Error::io("read", folder))?;
        // A name that is no text is none of those looked for.
        let name = entry.file_name().to_string_lossy().into_owned();
        if files.len() == MAX_FILES {
            let reason = format!("it holds more than {MAX_FILES} files");
            return Err(Error::Format { path: folder.into(), expected: "a folder of NATS-Bench", reason });
        }
        files.push((name, Place::File(entry.path())));
    }
    files.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(files)
}

fn members(path: &Path) -> Result<Vec<(String, Place)>> {
    let place = |member: &tar::Member| Place::Member { offset: member.offset, bytes: member.bytes };
    Ok(tar::members(path)?.into_iter().map(|member| (member.name.clone(), place(&member))).collect())
}
