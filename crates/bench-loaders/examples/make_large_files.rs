//! Makes files of the size and form of NATS-Bench and NAS-Bench-201 with made-up values, to measure the loaders with:
//!
//! ```text
//! cargo run -p bench-loaders --example make_large_files -- nb201|tss|sss OUT ARCHITECTURES
//! ```
//!
//! `nb201` is one `.pth` like version 1.1 (15,625 architectures are 4.9 GB), `tss` and `sss` are `-simple` folders.

#![allow(dead_code, reason = "each example uses a part of the writer")]

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

mod pickle_writer;

use pickle_writer::{Pickle, Run, TORCH_HEAD, TORCH_TAIL, end_of_whole, runs, schedule, start_of_whole};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [kind, out, count] = arguments.as_slice() else {
        return Err("usage: make_large_files nb201|tss|sss OUT ARCHITECTURES".into());
    };
    let space = spaces::find(if kind == "sss" { "nats-sss" } else { "nb201" })?;
    let archs: Vec<String> = space.enumerate().map(|architecture| architecture.text).collect();
    let count = count.parse::<u32>()?.min(archs.len() as u32);
    match kind.as_str() {
        "nb201" => nb201(Path::new(out), &archs, count),
        "tss" | "sss" => simple(Path::new(out), &archs, count, kind == "sss"),
        other => Err(format!("no kind `{other}`").into()),
    }
}

fn twelve_epochs() -> Vec<Run> {
    let more = Run { dataset: "cifar10-valid", seed: 777, epochs: 12, new_layout: true };
    std::iter::once(more).chain(runs(&[111], 12, true)).collect()
}

fn nb201(out: &Path, archs: &[String], count: u32) -> Result<(), Box<dyn Error>> {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(out)?);
    file.write_all(TORCH_HEAD)?;
    let mut pickle = Pickle::new(2);
    start_of_whole(&mut pickle, archs);
    for index in 0..count {
        let arch = &archs[index as usize];
        pickle.int(index);
        pickle.dictionary();
        pickle.name("full");
        // As many seeds as in version 1.1, on average.
        let seeds = &[777, 888, 999][..[1, 2, 2, 2, 3, 3, 3][index as usize % 7]];
        schedule(&mut pickle, index, arch, &runs(seeds, 200, false));
        pickle.name("less");
        schedule(&mut pickle, index, arch, &twelve_epochs());
        pickle.end_dictionary();
        if index % 1000 == 999 && index + 1 < count {
            pickle.raw(b"u(");
        }
        file.write_all(&pickle.bytes)?;
        pickle.bytes.clear();
    }
    end_of_whole(&mut pickle, count);
    file.write_all(&pickle.end())?;
    file.write_all(TORCH_TAIL)?;
    Ok(file.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?)
}

fn simple(out: &Path, archs: &[String], count: u32, sizes: bool) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(out)?;
    let write = |name: String, pickle: Vec<u8>| -> std::io::Result<()> {
        let mut encoder = bzip2::write::BzEncoder::new(File::create(out.join(name))?, bzip2::Compression::best());
        encoder.write_all(&pickle)?;
        encoder.finish().map(drop)
    };
    let mut meta = Pickle::new(4);
    start_of_whole(&mut meta, archs);
    end_of_whole(&mut meta, 0);
    write("meta.pickle.pbz2".into(), meta.end())?;
    for index in 0..count {
        let arch = &archs[index as usize];
        let mut pickle = Pickle::new(4);
        pickle.ordered_dictionary();
        let schedules = if sizes {
            vec![("01", runs(&[777], 1, true)), ("12", runs(&[777, 888, 999], 12, true)), ("90", runs(&[777], 90, true))]
        } else {
            vec![("12", twelve_epochs()), ("200", runs(&[999, 777, 888], 200, false))]
        };
        for (name, runs) in schedules {
            pickle.name(name);
            schedule(&mut pickle, index, arch, &runs);
        }
        pickle.end_dictionary();
        write(format!("{index:06}.pickle.pbz2"), pickle.end())?;
    }
    Ok(())
}
