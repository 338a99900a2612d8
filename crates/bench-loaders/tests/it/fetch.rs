use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;

use bench_loaders::{Error, Fetcher, Found, Source, datasets};

use crate::support::{chain, tiny};

const CONTENT: &[u8] = b"abc";
const SHA256: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const SOURCE: Source = Source { file: "abc.csv", urls: &[], sha256: SHA256, bytes: 3, licence: "none" };

/// A server that answers once for each body, with the length it claims; its addresses.
fn serve(answers: &[(&'static str, &'static [u8])]) -> &'static [&'static str] {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let urls: Vec<&str> = answers.iter().enumerate().map(|(k, _)| &*format!("http://127.0.0.1:{port}/{k}").leak()).collect();
    let answers = answers.to_vec();
    std::thread::spawn(move || {
        for (head, body) in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(format!("HTTP/1.1 {head}\r\nConnection: close\r\n\r\n").as_bytes());
            let _ = stream.write_all(body);
        }
    });
    urls.leak()
}

fn fetcher(root: &Path, offline: bool) -> Fetcher {
    Fetcher { raw: root.join("raw"), mirrors: vec![root.join("absent"), root.join("mirror")], offline }
}

/// Everything in the folder of raw files.
fn kept(root: &Path) -> Vec<String> {
    let Ok(listing) = fs::read_dir(root.join("raw")) else { return Vec::new() };
    listing.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn a_file_is_found_by_its_checksum_whatever_its_name() {
    let root = tempfile::tempdir().unwrap();
    let deep = root.path().join("mirror/a/b");
    fs::create_dir_all(&deep).unwrap();
    fs::write(deep.join("renamed.bin"), CONTENT).unwrap();
    fs::write(root.path().join("mirror/abc.csv"), b"xyz").unwrap();
    let located = fetcher(root.path(), true).locate(&[SOURCE], &|_| {}).unwrap();
    let file = located.get(&SOURCE).unwrap();
    assert_eq!((&file.path, file.found, file.official), (&deep.join("renamed.bin"), Found::Mirror, true));

    fs::create_dir_all(root.path().join("raw")).unwrap();
    fs::write(root.path().join("raw/abc.csv"), CONTENT).unwrap();
    let located = fetcher(root.path(), true).locate(&[SOURCE], &|_| {}).unwrap();
    assert_eq!(located.files[0].found, Found::Raw);
}

#[test]
fn a_missing_file_says_what_to_put_where() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir_all(root.path().join("mirror")).unwrap();
    fs::write(root.path().join("mirror/abc.csv"), b"longer").unwrap();
    let source = Source { urls: &["https://example.org/abc.csv"], ..SOURCE };
    let error = fetcher(root.path(), true).locate(&[source], &|_| {}).unwrap_err().to_string();
    for part in ["abc.csv (3 bytes, sha256 ba78", "mirror/abc.csv has 6 bytes", "\nput it into", "raw (from https://example.org/abc.csv)"] {
        assert!(error.contains(part), "{part} in {error}");
    }
    fs::write(root.path().join("mirror/abc.csv"), b"abd").unwrap();
    let error = fetcher(root.path(), true).locate(&[source], &|_| {}).unwrap_err().to_string();
    assert!(error.contains("mirror/abc.csv has sha256 a52d159f"), "{error}");
}

#[test]
fn a_download_is_verified_and_kept() {
    let root = tempfile::tempdir().unwrap();
    let source = Source { urls: serve(&[("404 Not Found\r\nContent-Length: 0", b""), ("200 OK\r\nContent-Length: 3", CONTENT)]), ..SOURCE };
    let located = fetcher(root.path(), false).locate(&[source], &|_| {}).unwrap();
    assert_eq!(located.files[0].found, Found::Downloaded);
    assert_eq!(fs::read(&located.files[0].path).unwrap(), CONTENT);
    assert_eq!(kept(root.path()), ["abc.csv"]);
}

