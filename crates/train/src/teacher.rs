use std::path::{Path, PathBuf};

use engine::{FrozenScript, Network, Placement};
use netgraph::rng::Stream;
use netgraph::{NodeId, Shape};
use serde::{Deserialize, Serialize};
use tch::{Kind, Reduction, Tensor};

use crate::{Distillation, Error};

/// Stream of the weights of the first projection; the next ones have the next.
const PROJECTION_STREAM: u64 = 1 << 34;
/// Projections begin small, so that the teacher's maps don't rule the first steps.
const PROJECTION_SIZE: f64 = 1e-4;
/// Where smooth L1 goes from a parabola to a line.
const SMOOTH_L1_BETA: f64 = 1.0;

/// A trained network, as a `TorchScript` module, that a network in training imitates.
///
/// # Conventions
/// The module's first tensor are logits `[batch, classes]`; others, if it gives any, are maps `[batch, channels, h, w]` of its stages. Images are
/// those of the training, normalised by the constants of their data set.
#[derive(Debug)]
pub struct Teacher {
    path: PathBuf,
    script: FrozenScript,
    side: i64,
    classes: i64,
    /// Channels and side of each map.
    maps: Vec<(i64, i64)>,
}

/// Which teacher a table was trained with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeacherConfig {
    /// Name of the file.
    pub file: String,
    /// SHA-256 (hexadecimal) of the file.
    pub sha256: String,
    /// Where the file is; not part of what makes two tables the same.
    #[serde(skip)]
    pub path: PathBuf,
}

impl TeacherConfig {
    /// That of a file.
    ///
    /// # Errors
    /// [`Error::Table`] if it cannot be read.
    pub fn of(path: &Path) -> Result<Self, Error> {
        let file = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        Ok(Self { file, sha256: tables::hash_file(path)?, path: path.into() })
    }
}

impl Teacher {
    /// Loads a module and asks it about an image of zeros.
    ///
    /// # Errors
    /// [`Error::Teacher`] if the file is no module, or gives other than logits for these classes and maps.
    pub fn load(path: &Path, distillation: &Distillation, classes: usize, placement: Placement) -> Result<Self, Error> {
        let wrong = |reason: String| Error::Teacher { path: path.into(), reason };
        let script = FrozenScript::load(path, placement).map_err(|error| wrong(error.to_string()))?;
        let (side, classes) = (distillation.side as i64, classes as i64);
        let probe = Tensor::zeros([1, 3, side, side], (placement.dtype.kind(), placement.device));
        let first_line = |error: engine::Error| error.to_string().lines().next().unwrap_or_default().to_owned();
        let outputs = script
            .outputs(&probe)
            .map_err(|error| wrong(format!("it does not take images of {side} x {side} pixels: {}", first_line(error))))?;
        let sizes: Vec<Vec<i64>> = outputs.iter().map(Tensor::size).collect();
        let Some((logits, maps)) = sizes.split_first().filter(|(logits, _)| **logits == [1, classes]) else {
            let got = sizes.first().map_or_else(|| "nothing".into(), |size| format!("a tensor of shape {size:?}"));
            return Err(wrong(format!("for an image it gives {got} first, where logits of shape [1, {classes}] are expected")));
        };
        let map = |size: &Vec<i64>| match size[..] {
            [1, channels, height, width] if height == width && height > 0 => Ok((channels, height)),
            _ => Err(wrong(format!(
                "after the logits it gives a tensor of shape {size:?}, where square maps [1, channels, h, w] are expected"
            ))),
        };
        let maps = maps.iter().map(map).collect::<Result<_, _>>()?;
        Ok(Self { path: path.into(), script, side, classes: logits[1], maps })
    }

    /// What it has to say of a batch.
    fn outputs(&self, images: &Tensor) -> Result<(Tensor, Vec<Tensor>), Error> {
        let resized = resized(images, self.side)?;
        let mut outputs = self.script.outputs(&resized)?.into_iter();
        let logits = outputs.next().filter(|logits| logits.size() == [images.size()[0], self.classes]);
        let logits = logits.ok_or_else(|| tch::TchError::Shape("the teacher's logits have another shape than for one image".into()))?;
        Ok((logits, outputs.collect()))
    }
}

/// The maps of a network in training that a teacher's maps are compared with.
#[derive(Debug)]
pub struct Pupil<'a> {
    teacher: &'a Teacher,
    distillation: Distillation,
    /// For each map of the teacher the network's own.
    nodes: Vec<NodeId>,
    /// Weight `[channels there, channels here, 1, 1]` and bias of each projection.
    projections: Vec<(Tensor, Tensor)>,
}

