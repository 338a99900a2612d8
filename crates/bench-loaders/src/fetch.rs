use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};

use crate::download::download;
use crate::{DatasetMeta, Error, Event, Found, Located, LocatedFile, Observer, Result, Source};

/// How deep folders are searched: a mirror has its files in a folder or two, and a loop of links must end.
const MAX_DEPTH: usize = 4;
/// How many entries of a folder tree are looked at, should someone name a whole disk.
const MAX_ENTRIES: usize = 100_000;

/// Finds sources by checksum: in the folder of raw files, then in each mirror folder, then by download.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetcher {
    /// Folder of raw files; downloads go there.
    pub raw: PathBuf,
    /// Folders that are searched after it, in this order. One that does not exist is passed over.
    pub mirrors: Vec<PathBuf>,
    /// Whether to go without downloads.
    pub offline: bool,
}

impl Fetcher {
    /// Finds every source.
    ///
    /// # Errors
    /// [`Error::Missing`], which says what to put where, for the first that cannot be found; its cause says why the
    /// download failed. [`Error::Io`] if a download cannot be written.
    pub fn locate(&self, sources: &[Source], observe: &Observer<'_>) -> Result<Located> {
        let files = sources.iter().map(|source| self.locate_one(source, observe)).collect::<Result<_>>()?;
        Ok(Located { files })
    }

    /// Takes the sources that the user named: the file, or the files of their names in the folder. They need not have the
    /// official checksums.
    ///
    /// # Errors
    /// [`Error::NotASource`] if the folder lacks one, or one file is given where several are needed; [`Error::Io`].
    pub fn given(path: &Path, sources: &[Source], observe: &Observer<'_>) -> Result<Located> {
        let needed = || sources.iter().map(|source| source.file).collect::<Vec<_>>().join(", ");
        let refuse = |reason: String| Error::NotASource { path: path.into(), needed: needed(), reason };
        let metadata = fs::metadata(path).map_err(Error::io("open", path))?;
        let files = sources.iter().map(|source| {
            let file = match metadata.is_dir() {
                true => path.join(source.file),
                false if sources.len() == 1 => path.to_path_buf(),
                false => return Err(refuse("name the folder that holds them all".into())),
            };
            if metadata.is_dir() && !file.is_file() {
                return Err(refuse(format!("the folder holds no {}", source.file)));
            }
            observe(Event::Checking { path: &file });
            let sha256 = tables::hash_file(&file)?;
            let official = sha256 == source.sha256;
            Ok(LocatedFile { file: source.file, path: file, sha256, official, found: Found::Given })
        });
        Ok(Located { files: files.collect::<Result<_>>()? })
    }

    fn locate_one(&self, source: &Source, observe: &Observer<'_>) -> Result<LocatedFile> {
        let mut rejected = Vec::new();
        let located = |path, found| LocatedFile { file: source.file, path, sha256: source.sha256.into(), official: true, found };
        for (folder, found) in self.folders() {
            if let Some(path) = search(folder, source, &mut rejected, observe) {
                return Ok(located(path, found));
            }
        }
        let cause = if self.offline {
            None
        } else {
            match download(source, &self.raw, observe) {
                Ok(path) => return Ok(located(path, Found::Downloaded)),
                Err(error @ (Error::Download { .. } | Error::Checksum { .. })) => Some(error),
                Err(error) => return Err(error),
            }
        };
        let searched = self.folders().map(|(folder, _)| folder.to_path_buf()).collect();
        Err(Error::missing(source, searched, rejected, &self.raw, cause))
    }

    /// The official archive of a data set's images, by its name, in the folder of raw files or a mirror. Its checksum is
    /// compared when it is opened ([`crate::ImageSet::open`]).
    ///
    /// # Errors
    /// [`Error::NoImages`], which says what to put where.
    pub fn find_images(&self, dataset: &'static DatasetMeta) -> Result<PathBuf> {
        let none = |expected: String| Error::NoImages { dataset: dataset.name, expected, raw: self.raw.clone() };
        let Some(archive) = &dataset.archive else {
            return Err(none("an .npz file (there is no archive of this data set that this program reads)".into()));
        };
        let mut files = self.folders().flat_map(|(folder, _)| files_below(folder));
        files
            .find(|path| path.file_name().is_some_and(|name| name == archive.file))
            .ok_or_else(|| none(format!("{} (md5 {}, from {})", archive.file, archive.md5, archive.url)))
    }

    fn folders(&self) -> impl Iterator<Item = (&Path, Found)> {
        std::iter::once((self.raw.as_path(), Found::Raw)).chain(self.mirrors.iter().map(|mirror| (mirror.as_path(), Found::Mirror)))
    }
}

/// The file in the folder whose size and checksum are those of the source. Files of its name that are not it are noted.
fn search(folder: &Path, source: &Source, rejected: &mut Vec<(PathBuf, String)>, observe: &Observer<'_>) -> Option<PathBuf> {
    for path in files_below(folder) {
        let Ok(metadata) = fs::metadata(&path) else { continue };
        let named = path.file_name().is_some_and(|name| name == source.file);
        if metadata.len() != source.bytes {
            if named {
                rejected.push((path, format!("has {} bytes", metadata.len())));
            }
            continue;
        }
        observe(Event::Checking { path: &path });
        match tables::hash_file(&path) {
            Ok(sha256) if sha256 == source.sha256 => return Some(path),
            Ok(sha256) if named => rejected.push((path, format!("has sha256 {sha256}"))),
            Err(error) if named => rejected.push((path, format!("cannot be read ({error})"))),
            _ => {}
        }
    }
    None
}

/// Files below a folder, nearest first, by name within a folder. What cannot be read is passed over.
fn files_below(root: &Path) -> Vec<PathBuf> {
    let (mut files, mut entries) = (Vec::new(), 0);
    let mut folders = VecDeque::from([(root.to_path_buf(), 0)]);
    while let Some((folder, depth)) = folders.pop_front() {
        let Ok(listing) = fs::read_dir(&folder) else { continue };
        let mut paths: Vec<PathBuf> = listing.filter_map(|entry| Some(entry.ok()?.path())).take(MAX_ENTRIES - entries).collect();
        paths.sort();
        entries += paths.len();
        for path in paths {
            match fs::metadata(&path) {
                Ok(metadata) if metadata.is_file() => files.push(path),
                Ok(metadata) if metadata.is_dir() && depth < MAX_DEPTH => folders.push_back((path, depth + 1)),
                _ => {}
            }
        }
    }
    files
}
