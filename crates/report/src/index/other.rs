//! What a page of searches or experiments tells an index: `data/page.json` in its folder.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// Where it stands in the folder of a page.
pub(crate) const FILE: &str = "data/page.json";
/// Version of its fields.
const SCHEMA: u32 = 1;
/// Most bytes of a file that is read.
const MOST_BYTES: u64 = 1 << 16;

/// A page in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Other {
    /// Version of the fields.
    schema: u32,
    /// Heading of the page.
    pub title: String,
    /// What it found: a heading, which may be empty, and a sentence, both plain text.
    pub findings: Vec<(String, String)>,
}

impl Other {
    pub fn new(title: &str, findings: &[(String, String)]) -> Self {
        Self { schema: SCHEMA, title: title.into(), findings: findings.to_vec() }
    }

    /// Reads that of the page in `folder`; none if there is none.
    ///
    /// # Errors
    /// [`Error::Summary`] if it is not one that this program wrote.
    pub fn read(folder: &Path) -> Result<Option<Self>> {
        let path = folder.join(FILE);
        let wrong = |reason: String| Error::Summary { path: path.clone(), reason };
        match std::fs::metadata(&path) {
            Err(_) => return Ok(None),
            Ok(metadata) if metadata.len() > MOST_BYTES => {
                return Err(wrong(format!("expected at most {MOST_BYTES} bytes, got {}", metadata.len())));
            }
            Ok(_) => {}
        }
        let bytes = std::fs::read(&path).map_err(|error| wrong(error.to_string()))?;
        let other: Self = serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?;
        if other.schema == SCHEMA { Ok(Some(other)) } else { Err(wrong(format!("expected schema version {SCHEMA}, got {}", other.schema))) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_in_short_survives_its_file_and_others_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Other::read(folder.path()).unwrap(), None);
        std::fs::create_dir(folder.path().join("data")).unwrap();
        let path = folder.path().join(FILE);
        let other = Other::new("Searches", &[("ZiCo".into(), "It found <one>.".into())]);
        std::fs::write(&path, serde_json::to_vec(&other).unwrap()).unwrap();
        assert_eq!(Other::read(folder.path()).unwrap(), Some(other));
        let (broken, newer, large) = (b"{".to_vec(), br#"{"schema":2,"title":"","findings":[]}"#.to_vec(), vec![b' '; 70_000]);
        for (bytes, part) in [(broken, "EOF"), (newer, "schema version 1, got 2"), (large, "65536")] {
            std::fs::write(&path, bytes).unwrap();
            let error = Other::read(folder.path()).unwrap_err().to_string();
            assert!(error.contains(part) && error.contains("page.json"), "{error}");
        }
    }
}
