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
}

impl Conv2d {
    /// Stride 1 and padding `kernel / 2`, which keeps the resolution for odd kernels.
    #[must_use]
    pub const fn new(c_in: usize, c_out: usize, kernel: usize) -> Self {
        Self { c_in, c_out, kernel, stride: 1, padding: kernel / 2 }
    }

    /// The same with another stride.
    #[must_use]
    pub const fn with_stride(self, stride: usize) -> Self {
        Self { stride, ..self }
    }

    /// Elements of the weight, `[c_out, c_in, kernel, kernel]`.
    #[must_use]
    pub const fn n_weights(&self) -> usize {
        self.c_out * self.fan_in()
    }

    /// Inputs of one output unit.
    #[must_use]
    pub const fn fan_in(&self) -> usize {
        self.c_in * self.kernel * self.kernel
    }
}

/// An affine batch normalisation over `[batch, channels, h, w]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BatchNorm2d {
    /// Channels.
    pub channels: usize,
    /// Added to the variance.
    pub eps: f64,
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
    /// Convolution without bias: one parameter tensor.
    Conv2d(Conv2d),
    /// Batch normalisation: two parameter tensors, weight then bias.
    BatchNorm2d(BatchNorm2d),
    /// Linear layer: two parameter tensors, weight then bias.
    Linear(Linear),
}

impl Module {
    /// Number of parameter tensors; they are numbered consecutively through the canonical order.
    #[must_use]
    pub const fn n_tensors(&self) -> usize {
        match self {
            Self::Conv2d(_) => 1,
            Self::BatchNorm2d(_) | Self::Linear(_) => 2,
        }
    }

    /// Shape of the weight: `[c_out, c_in, k, k]`, `[channels]` or `[n_out, n_in]`.
    #[must_use]
    pub fn weight_shape(&self) -> Vec<usize> {
        match *self {
            Self::Conv2d(c) => vec![c.c_out, c.c_in, c.kernel, c.kernel],
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
            Self::Conv2d(_) => 0,
            Self::BatchNorm2d(b) => b.channels,
            Self::Linear(l) => l.n_out,
        }
    }

    /// Inputs of one output unit of a convolution or linear layer; `None` for batch normalisation.
    #[must_use]
    pub const fn fan_in(&self) -> Option<usize> {
        match self {
            Self::Conv2d(c) => Some(c.fan_in()),
            Self::Linear(l) => Some(l.n_in),
            Self::BatchNorm2d(_) => None,
        }
    }

    /// Whether gradient proxies count it: convolutions and linear layers do ("layers"), batch normalisations don't.
    #[must_use]
    pub const fn is_layer(&self) -> bool {
        !matches!(self, Self::BatchNorm2d(_))
    }
}
