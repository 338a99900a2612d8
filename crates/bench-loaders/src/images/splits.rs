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
    /// those to choose by). Where that would hold out every image of a class, one of them is exchanged for an image of a class that
    /// has others.
    ///
    /// # Errors
    /// [`Error::OwnData`] if a split would be empty, or there are more classes than images to learn from.
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
        let mut order = Stream::new(0, SPLIT_STREAM).sample(n, n);
        let exchanged = keep_every_class(&mut order, to_judge + to_choose, train.labels()).ok_or_else(|| Error::OwnData {
            path: train.name().into(),
            reason: format!(
                "{} pictures are left to learn from, and there are more classes: give more pictures, or splits of your own",
                sizes[0]
            ),
        })?;
        let how = if exchanged == 0 {
            "drawn at random by seed 0".into()
        } else {
            format!("drawn at random by seed 0, {exchanged} exchanged so that each class is learnt")
        };
        let kept = |own: bool| if own { "the source's own" } else { &how };
        let protocol = format!(
            "{} images to learn from, {} to choose by ({}), {} to judge by ({})",
            sizes[0],
            sizes[1],
            kept(valid.is_some()),
            sizes[2],
            kept(test.is_some())
        );
        let (judge, rest) = order.split_at(to_judge);
        let (choose, learn) = rest.split_at(to_choose);
        let valid = valid.unwrap_or_else(|| train.subset(choose));
        let test = test.unwrap_or_else(|| train.subset(judge));
        Ok(Self { train: if learn.len() == n { train } else { train.subset(learn) }, valid, test, protocol })
    }
}

/// Exchanges as few numbers as it takes between the first `held_out` of `order` and the rest for the rest to have an image of each class;
/// how many, or none if the rest is too small for that.
fn keep_every_class(order: &mut [usize], held_out: usize, labels: &[u16]) -> Option<usize> {
    let (held, learnt) = order.split_at_mut(held_out);
    if labels.is_empty() {
        return Some(0);
    }
    let mut counts = vec![0_usize; 1 + usize::from(u16::MAX)];
    for &k in &*learnt {
        counts[usize::from(labels[k])] += 1;
    }
    let mut exchanged = 0;
    for k in held {
        let class = usize::from(labels[*k]);
        if counts[class] > 0 {
            continue;
        }
        let spare = learnt.iter_mut().find(|other| counts[usize::from(labels[**other])] > 1)?;
        counts[usize::from(labels[*spare])] -= 1;
        counts[class] = 1;
        std::mem::swap(k, spare);
        exchanged += 1;
    }
    Some(exchanged)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_whose_images_were_all_held_out_gets_one_back() {
        // Classes 0, 0, 0, 0, 1, 1, 2.
        let labels = [0, 0, 0, 0, 1, 1, 2];
        let mut order = [6, 4, 5, 0, 1, 2, 3];
        assert_eq!(keep_every_class(&mut order, 3, &labels), Some(2));
        let mut learnt: Vec<u16> = order[3..].iter().map(|&k| labels[k]).collect();
        learnt.sort_unstable();
        assert_eq!(learnt, [0, 0, 1, 2]);
        order.sort_unstable();
        assert_eq!(order, [0, 1, 2, 3, 4, 5, 6], "no image is lost or doubled");
    }

    #[test]
    fn what_has_every_class_stays_as_it_is() {
        let mut order = [0, 1, 2, 3];
        assert_eq!(keep_every_class(&mut order, 2, &[0, 1, 1, 0]), Some(0));
        assert_eq!(order, [0, 1, 2, 3]);
        assert_eq!(keep_every_class(&mut order, 2, &[]), Some(0));
    }

    #[test]
    fn more_classes_than_places_cannot_be_kept() {
        assert_eq!(keep_every_class(&mut [0, 1, 2], 2, &[0, 1, 2]), None);
    }
}
