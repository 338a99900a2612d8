use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;

use bench_loaders::{BenchmarkMeta, Edition, Error, Fetcher, Form, Found, Source, Summary, datasets};

use crate::support::{chain, tiny};

const CONTENT: &[u8] = b"abc";
const SHA256: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const SOURCE: Source = Source {
    file: "abc.csv",
    form: Form::Lines("abc"),
    urls: &[],
    obtain: "",
    sha256: Some(SHA256),
    bytes: Some(3),
    about: "",
    licence: "none",
};

/// A benchmark of one edition with these sources.
fn meta(sources: &[Source]) -> BenchmarkMeta {
    editions(&[("only", sources)])
}

fn editions(editions: &[(&'static str, &[Source])]) -> BenchmarkMeta {
    let edition = |(name, sources): &(&'static str, &[Source])| Edition {
        name,
        title: name,
        sources: sources.to_vec().leak(),
        note: "",
        rows: "",
        verified: "",
        read: |_, _, _, _| Ok(Summary::default()),
    };
    let editions: Vec<Edition> = editions.iter().map(edition).collect();
    BenchmarkMeta {
        name: "letters",
        aliases: &[],
        title: "",
        paper: "",
        licence: "",
        space: "nb201",
        datasets: &[],
        editions: editions.leak(),
    }
}

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
    let located = fetcher(root.path(), true).locate(&meta(&[SOURCE]), None, &|_| {}).unwrap();
    let file = located.get(SOURCE.file).unwrap();
    assert_eq!((&file.path, file.found, file.official), (&deep.join("renamed.bin"), Found::Mirror, Some(true)));

    fs::create_dir_all(root.path().join("raw")).unwrap();
    fs::write(root.path().join("raw/abc.csv"), CONTENT).unwrap();
    let located = fetcher(root.path(), true).locate(&meta(&[SOURCE]), None, &|_| {}).unwrap();
    assert_eq!(located.files[0].found, Found::Raw);
}

#[test]
fn a_missing_file_says_what_to_put_where() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir_all(root.path().join("mirror")).unwrap();
    fs::write(root.path().join("mirror/abc.csv"), b"longer").unwrap();
    let source = Source { urls: &["https://example.org/abc.csv"], ..SOURCE };
    let error = fetcher(root.path(), true).locate(&meta(&[source]), None, &|_| {}).unwrap_err().to_string();
    for part in [
        "no source of letters is in ",
        "mirror/abc.csv has 6 bytes instead of 3",
        "\nput abc.csv (3 bytes, sha256 ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad, from https://example.org/abc.csv) into ",
    ] {
        assert!(error.contains(part), "{part} in {error}");
    }
    fs::write(root.path().join("mirror/abc.csv"), b"abd").unwrap();
    let error = fetcher(root.path(), true).locate(&meta(&[source]), None, &|_| {}).unwrap_err().to_string();
    assert!(error.contains("mirror/abc.csv has sha256 a52d159f"), "{error}");
}

#[test]
fn a_download_is_verified_and_kept() {
    let root = tempfile::tempdir().unwrap();
    let source = Source { urls: serve(&[("404 Not Found\r\nContent-Length: 0", b""), ("200 OK\r\nContent-Length: 3", CONTENT)]), ..SOURCE };
    let located = fetcher(root.path(), false).locate(&meta(&[source]), None, &|_| {}).unwrap();
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
        let error = fetcher(root.path(), false).locate(&meta(&[Source { urls: serve(&[answer]), ..SOURCE }]), None, &|_| {}).unwrap_err();
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
    let error = fetcher(root.path(), false).locate(&meta(&[Source { urls, ..SOURCE }]), None, &|_| {}).unwrap_err();
    let text = chain(&error);
    assert!(text.contains("\nput abc.csv (3 bytes") && text.contains("failed to download http://127.0.0.1"), "{text}");
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("raw"), "a file").unwrap();
    let source = Source { urls: serve(&[("200 OK\r\nContent-Length: 3", CONTENT)]), ..SOURCE };
    let error = fetcher(root.path(), false).locate(&meta(&[source]), None, &|_| {}).unwrap_err().to_string();
    assert!(error.contains("failed to") && error.contains("raw"), "{error}");
}

#[test]
fn a_file_given_by_the_user_keeps_its_own_checksum() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("mine.csv");
    fs::write(&path, b"abc\nmine").unwrap();
    let given = |path: &Path, sources: &[Source]| Fetcher::given(path, &meta(sources), None, &|_| {});
    let found = given(&path, &[SOURCE]).unwrap();
    assert_eq!((found.files[0].official, found.files[0].sha256.clone()), (Some(false), Some(tables::hash_file(&path).unwrap())));
    assert_eq!(found.files[0].found, Found::Given);
    assert_eq!(given(&path, &[Source { sha256: None, ..SOURCE }]).unwrap().files[0].official, None);
    let error = given(root.path(), &[SOURCE]).unwrap_err().to_string();
    assert!(error.ends_with("cannot serve as abc.csv: the folder holds no such thing"), "{error}");
    fs::rename(&path, root.path().join("abc.csv")).unwrap();
    assert_eq!(given(root.path(), &[SOURCE]).unwrap().files.len(), 1);
    let other = Source { file: "other", ..SOURCE };
    let error = given(&root.path().join("abc.csv"), &[SOURCE, other]).unwrap_err().to_string();
    assert!(error.ends_with("cannot serve as abc.csv with other: it takes them all: name the folder that holds them"), "{error}");
    assert!(matches!(given(&root.path().join("absent"), &[SOURCE]), Err(Error::Io { .. })));
}

