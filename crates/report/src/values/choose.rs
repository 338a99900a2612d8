//! What to look for in a table, best first.

use crate::Options;
use crate::benchmarks::{self, Choice, Measured};
use crate::quantity::{metric_title, when};

/// Rows to look for; what is `None` is settled by what the table has.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wanted {
    pub split: Option<String>,
    pub metric: Option<String>,
    /// Length of the schedule; `None` for the longest.
    pub epochs: Option<u32>,
    /// `None` for the end, else the best epoch, else the latest.
    pub measured: Option<Measured>,
    /// Whether only what the user asked for or the benchmark's own choice is in it.
    pub own: bool,
}

/// The choices of the benchmark with the user's in their place; then the same for schedules and moments the benchmark does
/// not know, so that anybody's table can be read.
pub(super) fn wanted(space: &str, dataset: &str, options: &Options) -> Vec<Wanted> {
    let choices = benchmarks::dataset(space, dataset).map_or(&[][..], |dataset| dataset.choices);
    let with_options = |choice: &Choice| Wanted {
        split: options.split.clone().or_else(|| Some(choice.split.into())),
        metric: options.metric.clone().or_else(|| Some(choice.metric.into())),
        epochs: options.epochs.or(Some(choice.epochs)),
        measured: options.measured.or(Some(choice.measured)),
        own: false,
    };
    let own = choices.iter().map(with_options);
    let any_length = choices.iter().map(|choice| Wanted { epochs: options.epochs, ..with_options(choice) });
    let any_moment = choices.iter().map(|choice| Wanted { epochs: options.epochs, measured: options.measured, ..with_options(choice) });
    // Of a data set that no benchmark knows: test accuracy, if the table has that, else whatever it has one of.
    let accuracy = choices.is_empty().then(|| Wanted {
        split: options.split.clone().or_else(|| Some("test".into())),
        metric: options.metric.clone().or_else(|| Some("accuracy".into())),
        epochs: options.epochs,
        measured: options.measured,
        own: true,
    });
    let unknown = choices.is_empty().then(|| Wanted {
        split: options.split.clone(),
        metric: options.metric.clone(),
        epochs: options.epochs,
        measured: options.measured,
        own: true,
    });
    let mut all: Vec<Wanted> = Vec::new();
    for wanted in own.chain(any_length).chain(any_moment).chain(accuracy).chain(unknown) {
        if !all.contains(&wanted) {
            all.push(wanted);
        }
    }
    if let Some(first) = all.first_mut() {
        first.own = true;
    }
    all
}

impl Wanted {
    /// For errors and for the note that something stands in for it.
    pub fn in_words(&self) -> String {
        let split = self.split.as_deref().unwrap_or("any split’s");
        let metric = self.metric.as_deref().map_or_else(|| "values".into(), metric_title);
        let moment = match (self.epochs, self.measured) {
            (Some(epochs), Some(Measured::Best)) => when(epochs, None),
            (Some(epochs), Some(Measured::At(epoch))) => when(epochs, Some(epoch)),
            (Some(epochs), _) => when(epochs, Some(epochs)),
            (None, Some(Measured::Best)) => "at its best epoch".into(),
            (None, Some(Measured::At(epoch))) => format!("after {epoch} epochs"),
            (None, _) => "after the longest schedule".into(),
        };
        format!("{split} {metric} {moment}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_benchmarks_own_choice_comes_first_and_options_replace_its_parts() {
        let none = Options::default();
        let own = wanted("tnb101", "normal", &none);
        assert_eq!(own[0].in_words(), "test SSIM at its best epoch of 30");
        assert_eq!(own[2].in_words(), "valid SSIM at its best epoch of 30");
        assert!(own[0].own && own[1..].iter().all(|other| !other.own));
        let options = Options { split: Some("valid".into()), measured: Some(Measured::At(10)), ..Options::default() };
        let asked = wanted("tnb101", "normal", &options);
        assert_eq!(
            asked.iter().map(Wanted::in_words).collect::<Vec<_>>(),
            ["valid SSIM after 10 of 30 epochs", "valid SSIM after 10 epochs"]
        );
        let unknown = wanted("other", "svhn", &none);
        assert_eq!(
            unknown.iter().map(Wanted::in_words).collect::<Vec<_>>(),
            ["test accuracy after the longest schedule", "any split’s values after the longest schedule"]
        );
    }
}
