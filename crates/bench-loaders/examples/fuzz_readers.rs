//! Feeds damaged files to the readers of pickles, torch containers, tar archives, NATS-Bench and NAS-Bench-201, and counts
//! what they say:
//!
//! ```text
//! cargo run -p bench-loaders --example fuzz_readers -- MUTATIONS [TARGET]
//! ```
//!
//! Each mutation flips, sets, copies, moves, repeats, removes or cuts bytes of a small file in the form of the official
//! ones; what is compressed is damaged before compression, or nothing behind the checksum would ever be reached. The seed of
//! a mutation is its number. A panic, a table that is there after an error, and memory beyond the limit of the process (1
//! GiB) end the run.

#![expect(clippy::print_stdout, reason = "it is a program")]
#![allow(dead_code, reason = "each example uses a part of the writer")]

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Instant;

use bench_loaders::readers::pickle::{self, Limits};
use bench_loaders::readers::{tar, torch_file};
use bench_loaders::{Fetcher, IngestOptions};
use netgraph::rng::Stream;

mod pickle_writer;

use pickle_writer::{Pickle, Run, TORCH_HEAD, TORCH_TAIL, end_of_whole, schedule, start_of_whole};

/// Stream of the mutations.
const STREAM: u64 = 902;
/// Opcodes that do something.
const OPCODES: &[u8] = b"(.012)BCGJKMNQRTUX]abehjqrstu}\x81\x85\x86\x87\x88\x8a\x8c\x92\x93\x94\xff";
/// Limit of the process.
const MEMORY: u64 = 1 << 30;
const LIMITS: Limits = Limits { memory: 16 << 20, longest_bytes: 1 << 20 };

type Answer = Result<(), String>;

/// A reader and what it is fed.
struct Target {
    name: &'static str,
    /// Contents before they are damaged.
    seed: Vec<u8>,
    /// Reads damaged contents, with a folder to work in.
    read: fn(&[u8], &Path) -> Answer,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mutations: u64 = arguments.next().ok_or("usage: fuzz_readers MUTATIONS [TARGET]")?.parse()?;
    let wanted = arguments.next();
    limit_memory()?;
    for target in targets().iter().filter(|target| wanted.as_deref().is_none_or(|wanted| wanted == target.name)) {
        run(target, mutations)?;
    }
    Ok(())
}

fn limit_memory() -> Result<(), Box<dyn Error>> {
    let limit = libc::rlimit { rlim_cur: MEMORY, rlim_max: MEMORY };
    // SAFETY: the pointer is to a value that lives through the call, which only reads it.
    let result = unsafe { libc::setrlimit(libc::RLIMIT_AS, &raw const limit) };
    if result == 0 { Ok(()) } else { Err(std::io::Error::last_os_error().into()) }
}

fn run(target: &Target, mutations: u64) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    (target.read)(&target.seed, folder.path()).map_err(|error| format!("{}: the file before damage: {error}", target.name))?;
    let mut answers: BTreeMap<String, u64> = BTreeMap::new();
    let start = Instant::now();
    for number in 0..mutations {
        let damaged = damage(&target.seed, number);
        let answer = catch_unwind(AssertUnwindSafe(|| (target.read)(&damaged, folder.path())))
            .map_err(|_| format!("{}: mutation {number} panicked", target.name))?;
        let kind = match answer {
            Ok(()) => "read".into(),
            Err(error) if error.starts_with("PARTIAL") => return Err(format!("{}: mutation {number}: {error}", target.name).into()),
            Err(error) => kind_of(&error),
        };
        *answers.entry(kind).or_default() += 1;
    }
    println!("{}: {mutations} mutations of {} bytes in {:.0} s, no panic", target.name, target.seed.len(), start.elapsed().as_secs_f64());
    let mut answers: Vec<_> = answers.into_iter().collect();
    answers.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    answers.iter().take(8).for_each(|(kind, count)| println!("  {count:7}  {kind}"));
    Ok(())
}

/// The error without paths, numbers and quotations.
fn kind_of(error: &str) -> String {
    let tail = error.rsplit("): ").next().unwrap_or(error);
    let words = tail.split_whitespace().filter(|word| !word.contains(|c: char| c.is_ascii_digit() || c == '`' || c == '/'));
    words.take(7).collect::<Vec<_>>().join(" ")
}