#[test]
fn a_given_file_that_is_something_else_is_named_for_what_it_is() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("abc.csv");
    fs::write(&path, b"BZh9").unwrap();
    let zipped = Source { file: "abc.bz2", form: Form::Bzip2, ..SOURCE };
    let several = editions(&[("zipped", &[zipped]), ("plain", &[SOURCE])]);
    // Of the name of one edition and the content of another: the name counts, and the content is wrong.
    let error = Fetcher::given(&path, &several, None, &|_| {}).unwrap_err().to_string();
    assert!(error.contains("cannot serve as abc.bz2, or abc.csv: ") && error.contains("abc.csv is a bzip2 file, not a text"), "{error}");
    fs::rename(&path, root.path().join("x")).unwrap();
    let path = root.path().join("x");
    assert_eq!(Fetcher::given(&path, &several, None, &|_| {}).unwrap().edition.name, "zipped");
    let error = Fetcher::given(&path, &several, Some("plain"), &|_| {}).unwrap_err().to_string();
    assert!(error.ends_with("cannot serve as abc.csv: expected a text whose first line is abc, this is a bzip2 file"), "{error}");
    let error = Fetcher::given(&path, &several, Some("plane"), &|_| {}).unwrap_err().to_string();
    assert_eq!(error, "unknown edition `plane`: did you mean `plain`?; known: zipped, plain");
    fs::rename(&path, root.path().join("nats_bench.csv")).unwrap();
    let error = Fetcher::given(&root.path().join("nats_bench.csv"), &several, None, &|_| {}).unwrap_err().to_string();
    assert!(error.contains("nats_bench.csv is a source of nb201, not of letters\nrun: zico ingest nb201 --source "), "{error}");
}

#[test]
fn the_richest_edition_that_is_there_is_taken() {
    let root = tempfile::tempdir().unwrap();
    let raw = root.path().join("raw");
    fs::create_dir_all(raw.join("rich")).unwrap();
    let folder =
        Source { file: "rich", form: Form::Folder { with: "meta", files: 2 }, sha256: None, bytes: None, about: "large", ..SOURCE };
    let several = editions(&[("folder", &[folder]), ("plain", &[SOURCE])]);
    let locate = |edition| fetcher(root.path(), true).locate(&several, edition, &|_| {});
    let error = locate(None).unwrap_err().to_string();
    for part in [
        "raw/rich is not a folder with meta and 2 other files",
        "one of these (the first holds most)\n  rich (large)\n  abc.csv (3 bytes, sha256 ba78",
    ] {
        assert!(error.contains(part), "{part} in {error}");
    }
    fs::write(raw.join("abc.csv"), CONTENT).unwrap();
    assert_eq!(locate(None).unwrap().edition.name, "plain");
    // A part of the folder is not taken unasked.
    fs::write(raw.join("rich/meta"), "").unwrap();
    fs::write(raw.join("rich/0"), "").unwrap();
    assert_eq!(locate(None).unwrap().edition.name, "plain");
    let error = locate(Some("folder")).unwrap_err().to_string();
    assert!(error.contains("raw/rich has 1 of 2 files; name it with --source to read these"), "{error}");
    fs::write(raw.join("rich/1"), "").unwrap();
    let located = locate(None).unwrap();
    assert_eq!((located.edition.name, &located.files[0].sha256, located.files[0].official), ("folder", &None, None));
    assert_eq!(locate(Some("plain")).unwrap().edition.name, "plain");
    fs::remove_file(raw.join("rich/meta")).unwrap();
    assert!(matches!(locate(Some("folder")), Err(Error::Missing { .. })));
}

#[test]
fn archives_of_images_are_found_by_name_or_asked_for() {
    let root = tempfile::tempdir().unwrap();
    let error = fetcher(root.path(), true).find_images(tiny("abcd")).unwrap_err().to_string();
    assert!(
        error.contains("no images of tiny: expected tiny.tar.gz (md5 abcd, from https://example.org/tiny.tar.gz)\nput the file into"),
        "{error}"
    );
    let imagenet = datasets::find("imagenet16-120").unwrap();
    let error = fetcher(root.path(), true).find_images(imagenet).unwrap_err().to_string();
    assert!(error.contains("expected the files train_data_batch_1, ") && error.contains("or an .npz file"), "{error}");
    let folder = root.path().join("mirror/ImageNet16");
    fs::create_dir_all(&folder).unwrap();
    for (file, _) in imagenet.pickles.unwrap().train {
        assert!(fetcher(root.path(), true).find_images(imagenet).is_err());
        fs::write(folder.join(file), "").unwrap();
    }
    assert_eq!(fetcher(root.path(), true).find_images(imagenet).unwrap(), folder);
    fs::create_dir_all(root.path().join("mirror")).unwrap();
    fs::write(root.path().join("mirror/tiny.tar.gz"), "").unwrap();
    assert!(fetcher(root.path(), true).find_images(tiny("")).unwrap().ends_with("mirror/tiny.tar.gz"));
}
