use netgraph::Graph;

use crate::Error;

/// An architecture of a space.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Architecture {
    /// Official index, where the space numbers its architectures.
    pub index: Option<u32>,
    /// Official string, in its normal form.
    pub text: String,
}

/// Static description of a space.
#[derive(Clone, Copy, Debug)]
pub struct SpaceMeta {
    /// Short name, as on the command line.
    pub name: &'static str,
    /// Full name.
    pub title: &'static str,
    /// Paper that defines it.
    pub paper: &'static str,
    /// Code that defines it, `owner/repo@commit path`.
    pub reference: &'static str,
    /// How an architecture is written.
    pub grammar: &'static str,
    /// Number of architectures (strings, not distinct networks).
    pub size: u32,
}

/// What follows the encoder of a network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Head {
    /// Global average pooling and a linear layer: `classes` logits.
    #[default]
    Classifier,
    /// Nine tiles of three channels, each encoded on its own with the same weights; concatenation, global average pooling
    /// and a linear layer: `classes` logits, one for each permutation. The resolution is that of a tile.
    Jigsaw,
    /// A decoder to `classes` maps of the image's own sides, one for each class of a pixel.
    Segmentation,
    /// A decoder to `classes` maps (3 colours) of the image's own sides, through a hyperbolic tangent.
    Generator,
}

impl Head {
    /// Channels of the network's input.
    #[must_use]
    pub const fn input_channels(self) -> usize {
        match self {
            Self::Jigsaw => 9 * 3,
            Self::Classifier | Self::Segmentation | Self::Generator => 3,
        }
    }
}

/// What an architecture leaves open about its network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Channels of the first stage, C (spaces that write channels into the architecture ignore it).
    pub channels: usize,
    /// Cells per stage, N (likewise).
    pub cells: usize,
    /// Number of classes, or of output maps.
    pub classes: usize,
    /// Side of the square input image in pixels.
    pub resolution: usize,
    /// What follows the encoder.
    pub head: Head,
}

/// What makes two architectures the same network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The graph of what can influence the output: enough for proxies that read nothing dead.
    Live,
    /// Operations that lead nowhere count too.
    Whole,
}

/// Properties of an architecture worth colouring a plot by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Features {
    /// Edges with an operation other than `none` that cannot influence the output.
    pub dead_edges: u32,
    /// Convolutions on the longest live path through a cell.
    pub depth: u32,
    /// Whether the input can influence the output.
    pub connected: bool,
}

/// A search space.
pub trait Space: Sync {
    /// Static description.
    fn meta(&self) -> &'static SpaceMeta;

    /// The architecture written as `text`: its official string or its index.
    ///
    /// # Errors
    /// [`Error::Architecture`] or [`Error::Index`].
    fn parse(&self, text: &str) -> Result<Architecture, Error>;

    /// The architecture of an official index; where a space has none, of a position in an order of its own.
    ///
    /// # Errors
    /// [`Error::Index`].
    fn at(&self, index: u32) -> Result<Architecture, Error>;

    /// The benchmark's own network: its channels and cells with these classes and this resolution (pixels), and a
    /// classifier.
    fn default_setting(&self, classes: usize, resolution: usize) -> Setting;

    /// The network.
    ///
    /// # Errors
    /// [`Error::Setting`] if channels, cells, classes, resolution or head give no network.
    fn lower(&self, architecture: &Architecture, setting: &Setting) -> Result<Graph, Error>;

    /// A text that two architectures share exactly when their networks are isomorphic.
    ///
    /// # Errors
    /// [`Error::Architecture`].
    fn canonical(&self, architecture: &Architecture, scope: Scope) -> Result<String, Error>;

    /// The name under which tables of trained results know the architecture: what joins scores to them. Its text, unless
    /// the benchmark trained one architecture for several texts.
    fn table_key(&self, architecture: &Architecture) -> String {
        architecture.text.clone()
    }

    /// Properties to colour a plot by.
    ///
    /// # Errors
    /// [`Error::Architecture`].
    fn features(&self, architecture: &Architecture) -> Result<Features, Error>;

    /// All architectures in the order of [`Space::at`].
    fn enumerate(&self) -> Box<dyn Iterator<Item = Architecture> + '_> {
        Box::new((0..self.meta().size).filter_map(|i| self.at(i).ok()))
    }

    /// `count` distinct architectures drawn without replacement under `seed` (all, if there are fewer), in index order.
    /// The portable generator draws them (stream 700), so the sample is the same everywhere.
    fn sample(&self, seed: u64, count: usize) -> Vec<Architecture> {
        let mut indices = netgraph::rng::Stream::new(seed, SAMPLE_STREAM).sample(self.meta().size as usize, count);
        indices.sort_unstable();
        indices.into_iter().filter_map(|i| self.at(i as u32).ok()).collect()
    }

    /// A neighbour: one choice of the architecture changed to another value, by draw `draw` of the generator (stream 701).
    ///
    /// # Errors
    /// [`Error::Architecture`].
    fn mutate(&self, architecture: &Architecture, seed: u64, draw: u64) -> Result<Architecture, Error>;
}

/// Stream of the draws of [`Space::sample`].
const SAMPLE_STREAM: u64 = 700;
/// Stream of the draws of [`Space::mutate`].
pub(crate) const MUTATION_STREAM: u64 = 701;

/// At most 200 characters of a text from outside, for an error.
pub(crate) fn excerpt(text: &str) -> String {
    let cut: String = text.chars().take(200).collect();
    if cut.len() < text.len() { format!("{cut}...") } else { cut }
}

/// Refuses any head but a classifier, for spaces whose networks have no other.
pub(crate) fn needs_classifier(meta: &'static SpaceMeta, setting: &Setting) -> Result<(), Error> {
    match setting.head {
        Head::Classifier => Ok(()),
        head => Err(Error::Setting {
            space: meta.name,
            setting: format!("the head {head:?}"),
            reason: "networks of this space are classifiers".into(),
        }),
    }
}

/// Reads an index, if the text is a number.
pub(crate) fn parse_index(meta: &'static SpaceMeta, text: &str) -> Option<Result<u32, Error>> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let index: u64 = text.parse().unwrap_or(u64::MAX);
    let last = u64::from(meta.size) - 1;
    Some(if index <= last { Ok(index as u32) } else { Err(Error::Index { space: meta.name, index, last }) })
}
