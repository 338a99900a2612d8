//! Feeds damaged files to the readers of NAS-Bench-101, TransNAS-Bench-101 and ImageNet-16, and counts what they say:
//!
//! ```text
//! cargo run -p bench-loaders --example fuzz_nb101 -- MUTATIONS [TARGET]
//! ```
//!
//! Each mutation changes, swaps, removes, repeats or cuts bytes of a fixture in `../shared`. A file of records also gets its
//! checksums right again, or nothing else would ever be reached. A panic ends the run and names the mutation, which comes
//! back with the same number; so does a table that is there after an error.

#![expect(clippy::print_stdout, reason = "it is a program")]

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::{self, File};
use std::io::Read as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bench_loaders::readers::tfrecord::{TfRecordReader, encode_record};
use bench_loaders::{DatasetMeta, Fetcher, ImagePickles, ImageSet, IngestOptions, cost_path, datasets};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use md5::{Digest as _, Md5};
use netgraph::rng::Stream;

/// Stream of the mutations.
const STREAM: u64 = 901;

/// What reads the damaged file.
#[derive(Clone, Copy)]
enum Reader {
    Benchmark(&'static str),
    Images,
}

/// A reader and what it is fed.
struct Target {
    name: &'static str,
    reader: Reader,
    /// Files besides the damaged one.
    others: Vec<(&'static str, Vec<u8>)>,
    file: &'static str,
    /// Contents before they are damaged.
    seed: Vec<u8>,
    /// From contents to a damaged file.
    damage: fn(Vec<u8>, &mut Draws) -> Vec<u8>,
}

/// Numbers of one mutation.
struct Draws {
    stream: Stream,
    counter: u64,
}

impl Draws {
    fn below(&mut self, bound: usize) -> usize {
        self.stream.below(&mut self.counter, bound.max(1) as u64) as usize
    }