impl<'a> Pupil<'a> {
    /// Finds the network's maps and draws the projections.
    ///
    /// # Conventions
    /// A map of the teacher that stands for so many pixels of its images a side belongs to the last of the network's maps that stands for as many
    /// (rounded): the end of the stage. The released code takes the end of the stage's first block.
    ///
    /// # Errors
    /// [`Error::Teacher`] if the network has no such map.
    pub fn new(
        network: &Network<'_>,
        teacher: &'a Teacher,
        distillation: Distillation,
        seed: u64,
        placement: Placement,
    ) -> Result<Self, Error> {
        let graph = network.graph();
        let side_of = |id: NodeId| match graph.node(id).shape {
            Shape::Map { c, h, .. } => Some((c as i64, h)),
            Shape::Vector(_) => None,
        };
        let own_side = side_of(0).map_or(1, |(_, side)| side);
        let (mut nodes, mut projections) = (Vec::new(), Vec::new());
        for (k, &(channels, side)) in teacher.maps.iter().enumerate() {
            let pixels = (teacher.side as f64 / side as f64).round();
            let fits = |&id: &NodeId| {
                graph.node(id).live && side_of(id).is_some_and(|(_, side)| (own_side as f64 / side as f64).round() == pixels)
            };
            let Some(node) = (1..=graph.features()).rev().find(fits) else {
                let mut there: Vec<usize> = (1..=graph.features()).filter_map(side_of).map(|(_, side)| own_side / side.max(1)).collect();
                there.sort_unstable();
                there.dedup();
                let reason = format!(
                    "a pixel of its map {k} stands for {pixels} pixels of the image a side, one of the network's maps for one of {there:?}"
                );
                return Err(Error::Teacher { path: teacher.path.clone(), reason });
            };
            let own = side_of(node).map_or(1, |(channels, _)| channels);
            let stream = Stream::new(seed, PROJECTION_STREAM + k as u64);
            let scale = PROJECTION_SIZE / (own as f64).sqrt();
            let values: Vec<f64> = (0..(channels * own) as u64).map(|i| scale * stream.normal(i)).collect();
            let weight = placement.tensor(&values, &[channels, own, 1, 1])?.set_requires_grad(true);
            let bias = Tensor::zeros([channels], (placement.dtype.kind(), placement.device)).set_requires_grad(true);
            nodes.push(node);
            projections.push((weight, bias));
        }
        Ok(Self { teacher, distillation, nodes, projections })
    }

    /// Parameters of the projections.
    pub fn parameters(&self) -> impl Iterator<Item = Tensor> {
        self.projections.iter().flat_map(|(weight, bias)| [weight.shallow_clone(), bias.shallow_clone()])
    }

    /// Position of a node among the maps to keep.
    pub fn position(&self, node: NodeId) -> impl Iterator<Item = usize> {
        self.nodes.iter().enumerate().filter(move |&(_, &own)| own == node).map(|(k, _)| k)
    }

    /// Number of maps to keep.
    pub fn maps(&self) -> usize {
        self.nodes.len()
    }

    /// What is added to the loss of a batch: `images` as the network saw them, its logits and the maps that were kept.
    pub fn loss(&self, images: &Tensor, logits: &Tensor, maps: &[Tensor]) -> Result<Tensor, Error> {
        let (targets, theirs) = self.teacher.outputs(images)?;
        let likelihood = targets.f_softmax(1, None::<Kind>)? * logits.f_log_softmax(1, None::<Kind>)?;
        let classes: &[i64] = &[1];
        let cross_entropy = -likelihood.f_sum_dim_intlist(classes, false, None::<Kind>)?.f_mean(None::<Kind>)?;
        let mut loss = cross_entropy * self.distillation.logits;
        for ((map, their), (weight, bias)) in maps.iter().zip(&theirs).zip(&self.projections) {
            let projected = map.f_conv2d(weight, Some(bias), [1, 1], [0, 0], [1, 1], 1)?;
            let distance = projected.f_smooth_l1_loss(&resized(their, map.size()[2])?, Reduction::Mean, SMOOTH_L1_BETA)?;
            loss += distance * self.distillation.features;
        }
        Ok(loss)
    }
}

/// Maps or images at another side (bilinear, corners not aligned).
fn resized(maps: &Tensor, side: i64) -> Result<Tensor, Error> {
    if maps.size()[2] == side {
        return Ok(maps.shallow_clone());
    }
    Ok(maps.f_upsample_bilinear2d([side, side], false, None, None)?)
}

#[cfg(test)]
mod tests {
    use engine::{DType, Init, Trainable};
    use netgraph::passes::Passes;
    use tch::Device;

    use super::*;

    const F64: Placement = Placement::new(Device::Cpu, DType::F64);
    const HOW: Distillation = Distillation { side: 16, logits: 0.5, features: 3.0 };