fn damage(seed: &[u8], number: u64) -> Vec<u8> {
    let (stream, mut counter) = (Stream::new(number, STREAM), 0);
    let mut below = |bound: usize| stream.below(&mut counter, bound.max(1) as u64) as usize;
    let mut bytes = seed.to_vec();
    for _ in 0..=below(3) {
        if bytes.is_empty() {
            break;
        }
        let (at, from) = (below(bytes.len()), below(bytes.len()));
        let span = 1 + below(12);
        let (end, piece) = ((at + span).min(bytes.len()), bytes[from..(from + span).min(bytes.len())].to_vec());
        match below(8) {
            0 => bytes[at] ^= 1 << below(8),
            1 => bytes[at] = below(256) as u8,
            2 => bytes[at] = OPCODES[below(OPCODES.len())],
            3 => drop(bytes.drain(at..end)),
            4 => drop(bytes.splice(at..at, piece)),
            5 => drop(bytes.splice(at..end, piece)),
            6 if below(10) == 0 => bytes.truncate(at),
            _ => bytes[at] = bytes[at].wrapping_add(1),
        }
    }
    bytes
}

fn targets() -> Vec<Target> {
    let tiny = |space: &str| {
        let archs: Vec<String> =
            spaces::find(space).into_iter().flat_map(|space| space.enumerate().take(2)).map(|arch| arch.text).collect();
        archs
    };
    let (sss, tss) = (tiny("nats-sss"), tiny("nb201"));
    let few = |epochs, seed| ["cifar10-valid", "cifar100"].map(|dataset| Run { dataset, seed, epochs, new_layout: true });
    let mut one = Pickle::new(4);
    one.ordered_dictionary();
    one.name("01");
    schedule(&mut one, 0, &sss[0], &few(1, 777));
    one.name("12");
    schedule(&mut one, 0, &sss[0], &few(12, 888)[..1]);
    one.end_dictionary();
    let mut single = Pickle::new(4);
    start_of_whole(&mut single, &sss);
    for (index, arch) in (0..).zip(&sss) {
        single.int(index);
        single.dictionary();
        single.name("01");
        schedule(&mut single, index, arch, &few(1, 777));
        single.name("90");
        schedule(&mut single, index, arch, &[]);
        single.end_dictionary();
    }
    end_of_whole(&mut single, 2);
    let mut whole = Pickle::new(2);
    start_of_whole(&mut whole, &tss);
    for (index, arch) in (0..).zip(&tss) {
        whole.int(index);
        whole.dictionary();
        whole.name("full");
        schedule(&mut whole, index, arch, &[]);
        whole.name("less");
        schedule(&mut whole, index, arch, &few(12, 777)[..1]);
        whole.end_dictionary();
    }
    end_of_whole(&mut whole, 2);
    let (one, single) = (one.end(), single.end());
    let torch = [TORCH_HEAD, &whole.end(), TORCH_TAIL].concat();
    vec![
        Target { name: "pickle", seed: one.clone(), read: read_pickle },
        Target { name: "array", seed: array(), read: read_pickle },
        Target { name: "torch-legacy", seed: torch.clone(), read: read_torch },
        Target { name: "torch-zip", seed: zip(&one), read: read_torch },
        Target { name: "tar", seed: archive(&bzip2(&one)), read: read_tar },
        Target { name: "nats-simple", seed: one.clone(), read: read_simple },
        Target { name: "nats-simple-tar", seed: archive(&bzip2(&one)), read: read_simple_tar },
        Target { name: "nats-single", seed: single, read: read_single },
        Target { name: "nats-bzip2", seed: bzip2(&one), read: read_compressed },
        Target { name: "nb201-pth", seed: torch, read: read_nb201 },
    ]
}

/// Arrays, calls that are kept, a set and large integers.
fn array() -> Vec<u8> {
    let mut bytes = b"\x80\x04]\x94(\x8c\x15numpy.core.multiarray\x94\x8c\x0c_reconstruct\x94\x93\x94\x8c\x05numpy\x94\x8c\x07ndarray\x94\x93\x94K\0\x85\x94C\x01b\x94\x87\x94R\x94(K\x01K\x02K\x01\x86\x94\x8c\x05numpy\x94\x8c\x05dtype\x94\x93\x94\x8c\x02i2\x94\x89\x88\x87\x94R\x94(K\x03\x8c\x01>\x94NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0t\x94b\x89C\x04\0\x01\xff\xfe\x94t\x94b".to_vec();
    bytes.extend(b"\x8c\x09functools\x94\x8c\x07partial\x94\x93\x94N\x85\x94R\x94}\x94b\x8f\x94(K\x01K\x02\x90\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19(\x88\x91\x94h\x01K\x07Q0\x96\x03\0\0\0\0\0\0\0abce.");
    bytes
}

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).unwrap_or_default()
}

fn archive(member: &[u8]) -> Vec<u8> {
    let mut builder = ::tar::Builder::new(Vec::new());
    let mut header = ::tar::Header::new_ustar();
    header.set_size(member.len() as u64);
    header.set_mode(0o644);
    let done = builder.append_data(&mut header, "NATS-sss-v1_0-50262-simple/000000.pickle.pbz2", member);
    done.and_then(|()| builder.into_inner()).unwrap_or_default()
}

