use crate::error::excerpt;

/// A part of the benchmark, which is a space of its own.
#[derive(Debug, PartialEq, Eq)]
pub struct Part {
    /// Its name in the files.
    pub name: &'static str,
    /// Its space.
    pub space: &'static str,
    /// Number of its architectures.
    pub size: usize,
}

/// Both parts, in the order of their spaces' names.
pub static PARTS: [Part; 2] = [MICRO, MACRO];

const MICRO: Part = Part { name: "micro", space: "tnb101", size: 4_096 };
const MACRO: Part = Part { name: "macro", space: "tnb101-macro", size: 3_256 };

impl Part {
    /// The part of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        PARTS.iter().find(|part| part.name == name)
    }

    /// Whether the text is an architecture of the part, written as the benchmark writes it. The error says why not.
    pub fn check(&self, arch: &str) -> Result<(), String> {
        let known = spaces::find(self.space).and_then(|space| space.parse(arch)).map_err(|error| error.to_string())?;
        // The spaces read more than the benchmark trained.
        let trained = match arch.strip_prefix("64-").and_then(|rest| rest.strip_suffix("-basic")) {
            Some(layers) => *self == MACRO && trained(layers),
            None => *self == MICRO && arch.starts_with("64-41414-"),
        };
        if known.text == arch && trained {
            return Ok(());
        }
        Err(format!("`{}` is no architecture of the {} part", excerpt(arch), self.name))
    }
}

/// Whether a macro architecture of these layers was trained: four to six, channels doubled (2, 4) one to three times,
/// resolution halved (3, 4) one to four times.
fn trained(layers: &str) -> bool {
    let count = |kinds: [char; 2]| layers.matches(kinds).count();
    (4..=6).contains(&layers.len()) && (1..=3).contains(&count(['2', '4'])) && (1..=4).contains(&count(['3', '4']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn architectures_belong_to_one_part() {
        for part in &PARTS {
            let space = spaces::find(part.space).unwrap();
            assert_eq!(space.meta().size as usize, part.size);
            for arch in space.enumerate() {
                assert_eq!(PARTS.iter().filter(|part| part.check(&arch.text).is_ok()).count(), 1, "{}", arch.text);
            }
        }
        for other in ["5", "64-4141-3_33_333", "32-41414-3_33_333", "64-11111-basic", ""] {
            assert!(PARTS.iter().all(|part| part.check(other).is_err()), "{other}");
        }
    }
}
