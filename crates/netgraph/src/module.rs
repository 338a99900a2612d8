/// Position of a module in the canonical order of its network.
pub type ModuleId = usize;

/// A convolution over `[batch, c_in, h, w]` with square kernel, stride and zero padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Conv2d {
    /// Input channels.
    pub c_in: usize,
    /// Output channels.
    pub c_out: usize,
    /// Side of the kernel, in pixels.
    pub kernel: usize,
    /// Step of the kernel, in pixels.
    pub stride: usize,
    /// Zero padding on each side, in pixels.
    pub padding: usize,
    /// Whether it has a bias.
    pub bias: bool,
    /// Runs of channels that don't see each other: 1, or as many as channels for a depthwise convolution. Divides both numbers of channels.
    pub groups: usize,
}

impl Conv2d {
    /// Stride 1, no bias, one group, and padding `kernel / 2`, which keeps the resolution for odd kernels.
    #[must_use]
    pub const fn new(c_in: usize, c_out: usize, kernel: usize) -> Self {
        Self { c_in, c_out, kernel, stride: 1, padding: kernel / 2, bias: false, groups: 1 }
    }

    /// The same with a bias.
    #[must_use]
    pub const fn with_bias(self) -> Self {
        Self { bias: true, ..self }
    }

    /// The same with another stride.
    #[must_use]
    pub const fn with_stride(self, stride: usize) -> Self {
        Self { stride, ..self }
    }

    /// One kernel for each of `channels`, otherwise as [`Conv2d::new`].
    #[must_use]
    pub const fn depthwise(channels: usize, kernel: usize) -> Self {
        Self { groups: channels, ..Self::new(channels, channels, kernel) }
    }

    /// Elements of the weight, `[c_out, c_in / groups, kernel, kernel]`.
    #[must_use]
    pub const fn n_weights(&self) -> usize {
        self.c_out * self.fan_in()
    }

    /// Inputs of one output unit.
    #[must_use]
    pub const fn fan_in(&self) -> usize {
        self.c_in / self.groups * self.kernel * self.kernel
    }
}

/// A transposed convolution with bias over `[batch, c_in, h, w]`, square kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ConvTranspose2d {
    /// Input channels.
    pub c_in: usize,
    /// Output channels.
    pub c_out: usize,
    /// Side of the kernel, in pixels.
    pub kernel: usize,
    /// Step of the kernel in the output, in pixels.
    pub stride: usize,
    /// Pixels cut from each side of the output.
    pub padding: usize,
    /// Pixels added to the right and the bottom of the output.
    pub output_padding: usize,
}

impl ConvTranspose2d {
    /// Elements of the weight, `[c_in, c_out, kernel, kernel]`.
    #[must_use]
    pub const fn n_weights(&self) -> usize {
        self.c_in * self.c_out * self.kernel * self.kernel
    }

    /// Side of the output for an input of side `n`, if there is any output.
    #[must_use]
    pub fn output_side(&self, n: usize) -> Option<usize> {
        let full = n.checked_sub(1)? * self.stride + self.kernel + self.output_padding;
        full.checked_sub(2 * self.padding).filter(|&side| side > 0)
    }
}

/// An affine batch normalisation over `[batch, channels, h, w]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BatchNorm2d {
    /// Channels.
    pub channels: usize,
    /// Added to the variance.
    pub eps: f64,
    /// Share of a batch in the running statistics (PyTorch's sense).
    pub momentum: f64,
}

/// An affine map of `[batch, n_in]` to `[batch, n_out]`, with bias.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Linear {
    /// Input features.
    pub n_in: usize,
    /// Output features.
    pub n_out: usize,
}

/// A module with parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Module {
    /// Convolution: weight, then bias if it has one.
    Conv2d(Conv2d),
    /// Transposed convolution: weight, then bias.
    ConvTranspose2d(ConvTranspose2d),
    /// Batch normalisation: weight, then bias.
    BatchNorm2d(BatchNorm2d),
    /// Linear layer: weight, then bias.
    Linear(Linear),
}

impl Module {
    /// Number of parameter tensors; they are numbered consecutively through the canonical order.
    #[must_use]
    pub const fn n_tensors(&self) -> usize {
        1 + (self.n_biases() > 0) as usize
    }

    /// Shape of the weight: `[c_out, c_in / groups, k, k]` (transposed: `[c_in, c_out, k, k]`), `[channels]` or `[n_out, n_in]`.
    #[must_use]
    pub fn weight_shape(&self) -> Vec<usize> {
        match *self {
            Self::Conv2d(c) => vec![c.c_out, c.c_in / c.groups, c.kernel, c.kernel],
            Self::ConvTranspose2d(c) => vec![c.c_in, c.c_out, c.kernel, c.kernel],
            Self::BatchNorm2d(b) => vec![b.channels],
            Self::Linear(l) => vec![l.n_out, l.n_in],
        }
    }

    /// Elements of the weight.
    #[must_use]
    pub fn n_weights(&self) -> usize {
        self.weight_shape().iter().product()
    }

    /// Elements of the bias; 0 where there is none.
    #[must_use]
    pub const fn n_biases(&self) -> usize {
        match self {
            Self::Conv2d(c) => {
                if c.bias {
                    c.c_out
                } else {
                    0
                }
            }
            Self::ConvTranspose2d(c) => c.c_out,
            Self::BatchNorm2d(b) => b.channels,
            Self::Linear(l) => l.n_out,
        }
    }

    /// Fan-in of the weight as PyTorch's initialisation counts it (second dimension times kernel area, also where the
    /// convolution is transposed); `None` for batch normalisation.
    #[must_use]
    pub const fn fan_in(&self) -> Option<usize> {
        match self {
            Self::Conv2d(c) => Some(c.fan_in()),
            Self::ConvTranspose2d(c) => Some(c.c_out * c.kernel * c.kernel),
            Self::Linear(l) => Some(l.n_in),
            Self::BatchNorm2d(_) => None,
        }
    }

    /// Whether gradient proxies count it: convolutions and linear layers do ("layers"); batch normalisations don't, nor do
    /// transposed convolutions, since the references look for `Conv2d` and `Linear` by type.
    #[must_use]
    pub const fn is_layer(&self) -> bool {
        matches!(self, Self::Conv2d(_) | Self::Linear(_))
    }
}
