//! A folder of pictures: a folder of PNG or JPEG files for each class.

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use image::RgbImage;
use image::imageops::{self, FilterType};
use image::io::{Limits, Reader};
use sha2::{Digest, Sha256};

use crate::error::excerpt;
use crate::{Error, Result};

use super::raw::Raw;

/// Most pixels along a side, and most bytes that decoding a picture may take.
const MAX_SIDE: u32 = 1 << 15;
const MAX_DECODED: u64 = 1 << 29;
/// Most bytes of a file, and of all pictures once they are small.
const MAX_FILE: u64 = 1 << 28;
const MAX_PIXELS: usize = 1 << 32;
/// How many unreadable files an error names.
const NAMED: usize = 5;

/// Names of the classes of a folder, in alphabetical order: its folders.
///
/// # Errors
/// [`Error::Io`].
pub fn classes(folder: &Path) -> Result<Vec<String>> {
    let folders = entries(folder)?.into_iter().filter(|path| path.is_dir());
    Ok(folders.filter_map(|path| path.file_name().map(|name| name.to_string_lossy().into_owned())).collect())
}

/// Reads the pictures of a folder, in the order of their names within that of their classes: resized (a triangle filter, as wide
/// as the picture shrinks) so that the shorter side has `side` pixels, and cut to the middle. Grey pictures get three equal channels; what is
/// transparent is taken for opaque; 16 bits a channel become 8.
///
/// # Errors
/// [`Error::OwnData`] if there is none, if the folder has other classes than these, or if some cannot be read: it names the first.
pub fn read(folder: &Path, names: &[String], side: usize) -> Result<Raw> {
    let wrong = |reason: String| Error::OwnData { path: folder.into(), reason };
    let there = classes(folder)?;
    if there != names {
        let list = |names: &[String]| excerpt(&names.join(", "));
        return Err(wrong(format!("its classes are {}, those to learn from {}", list(&there), list(names))));
    }
    let mut files: Vec<(u16, PathBuf)> = Vec::new();
    for (class, name) in names.iter().enumerate() {
        let class = u16::try_from(class).map_err(|_| wrong(format!("{} classes are too many", names.len())))?;
        let pictures: Vec<PathBuf> = entries(&folder.join(name))?.into_iter().filter(|path| is_picture(path)).collect();
        if pictures.is_empty() {
            return Err(wrong(format!("the class {} has no picture: .png, .jpg or .jpeg files are expected in it", excerpt(name))));
        }
        files.extend(pictures.into_iter().map(|path| (class, path)));
    }
    if files.is_empty() {
        return Err(wrong("there are no pictures: a folder for each class is expected, with .png, .jpg or .jpeg files".into()));
    }
    let area = 3 * side * side;
    if files.len().saturating_mul(area) > MAX_PIXELS {
        return Err(wrong(format!("{} pictures of {side} x {side} pixels need more than 4 GiB", files.len())));
    }
    let (mut pixels, mut labels, mut hash) = (Vec::with_capacity(files.len() * area), Vec::new(), Sha256::new());
    let mut unreadable = Vec::new();
    for (class, path) in &files {
        match picture(path, side, &mut hash) {
            Ok(planes) => {
                pixels.extend(planes);
                labels.push(*class);
            }
            Err(reason) => unreadable.push(format!("{}: {reason}", path.strip_prefix(folder).unwrap_or(path).display())),
        }
        hash.update(class.to_be_bytes());
    }
    if !unreadable.is_empty() {
        let more = unreadable.len().saturating_sub(NAMED);
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        let first = unreadable[..unreadable.len().min(NAMED)].join("; ");
        return Err(wrong(format!("{} of {} pictures cannot be read: {first}{more}", unreadable.len(), files.len())));
    }
    let name = format!("{} (a folder)", folder.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned()));
    Ok(Raw { name, side, pixels, labels, sha256: tables::hex(&hash.finalize()) })
}

/// What is in a folder, by name, without hidden files.
pub fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let failed = || Error::io("read the folder", folder);
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed())? {
        let entry = entry.map_err(failed())?;
        if !entry.file_name().to_string_lossy().starts_with('.') {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}

pub fn is_picture(path: &Path) -> bool {
    let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase());
    path.is_file() && extension.is_some_and(|e| ["png", "jpg", "jpeg"].contains(&e.as_str()))
}

/// Planes of a picture, `[3, side, side]`.
fn picture(path: &Path, side: usize, hash: &mut Sha256) -> std::result::Result<Vec<u8>, String> {
    Ok(planes(&middle(decode(path, hash)?, side, side)?))
}

/// A picture as it is.
pub fn decode(path: &Path, hash: &mut Sha256) -> std::result::Result<RgbImage, String> {
    let size = fs::metadata(path).map_err(|error| error.to_string())?.len();
    if size == 0 {
        return Err("the file is empty".into());
    }
    if size > MAX_FILE {
        return Err(format!("{size} bytes are too many"));
    }
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    hash.update(&bytes);
    let mut reader = Reader::new(Cursor::new(&bytes)).with_guessed_format().map_err(|error| error.to_string())?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_DECODED);
    reader.limits(limits);
    let decoded = reader.decode().map_err(|error| excerpt(&error.to_string()))?.into_rgb8();
    if decoded.width().min(decoded.height()) == 0 {
        return Err("it has no pixels".into());
    }
    Ok(decoded)
}

/// The middle `side` by `side` pixels of a picture whose shorter side has become `shorter` pixels.
pub fn middle(picture: RgbImage, shorter: usize, side: usize) -> std::result::Result<RgbImage, String> {
    let (width, height) = picture.dimensions();
    let (target, shortest) = (shorter as u32, width.min(height));
    let scaled = |length: u32| ((u64::from(length) * u64::from(target) + u64::from(shortest) / 2) / u64::from(shortest)) as u32;
    let (w, h) = (scaled(width).max(target), scaled(height).max(target));
    if u64::from(w) * u64::from(h) * 3 > MAX_DECODED {
        return Err(format!("{width} x {height} pixels are too long and thin"));
    }
    let small = if (w, h) == (width, height) { picture } else { imageops::resize(&picture, w, h, FilterType::Triangle) };
    let side = side as u32;
    Ok(imageops::crop_imm(&small, (w - side) / 2, (h - side) / 2, side, side).to_image())
}

/// Planes of a square picture, `[3, side, side]`.
pub fn planes(square: &RgbImage) -> Vec<u8> {
    (0..3).flat_map(|channel| square.pixels().map(move |pixel| pixel.0[channel])).collect()
}
