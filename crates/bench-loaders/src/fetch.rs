use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};

use crate::download::download;
use crate::form::Form;
use crate::{BenchmarkMeta, DatasetMeta, Edition, Error, Event, Found, ImagePickles, Located, LocatedFile, Observer, Result, Source};

/// How deep folders are searched: a mirror has its files in a folder or two, and a loop of links must end.
const MAX_DEPTH: usize = 4;
/// How many entries of a folder tree are looked at, should someone name a whole disk.
const MAX_ENTRIES: usize = 100_000;
/// Larger files are downloaded only if their edition was asked for by name.
const UNASKED_BYTES: u64 = 64 << 20;

/// Finds sources by checksum (where one is known, or else by name and form): in the folder of raw files, then in each
/// mirror folder, then by download.
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
    /// Finds the sources of a benchmark: of the edition named, or else of the first that is on this machine, or else of the
    /// first that can be downloaded and is no larger than 64 MiB.
    ///
    /// # Errors
    /// [`Error::Missing`], which says what to put where; its cause says why a download failed. [`Error::Unknown`] if there
    /// is no such edition. [`Error::Io`] if a download cannot be written.
    pub fn locate(&self, meta: &BenchmarkMeta, edition: Option<&str>, observe: &Observer<'_>) -> Result<Located> {
        let asked = edition.map(|name| meta.edition(name)).transpose()?;
        let editions = asked.map_or(meta.editions, std::slice::from_ref);
        let mut rejected = Vec::new();
        for edition in editions {
            let here: Option<Vec<_>> = edition.sources.iter().map(|source| self.search(source, &mut rejected, observe)).collect();
            if let Some(files) = here {
                return Ok(Located { edition, files });
            }
        }
        let small = |edition: &Edition| edition.sources.iter().all(|source| source.bytes.is_some_and(|bytes| bytes <= UNASKED_BYTES));
        let mut cause = None;
        for edition in editions.iter().filter(|edition| !self.offline && (asked.is_some() || small(edition))) {
            match self.locate_or_download(edition, observe) {
                Ok(located) => return Ok(located),
                Err(error @ (Error::Download { .. } | Error::Checksum { .. })) => {
                    cause.get_or_insert(Box::new(error));
                }
                Err(error) => return Err(error),
            }
        }
        rejected.dedup();
        Err(Error::Missing {
            benchmark: meta.name,
            wanted: editions.iter().map(|edition| edition.sources.iter().map(Source::in_words).collect()).collect(),
            searched: self.folders().map(|(folder, _)| folder.to_path_buf()).collect(),
            rejected,
            raw: self.raw.clone().into_boxed_path(),
            source: cause,
        })
    }

    fn locate_or_download(&self, edition: &'static Edition, observe: &Observer<'_>) -> Result<Located> {
        let files = edition.sources.iter().map(|source| match self.search(source, &mut Vec::new(), observe) {
            Some(file) => Ok(file),
            None => self.download(source, observe),
        });
        Ok(Located { edition, files: files.collect::<Result<_>>()? })
    }

    fn download(&self, source: &Source, observe: &Observer<'_>) -> Result<LocatedFile> {
        let path = download(source, &self.raw, observe)?;
        let sha256 = source.sha256.map(str::to_owned);
        Ok(LocatedFile { file: source.file, path, sha256, official: Some(true), found: Found::Downloaded })
    }

    /// Finds files that belong to no benchmark, in their order; `name` says what they are.
    ///
    /// # Errors
    /// As [`Self::locate`].
    pub fn locate_files(&self, name: &'static str, sources: &'static [Source], observe: &Observer<'_>) -> Result<Vec<LocatedFile>> {
        let mut rejected = Vec::new();
        let missing = |rejected: Vec<(PathBuf, String)>, cause: Option<Error>| Error::Missing {
            benchmark: name,
            wanted: vec![sources.iter().map(Source::in_words).collect()],
            searched: self.folders().map(|(folder, _)| folder.to_path_buf()).collect(),
            rejected,
            raw: self.raw.clone().into_boxed_path(),
            source: cause.map(Box::new),
        };
        let mut files = Vec::new();
        for source in sources {
            let file = match self.search(source, &mut rejected, observe) {
                Some(file) => file,
                None if self.offline => return Err(missing(rejected, None)),
                None => match self.download(source, observe) {
                    Ok(file) => file,
                    Err(error @ (Error::Download { .. } | Error::Checksum { .. })) => return Err(missing(rejected, Some(error))),
                    Err(error) => return Err(error),
                },
            };
            files.push(file);
        }
        Ok(files)
    }

    /// The official archive of a data set's images, or the folder with its official files, by name, in the folder of raw
    /// files or a mirror. Checksums are compared when it is opened ([`crate::ImageSet::open`]).
    ///
    /// # Errors
    /// [`Error::NoImages`], which says what to put where.
    pub fn find_images(&self, dataset: &'static DatasetMeta) -> Result<PathBuf> {
        let none = |expected: String| Error::NoImages { dataset: dataset.name, expected, raw: self.raw.clone() };
        if let Some(pickles) = &dataset.pickles {
            let files = pickles.train.iter().map(|(file, _)| *file).collect::<Vec<_>>().join(", ");
            let expected = || format!("the files {files} (from {}) in one folder, or an .npz file", pickles.url);
            return self.find_folder(pickles).ok_or_else(|| none(expected()));
        }
        let Some(archive) = &dataset.archive else {
            return Err(none("an .npz file (there is no archive of this data set that this program reads)".into()));
        };
        let mut files = self.folders().flat_map(|(folder, _)| paths_below(folder));
        files
            .find(|path| path.file_name().is_some_and(|name| name == archive.file))
            .ok_or_else(|| none(format!("{} (md5 {}, from {})", archive.file, archive.md5, archive.url)))
    }

    /// The first folder that holds all files of training images.
    fn find_folder(&self, pickles: &ImagePickles) -> Option<PathBuf> {
        let (first, _) = pickles.train.first()?;
        let files = self.folders().flat_map(|(folder, _)| paths_below(folder));
        let mut folders = files.filter(|path| path.ends_with(first)).filter_map(|path| path.parent().map(Path::to_path_buf));
        folders.find(|folder| pickles.train.iter().all(|(file, _)| folder.join(file).is_file()))
    }

    fn folders(&self) -> impl Iterator<Item = (&Path, Found)> {
        std::iter::once((self.raw.as_path(), Found::Raw)).chain(self.mirrors.iter().map(|mirror| (mirror.as_path(), Found::Mirror)))
    }

    /// The source in the first folder that has it. What has its name and is not it is noted.
    fn search(&self, source: &Source, rejected: &mut Vec<(PathBuf, String)>, observe: &Observer<'_>) -> Option<LocatedFile> {
        self.folders().find_map(|(folder, found)| {
            let mut paths = paths_below(folder).into_iter();
            paths.find_map(|path| match examine(source, &path, observe) {
                Ok(sha256) => Some(LocatedFile { file: source.file, path, official: source.sha256.map(|_| true), sha256, found }),
                Err(difference) => {
                    rejected.extend(difference.map(|difference| (path, difference)));
                    None
                }
            })
        })
    }
}

