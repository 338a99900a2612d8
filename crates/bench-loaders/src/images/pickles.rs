use std::fs::File;
use std::io::{BufReader, Seek as _};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::readers::pickle::{Document, Limits, Problem, Value, load_from};
use crate::{DatasetMeta, Error, ImagePickles, Result};

use super::cifar::{checksums, empty};
use super::image_set::{ImageSet, class};

/// Memory for one file: the official ones hold 98 MB of pixels, which protocol 2 writes as twice as much text.
const LIMITS: Limits = Limits { memory: 1 << 29, longest_bytes: 1 << 28 };

/// Reads the training images from the folder that holds the official files.
pub fn read_folder(path: &Path, dataset: &'static DatasetMeta, pickles: &ImagePickles) -> Result<ImageSet> {
    if pickles.train.iter().any(|(file, _)| !path.join(file).is_file()) {
        let files = pickles.train.iter().map(|(file, _)| *file).collect::<Vec<_>>().join(", ");
        let expected = format!("{files} (from {}), or an .npz file", pickles.url);
        return Err(Error::NoImages { dataset: dataset.name, expected, raw: path.into() });
    }
    let name = format!("{} to {}", pickles.train.first().map_or("", |f| f.0), pickles.train.last().map_or("", |f| f.0));
    let mut set = empty(name, dataset);
    let mut hash = Sha256::new();
    for (file, md5) in pickles.train {
        append(&path.join(file), &[md5], pickles, &mut set, &mut hash)?;
    }
    set.sha256 = tables::hex(&hash.finalize());
    Ok(set)
}

/// Reads the images of one official file, be it of training images or of those held out.
pub fn read_file(path: &Path, dataset: &'static DatasetMeta) -> Result<ImageSet> {
    let pickles = dataset.pickles.as_ref().ok_or_else(|| Error::Format {
        path: path.into(),
        expected: "an .npz file or a .tar.gz archive of images",
        reason: format!("it is a pickle, and there are none of {} that this program reads", dataset.name),
    })?;
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let mut set = empty(name, dataset);
    let mut hash = Sha256::new();
    let md5s: Vec<&str> = pickles.train.iter().chain(pickles.held_out).map(|(_, md5)| *md5).collect();
    append(path, &md5s, pickles, &mut set, &mut hash)?;
    set.sha256 = tables::hex(&hash.finalize());
    Ok(set)
}

/// Appends the images of a file that belong to the data set, once its MD5 is found to be one of those published. Since the
/// checksum comes first, what is in a file is as official as its name.
fn append(path: &Path, md5s: &[&str], pickles: &ImagePickles, set: &mut ImageSet, hash: &mut Sha256) -> Result<()> {
    let failed = || Error::io("read", path);
    let mut file = File::open(path).map_err(Error::io("open", path))?;
    let md5 = checksums(&mut file, hash).map_err(failed())?;
    if !md5s.contains(&md5.as_str()) {
        let expected = md5s.join(" or ");
        return Err(Error::Checksum { file: path.display().to_string(), what: "md5", expected, got: md5 });
    }
    file.rewind().map_err(failed())?;
    let document = load_from(BufReader::with_capacity(1 << 16, file), &LIMITS).map_err(|error| Error::Format {
        path: path.into(),
        expected: "a pickle of images",
        reason: error.to_string(),
    })?;
    take(&document, path, pickles, set)
}

/// Takes the images of the data set's classes, in order.
fn take(document: &Document, path: &Path, pickles: &ImagePickles, set: &mut ImageSet) -> Result<()> {
    let wrong = |array, expected: String, got: String| Error::Array { path: path.into(), array, expected, got };
    let size = ImageSet::image_bytes(set.dataset, set.resolution);
    let expected = || format!("u8 of shape [n, {size}]");
    let problem = |array| {
        move |problem: Problem| wrong(array, if array == "data" { expected() } else { "a list of labels".into() }, problem.to_string())
    };
    let data = document.root().require("data").and_then(Value::array).map_err(problem("data"))?;
    let pixels = data.u8s().map_err(problem("data"))?;
    let &[n, row] = data.shape() else { return Err(wrong("data", expected(), format!("the shape {:?}", data.shape()))) };
    if row != size || data.fortran_order() {
        let order = if data.fortran_order() { " in Fortran order" } else { "" };
        return Err(wrong("data", expected(), format!("the shape {:?}{order}", data.shape())));
    }
    let labels = document.root().require("labels").and_then(integers).map_err(problem("labels"))?;
    if labels.len() != n {
        return Err(wrong("labels", format!("{n} labels, one for each image"), labels.len().to_string()));
    }
    let dataset = set.dataset;
    for (row, (label, image)) in labels.into_iter().zip(pixels.chunks_exact(size)).enumerate() {
        let label = i128::from(label);
        let first = dataset.first_label;
        let classes = pickles.classes;
        let at = usize::try_from(label - i128::from(first)).ok().filter(|&class| class < classes);
        let at = at.ok_or_else(|| Error::Label { path: path.into(), row, label, dataset: dataset.name, classes, first })?;
        if at < dataset.classes {
            set.labels.push(class(label, first, row, dataset, path)?);
            set.pixels.extend_from_slice(image);
        }
    }
    Ok(())
}

/// The integers of a list, or of an array.
fn integers(labels: Value<'_>) -> std::result::Result<Vec<i64>, Problem> {
    match labels.array() {
        Ok(array) => array.integers(),
        Err(_) => labels.sequence()?.map(Value::integer).collect(),
    }
}
