use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value;

/// How the description of batches in a configuration (`batches.protocol`) ends if they are noise: who makes the batches writes it, who
/// reports on the scores looks for it.
pub const NO_IMAGES: &str = ": no images";

/// Where a table comes from. Stored in the metadata of its file, under keys that begin with `zico.`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Provenance {
    /// Version of the kind's schema; set by [`crate::TableBuilder::finish`] and [`crate::TableWriter`].
    pub schema_version: u32,
    /// Commit of the program's source, or `unknown`.
    pub git_commit: String,
    /// Version of the workspace.
    pub version: String,
    /// Version of libtorch, if it took part.
    pub libtorch: Option<String>,
    /// Device that computed, if one did.
    pub device: Option<String>,
    /// Dtype of the computation, if there was one.
    pub dtype: Option<String>,
    /// Full configuration.
    pub config: Value,
    /// SHA-256 (hexadecimal) of each input, under its name.
    pub inputs: BTreeMap<String, String>,
}

impl Provenance {
    /// Provenance of something this program makes now from `config`: its version and [`git_commit`], no libtorch, no
    /// inputs yet.
    #[must_use]
    pub fn new(config: Value) -> Self {
        Self {
            schema_version: 0,
            git_commit: git_commit(),
            version: env!("CARGO_PKG_VERSION").into(),
            libtorch: None,
            device: None,
            dtype: None,
            config,
            inputs: BTreeMap::new(),
        }
    }

    /// With the checksum of an input.
    #[must_use]
    pub fn with_input(mut self, name: impl Into<String>, sha256: impl Into<String>) -> Self {
        self.inputs.insert(name.into(), sha256.into());
        self
    }

    /// One provenance for the union of two tables of one configuration: inputs of both; where they differ otherwise, both
    /// texts, separated by `; `.
    pub(crate) fn absorb(&mut self, other: &Self) {
        let join = |ours: &mut String, theirs: &str| {
            if !ours.split("; ").any(|part| part == theirs) {
                ours.push_str("; ");
                ours.push_str(theirs);
            }
        };
        join(&mut self.git_commit, &other.git_commit);
        join(&mut self.version, &other.version);
        for (ours, theirs) in [(&mut self.libtorch, &other.libtorch), (&mut self.device, &other.device), (&mut self.dtype, &other.dtype)] {
            if let Some(theirs) = theirs {
                join(ours.get_or_insert_with(|| theirs.clone()), theirs);
            }
        }
        for (name, sha256) in &other.inputs {
            self.inputs.entry(name.clone()).or_insert_with(|| sha256.clone());
        }
    }
}

/// Commit of the source this program was built from: the variable `ZICO_GIT_COMMIT` at build time, or else what the
/// checkout it was built in stands at now, or else `unknown`. (Asking at build time would rebuild the workspace after
/// every commit.)
#[must_use]
pub fn git_commit() -> String {
    option_env!("ZICO_GIT_COMMIT")
        .map(str::to_owned)
        .or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().find_map(|folder| head_of(&folder.join(".git"))))
        .unwrap_or_else(|| "unknown".into())
}

/// The commit a `.git` folder (or the file that names one, in a linked worktree) stands at.
fn head_of(git: &Path) -> Option<String> {
    let read = |path: PathBuf| std::fs::read_to_string(path).ok().map(|text| text.trim().to_owned());
    let git = if git.is_file() { git.parent()?.join(read(git.to_path_buf())?.strip_prefix("gitdir: ")?) } else { git.to_path_buf() };
    let head = read(git.join("HEAD"))?;
    let Some(reference) = head.strip_prefix("ref: ") else { return Some(head) };
    // Branches of a linked worktree stand in the main folder.
    let common = read(git.join("commondir")).map_or_else(|| git.clone(), |folder| git.join(folder));
    [&git, &common].into_iter().find_map(|folder| read(folder.join(reference))).or_else(|| {
        let packed = read(common.join("packed-refs"))?;
        packed.lines().find_map(|line| line.strip_suffix(reference).map(|commit| commit.trim().to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commit_is_found_loose_packed_and_detached() {
        let folder = tempfile::tempdir().unwrap();
        let git = folder.path().join(".git");
        std::fs::create_dir_all(git.join("refs/heads")).unwrap();
        assert_eq!(head_of(&git), None);
        std::fs::write(git.join("HEAD"), "ref: refs/heads/main\n").unwrap();
        std::fs::write(git.join("packed-refs"), "# pack-refs\n1111 refs/heads/main\n").unwrap();
        assert_eq!(head_of(&git).as_deref(), Some("1111"));
        std::fs::write(git.join("refs/heads/main"), "2222\n").unwrap();
        assert_eq!(head_of(&git).as_deref(), Some("2222"));
        std::fs::write(git.join("HEAD"), "3333\n").unwrap();
        assert_eq!(head_of(&git).as_deref(), Some("3333"));
    }

    #[test]
    fn a_union_names_what_both_come_from() {
        let part =
            |commit: &str, input: &str| Provenance { git_commit: commit.into(), ..Provenance::new(Value::Null) }.with_input(input, "00");
        let mut union = part("a", "x");
        union.absorb(&part("a", "y"));
        union.absorb(&part("b", "x"));
        assert_eq!(union.git_commit, "a; b");
        assert_eq!(union.inputs.len(), 2);
    }
}
