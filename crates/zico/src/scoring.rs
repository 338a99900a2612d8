//! What `score` and `score-one` share: flags, and what they resolve to.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use bench_loaders::{
    Augment, Batch, BatchSet, BatchSpec, DataSpec, DatasetMeta, ImageSet, ImagenetFolder, Splits, datasets, image_batches, noise_batches,
};
use clap::{Args, ValueEnum};
use engine::{DType, Placement, Scheme};
use netgraph::passes::Passes;
use proxies::runner::{BatchConfig, ProxyVersion};
use proxies::{Input, Options, Proxy, zoo};
use report::aggregate::Aggregate;
use shards::NetworkConfig;
use spaces::{Setting, Space};

use crate::exit::usage;

/// Seed of the noise that the golden figures were computed with.
const GOLDEN_DATA_SEED: u64 = 7;

/// Side of the pictures of `ImageNet` in pixels.
const IMAGENET_RESOLUTION: usize = 224;

/// Which network stands around the architecture.
#[derive(Debug, Args)]
#[command(next_help_heading = "Network")]
pub struct NetworkArgs {
    /// Search space.
    #[arg(long, default_value = "nb201")]
    space: String,
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    size: SizeArgs,
}

/// What it is for.
#[derive(Debug, Args)]
#[command(next_help_heading = "Network")]
pub struct DataArgs {
    /// Dataset or task: number of classes, resolution, normalisation, targets and loss. Or images of your own, with their path:
    /// `[NAME=]folder:DIR[@SIDE]` (CLASS/*.png or .jpg), `[NAME=]npz:FILE`, `[NAME=]idx:DIR`, `cifar10:PATH`, ...; the built-in
    /// `digits`; or `imagenet:DIR` (CLASS/*.JPEG, of which only the pictures of the batches are read).
    #[arg(long, visible_alias = "data", default_value = "cifar10")]
    dataset: String,
    /// Classes [default: the dataset's].
    #[arg(long)]
    classes: Option<usize>,
    /// Side of the image in pixels [default: the dataset's; 224 for imagenet:DIR].
    #[arg(long)]
    resolution: Option<usize>,
}

/// How large it is.
#[derive(Debug, Args)]
#[command(next_help_heading = "Network")]
pub struct SizeArgs {
    /// Channels of the first stage [default: the space's own, 16 for nb201].
    #[arg(long)]
    channels: Option<usize>,
    /// Cells per stage [default: the space's own, 5 for nb201].
    #[arg(long)]
    cells: Option<usize>,
}

/// What the network sees.
#[derive(Debug, Args)]
#[command(next_help_heading = "Batches")]
pub struct BatchArgs {
    /// Images: an .npz file with `images_u8_nchw` and `labels` (or `targets`, by task), or the official archive or folder.
    #[arg(long, value_name = "FILE|DIR", conflicts_with = "batch")]
    images: Option<PathBuf>,
    /// Noise instead of images.
    #[arg(long, value_enum)]
    batch: Option<Noise>,
    /// Number of batches; a proxy that needs one takes the first.
    #[arg(long, default_value_t = 2)]
    batches: usize,
    /// Images per batch.
    #[arg(long, default_value_t = 64)]
    batch_size: usize,
    /// Seed of the choice of images, or of the noise [default: the seed of the weights].
    #[arg(long)]
    data_seed: Option<u64>,
    /// Augmentation of raw images; sets that say they are augmented are taken as they are.
    #[arg(long, value_enum, default_value = "standard")]
    augment: AugmentArg,
}

/// Which proxies, and how they are evaluated.
#[derive(Debug, Args)]
#[command(next_help_heading = "Evaluation")]
pub struct EngineArgs {
    /// Proxies by name, separated by commas, or `all`.
    #[arg(long, default_value = "all")]
    proxies: String,
    /// Combination of proxies by rank over the architectures of the run: `az_nas`, `vkdnw_agg`, `vkdnw_agg_mbv2`, `swap_regular` (or `swap_regular@MU:SIGMA`), or
    /// proxies joined by `+`; several are separated by commas. Its parts are scored with the others.
    #[arg(long, value_name = "NAME|A+B", value_delimiter = ',')]
    aggregate: Vec<String>,
    /// Seed of the weights.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    run: RunArgs,
}

