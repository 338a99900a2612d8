use std::io::{Read, Write};
use std::path::Path;

use bench_loaders::Error;
use bench_loaders::readers::pickle::Limits;
use bench_loaders::readers::torch_file;

use crate::support::{chain, shared};

fn unzipped(path: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(std::fs::File::open(shared(path)?).unwrap()).read_to_end(&mut bytes).unwrap();
    Some(bytes)
}

fn load(bytes: &[u8]) -> Result<String, Box<Error>> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    torch_file::load(file.path(), &Limits::default()).map(|document| document.root().describe()).map_err(Box::new)
}

#[test]
fn both_containers_hold_the_object() {
    for name in ["transnas-bench_legacy", "transnas-bench_v10141024"] {
        let Some(bytes) = unzipped(&format!("golden/format-fixtures/tnb101/{name}.pth.gz")) else { return };
        assert_eq!(load(&bytes).unwrap(), "a dictionary of 4");
    }
}

#[test]
fn a_cut_file_is_an_error() {
    for name in ["tnb101/transnas-bench_legacy", "tnb101/transnas-bench_v10141024", "nb201/NAS-Bench-201-v1_0-e61699"] {
        let Some(bytes) = unzipped(&format!("golden/format-fixtures/{name}.pth.gz")) else { return };
        for cut in (0..400).chain((400..bytes.len()).step_by(997)).chain(bytes.len() - 100..bytes.len()) {
            assert!(load(&bytes[..cut]).is_err(), "{name} {cut}");
        }
        // A zip archive is found by its end, so there may be something before; the older container ends with its keys.
        let more = [bytes.as_slice(), b"more"].concat();
        assert!(load(&more).is_err() || name.ends_with("v10141024"));
    }
}

#[test]
fn what_torch_did_not_save_is_named() {
    let error = |bytes: &[u8]| chain(&load(bytes).unwrap_err());
    assert!(error(b"").contains("the magic number of torch.save: byte 0 (PROTO): expected another byte, got the end of the file"));
    assert!(error(b"\x80\x02K\x01.").contains("is not a file of torch.save: it begins with 1 instead of the magic number"));
    assert!(error(b"PK\x03\x04not a zip archive").contains("is not a file of torch.save"));
    let missing = torch_file::load(Path::new("/nonexistent.pth"), &Limits::default()).map(drop).unwrap_err();
    assert!(matches!(missing, Error::Io { .. }));
}