    fn mutate(&mut self, mut bytes: Vec<u8>) -> Vec<u8> {
        for _ in 0..=self.below(3) {
            let at = self.below(bytes.len());
            let span = 1 + self.below(8);
            let end = (at + span).min(bytes.len());
            if bytes.is_empty() {
                break;
            }
            match self.below(8) {
                0 => bytes[at] ^= 1 << self.below(8),
                1 => bytes[at] = self.below(256) as u8,
                2 => bytes[at] = [0, 1, 0x7f, 0x80, 0xff][self.below(5)],
                3 => drop(bytes.drain(at..end)),
                4 => {
                    let copy = bytes[at..end].to_vec();
                    bytes.splice(at..at, copy);
                }
                5 => {
                    let other = self.below(bytes.len());
                    bytes.swap(at, other);
                }
                6 => {
                    let from = self.below(bytes.len());
                    let piece = bytes[from..(from + span).min(bytes.len())].to_vec();
                    bytes.splice(at..end, piece);
                }
                _ if self.below(10) == 0 => bytes.truncate(at),
                _ => bytes[at] = bytes[at].wrapping_add(1),
            }
        }
        bytes
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mutations: u64 = arguments.next().ok_or("usage: fuzz_nb101 MUTATIONS [TARGET]")?.parse()?;
    let wanted = arguments.next();
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    for target in targets(&shared)?.iter().filter(|target| wanted.as_deref().is_none_or(|wanted| wanted == target.name)) {
        run(target, mutations)?;
    }
    Ok(())
}

fn run(target: &Target, mutations: u64) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    for (name, bytes) in &target.others {
        fs::write(folder.path().join(name), bytes)?;
    }
    let path = folder.path().join(target.file);
    let source = if target.others.is_empty() { path.clone() } else { folder.path().to_path_buf() };
    let out = folder.path().join("out/table.parquet");
    let mut answers: BTreeMap<String, u64> = BTreeMap::new();
    let start = std::time::Instant::now();
    for number in 0..mutations {
        let mut draws = Draws { stream: Stream::new(number, STREAM), counter: 0 };
        fs::write(&path, (target.damage)(target.seed.clone(), &mut draws))?;
        let answer = catch_unwind(AssertUnwindSafe(|| match target.reader {
            Reader::Benchmark(name) => ingest(name, &source, &out),
            Reader::Images => open_images(&path),
        }));
        let Ok(answer) = answer else { return Err(format!("{}: mutation {number} panics", target.name).into()) };
        if answer.is_err() && (out.exists() || cost_path(&out).exists()) {
            return Err(format!("{}: mutation {number} leaves a table", target.name).into());
        }
        for table in [out.clone(), cost_path(&out)] {
            let _ = fs::remove_file(table);
        }
        *answers.entry(answer.err().unwrap_or_else(|| "read".into())).or_default() += 1;
    }
    println!("{}: {mutations} mutations in {:.0?}, peak memory {}", target.name, start.elapsed(), peak_memory());
    for (answer, count) in answers {
        println!("    {count:>8} {answer}");
    }
    Ok(())
}

/// The error is the name of its kind.
fn ingest(benchmark: &str, source: &Path, out: &Path) -> Result<(), String> {
    let benchmark = bench_loaders::find(benchmark).map_err(|error| kind(&error))?;
    let located = Fetcher::given(source, benchmark.meta(), None, &|_| {}).map_err(|error| kind(&error))?;
    let options = IngestOptions { every_epoch: false, workers: 1 };
    bench_loaders::ingest(benchmark, &located, &options, out, &|_| {}).map(|_| ()).map_err(|error| kind(&error))
}

/// Opens a pickle of images as if its checksum were the published one.
fn open_images(path: &Path) -> Result<(), String> {
    let bytes = fs::read(path).unwrap_or_default();
    let md5: &str = Box::leak(tables::hex(&Md5::digest(&bytes)).into_boxed_str());
    let pickles = ImagePickles { url: "", train: Box::leak(Box::new([("images", md5)])), held_out: &[], classes: 5 };
    let Ok(imagenet) = datasets::find("imagenet16-120") else { return Err("no such data set".into()) };
    let dataset = DatasetMeta { classes: 3, resolution: 2, archive: None, pickles: Some(pickles), ..*imagenet };
    let dataset = Box::leak(Box::new(dataset));
    ImageSet::open(path, dataset).map(|_| ()).map_err(|error| kind(&error))
}

/// A pickle of four images of 2 x 2 pixels.
fn images() -> Vec<u8> {
    let array = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85C\x01b\x87R(K\x01K\x04K\x0c\x86cnumpy\ndtype\n\
        X\x02\0\0\0u1K\x00K\x01\x87R(K\x03X\x01\0\0\0|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89C\x30";
    let pixels: Vec<u8> = (0..48).collect();
    [b"\x80\x03}(X\x04\0\0\0data".as_slice(), array, &pixels, b"tbX\x06\0\0\0labels](K\x01K\x02K\x05K\x03eu."].concat()
}

/// The name of an error's variant.
fn kind(error: &bench_loaders::Error) -> String {
    format!("{error:?}").split([' ', '(', '{']).next().unwrap_or_default().to_owned()
}

fn peak_memory() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("unknown").trim().to_owned()
}

fn targets(shared: &Path) -> Result<Vec<Target>, Box<dyn Error>> {
    let fixtures = shared.join("golden/format-fixtures");
    let records_path = fixtures.join("nb101/nasbench_only108.tfrecord");
    let records = fs::read(&records_path)?;
    let first = TfRecordReader::new(records.as_slice(), &records_path, 1 << 16).next_record()?.ok_or("no record")?.data;
    let one =
        |name, benchmark, file, seed, damage| Target { name, reader: Reader::Benchmark(benchmark), others: Vec::new(), file, seed, damage };
    let same: fn(Vec<u8>, &mut Draws) -> Vec<u8> = |bytes, draws| draws.mutate(bytes);
    let gunzip = |path: PathBuf| -> std::io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        GzDecoder::new(File::open(path)?).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let tnb = |name: &str| gunzip(fixtures.join(format!("tnb101/{name}.pth.gz")));
    let read = |folder: &str, file: &str| fs::read(shared.join("data/mirror").join(folder).join(file));
    let mut lists: Vec<(&str, Vec<u8>)> = Vec::new();
    for source in bench_loaders::find("tnb101")?.meta().edition("best")?.sources {
        // Short lists, for speed.
        let whole = String::from_utf8(read("tnb101", source.file)?)?;
        lists.push((source.file, format!("{}]]", whole.split("], [").take(20).collect::<Vec<_>>().join("], [")).into_bytes()));
    }
    let at = lists.iter().position(|(file, _)| *file == "micro_jigsaw.json").ok_or("no such list")?;
    let (list_file, list) = lists.remove(at);
    Ok(vec![
        one("tfrecord", "nb101", "nasbench_only108.tfrecord", records.clone(), same),
        one("record", "nb101", "nasbench_only108.tfrecord", first.clone(), |data, draws| encode_record(&draws.mutate(data))),
        one("metrics", "nb101", "nasbench_only108.tfrecord", first, |data, draws| encode_record(&damage_metrics(&data, draws))),
        one("tnb101 zip", "tnb101", "transnas-bench_v10141024.pth", tnb("transnas-bench_v10141024")?, same),
        one("tnb101 legacy", "tnb101", "transnas-bench_v10141024.pth", tnb("transnas-bench_legacy")?, same),
        Target { name: "tnb101 list", reader: Reader::Benchmark("tnb101"), others: lists, file: list_file, seed: list, damage: same },
        Target {
            name: "means",
            reader: Reader::Benchmark("nb101"),
            others: vec![("params.pkl.gz", read("nb101", "params.pkl.gz")?)],
            file: "accuracies.pkl.gz",
            seed: skeleton(&gunzip(shared.join("data/mirror/nb101/accuracies.pkl.gz"))?),
            damage: |bytes, draws| gzip(&draws.mutate(bytes)),
        },
        Target { name: "images", reader: Reader::Images, others: Vec::new(), file: "train_data_batch_1", seed: images(), damage: same },
    ])
}

/// A record with its message damaged, its base64 and JSON whole.
fn damage_metrics(record: &[u8], draws: &mut Draws) -> Vec<u8> {
    let text = String::from_utf8_lossy(record).into_owned();
    let Some(metrics) = text.rsplit('"').nth(1) else { return record.to_vec() };
    let Ok(message) = STANDARD.decode(metrics) else { return record.to_vec() };
    text.replace(metrics, &STANDARD.encode(draws.mutate(message))).into_bytes()
}

/// The pickle without most of its numbers, since nearly every mutation would hit one of those: what is left are the calls.
fn skeleton(pickle: &[u8]) -> Vec<u8> {
    let mut kept = Vec::new();
    let mut at = 0;
    while at < pickle.len() {
        let length = pickle.get(at + 1..at + 5).map_or(0, |n| u32::from_le_bytes([n[0], n[1], n[2], n[3]]) as usize);
        if pickle[at] == b'B' && length == 8 * 423_624 {
            kept.push(b'B');
            kept.extend(80_u32.to_le_bytes());
            kept.extend(&pickle[at + 5..at + 85]);
            at += 5 + length;
        } else {
            kept.push(pickle[at]);
            at += 1;
        }
    }
    // Number of rows.
    let rows = 423_624_u32.to_le_bytes();
    while let Some(place) = kept.windows(4).position(|window| window == rows) {
        kept[place..place + 4].copy_from_slice(&10_u32.to_le_bytes());
    }
    kept
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    std::io::Write::write_all(&mut encoder, bytes).and_then(|()| encoder.finish()).unwrap_or_default()
}