/// How proxies are evaluated.
#[derive(Debug, Args)]
#[command(next_help_heading = "Evaluation")]
pub struct RunArgs {
    /// Initialisation of every proxy [default: each proxy's own].
    #[arg(long, value_name = "SCHEME")]
    init: Option<String>,
    /// How many images of each batch a proxy sees, if not all: `ntk=16`; several are separated by commas.
    #[arg(long, value_name = "PROXY=N", value_delimiter = ',')]
    samples: Vec<String>,
    /// Over how many seeds of the weights, from --seed on, a proxy's score is a mean: `swap=32,near=32` as in their papers.
    #[arg(long, value_name = "PROXY=N", value_delimiter = ',')]
    repeats: Vec<String>,
    /// f32, f64, or bf16-mixed (convolutions and linear layers in bfloat16).
    #[arg(long, default_value = "f32")]
    dtype: String,
    /// cpu, or cuda:N with a CUDA build of libtorch.
    #[arg(long, default_value = "cpu")]
    device: String,
    /// Run networks as built, without the rewriting passes.
    #[arg(long)]
    no_passes: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Noise {
    /// Standard normal images and uniform labels.
    Random,
    /// The noise of the golden figures (data seed 7).
    Golden,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum AugmentArg {
    /// Random crop after padding by 4 pixels, random horizontal flip.
    Standard,
    /// None.
    None,
}

/// A data set, its size settled.
pub struct ResolvedData {
    pub dataset: &'static DatasetMeta,
    /// Images, if the data set was named with them.
    pub images: Option<OwnImages>,
    pub classes: usize,
    /// Side of the image in pixels.
    pub resolution: usize,
}

/// Images that the data set was named with.
pub enum OwnImages {
    /// All in memory.
    Splits(Box<Splits>),
    /// A folder of many.
    Folder(ImagenetFolder),
}

impl DataArgs {
    pub fn resolve(&self) -> anyhow::Result<ResolvedData> {
        let images = self.images()?;
        let dataset = match &images {
            Some(OwnImages::Splits(splits)) => splits.train.dataset(),
            Some(OwnImages::Folder(folder)) => folder.dataset(),
            None => datasets::find(&self.dataset)?,
        };
        let classes = self.classes.unwrap_or(dataset.classes);
        Ok(ResolvedData { dataset, images, classes, resolution: self.resolution.unwrap_or(dataset.resolution) })
    }

    fn images(&self) -> anyhow::Result<Option<OwnImages>> {
        if let Some(folder) = self.dataset.strip_prefix("imagenet:") {
            let resolution = self.resolution.unwrap_or(IMAGENET_RESOLUTION);
            return Ok(Some(OwnImages::Folder(ImagenetFolder::open(Path::new(folder), resolution)?)));
        }
        if !DataSpec::names_images(&self.dataset) {
            return Ok(None);
        }
        Ok(Some(OwnImages::Splits(Box::new(DataSpec::parse(&self.dataset)?.load()?))))
    }
}

/// A network setting that is known to be complete.
pub struct ResolvedNetwork {
    pub space: &'static dyn Space,
    pub data: ResolvedData,
    pub setting: Setting,
}

impl NetworkArgs {
    pub fn resolve(&self) -> anyhow::Result<ResolvedNetwork> {
        Ok(self.size.resolve(spaces::find(&self.space)?, self.data.resolve()?))
    }

    /// The text of `--dataset`.
    pub fn dataset(&self) -> &str {
        &self.data.dataset
    }
}

impl SizeArgs {
    /// The network of a space for a data set.
    pub fn resolve(&self, space: &'static dyn Space, data: ResolvedData) -> ResolvedNetwork {
        let own = Setting { head: data.dataset.head, ..space.default_setting(data.classes, data.resolution) };
        let setting = Setting { channels: self.channels.unwrap_or(own.channels), cells: self.cells.unwrap_or(own.cells), ..own };
        ResolvedNetwork { space, data, setting }
    }
}

impl ResolvedNetwork {
    pub fn config(&self) -> NetworkConfig {
        let Setting { channels, cells, classes, resolution, .. } = self.setting;
        NetworkConfig { channels, cells, classes, resolution }
    }
}

/// The batches with what is said of them.
pub struct ResolvedBatches {
    pub batches: Vec<Batch>,
    pub config: BatchConfig,
}

impl BatchArgs {
    /// Seed of the choice of images, and of the noise that proxies draw for themselves.
    pub fn seed(&self, weight_seed: u64) -> u64 {
        self.data_seed.unwrap_or(if self.batch == Some(Noise::Golden) { GOLDEN_DATA_SEED } else { weight_seed })
    }

    /// Number of batches and images in each.
    pub const fn size(&self) -> (usize, usize) {
        (self.batches, self.batch_size)
    }

    /// Reads or draws the batches of a data set.
    pub fn resolve(&self, data: &ResolvedData, weight_seed: u64) -> anyhow::Result<ResolvedBatches> {
        if self.batches == 0 || self.batch_size == 0 {
            return Err(usage("--batches and --batch-size must be at least 1"));
        }
        let data_seed = self.seed(weight_seed);
        let augment = if self.augment == AugmentArg::Standard { Augment::Standard } else { Augment::None };
        let spec = BatchSpec { n_batches: self.batches, batch_size: self.batch_size, seed: data_seed, augment };
        let set: BatchSet = match (&self.images, self.batch) {
            (Some(_), _) if data.images.is_some() => return Err(usage("--dataset names images already: leave --images out")),
            (None, None) if let Some(images) = &data.images => match images {
                OwnImages::Splits(splits) => {
                    check_size(&splits.train, data)?;
                    image_batches(&splits.train, &spec)?
                }
                OwnImages::Folder(folder) => {
                    if data.classes != folder.dataset().classes {
                        return Err(usage(format!("--classes {}: the folder has {}", data.classes, folder.dataset().classes)));
                    }
                    folder.batches(&spec)?
                }
            },
            (Some(path), _) => {
                let images = ImageSet::open_sized(path, data.dataset, data.resolution)
                    .with_context(|| format!("failed to read the images {}", path.display()))?;
                check_size(&images, data)?;
                image_batches(&images, &spec)?
            }
            (None, Some(Noise::Golden)) if data_seed != GOLDEN_DATA_SEED => {
                return Err(usage("--batch golden is the noise of data seed 7: leave --data-seed out, or use --batch random"));
            }
            (None, Some(_)) => noise_batches(&spec, data.dataset, data.classes, data.resolution)?,
            (None, None) => return Err(usage("no batches: give --images FILE|DIR, or --batch random for noise")),
        };
        let config = BatchConfig { protocol: set.protocol, sha256: set.sha256, count: self.batches, size: self.batch_size, data_seed };
        Ok(ResolvedBatches { batches: set.batches, config })
    }
}

/// Refuses `--classes` and `--resolution` that are not those of the images.
pub fn check_size(images: &ImageSet, data: &ResolvedData) -> anyhow::Result<()> {
    let (classes, resolution) = (images.dataset().classes, images.resolution());
    if (resolution, classes) == (data.resolution, data.classes) {
        return Ok(());
    }
    Err(usage(format!(
        "{} has {classes} classes and images of {resolution} pixels, but --classes and --resolution ask for {} and {}: leave them out",
        images.name(),
        data.classes,
        data.resolution
    )))
}

/// Proxies and how they are evaluated.
pub struct ResolvedEngine {
    pub proxies: Vec<&'static dyn Proxy>,
    /// Combinations of them over the set.
    pub aggregates: Vec<Aggregate>,
    pub options: Options,
    /// The initialisation in words: a scheme, or `default`.
    pub init: String,
}

impl EngineArgs {
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// `noise_seed` is that of the batches.
    pub fn resolve(&self, noise_seed: u64) -> anyhow::Result<ResolvedEngine> {
        let proxies = if self.proxies == "all" { zoo::ALL.to_vec() } else { named(&self.proxies)? };
        let aggregates = self.aggregate.iter().map(|text| Aggregate::parse(text)).collect::<Result<Vec<_>, _>>()?;
        self.run.resolve(proxies, aggregates, self.seed, noise_seed)
    }

    /// The same for a command that scores one network.
    pub fn resolve_for_one(&self, noise_seed: u64) -> anyhow::Result<ResolvedEngine> {
        if let Some(name) = self.aggregate.first() {
            return Err(usage(format!("--aggregate {name}: a combination ranks the architectures of a run, and here is one network")));
        }
        self.resolve(noise_seed)
    }
}

/// Proxies of a list of names.
fn named(list: &str) -> anyhow::Result<Vec<&'static dyn Proxy>> {
    let mut proxies: Vec<&'static dyn Proxy> = Vec::new();
    for name in list.split(',').map(str::trim) {
        let proxy = zoo::find(name)?;
        if proxies.iter().any(|p| p.meta().name == name) {
            return Err(usage(format!("--proxies names `{name}` twice")));
        }
        proxies.push(proxy);
    }
    Ok(proxies)
}

impl RunArgs {
    /// These proxies and the parts of these aggregates, with weights of `seed`; `noise_seed` is that of the batches.
    pub fn resolve(
        &self,
        mut proxies: Vec<&'static dyn Proxy>,
        aggregates: Vec<Aggregate>,
        seed: u64,
        noise_seed: u64,
    ) -> anyhow::Result<ResolvedEngine> {
        for part in aggregates.iter().flat_map(Aggregate::proxies) {
            let part = zoo::find(part)?;
            if !proxies.iter().any(|p| p.meta().name == part.meta().name) {
                proxies.push(part);
            }
        }
        let dtype = DType::parse(&self.dtype)?;
        let device = engine::parse_device(&self.device)?;
        let init = self.init.as_deref().map(Scheme::parse).transpose()?;
        let options = Options {
            seed,
            noise_seed,
            samples: self.samples(&proxies)?,
            repeats: self.repeats(&proxies)?,
            init,
            placement: Placement::new(device, dtype),
            passes: if self.no_passes { Passes::NONE } else { Passes::LIVE },
        };
        Ok(ResolvedEngine { proxies, aggregates, options, init: init.map_or("default", Scheme::name).to_owned() })
    }

