//! Where the members of a tar archive lie, so that they can be read in any order without unpacking.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use crate::error::excerpt;
use crate::{Error, Result};

/// A file in an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its name with folders.
    pub name: String,
    /// Where its bytes begin.
    pub offset: u64,
    /// How many there are.
    pub bytes: u64,
}

const BLOCK: u64 = 512;
/// More members are not the archive of a benchmark.
const MAX_MEMBERS: usize = 1 << 20;

/// The regular files of an archive (not compressed), in its order.
///
/// # Conventions
/// `ustar` and the older format. Long names of GNU and attributes of POSIX are passed over: no member of a benchmark needs
/// them. Links and other special members are left out.
///
/// # Errors
/// [`Error::Part`] with the offset for a header that is none, a member that reaches beyond the end of the file, or an
/// archive without the zeros that end it.
pub fn members(path: &Path) -> Result<Vec<Member>> {
    let mut file = File::open(path).map_err(Error::io("open", path))?;
    let size = file.metadata().map_err(Error::io("open", path))?.len();
    let mut members = Vec::new();
    let mut offset = 0;
    loop {
        let wrong =
            |expected: &str, got: String| Error::Part { path: path.into(), part: format!("byte {offset}"), expected: expected.into(), got };
        if offset + BLOCK > size {
            return Err(wrong("the header of another member, or zeros", "the end of the file".into()));
        }
        let mut header = [0; BLOCK as usize];
        file.seek(SeekFrom::Start(offset)).and_then(|_| file.read_exact(&mut header)).map_err(Error::io("read", path))?;
        if header.iter().all(|byte| *byte == 0) {
            return Ok(members);
        }
        let (Some(bytes), true) = (number(&header[124..136]), checksum_holds(&header)) else {
            return Err(wrong("the header of a member of a tar archive", "other bytes".into()));
        };
        let start = offset + BLOCK;
        if bytes > size - start {
            return Err(wrong(&format!("a member of at most {} bytes", size - start), bytes.to_string()));
        }
        if matches!(header[156], b'0' | 0) {
            let name = name(&header).ok_or_else(|| wrong("a name in UTF-8", excerpt(&String::from_utf8_lossy(&header[..100]))))?;
            if members.len() == MAX_MEMBERS {
                return Err(wrong("the end", format!("more than {MAX_MEMBERS} members")));
            }
            members.push(Member { name, offset: start, bytes });
        }
        offset = start + bytes.div_ceil(BLOCK) * BLOCK;
    }
}

/// A number in octal digits, or in binary if it is too large for them.
fn number(field: &[u8]) -> Option<u64> {
    if field[0] == 0x80 {
        return field[1..].iter().try_fold(0_u64, |value, byte| Some(value.checked_mul(256)? + u64::from(*byte)));
    }
    let digits = std::str::from_utf8(field).ok()?.trim_matches(['\0', ' ']);
    u64::from_str_radix(digits, 8).ok()
}

/// The checksum is the sum of the header's bytes with blanks in its own place.
fn checksum_holds(header: &[u8]) -> bool {
    let sum = |range: std::ops::Range<usize>| header[range].iter().map(|byte| u64::from(*byte)).sum::<u64>();
    number(&header[148..156]) == Some(sum(0..148) + 8 * u64::from(b' ') + sum(156..512))
}

fn name(header: &[u8]) -> Option<String> {
    let text = |field: &[u8]| {
        let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
        std::str::from_utf8(&field[..end]).ok().map(str::to_owned)
    };
    let name = text(&header[..100])?;
    let prefix = if &header[257..262] == b"ustar" && header[262] == 0 { text(&header[345..500])? } else { String::new() };
    Some(if prefix.is_empty() { name } else { format!("{prefix}/{name}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive() -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (name, data) in [("folder/one", &b"first"[..]), ("folder/two", &[7; 513]), ("three", b"")] {
            let mut header = tar::Header::new_ustar();
            header.set_size(data.len() as u64);
            header.set_mode(0o644);
            builder.append_data(&mut header, name, data).unwrap();
        }
        builder.into_inner().unwrap()
    }

    fn read(bytes: &[u8]) -> Result<Vec<Member>> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        members(file.path())
    }

    #[test]
    fn members_are_found() {
        let found: Vec<_> = read(&archive()).unwrap().into_iter().map(|member| (member.name, member.offset, member.bytes)).collect();
        assert_eq!(found, [("folder/one".into(), 512, 5), ("folder/two".into(), 1536, 513), ("three".into(), 3072, 0)]);
    }

    #[test]
    fn a_cut_archive_is_an_error() {
        let whole = archive();
        for cut in (0..3072 + 512).step_by(61) {
            assert!(read(&whole[..cut]).is_err(), "{cut}");
        }
    }

    #[test]
    fn a_damaged_header_is_an_error() {
        let whole = archive();
        for place in 0..512 {
            let mut flipped = whole.clone();
            flipped[place] ^= 1;
            // The last byte of the checksum is a blank, which need not be there.
            assert!(read(&flipped).is_err() || place == 155, "{place}");
        }
    }
}
