use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use crate::{Error, Result};

/// Prefix of temporary files: hidden, so that no reader of a folder takes one for a table.
const TEMPORARY_PREFIX: &str = ".partial-";

/// Writes a file so that it is whole or not there: `fill` writes to a temporary file in the same folder, which is synced
/// and renamed to `path`. Makes the folder if it is missing; replaces a file that is there.
///
/// # Errors
/// [`Error::Io`] if the folder or file cannot be written, or with the error of `fill`. Then nothing is left behind.
pub fn atomic_write(path: &Path, fill: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>) -> Result<()> {
    let mut pending = PendingFile::create(path)?;
    {
        let mut buffered = io::BufWriter::with_capacity(1 << 16, pending.temporary.as_file_mut());
        fill(&mut buffered).and_then(|()| buffered.flush()).map_err(failed("write", path))?;
    }
    pending.sync()?;
    pending.publish()
}

/// A file that is not there until it is published. Dropped before, it leaves nothing.
#[derive(Debug)]
pub(crate) struct PendingFile {
    temporary: NamedTempFile,
    path: PathBuf,
}

impl PendingFile {
    /// A temporary file beside `path`, in a folder that is made if it is missing.
    pub fn create(path: &Path) -> Result<Self> {
        let folder = folder_of(path);
        std::fs::create_dir_all(folder).map_err(failed("make the folder", folder))?;
        let temporary = temporary_in(folder).map_err(failed("write into", folder))?;
        Ok(Self { temporary, path: path.into() })
    }

    /// Where it will be.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A second handle to write through.
    pub fn handle(&self) -> Result<File> {
        self.temporary.as_file().try_clone().map_err(failed("write", &self.path))
    }

    /// Waits until everything written is on the disk.
    pub fn sync(&self) -> Result<()> {
        self.temporary.as_file().sync_all().map_err(failed("write", &self.path))
    }

    /// Gives it its name.
    pub fn publish(self) -> Result<()> {
        let Self { temporary, path } = self;
        temporary.persist(&path).map_err(|e| failed("write", &path)(e.error))?;
        sync_folder(folder_of(&path));
        Ok(())
    }
}

/// For `map_err`.
fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_path_buf();
    move |source| Error::Io { action, path, source }
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// A temporary file that gets, once renamed, the permissions of any other new file (by default it would be private).
fn temporary_in(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY_PREFIX);
    #[cfg(unix)]
    let builder = {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o666))
    };
    builder.tempfile_in(folder)
}

/// Makes a rename last through a power cut where the system can do so. A folder that cannot be opened or synced (other
/// systems, network drives) is no reason to call a complete file a failure.
fn sync_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

/// SHA-256 of a file as 64 lower-case hexadecimal digits. Reads in pieces of 64 KiB.
///
/// # Errors
/// [`Error::Io`].
pub fn hash_file(path: &Path) -> Result<String> {
    let hash = || -> io::Result<String> {
        let (mut file, mut hash, mut piece) = (File::open(path)?, Sha256::new(), vec![0; 1 << 16]);
        loop {
            match file.read(&mut piece) {
                Ok(0) => return Ok(hex(&hash.finalize())),
                Ok(n) => hash.update(&piece[..n]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    };
    hash().map_err(|source| Error::Io { action: "read", path: path.into(), source })
}

/// Bytes as lower-case hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_that_of_the_standard() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("abc");
        std::fs::write(&path, "abc").unwrap();
        assert_eq!(hash_file(&path).unwrap(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        let error = hash_file(&folder.path().join("missing")).unwrap_err().to_string();
        assert!(error.starts_with("failed to read") && error.ends_with("missing"), "{error}");
    }

    #[test]
    fn a_write_that_fails_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sub/file");
        atomic_write(&path, |w| w.write_all(b"old")).unwrap();
        let error = atomic_write(&path, |w| {
            w.write_all(b"half")?;
            Err(io::Error::other("disk full"))
        });
        assert!(matches!(error, Err(Error::Io { action: "write", .. })));
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        assert_eq!(std::fs::read_dir(folder.path().join("sub")).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_that_is_a_file_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        let error = atomic_write(&file.join("table"), |_| Ok(())).unwrap_err().to_string();
        assert!(error.contains("failed to make the folder"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_written_file_is_as_readable_as_any_other() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let (ours, plain) = (folder.path().join("ours"), folder.path().join("plain"));
        atomic_write(&ours, |w| w.write_all(b"x")).unwrap();
        std::fs::write(&plain, "x").unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&ours), mode(&plain));
    }
}