    /// What `--samples` says, checked against the proxies that run.
    fn samples(&self, proxies: &[&dyn Proxy]) -> anyhow::Result<BTreeMap<String, usize>> {
        let sees_images = |proxy: &dyn Proxy| proxy.meta().passes.iter().any(|p| !matches!(p.state.input, Input::Nothing | Input::Ones));
        counts("--samples", "ntk=16", &self.samples, proxies, |proxy| if sees_images(proxy) { Ok(()) } else { Err("it sees no images") })
    }

    /// What `--repeats` says, likewise.
    fn repeats(&self, proxies: &[&dyn Proxy]) -> anyhow::Result<BTreeMap<String, usize>> {
        let runs = |proxy: &dyn Proxy| if proxy.meta().passes.is_empty() { Err("it reads no weights") } else { Ok(()) };
        counts("--repeats", "swap=32", &self.repeats, proxies, runs)
    }
}

/// Numbers by proxy, as a flag gives them; `fits` says what is wrong with one for a proxy.
fn counts(
    flag: &str,
    example: &str,
    texts: &[String],
    proxies: &[&dyn Proxy],
    fits: impl Fn(&dyn Proxy) -> Result<(), &'static str>,
) -> anyhow::Result<BTreeMap<String, usize>> {
    let wrong = |text: &str, reason: &str| usage(format!("{flag} {text}: {reason}; expected PROXY=N, such as {example}"));
    let mut counts = BTreeMap::new();
    for text in texts {
        let (name, count) = text.split_once('=').ok_or_else(|| wrong(text, "no `=`"))?;
        let count: usize = count.parse().ok().filter(|&n| n > 0).ok_or_else(|| wrong(text, "N is not a number above 0"))?;
        let proxy = zoo::find(name)?;
        if !proxies.iter().any(|p| p.meta().name == name) {
            return Err(wrong(text, "it is not among the proxies of the run"));
        }
        fits(proxy).map_err(|reason| wrong(text, reason))?;
        counts.insert(name.to_owned(), count);
    }
    Ok(counts)
}

impl ResolvedEngine {
    pub fn versions(&self) -> Vec<ProxyVersion> {
        self.proxies.iter().map(|p| ProxyVersion::new(p.meta(), &self.options)).collect()
    }

    pub fn dtype(&self) -> &'static str {
        self.options.placement.dtype.name()
    }

    /// Kind of device, without its number: scores don't depend on that.
    pub fn device(&self) -> &'static str {
        match self.options.placement.device {
            tch::Device::Cpu => "cpu",
            tch::Device::Cuda(_) => "cuda",
            tch::Device::Mps => "mps",
            tch::Device::Vulkan => "vulkan",
        }
    }
}