#[test]
fn a_wrong_download_names_both_checksums_and_leaves_nothing() {
    let root = tempfile::tempdir().unwrap();
    for (answer, part) in [
        (
            ("200 OK\r\nContent-Length: 3", &b"xyz"[..]),
            "has the wrong sha256: expected ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad, got 3608bca1",
        ),
        (("200 OK", b"ab"), "has the wrong size: expected 3 bytes, got 2 bytes"),
        (("200 OK", b"abcd"), "has the wrong size: expected 3 bytes, got more"),
        (("200 OK\r\nContent-Length: 3", b"ab"), "failed to download http://127.0.0.1"),
        (("500 No\r\nContent-Length: 0", b""), "500"),
    ] {
        let error = fetcher(root.path(), false).locate(&[Source { urls: serve(&[answer]), ..SOURCE }], &|_| {}).unwrap_err();
        assert!(matches!(error, Error::Missing { .. }) && chain(&error).contains(part), "{}", chain(&error));
        assert!(kept(root.path()).is_empty(), "{:?}", kept(root.path()));
    }
}

#[test]
fn no_network_is_an_error_that_helps() {
    let root = tempfile::tempdir().unwrap();
    // Nobody listens there: the listener is closed as soon as it has a port.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let urls: &[&str] = [&*format!("http://127.0.0.1:{port}/abc.csv").leak()].to_vec().leak();
    let error = fetcher(root.path(), false).locate(&[Source { urls, ..SOURCE }], &|_| {}).unwrap_err();
    let text = chain(&error);
    assert!(text.contains("put it into") && text.contains("failed to download http://127.0.0.1"), "{text}");
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("raw"), "a file").unwrap();
    let source = Source { urls: serve(&[("200 OK\r\nContent-Length: 3", CONTENT)]), ..SOURCE };
    let error = fetcher(root.path(), false).locate(&[source], &|_| {}).unwrap_err().to_string();
    assert!(error.contains("failed to") && error.contains("raw"), "{error}");
}

#[test]
fn a_file_given_by_the_user_keeps_its_own_checksum() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("mine.csv");
    fs::write(&path, b"xyz").unwrap();
    let given = Fetcher::given(&path, &[SOURCE], &|_| {}).unwrap();
    assert!(!given.files[0].official && given.files[0].sha256.starts_with("3608bca1"));
    assert_eq!(given.files[0].found, Found::Given);
    let error = Fetcher::given(root.path(), &[SOURCE], &|_| {}).unwrap_err().to_string();
    assert!(error.ends_with("cannot serve as abc.csv: the folder holds no abc.csv"), "{error}");
    fs::rename(&path, root.path().join("abc.csv")).unwrap();
    assert_eq!(Fetcher::given(root.path(), &[SOURCE], &|_| {}).unwrap().files.len(), 1);
    let other = Source { file: "other", ..SOURCE };
    let error = Fetcher::given(&root.path().join("abc.csv"), &[SOURCE, other], &|_| {}).unwrap_err().to_string();
    assert!(error.ends_with("cannot serve as abc.csv, other: name the folder that holds them all"), "{error}");
    assert!(matches!(Fetcher::given(&root.path().join("absent"), &[SOURCE], &|_| {}), Err(Error::Io { .. })));
}

#[test]
fn archives_of_images_are_found_by_name_or_asked_for() {
    let root = tempfile::tempdir().unwrap();
    let error = fetcher(root.path(), true).find_images(tiny("abcd")).unwrap_err().to_string();
    assert!(
        error.contains("no images of tiny: expected tiny.tar.gz (md5 abcd, from https://example.org/tiny.tar.gz)\nput the file into"),
        "{error}"
    );
    assert!(
        fetcher(root.path(), true)
            .find_images(datasets::find("imagenet16-120").unwrap())
            .unwrap_err()
            .to_string()
            .contains("expected an .npz file")
    );
    fs::create_dir_all(root.path().join("mirror")).unwrap();
    fs::write(root.path().join("mirror/tiny.tar.gz"), "").unwrap();
    assert!(fetcher(root.path(), true).find_images(tiny("")).unwrap().ends_with("mirror/tiny.tar.gz"));
}
