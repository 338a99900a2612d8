use std::fs;
use std::path::{Path, PathBuf};

use super::config::RunConfig;
use crate::Error;

/// The output folder of a run.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Opens or makes the folder for this configuration.
    pub fn open(path: &Path, config: &RunConfig) -> Result<Self, Error> {
        let file = path.join("run.json");
        let failed = |action, path: &Path| {
            let path = path.to_path_buf();
            move |source| Error::File { action, path, source }
        };
        match fs::read(&file) {
            Ok(bytes) => {
                let there: RunConfig =
                    serde_json::from_slice(&bytes).map_err(|source| Error::Configuration { path: file.clone(), source })?;
                if there != *config {
                    return Err(Error::OtherConfiguration { path: path.into(), differences: there.differences(config) });
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                fs::create_dir_all(path).map_err(failed("make the folder", path))?;
                let text = format!("{:#}\n", config.to_json());
                tables::atomic_write(&file, |w| w.write_all(text.as_bytes()))?;
            }
            Err(source) => return Err(failed("read", &file)(source)),
        }
        for part in ["scores", "timings"] {
            let folder = path.join(part);
            fs::create_dir_all(&folder).map_err(failed("make the folder", &folder))?;
        }
        Ok(Self { path: path.into() })
    }

    /// Score file of a shard.
    pub fn scores(&self, name: &str) -> PathBuf {
        self.path.join("scores").join(name)
    }

    /// Timing file of a shard.
    pub fn timings(&self, name: &str) -> PathBuf {
        self.path.join("timings").join(name)
    }
}
