use std::io::Read;

/// Longest header text: `NumPy` writes about a hundred bytes for a plain array.
const MAX_HEADER: usize = 1 << 12;

/// What stands before the data of an array: its type and shape.
///
/// Read here and not by a library, since the header comes from outside: its length is bounded before it is read, it is not
/// parsed by recursion, and no product of its numbers is taken without looking for overflow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NpyHeader {
    /// `<i8`, `|u1`, ...
    pub descr: String,
    /// Whether the first index runs fastest.
    pub fortran_order: bool,
    pub shape: Vec<u64>,
    /// Bytes before the data.
    pub length: u64,
}

impl NpyHeader {
    /// Reads the header and leaves the reader at the data. The error says what is wrong with it.
    pub fn read(reader: &mut impl Read) -> Result<Self, String> {
        let mut start = [0; 8];
        reader.read_exact(&mut start).map_err(|_| "it ends before its header")?;
        if &start[..6] != b"\x93NUMPY" {
            return Err("it is no array in NumPy's format".into());
        }
        let mut size = [0; 4];
        let size_bytes = match start[6] {
            1 => 2,
            2 | 3 => 4,
            version => return Err(format!("it has version {version} of the format, known are 1 to 3")),
        };
        reader.read_exact(&mut size[..size_bytes]).map_err(|_| "it ends in its header")?;
        let size = u32::from_le_bytes(size) as usize;
        if size > MAX_HEADER {
            return Err(format!("it has a header of {size} bytes, at most {MAX_HEADER} are read"));
        }
        let mut text = vec![0; size];
        reader.read_exact(&mut text).map_err(|_| "it ends in its header")?;
        let text = String::from_utf8(text).map_err(|_| "its header is not text")?;
        let length = (8 + size_bytes + size) as u64;
        Self::parse(&text, length)
            .ok_or_else(|| format!("its header is not that of a plain array: `{}`", crate::error::excerpt(text.trim_end())))
    }

    /// Reads `{'descr': '<i8', 'fortran_order': False, 'shape': (640,), }`, keys in any order.
    fn parse(text: &str, length: u64) -> Option<Self> {
        let mut rest = text.trim().strip_prefix('{')?.strip_suffix('}')?.trim();
        let (mut descr, mut fortran_order, mut shape) = (None, None, None);
        while !rest.is_empty() {
            let (key, after) = quoted(rest)?;
            let after = after.trim_start().strip_prefix(':')?.trim_start();
            rest = match key {
                "descr" => {
                    let (value, after) = quoted(after)?;
                    descr = Some(value.to_owned());
                    after
                }
                "fortran_order" => {
                    let value = after.starts_with("True");
                    fortran_order = Some(value);
                    after.strip_prefix(if value { "True" } else { "False" })?
                }
                "shape" => {
                    let (inner, after) = after.strip_prefix('(')?.split_once(')')?;
                    shape = Some(numbers(inner)?);
                    after
                }
                _ => return None,
            };
            rest = rest.trim_start();
            rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
        }
        Some(Self { descr: descr?, fortran_order: fortran_order?, shape: shape?, length })
    }
}

/// A text between quotes at the start, and what follows.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    text[1..].split_once(quote)
}

/// `640, 3, 32, 32` or `640,` or nothing.
fn numbers(text: &str) -> Option<Vec<u64>> {
    let text = text.trim();
    let text = text.strip_suffix(',').unwrap_or(text);
    if text.is_empty() { Some(Vec::new()) } else { text.split(',').map(|number| number.trim().parse().ok()).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(version: u8, header: &str) -> Vec<u8> {
        let mut bytes = b"\x93NUMPY".to_vec();
        bytes.extend([version, 0]);
        let size = header.len() as u32;
        bytes.extend(&size.to_le_bytes()[..if version == 1 { 2 } else { 4 }]);
        bytes.extend(header.as_bytes());
        bytes
    }

    fn read(version: u8, header: &str) -> Result<NpyHeader, String> {
        NpyHeader::read(&mut file(version, header).as_slice())
    }

    #[test]
    fn headers_of_numpy_are_understood() {
        let header = read(1, "{'descr': '|u1', 'fortran_order': False, 'shape': (640, 3, 32, 32), }      \n").unwrap();
        assert_eq!((header.descr.as_str(), header.fortran_order, header.shape.as_slice()), ("|u1", false, &[640, 3, 32, 32][..]));
        let header = read(2, "{\"shape\": (5,), \"fortran_order\": True, \"descr\": \">i4\"}").unwrap();
        assert_eq!((header.descr.as_str(), header.fortran_order, header.shape.as_slice()), (">i4", true, &[5][..]));
        assert!(read(1, "{'descr': '<i8', 'fortran_order': False, 'shape': ()}").unwrap().shape.is_empty());
    }

    #[test]
    fn everything_else_is_refused() {
        for header in [
            "",
            "{",
            "{}",
            "{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (5,)}",
            "{'descr': '|u1', 'fortran_order': False, 'shape': (5, -1)}",
            "{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999999999999,)}",
            "{'descr': '|u1', 'fortran_order': Maybe, 'shape': (5,)}",
            "{'descr': '|u1', 'fortran_order': False, 'shape': 5}",
            "{'descr': 'é', 'é': 1}",
            &"(".repeat(4_000),
        ] {
            assert!(read(1, header).is_err(), "{header}");
        }
        assert!(read(2, &" ".repeat(5_000)).unwrap_err().contains("5000 bytes"));
        assert!(read(9, "{}").unwrap_err().contains("version 9"));
        assert!(NpyHeader::read(&mut &b"\x93NUMPY\x02\x00\xff\xff\xff\xff"[..]).unwrap_err().contains("4294967295"));
        assert!(NpyHeader::read(&mut &b"PK"[..]).is_err());
    }
}
