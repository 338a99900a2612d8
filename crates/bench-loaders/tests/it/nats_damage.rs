//! Damaged and hostile files: an error, or what the whole file gives, and never a part of a table.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;

use bench_loaders::{Benchmark, NatsSss, Nb201};

use crate::nb201_pth::fixture;
use crate::support::{chain, ingest_edition, shared};

fn ingest(benchmark: &dyn Benchmark, edition: &str, bytes: &[u8]) -> Result<Vec<u64>, String> {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), bytes).unwrap();
    // `ingest_located` sees that nothing is left after an error.
    let tables = ingest_edition(benchmark, edition, file.path(), false).map_err(|error| chain(&error))?;
    Ok(tables.bench.iter().map(|row| row.value.to_bits()).collect())
}

fn bzip2(data: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn unpacked(path: &Path) -> Vec<u8> {
    let mut plain = Vec::new();
    bzip2::read::MultiBzDecoder::new(fs::File::open(path).unwrap()).read_to_end(&mut plain).unwrap();
    plain
}

#[test]
fn a_cut_or_flipped_compressed_file_is_an_error_or_changes_nothing() {
    let Some(path) = shared("golden/format-fixtures/NATS-sss-v1_0-50262.pickle.pbz2") else { return };
    let bytes = fs::read(path).unwrap();
    let whole = ingest(&NatsSss, "single", &bytes).unwrap();
    for cut in (0..bytes.len()).step_by(83) {
        ingest(&NatsSss, "single", &bytes[..cut]).unwrap_err();
        let mut flipped = bytes.clone();
        flipped[cut] ^= 1 << (cut % 8);
        if let Ok(values) = ingest(&NatsSss, "single", &flipped) {
            assert_eq!(values, whole);
        }
    }
}

#[test]
fn a_pickle_cut_anywhere_is_an_error() {
    let Some(path) = shared("golden/format-fixtures/NATS-sss-v1_0-50262.pickle.pbz2") else { return };
    let plain = unpacked(&path);
    for cut in (0..plain.len()).step_by(379) {
        let error = ingest(&NatsSss, "single", &bzip2(&plain[..cut])).unwrap_err();
        assert!(error.contains("byte ") && error.contains("the end of the file"), "{error}");
    }
    let Some(file) = fixture("NAS-Bench-201-v1_1-096897") else { return };
    let bytes = fs::read(file.path()).unwrap();
    for cut in (0..bytes.len()).step_by(1999) {
        let error = ingest(&Nb201, "v1_1", &bytes[..cut]).unwrap_err();
        assert!(error.contains("byte ") && error.contains("the end of the file"), "{error}");
    }
}

/// The only place of `from` in the fixture, replaced; the error that follows.
fn altered(from: &[u8], to: &[u8]) -> Option<Result<Vec<u64>, String>> {
    let plain = unpacked(&shared("golden/format-fixtures/NATS-sss-v1_0-50262.pickle.pbz2")?);
    let at = plain.windows(from.len()).position(|window| window == from).expect("is in the fixture");
    let altered = [&plain[..at], to, &plain[at + from.len()..]].concat();
    Some(ingest(&NatsSss, "single", &bzip2(&altered)))
}

#[test]
fn contents_that_cannot_be_are_named() {
    let evil = b"\x8c\x02os\x8c\x06system\x93\x8c\x04echo\x85R";
    for (from, to, part) in [
        (
            &b"\x8c\x0aarch_index\x94K\x00"[..],
            &b"\x8c\x0aarch_index\x94K\x01"[..],
            "which is number 1 of the official order, got `8:8:8:8:8`",
        ),
        (b"\x8c\x0aarch_index\x94K\x00", b"\x8c\x0aarch_index\x94J\x00\x00\x01\x00", "expected an index of the space"),
        (b"\x8c\x0aarch_index\x94K\x00", b"\x8c\x0aarch_index\x94N", "expected an integer, got None"),
        (b"\x8c\x0ctrain_acc1es", b"\x8c\x0ctrain_acc2es", "the key `train_acc1es`"),
        (b"\x8c\x0btotal_archs\x94K\x10", b"\x8c\x0btotal_archs\x94K\x11", "expected 16, the length of meta_archs, got 17"),
        (b"\x8c\x0btotal_archs\x94K\x10", &[&b"\x8c\x0btotal_archs\x94"[..], evil].concat(), "refused to call os.system"),
    ] {
        let Some(result) = altered(from, to) else { return };
        let error = result.unwrap_err();
        assert!(error.contains(part) && error.contains("byte "), "{error}");
    }
}

#[test]
fn files_of_a_folder_are_what_their_names_say() {
    let Some(folder) = shared("golden/format-fixtures/NATS-sss-v1_0-50262-simple") else { return };
    let copy = tempfile::tempdir().unwrap();
    let put = |from: &str, to: &str| assert!(fs::copy(folder.join(from), copy.path().join(to)).unwrap() > 0);
    let error = || chain(&ingest_edition(&NatsSss, "simple", copy.path(), false).unwrap_err());
    put("meta.pickle.pbz2", "meta.pickle.pbz2");
    assert!(error().contains("it holds no 000000.pickle.pbz2"));
    put("000000.pickle.pbz2", "000001.pickle.pbz2");
    assert!(
        error().contains("000001.pickle.pbz2: byte ") && error().contains("expected architecture 1, as the name of the file says, got 0")
    );
    put("000000.pickle.pbz2", "1.pickle.pbz2");
    assert!(
        error().contains("000001.pickle.pbz2 and 1.pickle.pbz2: expected one file an architecture, got two")
            || error().contains("1.pickle.pbz2 and 000001.pickle.pbz2")
    );
    fs::remove_file(copy.path().join("000001.pickle.pbz2")).unwrap();
    fs::remove_file(copy.path().join("1.pickle.pbz2")).unwrap();
    put("000000.pickle.pbz2", "032768.pickle.pbz2");
    assert!(error().contains("32768"), "{}", error());
    fs::remove_file(copy.path().join("032768.pickle.pbz2")).unwrap();
    put("000000.pickle.pbz2", "000000.pickle.pbz2");
    put("000000.pickle.pbz2", "notes.txt");
    let tables = ingest_edition(&NatsSss, "simple", copy.path(), false).unwrap();
    assert!(tables.summary.warnings.iter().any(|warning| warning == "1 files with other names were passed over"));
    put("000000.pickle.pbz2", "meta.pickle.pbz2");
    assert!(error().contains("meta.pickle.pbz2: byte ") && error().contains("the key `meta_archs`"), "{}", error());
}

#[test]
fn weights_are_passed_over_unless_they_call_something() {
    let tensor = |function: &[u8]| {
        let mut bytes = b"\x8c\x0enet_state_dict\x94}(\x8c\x06weight\x8c\x0ctorch._utils\x8c\x12_rebuild_tensor_v2\x93".to_vec();
        bytes.extend(function);
        bytes.extend(b"\x93B\x88\x13\0\0");
        bytes.extend([7; 5_000]);
        bytes.extend(b"\x85R\x85R\x8c\x04biasNu");
        bytes
    };
    let without = b"\x8c\x0enet_state_dict\x94N";
    let Some(weights) = altered(without, &tensor(b"\x8c\x0dtorch.storage\x8c\x10_load_from_bytes")) else { return };
    assert_eq!(weights, altered(without, without).unwrap());
    let error = altered(without, &tensor(b"\x8c\x05shlex\x8c\x05split")).unwrap().unwrap_err();
    assert!(error.contains("(REDUCE): refused to call shlex.split"), "{error}");
}