/// Whether a path is the source, and its checksum. The error is what is wrong with something of its name; `None` for
/// something of another name.
fn examine(source: &Source, path: &Path, observe: &Observer<'_>) -> std::result::Result<Option<String>, Option<String>> {
    let named = path.file_name().is_some_and(|name| name == source.file);
    let differs = |difference: String| named.then_some(difference);
    let metadata = fs::metadata(path).map_err(|error| differs(format!("cannot be read ({error})")))?;
    if metadata.is_dir() != source.form.is_folder() {
        return Err(None);
    }
    // Something of another name is worth a checksum only if its size is right.
    if !named && (source.sha256.is_none() || source.bytes != Some(metadata.len())) {
        return Err(None);
    }
    if let Some(bytes) = source.bytes.filter(|&bytes| metadata.len() != bytes) {
        return Err(differs(format!("has {} bytes instead of {bytes}", metadata.len())));
    }
    // A checksum says more.
    if source.sha256.is_none() && !source.form.fits(path).unwrap_or(false) {
        return Err(differs(format!("is not {}", source.form.in_words())));
    }
    if let Form::Folder { files, .. } = source.form {
        // A few files of a benchmark are a sample: only who names them wants a table of just these.
        let there = fs::read_dir(path).map_or(0, |listing| listing.take(files + 1).count().saturating_sub(1));
        return if there < files {
            Err(differs(format!("has {there} of {files} files; name it with --source to read these")))
        } else {
            Ok(None)
        };
    }
    observe(Event::Checking { path });
    match (tables::hash_file(path), source.sha256) {
        (Ok(sha256), Some(official)) if sha256 != official => Err(differs(format!("has sha256 {sha256}"))),
        (Ok(sha256), _) => Ok(Some(sha256)),
        (Err(error), _) => Err(differs(format!("cannot be read ({error})"))),
    }
}

/// Files and folders below a folder, nearest first, by name within a folder. What cannot be read is passed over, and so are
/// the contents of folders that are sources themselves: they have tens of thousands of files.
fn paths_below(root: &Path) -> Vec<PathBuf> {
    let (mut found, mut entries) = (Vec::new(), 0);
    let mut folders = VecDeque::from([(root.to_path_buf(), 0)]);
    while let Some((folder, depth)) = folders.pop_front() {
        let Ok(listing) = fs::read_dir(&folder) else { continue };
        let mut paths: Vec<PathBuf> = listing.filter_map(|entry| Some(entry.ok()?.path())).take(MAX_ENTRIES - entries).collect();
        paths.sort();
        entries += paths.len();
        for path in paths {
            match fs::metadata(&path) {
                Ok(metadata) if metadata.is_file() => found.push(path),
                Ok(metadata) if metadata.is_dir() => {
                    if depth < MAX_DEPTH && !crate::given::is_source_folder(&path) {
                        folders.push_back((path.clone(), depth + 1));
                    }
                    found.push(path);
                }
                _ => {}
            }
        }
    }
    found
}
