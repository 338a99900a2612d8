//! Images to train on or to score with, as a user names them.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::excerpt;
use crate::{DatasetMeta, Error, Result, Target, datasets};

use super::idx::{self, Source};
use super::image_set::ImageSet;
use super::raw::Raw;
use super::splits::Splits;
use super::{cifar, digits, npz, pickles, picture_folder};

/// Side of the pictures of a folder that names none.
const DEFAULT_SIDE: usize = 32;
/// Most pixels along a side that a picture may be resized to.
const MAX_SIDE: usize = 1024;
const EXPECTED: &str = "`digits`, `cifar10:PATH`, `cifar100:PATH`, `imagenet16-120:PATH`, `idx:DIR`, `npz:FILE` or `folder:DIR[@SIDE]`, the last three \
    also with a name, as in `pets=folder:DIR`";

/// Where images with classes are.
///
/// | text | images |
/// |---|---|
/// | `digits` | the built-in ones |
/// | `cifar10:PATH`, `cifar100:PATH` | the official archive or folder, with its test images; or an `.npz` as [`ImageSet::open`] reads it |
/// | `imagenet16-120:PATH` | the official folder (with `val_data`, if that is there), or an `.npz` |
/// | `idx:DIR` | files of MNIST's format: `*train-images-idx3-ubyte` with its labels, `*t10k-images-idx3-ubyte` or `*test-...` likewise, each also as `.gz` |
/// | `npz:FILE`, `npz:DIR` | `images_u8_nchw` (`u8`, `[n, 3 or 1, s, s]`) and `labels`; of a folder `train.npz`, `valid.npz` and `test.npz`, of which the last two may be missing |
/// | `folder:DIR[@SIDE]` | `CLASS/*.png` or `.jpg`, or `train/CLASS/...` with `valid` (or `val`) and `test` beside it; see [`Splits::complete`] for what is missing |
///
/// A data set of the user's own has the name before `=`, or else that of the file or folder, in lower case.
#[derive(Clone, Debug, PartialEq)]
pub struct DataSpec {
    name: String,
    source: Images,
}

#[derive(Clone, Debug, PartialEq)]
enum Images {
    Digits,
    /// Of a data set with official files.
    Official(&'static DatasetMeta, PathBuf),
    Own(Kind, PathBuf),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Idx,
    Npz,
    /// Pictures, and the side that they get.
    Folder(usize),
}

impl DataSpec {
    /// Whether a text names images (`kind:path`, or the digits) and not only a data set.
    #[must_use]
    pub fn names_images(text: &str) -> bool {
        text == "digits" || text.contains(':')
    }

    /// Reads a text as the table above says.
    ///
    /// # Errors
    /// [`Error::DataSpec`].
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = |reason: &str| Error::DataSpec { text: excerpt(text), reason: reason.into(), expected: EXPECTED };
        if text == "digits" {
            return Ok(Self { name: text.into(), source: Images::Digits });
        }
        let (before, path) = text.split_once(':').ok_or_else(|| wrong("no colon"))?;
        if path.is_empty() {
            return Err(wrong("no path after the colon"));
        }
        let (own_name, kind) = before.split_once('=').map_or((None, before), |(name, kind)| (Some(name), kind));
        let (kind, place) = match kind {
            "idx" => (Kind::Idx, path),
            "npz" => (Kind::Npz, path),
            "folder" => match path.rsplit_once('@') {
                Some((path, side)) if !side.is_empty() && side.bytes().all(|b| b.is_ascii_digit()) => {
                    let side = side.parse().ok().filter(|side| (1..=MAX_SIDE).contains(side));
                    (Kind::Folder(side.ok_or_else(|| wrong("the side must be from 1 to 1024 pixels"))?), path)
                }
                _ => (Kind::Folder(DEFAULT_SIDE), path),
            },
            name => {
                let dataset = datasets::find(name).map_err(|error| wrong(&error.to_string()))?;
                if dataset.target != Target::Classes || dataset.archive.is_none() && dataset.pickles.is_none() {
                    return Err(wrong("its images have no classes to train on, or no file that this program reads"));
                }
                if own_name.is_some() {
                    return Err(wrong("it has a name already"));
                }
                return Ok(Self { name: name.into(), source: Images::Official(dataset, path.into()) });
            }
        };
        let place = PathBuf::from(place);
        let stem = || place.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let given = own_name.map(str::to_owned).or_else(stem);
        let name: String = given.unwrap_or_default().to_lowercase();
        let fits = |c: char| c.is_alphanumeric() || "-_.".contains(c);
        if name.is_empty() || !name.chars().all(fits) {
            return Err(wrong("give it a name of letters, digits, `-`, `_` and `.` before `=`"));
        }
        if datasets::find(&name).is_ok() {
            return Err(wrong("there is a data set of that name already: give it another one before `=`"));
        }
        Ok(Self { name, source: Images::Own(kind, place) })
    }

    /// Name of the data set, as in tables.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Reads the images and splits them.
    ///
    /// # Errors
    /// Those of reading; [`Error::OwnData`] for what cannot be trained on.
    pub fn load(&self) -> Result<Splits> {
        match &self.source {
            Images::Digits => digits::digits_split(),
            Images::Official(dataset, path) => official(dataset, path),
            Images::Own(Kind::Idx, folder) => self.own(folder, idx_part(folder, &["train"])?, None, idx_part(folder, &["t10k", "test"])?),
            Images::Own(Kind::Npz, path) if path.is_dir() => {
                let part = |name: &str| Some(path.join(name)).filter(|file| file.exists()).map(|file| npz::read_own(&file)).transpose();
                self.own(path, part("train.npz")?, part("valid.npz")?, part("test.npz")?)
            }
            Images::Own(Kind::Npz, path) => self.own(path, Some(npz::read_own(path)?), None, None),
            Images::Own(Kind::Folder(side), folder) => self.pictures(folder, *side),
        }
    }

