//! What the report knows of each benchmark: which value speaks for an architecture, names for people, official files.
//!
//! One entry per benchmark in [`ALL`]; a space that is not in it is reported with its own names and the one value it has.

mod known;

pub use known::ALL;

/// A benchmark as the report sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Benchmark {
    /// Name, as `zico ingest` takes it.
    pub name: &'static str,
    /// Names of its search space in score tables and benchmark tables.
    pub spaces: &'static [&'static str],
    /// Name for people, short.
    pub title: &'static str,
    /// Where the paper's figures for it stand.
    pub figures: &'static str,
    /// How the paper made them, as far as it says.
    pub paper_protocol: &'static str,
    /// Which of its strings are the same network, and what that does to a rank correlation.
    pub strings: &'static str,
    /// Its datasets (of TransNAS-Bench-101: tasks), in the order they are shown.
    pub datasets: &'static [Dataset],
    /// Official files that hold its values, the one to prefer first.
    pub files: &'static [OfficialFile],
}

/// A dataset or task of a benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dataset {
    /// Name in tables.
    pub name: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// Values that speak for an architecture: the first that a table has counts. The first one is the benchmark's own, the
    /// others stand in for it where a source lacks it, and the protocol says so.
    pub choices: &'static [Choice],
}

/// A value that speaks for an architecture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Split it was measured on.
    pub split: &'static str,
    /// What was measured.
    pub metric: &'static str,
    /// Length of the training schedule in epochs.
    pub epochs: u32,
    /// When it was measured.
    pub measured: Measured,
}

/// When in its training a network was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measured {
    /// After the last epoch.
    Last,
    /// At the epoch that is best by the metric itself.
    Best,
    /// After this epoch, from 1.
    At(u32),
}

impl std::str::FromStr for Measured {
    type Err = String;

    /// `last`, `best` or an epoch from 1.
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "last" => Ok(Self::Last),
            "best" => Ok(Self::Best),
            number => match number.parse() {
                Ok(epoch) if epoch > 0 => Ok(Self::At(epoch)),
                _ => Err("expected `last`, `best` or a number of an epoch from 1".into()),
            },
        }
    }
}

/// An official file of a benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfficialFile {
    /// Its name.
    pub name: &'static str,
    /// Its size, as far as it is published.
    pub size: &'static str,
    /// What is known of its checksum.
    pub checksum: &'static str,
    /// What it holds.
    pub holds: &'static str,
    /// Where it is published.
    pub from: &'static str,
}

/// The benchmark of a search space.
pub fn of_space(space: &str) -> Option<&'static Benchmark> {
    ALL.iter().find(|benchmark| benchmark.spaces.contains(&space))
}

/// A dataset of the benchmark of a space.
pub fn dataset(space: &str, name: &str) -> Option<&'static Dataset> {
    of_space(space)?.datasets.iter().find(|dataset| dataset.name.eq_ignore_ascii_case(name))
}

/// Name of a dataset for people; one of no benchmark keeps its own.
pub fn dataset_title(space: &str, name: &str) -> String {
    // A dataset is called the same in every benchmark that has it.
    let known = dataset(space, name).or_else(|| ALL.iter().find_map(|benchmark| dataset(benchmark.spaces.first()?, name)));
    known.map_or_else(|| name.to_owned(), |dataset| dataset.title.to_owned())
}

/// Place of a dataset among those of its benchmark; unknown ones come last.
pub(crate) fn dataset_place(space: &str, name: &str) -> usize {
    of_space(space).and_then(|b| b.datasets.iter().position(|dataset| dataset.name.eq_ignore_ascii_case(name))).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_benchmark_fills_its_fields_and_has_names_of_its_own() {
        let mut names = BTreeSet::new();
        for benchmark in ALL {
            assert!(benchmark.spaces.iter().all(|space| names.insert(*space)), "{}", benchmark.name);
            for field in [benchmark.name, benchmark.title, benchmark.figures, benchmark.paper_protocol, benchmark.strings] {
                assert!(!field.is_empty(), "{}", benchmark.name);
            }
            assert!(!benchmark.datasets.is_empty() && !benchmark.files.is_empty());
            for dataset in benchmark.datasets {
                assert!(!dataset.title.is_empty() && !dataset.choices.is_empty(), "{}", dataset.name);
                assert!(dataset.choices.iter().all(|choice| choice.epochs > 0));
                assert_eq!(dataset.name, dataset.name.to_lowercase());
            }
            for file in benchmark.files {
                assert!(
                    [file.name, file.size, file.checksum, file.holds, file.from].iter().all(|field| !field.is_empty()),
                    "{}",
                    file.name
                );
            }
        }
    }

    #[test]
    fn every_space_of_the_workspace_has_its_benchmark() {
        for space in spaces::ALL {
            assert!(of_space(space.meta().name).is_some(), "{}", space.meta().name);
        }
    }

    #[test]
    fn a_moment_of_training_is_a_word_or_an_epoch() {
        assert_eq!(("last".parse(), "best".parse(), "54".parse()), (Ok(Measured::Last), Ok(Measured::Best), Ok(Measured::At(54))));
        assert!("0".parse::<Measured>().is_err() && "first".parse::<Measured>().is_err());
    }

    #[test]
    fn titles_fall_back_to_the_name() {
        assert_eq!(dataset_title("nb201", "ImageNet16-120"), "ImageNet16-120");
        assert_eq!(dataset_title("tnb101", "class_scene"), "scene classification");
        assert_eq!(dataset_title("elsewhere", "svhn"), "svhn");
    }
}
