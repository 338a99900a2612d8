use netgraph::rng::Stream;

use crate::{Error, Result};

use super::image_set::ImageSet;

/// Stream of the splits, under seed 0.
const SPLIT_STREAM: u64 = 620;
/// Of so many images one is held out.
const HELD_OUT: usize = 6;

/// Images to learn from, to choose by and to judge by.
#[derive(Clone, Debug, PartialEq)]
pub struct Splits {
    /// To learn from.
    pub train: ImageSet,
    /// To choose by.
    pub valid: ImageSet,
    /// To judge by.
    pub test: ImageSet,
    /// How they came about, in words.
    pub protocol: String,
}

impl Splits {
    /// Completes the splits that a source has of its own: what is missing is drawn from the images to learn from, each a sixth
    /// of all that the source gives there, by a random order that is the same on every machine (first those to judge by, then
    /// those to choose by).
    ///
    /// # Errors
    /// [`Error::OwnData`] if a split would be empty.
    pub fn complete(train: ImageSet, valid: Option<ImageSet>, test: Option<ImageSet>) -> Result<Self> {
        let n = train.len();
        let share = (n as f64 / HELD_OUT as f64).round() as usize;
        let (to_judge, to_choose) = (if test.is_some() { 0 } else { share }, if valid.is_some() { 0 } else { share });
        let sizes =
            [n - to_judge - to_choose, valid.as_ref().map_or(to_choose, ImageSet::len), test.as_ref().map_or(to_judge, ImageSet::len)];
        if sizes.contains(&0) {
            let reason = format!("{n} pictures are too few to hold some out to choose and to judge by");
            return Err(Error::OwnData { path: train.name().into(), reason });
        }
        let kept = |own: bool| if own { "the source's own" } else { "drawn at random by seed 0" };
        let protocol = format!(
            "{} images to learn from, {} to choose by ({}), {} to judge by ({})",
            sizes[0],
            sizes[1],
            kept(valid.is_some()),
            sizes[2],
            kept(test.is_some())
        );
        let order = Stream::new(0, SPLIT_STREAM).sample(n, n);
        let (judge, rest) = order.split_at(to_judge);
        let (choose, learn) = rest.split_at(to_choose);
        let valid = valid.unwrap_or_else(|| train.subset(choose));
        let test = test.unwrap_or_else(|| train.subset(judge));
        Ok(Self { train: if learn.len() == n { train } else { train.subset(learn) }, valid, test, protocol })
    }
}
