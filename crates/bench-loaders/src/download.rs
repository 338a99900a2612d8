use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::{Error, Event, Observer, Result, Source};

/// A server that says nothing for so long is given up.
const SILENCE: Duration = Duration::from_secs(30);

/// A file of unknown size is no longer than that: 8 GiB.
const MOST_BYTES: u64 = 8 << 30;

/// Downloads a source into `folder`, from the first address that has it. Written to a temporary file beside its place,
/// checked while it comes, renamed when it is right; never longer than it should be, and gone if it is wrong.
pub fn download(source: &Source, folder: &Path, observe: &Observer<'_>) -> Result<PathBuf> {
    let mut last = None;
    if source.sha256.is_none() {
        // What cannot be verified is not downloaded.
        return Err(Error::Download { url: source.file.into(), reason: "its checksum is not known".into() });
    }
    for url in source.urls {
        match from_url(source, url, folder, observe) {
            Ok(path) => return Ok(path),
            // Another address may have the right file; a full disk is the same for all.
            Err(error @ (Error::Download { .. } | Error::Checksum { .. })) => last = Some(error),
            Err(error) => return Err(error),
        }
    }
    Err(last.unwrap_or_else(|| Error::Download { url: source.file.into(), reason: "no address is known".into() }))
}

fn from_url(source: &Source, url: &str, folder: &Path, observe: &Observer<'_>) -> Result<PathBuf> {
    let failed = |error: ureq::Error| Error::Download { url: url.into(), reason: error.to_string() };
    let agent = ureq::Agent::config_builder()
        .timeout_resolve(Some(SILENCE))
        .timeout_connect(Some(SILENCE))
        .timeout_recv_response(Some(SILENCE))
        .timeout_per_read(Some(SILENCE))
        .build()
        .new_agent();
    let mut body = agent.get(url).call().map_err(failed)?.into_body();
    // The reader's own limit would cut a long file off without a word; ours notices the byte too many.
    let reader = body.with_config().limit(u64::MAX).reader();
    let path = folder.join(source.file);
    let mut failure = None;
    let written = tables::atomic_write(&path, |output| {
        receive(reader, output, source, url, observe)?.map_or(Ok(()), |error| {
            failure = Some(error);
            Err(io::Error::other("the download was not complete"))
        })
    });
    match failure {
        Some(error) => Err(error),
        None => Ok(written.map(|()| path)?),
    }
}

/// Copies the body to the file. The outer error is one of the file; the inner one says what is wrong with the download.
fn receive(
    reader: impl Read,
    output: &mut (dyn Write + Send),
    source: &Source,
    url: &str,
    observe: &Observer<'_>,
) -> io::Result<Option<Error>> {
    let most = source.bytes.unwrap_or(MOST_BYTES);
    let mut reader = reader.take(most.saturating_add(1));
    let (mut hash, mut received, mut piece) = (Sha256::new(), 0, vec![0; 1 << 16]);
    loop {
        let n = match reader.read(&mut piece) {
            Ok(0) => break,
            Ok(n) => n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Ok(Some(Error::Download { url: url.into(), reason: error.to_string() })),
        };
        hash.update(&piece[..n]);
        output.write_all(&piece[..n])?;
        received += n as u64;
        observe(Event::Downloading { file: source.file, received: received.min(most), total: source.bytes });
    }
    let wrong = |what, expected: String, got: String| Some(Error::Checksum { file: url.into(), what, expected, got });
    if received > most || source.bytes.is_some_and(|bytes| received != bytes) {
        let got = if received > most { "more".into() } else { format!("{received} bytes") };
        return Ok(wrong("size", format!("{most} bytes"), got));
    }
    let got = tables::hex(&hash.finalize());
    Ok(source.sha256.filter(|sha256| got != *sha256).and_then(|sha256| wrong("sha256", sha256.into(), got.clone())))
}
