use std::fs;
use std::path::Path;

use crate::{Config, Error};

/// Opens or makes the folder of a job with this configuration, and the folders in it.
///
/// # Errors
/// [`Error::OtherConfiguration`] if it holds results of another one, [`Error::Configuration`] if that cannot be read, [`Error::File`] and
/// [`Error::Table`] if something cannot be made or written.
pub fn open(path: &Path, config: &impl Config, parts: &[&str]) -> Result<(), Error> {
    let file = path.join("run.json");
    let failed = |action, path: &Path| {
        let path = path.to_path_buf();
        move |source| Error::File { action, path, source }
    };
    match fs::read(&file) {
        Ok(bytes) => {
            let there = serde_json::from_slice(&bytes).map_err(|source| Error::Configuration { path: file.clone(), source })?;
            if *config != there {
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
    for part in parts {
        let folder = path.join(part);
        fs::create_dir_all(&folder).map_err(failed("make the folder", &folder))?;
    }
    Ok(())
}