    /// A module that gives logits of ten classes and the image averaged over blocks of four by four pixels (`scripts/torchscript_fixture.py`).
    fn module() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/teacher.pt")
    }

    fn numbers(tensor: &Tensor) -> Vec<f64> {
        tensor.detach().contiguous().view([-1]).try_into().unwrap()
    }

    #[test]
    fn the_loss_is_that_of_the_formula() {
        let teacher = Teacher::load(&module(), &HOW, 10, F64).unwrap();
        let space = spaces::find("nb201").unwrap();
        let setting = spaces::Setting { channels: 4, cells: 1, ..space.default_setting(10, 8) };
        let graph = Passes::TRAINING.run(&space.lower(&space.at(1462).unwrap(), &setting).unwrap());
        let network = Network::owning(graph, &Init { scheme: crate::Recipe::INIT, seed: 1 }, F64, Trainable::Everything);
        let pupil = Pupil::new(&network, &teacher, HOW, 1, F64).unwrap();
        // The last stage of 8 pixels' images has maps of 2: one pixel for four.
        assert_eq!(network.graph().node(pupil.nodes[0]).shape, Shape::Map { c: 16, h: 2, w: 2 });
        let (weight, bias) = &pupil.projections[0];
        assert_eq!((weight.size(), numbers(bias)), (vec![3, 16, 1, 1], vec![0.0; 3]));
        assert!(numbers(weight).iter().all(|w| w.abs() < 1e-4 && *w != 0.0));

        let images = Tensor::arange(2 * 3 * 64, (Kind::Double, Device::Cpu)).view([2, 3, 8, 8]).cos();
        let logits = Tensor::arange(20, (Kind::Double, Device::Cpu)).view([2, 10]).sin();
        let map = Tensor::arange(2 * 16 * 4, (Kind::Double, Device::Cpu)).view([2, 16, 2, 2]) * 500.0;
        let (targets, theirs) = teacher.outputs(&images).unwrap();
        assert_eq!((targets.size(), theirs[0].size()), (vec![2, 10], vec![2, 3, 4, 4]));
        let mut want = 0.0;
        for (target, own) in numbers(&targets).chunks(10).zip(numbers(&logits).chunks(10)) {
            let log_sum = |values: &[f64]| values.iter().map(|v| v.exp()).sum::<f64>().ln();
            for (t, z) in target.iter().zip(own) {
                want -= HOW.logits * (t - log_sum(target)).exp() * (z - log_sum(own)) / 2.0;
            }
        }
        // Four pixels of the teacher's map become the mean of the two by two in their middle: bilinear at half the side.
        let their = |b: usize, c: usize, y: usize, x: usize| {
            let at = |y: usize, x: usize| numbers(&theirs[0])[((b * 3 + c) * 4 + y) * 4 + x];
            (at(2 * y, 2 * x) + at(2 * y, 2 * x + 1) + at(2 * y + 1, 2 * x) + at(2 * y + 1, 2 * x + 1)) / 4.0
        };
        let (mut sum, mut sides) = (0.0, [0, 0]);
        for (b, c, y, x) in (0..24).map(|k| (k / 12, k / 4 % 3, k / 2 % 2, k % 2)) {
            let own: f64 = (0..16).map(|i| numbers(weight)[c * 16 + i] * numbers(&map)[((b * 16 + i) * 2 + y) * 2 + x]).sum();
            let distance = (own - their(b, c, y, x)).abs();
            sides[usize::from(distance < 1.0)] += 1;
            sum += if distance < 1.0 { distance * distance / 2.0 } else { distance - 0.5 };
        }
        assert!(sides.iter().all(|&n| n > 0), "both the line and the parabola are tried: {sides:?}");
        want += HOW.features * sum / 24.0;
        let got = pupil.loss(&images, &logits, &[map]).unwrap().double_value(&[]);
        assert!((got - want).abs() < 1e-12 * want.abs(), "{got} {want}");
    }

    #[test]
    fn what_cannot_teach_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = module();
        let refused = |path: &Path, side: usize, classes: usize| {
            Teacher::load(path, &Distillation { side, ..HOW }, classes, F64).unwrap_err().to_string()
        };
        assert!(refused(&path, 16, 3).contains("it gives a tensor of shape [1, 10] first, where logits of shape [1, 3] are expected"));
        assert!(refused(&path, 2, 10).contains("it does not take images of 2 x 2 pixels"));
        let text = folder.path().join("text.pt");
        std::fs::write(&text, "no module").unwrap();
        assert!(refused(&text, 16, 3).contains("cannot teach"));
        // A network without maps of a quarter of the side.
        let teacher = Teacher::load(&path, &HOW, 10, F64).unwrap();
        let mut b = netgraph::GraphBuilder::new(3, 8, 8);
        let map = b.conv(b.input(), netgraph::Conv2d::new(3, 4, 3)).unwrap();
        let pooled = b.global_avg_pool(map).unwrap();
        let logits = b.linear(pooled, 10).unwrap();
        let graph = b.finish(map, logits);
        let network = Network::owning(graph, &Init { scheme: crate::Recipe::INIT, seed: 1 }, F64, Trainable::Everything);
        let error = Pupil::new(&network, &teacher, HOW, 1, F64).unwrap_err().to_string();
        assert!(error.contains("map 0 stands for 4 pixels of the image a side, one of the network's maps for one of [1]"), "{error}");
    }
}
