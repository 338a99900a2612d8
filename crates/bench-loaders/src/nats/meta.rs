//! The list of architectures that every file of these benchmarks starts with.

use spaces::Space;

use crate::readers::pickle::{Problem, Value};

/// Compares `meta_archs` with the official order of the space; its length.
pub fn check(root: Value<'_>, space: &dyn Space) -> Result<usize, Problem> {
    let list = root.require("meta_archs")?;
    let texts = list.sequence()?;
    let listed = texts.len();
    if listed > space.meta().size as usize {
        return Err(list.wrong(format!("a list of {} architectures", space.meta().size)));
    }
    let total = root.require("total_archs")?;
    if total.integer()? != listed as i64 {
        return Err(total.wrong(format!("{listed}, the length of meta_archs")));
    }
    for (index, text) in (0..).zip(texts) {
        let official = space.at(index).map_err(|error| Problem::wrong("an architecture", error.to_string()))?.text;
        if text.text()? != official {
            return Err(text.wrong(format!("`{official}`, which is number {index} of the official order")));
        }
    }
    Ok(listed)
}

/// What a user should know about how much there is; nothing if all is there.
pub fn warnings(space: &dyn Space, listed: Option<usize>, read: usize) -> Vec<String> {
    let size = space.meta().size as usize;
    let mut warnings = Vec::new();
    match listed {
        Some(listed) if listed < size => warnings.push(format!("the file lists {listed} of {size} architectures: it is no complete one")),
        Some(_) => {}
        None => warnings.push("there is no meta.pickle.pbz2, whose list of architectures would have been compared".into()),
    }
    if read < size {
        warnings.push(format!("{} of {size} architectures are missing", size - read));
    }
    warnings
}
