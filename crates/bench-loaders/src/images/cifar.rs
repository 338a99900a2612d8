use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::Path;

use flate2::read::GzDecoder;
use md5::Md5;
use sha2::{Digest, Sha256};

use crate::{DatasetMeta, Error, ImageArchive, Result};

use super::image_set::{Dense, ImageSet, class};

/// Which images of an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    Train,
    Test,
}

impl Split {
    /// Files in the folder of the archive, and records in each.
    const fn files(self, archive: &ImageArchive) -> (&'static [&'static str], usize) {
        match self {
            Self::Train => archive.train,
            Self::Test => archive.test,
        }
    }
}

/// Reads images from the official archive, once its MD5 is found to be the published one.
pub fn read_archive(path: &Path, dataset: &'static DatasetMeta, split: Split) -> Result<ImageSet> {
    let archive = archive_of(dataset, path)?;
    let failed = || Error::io("read", path);
    let mut file = File::open(path).map_err(failed())?;
    let mut sha256 = Sha256::new();
    let md5 = checksums(&mut file, &mut sha256).map_err(failed())?;
    let sha256 = tables::hex(&sha256.finalize());
    if md5 != archive.md5 {
        return Err(Error::Checksum { file: path.display().to_string(), what: "md5", expected: archive.md5.into(), got: md5 });
    }
    file.rewind().map_err(failed())?;
    let mut set = ImageSet { sha256, ..empty(archive.file.into(), dataset) };
    unpack(file, path, archive, split, &mut set)?;
    Ok(set)
}

/// Reads images from a folder: one that holds the files themselves, or the folder of the archive, or the archive.
pub fn read_folder(path: &Path, dataset: &'static DatasetMeta, split: Split) -> Result<ImageSet> {
    let archive = archive_of(dataset, path)?;
    let (files, _) = split.files(archive);
    let folders = [path.to_path_buf(), path.join(archive.folder)];
    if let Some(folder) = folders.iter().find(|folder| files.iter().any(|file| folder.join(file).is_file())) {
        return read_files(folder, archive, dataset, split);
    }
    let packed = path.join(archive.file);
    if packed.is_file() {
        return read_archive(&packed, dataset, split);
    }
    let expected = format!("{}, or {} or an .npz file", files.join(", "), archive.file);
    Err(Error::NoImages { dataset: dataset.name, expected, raw: path.into() })
}

fn archive_of(dataset: &'static DatasetMeta, path: &Path) -> Result<&'static ImageArchive> {
    dataset.archive.as_ref().ok_or_else(|| Error::Format {
        path: path.into(),
        expected: "an .npz file",
        reason: format!("there is no archive or folder of {} that this program reads", dataset.name),
    })
}

/// A set without images yet.
pub fn empty(name: String, dataset: &'static DatasetMeta) -> ImageSet {
    ImageSet {
        name,
        dataset,
        resolution: dataset.resolution,
        pixels: Vec::new(),
        labels: Vec::new(),
        dense: Dense::None,
        sha256: String::new(),
        augmented: false,
    }
}

fn read_files(folder: &Path, archive: &ImageArchive, dataset: &'static DatasetMeta, split: Split) -> Result<ImageSet> {
    let name = format!("{} (unpacked)", archive.folder);
    let mut set = empty(name, dataset);
    let mut hash = Sha256::new();
    let (files, records) = split.files(archive);
    for file in files {
        let path = folder.join(file);
        let open = File::open(&path).map_err(Error::io("open", &path))?;
        let bytes = open.metadata().map_err(Error::io("open", &path))?.len();
        check_size(bytes, archive, records, dataset, &path)?;
        let mut reader = Hashing { reader: BufReader::with_capacity(1 << 16, open), hash: &mut hash };
        read_records(&mut reader, &path, archive, records, &mut set)?;
    }
    set.sha256 = tables::hex(&hash.finalize());
    Ok(set)
}

/// Reads the records of an archive into the set.
fn unpack(file: File, path: &Path, archive: &ImageArchive, split: Split, set: &mut ImageSet) -> Result<()> {
    let damaged = |error: io::Error| Error::Format { path: path.into(), expected: "a .tar.gz archive", reason: error.to_string() };
    let (files, records) = split.files(archive);
    let mut tar = tar::Archive::new(GzDecoder::new(BufReader::new(file)));
    // The files are read in the order of the archive but kept in that of their names.
    let mut parts: Vec<Option<ImageSet>> = files.iter().map(|_| None).collect();
    for entry in tar.entries().map_err(damaged)? {
        let mut entry = entry.map_err(damaged)?;
        let inside = entry.path().map_err(damaged)?.into_owned();
        let wanted = files.iter().position(|file| inside == Path::new(archive.folder).join(file));
        let Some(k) = wanted else { continue };
        let place = path.join(&inside);
        check_size(entry.size(), archive, records, set.dataset, &place)?;
        let mut part = ImageSet { pixels: Vec::new(), labels: Vec::new(), ..set.clone() };
        read_records(&mut entry, &place, archive, records, &mut part)?;
        parts[k] = Some(part);
    }
    for (part, file) in parts.into_iter().zip(files) {
        let part = part.ok_or_else(|| Error::Format {
            path: path.into(),
            expected: "the official archive",
            reason: format!("it does not hold {}/{file}", archive.folder),
        })?;
        set.pixels.extend(part.pixels);
        set.labels.extend(part.labels);
    }
    Ok(())
}

fn check_size(bytes: u64, archive: &ImageArchive, records: usize, dataset: &DatasetMeta, path: &Path) -> Result<()> {
    let expected = (records * (archive.label_bytes + ImageSet::image_bytes(dataset, dataset.resolution))) as u64;
    if bytes == expected {
        return Ok(());
    }
    let got = format!("{bytes} bytes");
    Err(Error::Checksum { file: path.display().to_string(), what: "size", expected: format!("{expected} bytes"), got })
}

/// Appends the records of a file: labels, then the pixels, plane by plane.
fn read_records(reader: &mut impl Read, path: &Path, archive: &ImageArchive, records: usize, set: &mut ImageSet) -> Result<()> {
    let image_bytes = ImageSet::image_bytes(set.dataset, set.resolution);
    let mut record = vec![0; archive.label_bytes + image_bytes];
    set.pixels.reserve_exact(records * image_bytes);
    for row in 0..records {
        reader.read_exact(&mut record).map_err(Error::io("read", path))?;
        let (labels, pixels) = record.split_at(archive.label_bytes);
        set.labels.push(class(labels[archive.label_at].into(), set.dataset.first_label, row, set.dataset, path)?);
        set.pixels.extend_from_slice(pixels);
    }
    Ok(())
}

/// MD5 (hexadecimal) of what is left of a reader, which is fed to the other hash too.
pub fn checksums(reader: &mut impl Read, sha256: &mut Sha256) -> io::Result<String> {
    let (mut md5, mut piece) = (Md5::new(), vec![0; 1 << 16]);
    loop {
        match reader.read(&mut piece) {
            Ok(0) => return Ok(tables::hex(&md5.finalize())),
            Ok(n) => {
                md5.update(&piece[..n]);
                sha256.update(&piece[..n]);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Hashes what is read through it.
struct Hashing<'a, R> {
    reader: R,
    hash: &'a mut Sha256,
}

impl<R: Read> Read for Hashing<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.reader.read(buffer)?;
        self.hash.update(&buffer[..n]);
        Ok(n)
    }
}