fn zip(pickle: &[u8]) -> Vec<u8> {
    let mut writer = ::zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = ::zip::write::FileOptions::default().compression_method(::zip::CompressionMethod::Stored);
    let started = writer.start_file("archive/data.pkl", options).map_err(std::io::Error::other);
    let written = started.and_then(|()| writer.write_all(pickle)).and_then(|()| writer.finish().map_err(std::io::Error::other));
    written.map(std::io::Cursor::into_inner).unwrap_or_default()
}

/// A slice and a stream have to give the same; every value is looked at in every way.
fn read_pickle(bytes: &[u8], _: &Path) -> Answer {
    let (slice, stream) = (pickle::load(bytes, &LIMITS), pickle::load_from(bytes, &LIMITS));
    let document = match (slice, stream) {
        (Ok(slice), Ok(stream)) if slice.root().describe() != stream.root().describe() => {
            return Err(format!("PARTIAL: {} and {}", slice.root().describe(), stream.root().describe()));
        }
        (Err(error), Ok(_)) => return Err(format!("PARTIAL: only the slice fails: {error}")),
        (Err(error), _) => return Err(error.to_string()),
        (Ok(document), _) => document,
    };
    let (mut values, mut seen) = (vec![document.root()], 0);
    while let Some(value) = values.pop() {
        seen += 1;
        if seen > 10_000 {
            break;
        }
        let _ = (value.text().is_ok(), value.number().is_ok(), value.integer().is_ok(), value.bytes().is_ok(), value.long().is_ok());
        if let Ok(array) = value.array() {
            let _ = (array.numbers().is_ok(), array.integers().is_ok(), array.u8s().is_ok(), array.count().is_ok());
            values.extend(array.objects().into_iter().flatten());
        }
        if let Some(call) = value.call() {
            values.extend([call.callable, call.args]);
            values.extend(call.later());
        }
        values.extend(value.sequence().into_iter().flatten());
        values.extend(value.items().into_iter().flatten().flat_map(|(key, value)| [key, value]));
    }
    Ok(())
}

fn put(bytes: &[u8], folder: &Path, name: &str) -> Result<std::path::PathBuf, String> {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap_or(folder)).and_then(|()| fs::write(&path, bytes)).map_err(|error| error.to_string())?;
    Ok(path)
}

fn read_torch(bytes: &[u8], folder: &Path) -> Answer {
    torch_file::load(&put(bytes, folder, "file.pth")?, &LIMITS).map(drop).map_err(|error| chain(&error))
}

fn read_tar(bytes: &[u8], folder: &Path) -> Answer {
    tar::members(&put(bytes, folder, "file.tar")?).map(drop).map_err(|error| chain(&error))
}

fn read_simple(bytes: &[u8], folder: &Path) -> Answer {
    read_compressed(&bzip2(bytes), folder)
}

fn read_compressed(bytes: &[u8], folder: &Path) -> Answer {
    put(bytes, folder, "simple/000000.pickle.pbz2")?;
    let mut meta = Pickle::new(4);
    start_of_whole(&mut meta, &[]);
    end_of_whole(&mut meta, 0);
    put(&bzip2(&meta.end()), folder, "simple/meta.pickle.pbz2")?;
    ingest("nats-sss", "simple", &folder.join("simple"), folder)
}

fn read_simple_tar(bytes: &[u8], folder: &Path) -> Answer {
    let path = put(bytes, folder, "file.tar")?;
    ingest("nats-sss", "simple-tar", &path, folder)
}

fn read_single(bytes: &[u8], folder: &Path) -> Answer {
    let path = put(&bzip2(bytes), folder, "file.pickle.pbz2")?;
    ingest("nats-sss", "single", &path, folder)
}

fn read_nb201(bytes: &[u8], folder: &Path) -> Answer {
    let path = put(bytes, folder, "file.pth")?;
    ingest("nb201", "v1_1", &path, folder)
}

fn ingest(benchmark: &str, edition: &str, source: &Path, folder: &Path) -> Answer {
    let out = folder.join("out");
    fs::remove_dir_all(&out)
        .or_else(|error| if error.kind() == std::io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
        .map_err(|error| error.to_string())?;
    let benchmark = bench_loaders::find(benchmark).map_err(|error| chain(&error))?;
    let located = Fetcher::given(source, benchmark.meta(), Some(edition), &|_| {}).map_err(|error| chain(&error))?;
    let options = IngestOptions { every_epoch: true, workers: 1 };
    let result = bench_loaders::ingest(benchmark, &located, &options, &out.join("table.parquet"), &|_| {});
    let left = fs::read_dir(&out).map_or(0, Iterator::count);
    match result {
        Ok(_) if left == 2 => Ok(()),
        Err(error) if left == 0 => Err(chain(&error)),
        other => Err(format!("PARTIAL: {left} files after {other:?}")),
    }
}

fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
