//! What a file looks like before it is read.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// How to tell a source by its first bytes, so that the wrong file is refused at once and by what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Text whose first line is this one.
    Lines(&'static str),
    /// A JSON object.
    JsonObject,
    /// A JSON list of lists.
    JsonList,
    /// A stream of gzip.
    Gzip,
    /// A stream of bzip2.
    Bzip2,
    /// Records of `TensorFlow` (`.tfrecord`).
    TfRecord,
    /// A file of `torch.save` (`.pth`), in either container.
    Torch,
    /// A tar archive.
    Tar,
    /// A folder of files.
    Folder {
        /// One of them, by which the folder is told.
        with: &'static str,
        /// How many there are besides, in a complete one.
        files: usize,
    },
}

/// Bytes that are looked at.
const HEAD: usize = 512;
/// `torch.save` before version 1.6 begins with its magic number as a pickle.
const TORCH_LEGACY: &[u8] = &[0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

impl Form {
    /// What it is, in words.
    #[must_use]
    pub fn in_words(self) -> String {
        match self {
            Self::Lines(head) => format!("a text whose first line is {head}"),
            Self::JsonObject => "a JSON object".into(),
            Self::JsonList => "a JSON list of lists".into(),
            Self::Gzip => "a gzip file".into(),
            Self::Bzip2 => "a bzip2 file".into(),
            Self::TfRecord => "a TFRecord file".into(),
            Self::Torch => "a file of torch.save".into(),
            Self::Tar => "a tar archive".into(),
            Self::Folder { with, files } => format!("a folder with {with} and {files} other files"),
        }
    }

    /// Whether this is about a folder.
    #[must_use]
    pub const fn is_folder(self) -> bool {
        matches!(self, Self::Folder { .. })
    }

    /// Whether what is at `path` looks like it.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn fits(self, path: &Path) -> io::Result<bool> {
        if path.is_dir() {
            return Ok(matches!(self, Self::Folder { with, .. } if path.join(with).is_file()));
        }
        let mut head = Vec::with_capacity(HEAD);
        File::open(path)?.take(HEAD as u64).read_to_end(&mut head)?;
        Ok(self.fits_head(&head))
    }

    fn fits_head(self, head: &[u8]) -> bool {
        match self {
            Self::Lines(line) => head.strip_prefix(line.as_bytes()).is_some_and(|rest| matches!(rest.first(), None | Some(b'\n' | b'\r'))),
            Self::JsonObject => head.trim_ascii_start().starts_with(b"{"),
            Self::JsonList => head.trim_ascii_start().strip_prefix(b"[").is_some_and(|rest| rest.trim_ascii_start().starts_with(b"[")),
            Self::Gzip => head.starts_with(&[0x1f, 0x8b]),
            Self::Bzip2 => head.starts_with(b"BZh"),
            // A record of JSON: eight bytes of length, four of checksum, then a list that begins with a text.
            Self::TfRecord => head.get(12..14) == Some(b"[\"") && head.get(4..8) == Some(&[0; 4]),
            Self::Torch => head.starts_with(b"PK\x03\x04") || head.get(2..2 + TORCH_LEGACY.len()) == Some(TORCH_LEGACY),
            Self::Tar => head.get(257..262) == Some(b"ustar"),
            Self::Folder { .. } => false,
        }
    }

    /// What a file looks like, of the forms known here.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn describe(path: &Path) -> io::Result<String> {
        if path.is_dir() {
            return Ok("a folder".into());
        }
        let known = [Self::Gzip, Self::Bzip2, Self::Torch, Self::Tar, Self::TfRecord, Self::JsonObject, Self::JsonList];
        for form in known {
            if form.fits(path)? {
                return Ok(form.in_words());
            }
        }
        Ok("something else".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_by_their_first_bytes() {
        let tar = [&[0; 257][..], b"ustar\0"].concat();
        let legacy = [&[0x80, 0x02][..], TORCH_LEGACY, b"."].concat();
        let record = [&7_u64.to_le_bytes()[..], &[1, 2, 3, 4], b"[\"abc\", 108"].concat();
        let cases: [(Form, &[u8]); 10] = [
            (Form::Lines("a,b"), b"a,b\r\n1,2"),
            (Form::JsonObject, b"\n {\"a\": 1}"),
            (Form::JsonList, b"[[\"a\", 1]]"),
            (Form::Gzip, &[0x1f, 0x8b, 8]),
            (Form::Bzip2, b"BZh91AY"),
            (Form::TfRecord, &record),
            (Form::Torch, b"PK\x03\x04..."),
            (Form::Torch, &legacy),
            (Form::Tar, &tar),
            (Form::Folder { with: "x", files: 1 }, b""),
        ];
        for (form, head) in cases {
            assert_eq!(form.fits_head(head), !form.is_folder(), "{form:?}");
            for (other, _) in cases.iter().filter(|(other, _)| *other != form) {
                assert!(!other.fits_head(head), "{other:?} on the head of {form:?}");
            }
            assert!(!form.fits_head(b"") && !form.fits_head(b"a"));
        }
        assert!(!Form::Lines("a,b").fits_head(b"a,bc\n"));
    }

    #[test]
    fn folders_are_told_by_a_file_in_them() {
        let folder = tempfile::tempdir().unwrap();
        let form = Form::Folder { with: "meta", files: 0 };
        assert!(!form.fits(folder.path()).unwrap());
        std::fs::write(folder.path().join("meta"), "").unwrap();
        assert!(form.fits(folder.path()).unwrap());
        assert!(!form.fits(&folder.path().join("meta")).unwrap());
        assert_eq!(Form::describe(folder.path()).unwrap(), "a folder");
        assert!(Form::Gzip.fits(&folder.path().join("absent")).is_err());
    }
}
