//! Sources that the user names.

use std::fs;
use std::path::{Path, PathBuf};

use crate::form::Form;
use crate::{BenchmarkMeta, Edition, Error, Event, Fetcher, Found, Located, LocatedFile, Observer, Result, Source};

impl Fetcher {
    /// Takes the sources that the user named: a file, a folder that is a source, or a folder that holds the files. Which
    /// edition it is shows by name, or else by content; `edition` settles it. They need not have the official checksums.
    ///
    /// # Errors
    /// [`Error::WrongBenchmark`] if it bears the name of another benchmark's source; [`Error::NotASource`] if it is none, or
    /// has the name of one and looks like something else; [`Error::Unknown`] if there is no such edition; [`Error::Io`].
    pub fn given(path: &Path, meta: &BenchmarkMeta, edition: Option<&str>, observe: &Observer<'_>) -> Result<Located> {
        let editions = match edition {
            Some(name) => std::slice::from_ref(meta.edition(name)?),
            None => meta.editions,
        };
        let is_folder = fs::metadata(path).map_err(Error::io("open", path))?.is_dir();
        let name = name_of(path);
        let own = editions.iter().any(|edition| edition.sources.iter().any(|source| Some(source.file) == name.as_deref()));
        if let Some(other) = name.as_deref().filter(|_| !own).and_then(|name| owner(name, meta)) {
            return Err(Error::WrongBenchmark { path: path.into(), benchmark: meta.name, other });
        }
        let refuse = |reason: String| {
            let needed = editions.iter().map(|edition| edition.sources.iter().map(|source| source.file).collect::<Vec<_>>().join(" with "));
            Err(Error::NotASource { path: path.into(), needed: needed.collect::<Vec<_>>().join(", or "), reason })
        };
        let fits = |form: Form, path: &Path| form.fits(path).map_err(Error::io("read", path));
        // By name: the source itself, or its name in the folder.
        let named = |source: &Source| -> Option<PathBuf> {
            if name.as_deref() == Some(source.file) && is_folder == source.form.is_folder() {
                return Some(path.into());
            }
            is_folder.then(|| path.join(source.file)).filter(|path| path.exists())
        };
        for edition in editions {
            let paths: Option<Vec<PathBuf>> = edition.sources.iter().map(named).collect();
            let Some(paths) = paths else { continue };
            for (source, path) in edition.sources.iter().zip(&paths) {
                if !fits(source.form, path)? {
                    let there = Form::describe(path).map_err(Error::io("read", path))?;
                    return refuse(format!("{} is {there}, not {}", path.display(), source.form.in_words()));
                }
            }
            return located(edition, paths, observe);
        }
        // Under another name: by content, where one file is all it takes.
        for edition in editions {
            if let [source] = edition.sources
                && fits(source.form, path)?
            {
                return located(edition, vec![path.into()], observe);
            }
        }
        if own && !is_folder {
            return refuse("it takes them all: name the folder that holds them".into());
        }
        if is_folder {
            return refuse("the folder holds no such thing".into());
        }
        let there = Form::describe(path).map_err(Error::io("read", path))?;
        let mut forms: Vec<String> = editions.iter().flat_map(|edition| edition.sources).map(|source| source.form.in_words()).collect();
        forms.sort();
        forms.dedup();
        refuse(format!("expected {}, this is {there}", forms.join(" or ")))
    }
}

fn located(edition: &'static Edition, paths: Vec<PathBuf>, observe: &Observer<'_>) -> Result<Located> {
    let files = edition.sources.iter().zip(paths).map(|(source, path)| {
        let mut sha256 = None;
        if !source.form.is_folder() {
            observe(Event::Checking { path: &path });
            sha256 = Some(tables::hash_file(&path)?);
        }
        let official = source.sha256.and_then(|official| Some(sha256.as_deref()? == official));
        Ok(LocatedFile { file: source.file, path, sha256, official, found: Found::Given })
    });
    Ok(Located { edition, files: files.collect::<Result<_>>()? })
}

fn name_of(path: &Path) -> Option<String> {
    // A path like `.` has a name only once it is resolved.
    let path = path.canonicalize().unwrap_or_else(|_| path.into());
    path.file_name().map(|name| name.to_string_lossy().into_owned())
}

/// Another benchmark that has a source of that name.
fn owner(name: &str, meta: &BenchmarkMeta) -> Option<&'static str> {
    let others = crate::ALL.iter().map(|benchmark| benchmark.meta()).filter(|other| other.name != meta.name);
    let mut sources = others.flat_map(|other| other.editions.iter().flat_map(|edition| edition.sources).map(|source| (other.name, source)));
    sources.find(|(_, source)| source.file == name).map(|(other, _)| other)
}

/// Whether a folder bears the name of a source that is a folder.
pub fn is_source_folder(path: &Path) -> bool {
    let editions = crate::ALL.iter().flat_map(|benchmark| benchmark.meta().editions);
    let mut sources = editions.flat_map(|edition| edition.sources).filter(|source| source.form.is_folder());
    sources.any(|source| path.file_name().is_some_and(|name| name == source.file))
}
