use tables::Direction;

/// Metric of a task in the tables: its name without the split, its unit and direction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Metric<'a> {
    pub name: &'a str,
    pub unit: &'static str,
    pub direction: Direction,
}

/// A metric of the file: where it was measured and what it is.
///
/// `valid_top1` is the split `valid` and the metric `top1`; `val_` is read as `valid_`. What begins with no split
/// (`time_elapsed`) was measured in training. Names are in lower case in the tables (`mIoU` is `miou`); `name` holds one.
///
/// Percentages are `top1`, `top5`, `acc` and `miou`; `ssim` is a ratio, at most 1; `time_elapsed` is in seconds from the
/// start. A loss is in nats, but that of `room_layout` is a mean squared error, and one that compares pixels (`l1_loss`, or
/// the generator's and discriminator's) has a unit of its own that says so. `neg_loss` is the loss with its sign changed.
pub fn of_file<'a>(task: &str, name: &'a str) -> (&'static str, Metric<'a>) {
    let (split, name) = match name.split_once('_') {
        Some(("train", rest)) => ("train", rest),
        Some(("valid" | "val", rest)) => ("valid", rest),
        Some(("test", rest)) => ("test", rest),
        _ => ("train", name),
    };
    (split, of_table(task, name))
}

/// The metric of that name in the tables.
pub fn of_table<'a>(task: &str, name: &'a str) -> Metric<'a> {
    let loss = if task == "room_layout" { "squared error" } else { "nats" };
    let (unit, direction) = match name {
        "top1" | "top5" | "acc" | "miou" => ("percent", Direction::HigherIsBetter),
        "ssim" => ("ratio", Direction::HigherIsBetter),
        "neg_loss" => (loss, Direction::HigherIsBetter),
        "loss" => (loss, Direction::LowerIsBetter),
        "l1_loss" => ("absolute error", Direction::LowerIsBetter),
        "time_elapsed" => ("seconds", Direction::LowerIsBetter),
        // What the file may hold besides (`g_loss`, `d_loss`): known by its name alone.
        name if name.ends_with("loss") => ("loss", Direction::LowerIsBetter),
        _ => ("unknown", Direction::HigherIsBetter),
    };
    Metric { name, unit, direction }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_file_are_split_and_metric() {
        let read = |task, name| {
            let (split, metric) = of_file(task, name);
            (split, metric.name, metric.unit, metric.direction == Direction::HigherIsBetter)
        };
        assert_eq!(read("class_scene", "valid_top1"), ("valid", "top1", "percent", true));
        assert_eq!(read("jigsaw", "test_loss"), ("test", "loss", "nats", false));
        assert_eq!(read("room_layout", "train_neg_loss"), ("train", "neg_loss", "squared error", true));
        assert_eq!(read("normal", "val_ssim"), ("valid", "ssim", "ratio", true));
        assert_eq!(read("normal", "train_g_loss"), ("train", "g_loss", "loss", false));
        assert_eq!(read("autoencoder", "test_l1_loss"), ("test", "l1_loss", "absolute error", false));
        assert_eq!(read("normal", "time_elapsed"), ("train", "time_elapsed", "seconds", false));
    }
}