    fn pictures(&self, folder: &Path, side: usize) -> Result<Splits> {
        let part = |names: &[&str]| names.iter().map(|name| folder.join(name)).find(|part| part.is_dir());
        // A folder `train` that holds pictures is a class of that name.
        let train = part(&["train"]);
        let classes = train.as_deref().map_or_else(|| Ok(Vec::new()), picture_folder::classes)?;
        let Some(train) = train.filter(|_| !classes.is_empty()) else {
            return self.own(folder, Some(picture_folder::read(folder, &picture_folder::classes(folder)?, side)?), None, None);
        };
        let (valid, test) = (part(&["valid", "val"]), part(&["test"]));
        let read = |part: PathBuf| picture_folder::read(&part, &classes, side);
        self.own(folder, Some(read(train)?), valid.map(read).transpose()?, test.map(read).transpose()?)
    }

    /// Splits of a user's own data set. Without images to learn from, those to judge by are split.
    fn own(&self, path: &Path, train: Option<Raw>, valid: Option<Raw>, test: Option<Raw>) -> Result<Splits> {
        let (train, test) = if train.is_some() { (train, test) } else { (test, None) };
        let train = train.ok_or_else(|| Error::OwnData { path: path.into(), reason: "there are no images to learn from".into() })?;
        let others: Vec<&Raw> = valid.iter().chain(&test).collect();
        let dataset = train.dataset(&self.name, &others, path)?;
        let set = |raw: Raw| raw.into_set(dataset);
        Splits::complete(set(train), valid.map(set), test.map(set))
    }
}

/// Images of a data set with official files.
fn official(dataset: &'static DatasetMeta, path: &Path) -> Result<Splits> {
    let train = ImageSet::open(path, dataset)?;
    let is_npz = path.extension().is_some_and(|extension| extension == "npz");
    let test = if dataset.archive.is_some() && !is_npz {
        let read = if path.is_dir() { cifar::read_folder } else { cifar::read_archive };
        Some(read(path, dataset, cifar::Split::Test)?)
    } else {
        let held_out = path.join("val_data");
        held_out.is_file().then(|| pickles::read_file(&held_out, dataset)).transpose()?
    };
    Splits::complete(train, None, test)
}

/// The pair of IDX files whose names begin like that (after any prefix).
fn idx_part(folder: &Path, beginnings: &[&str]) -> Result<Option<Raw>> {
    let Some((images, labels)) = idx_files(folder, beginnings)? else { return Ok(None) };
    let read = |path: &Path| fs::read(path).map_err(Error::io("read", path));
    let bytes = (read(&images)?, read(&labels)?);
    let name = images.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let raw = idx::read(Source { path: &images, bytes: &bytes.0 }, Source { path: &labels, bytes: &bytes.1 }, &name)?;
    Ok(Some(raw))
}

/// Where that pair is, images first; none if one of the two is missing.
pub(super) fn idx_files(folder: &Path, beginnings: &[&str]) -> Result<Option<(PathBuf, PathBuf)>> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .map_err(Error::io("read the folder", folder))?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.sort();
    let ending = |kind: &str| {
        let fits = |name: &&String| {
            let plain = name.strip_suffix(".gz").unwrap_or(name);
            beginnings.iter().any(|beginning| plain.ends_with(&format!("{beginning}-{kind}-ubyte")))
        };
        names.iter().find(fits).map(|name| folder.join(name))
    };
    Ok(ending("images-idx3").zip(ending("labels-idx1")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_names_images_and_a_data_set() {
        let name = |text: &str| DataSpec::parse(text).map(|spec| spec.name().to_owned()).map_err(|error| error.to_string());
        for (text, want) in [
            ("digits", "digits"),
            ("cifar10:a/b", "cifar10"),
            ("idx:data/MNIST", "mnist"),
            ("npz:x/Faces.npz", "faces"),
            ("folder:pets@64", "pets"),
            ("folder:a@b/Pets.v2", "pets"),
            ("dogs=folder:a/pets", "dogs"),
        ] {
            assert_eq!(name(text).as_deref(), Ok(want), "{text}");
        }
        assert_eq!(DataSpec::parse("folder:a@64").unwrap().source, Images::Own(Kind::Folder(64), "a".into()));
        assert_eq!(DataSpec::parse("x=folder:a@b").unwrap().source, Images::Own(Kind::Folder(DEFAULT_SIDE), "a@b".into()));
        for (text, part) in [
            ("mnist", "no colon"),
            ("idx:", "no path"),
            ("cifr10:x", "did you mean `cifar10`"),
            ("class_scene:x", "no classes to train on"),
            ("a=cifar10:x", "a name already"),
            ("folder:a@0", "1 to 1024"),
            ("my pets=folder:a", "give it a name"),
            ("cifar10=folder:a", "of that name already"),
        ] {
            assert!(name(text).unwrap_err().contains(part), "{text}: {:?}", name(text));
        }
    }
}
