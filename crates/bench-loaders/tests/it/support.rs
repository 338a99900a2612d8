use std::error::Error as _;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use bench_loaders::{
    Benchmark, DatasetMeta, Error, Fetcher, Found, ImageArchive, IngestOptions, Located, LocatedFile, Result, Summary, Target, cost_path,
};
use tables::{BenchTable, CostTable};

/// A file of the shared data, or a loud note that the test is skipped.
pub fn shared(path: &str) -> Option<PathBuf> {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared").join(path);
    if found.exists() {
        return Some(found);
    }
    #[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
    {
        eprintln!("SKIPPED: no {path} in a folder `shared` beside the checkout");
    }
    None
}

/// A benchmark as tables.
#[derive(Debug)]
pub struct Tables {
    pub bench: BenchTable,
    pub cost: CostTable,
    pub summary: Summary,
}

/// Ingests into files, and reads these; after an error there must be none.
pub fn ingest_located(benchmark: &dyn Benchmark, located: &Located, options: &IngestOptions) -> Result<Tables> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.parquet");
    match bench_loaders::ingest(benchmark, located, options, &path, &|_| {}) {
        Ok(summary) => Ok(Tables { bench: BenchTable::read(&path)?, cost: CostTable::read(&cost_path(&path))?, summary }),
        Err(error) => {
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "a partial table after {error}");
            Err(error)
        }
    }
}

/// A source of an edition at a place of our own.
pub fn located(benchmark: &dyn Benchmark, edition: &str, path: &Path) -> Located {
    let edition = benchmark.meta().edition(edition).unwrap();
    let sha256 = tables::hash_file(path).ok();
    let file = LocatedFile { file: edition.sources[0].file, path: path.into(), sha256, official: None, found: Found::Given };
    Located { edition, files: vec![file] }
}

/// Ingests one file or folder as an edition.
pub fn ingest_edition(benchmark: &dyn Benchmark, edition: &str, path: &Path, every_epoch: bool) -> Result<Tables> {
    let options = IngestOptions { every_epoch, workers: 2 };
    ingest_located(benchmark, &located(benchmark, edition, path), &options)
}

/// The error with its causes.
pub fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let _ = write!(text, ": {inner}");
        cause = inner.source();
    }
    text
}

/// A ZIP file of stored (not compressed) entries. `claimed` replaces the size in the entry's headers.
pub fn zip(entries: &[(&str, Vec<u8>)], claimed: Option<u32>) -> Vec<u8> {
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for (name, data) in entries {
        let mut crc = flate2::Crc::new();
        crc.update(data);
        let offset = file.len() as u32;
        let size = claimed.unwrap_or(data.len() as u32);
        let mut common = vec![20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
        common.extend(crc.sum().to_le_bytes());
        common.extend(size.to_le_bytes());
        common.extend(size.to_le_bytes());
        common.extend((name.len() as u16).to_le_bytes());
        common.extend([0, 0]);
        file.extend(b"PK\x03\x04");
        file.extend(&common);
        file.extend(name.as_bytes());
        file.extend(data);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let start = file.len() as u32;
    file.extend(&directory);
    file.extend(b"PK\x05\x06\0\0\0\0");
    file.extend([entries.len() as u8, 0, entries.len() as u8, 0]);
    file.extend((directory.len() as u32).to_le_bytes());
    file.extend(start.to_le_bytes());
    file.extend([0, 0]);
    file
}

/// An array in `NumPy`'s format.
pub fn npy(descr: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

/// Labels as `<i8`.
pub fn i8_labels(labels: &[i64]) -> Vec<u8> {
    labels.iter().flat_map(|label| label.to_le_bytes()).collect()
}

/// A file of images and labels in a new folder.
pub fn write(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("images.npz");
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

/// A data set of pictures of 2 x 2 pixels and three classes, in two files of four records.
pub fn tiny(md5: &str) -> &'static DatasetMeta {
    let archive = ImageArchive {
        file: "tiny.tar.gz",
        url: "https://example.org/tiny.tar.gz",
        md5: Box::leak(md5.to_owned().into_boxed_str()),
        folder: "tiny-bin",
        train: (&["one.bin", "two.bin"], 4),
        test: (&["held_out.bin"], 3),
        label_bytes: 2,
        label_at: 1,
    };
    Box::leak(Box::new(DatasetMeta {
        name: "tiny",
        title: "Tiny",
        classes: 3,
        target: Target::Classes,
        head: spaces::Head::Classifier,
        first_label: 0,
        resolution: 2,
        any_resolution: false,
        mean: [1.0, 2.0, 3.0],
        std: [2.0, 4.0, 8.0],
        crop_padding: 1,
        archive: Some(archive),
        pickles: None,
    }))
}

/// The files of that data set: pixel `p` of image `k` (of 8) is `16 k + p`, its class `k % 3`.
pub fn tiny_files() -> [(&'static str, Vec<u8>); 2] {
    let record = |k: u8| [9, k % 3].into_iter().chain((0..12).map(move |p| 16 * k + p));
    [("one.bin", (0..4).flat_map(record).collect()), ("two.bin", (4..8).flat_map(record).collect())]
}

/// Ingests what is at `path`, the last epoch or every one, and reads the tables back.
pub fn ingest(name: &str, path: &Path, every_epoch: bool) -> Result<Tables> {
    let benchmark = bench_loaders::find(name)?;
    let located = Fetcher::given(path, benchmark.meta(), None, &|_| {})?;
    ingest_located(benchmark, &located, &IngestOptions { every_epoch, workers: 2 })
}
