//! What follows the encoder in each task, and the critic of the image translations.
//!
//! Source: `yawen-d/TransNASBench@6d4231b1eb04 lib/models/task_models/{decoder,siamese,discriminator}.py`.

use netgraph::{Conv2d, ConvTranspose2d, Error, Graph, GraphBuilder, NodeId, Slope};

/// Negative slope of the decoders' activations.
const SLOPE: Slope = Slope::new(0.2);
/// Channels of the first decoder layer.
const WIDEST: usize = 1024;
/// Doublings of the resolution that a decoder can do.
pub const DOUBLINGS: std::ops::RangeInclusive<usize> = 2..=6;

/// Global average pooling and a linear layer.
pub fn classifier(b: &mut GraphBuilder, features: NodeId, classes: usize) -> Result<NodeId, Error> {
    let pooled = b.global_avg_pool(features)?;
    b.linear(pooled, classes)
}

/// Eight layers, of which the last doublings many before the output are transposed convolutions: one logit map per class.
pub fn segmentation(b: &mut GraphBuilder, features: NodeId, classes: usize, doublings: usize) -> Result<NodeId, Error> {
    let mut x = layer(b, features, WIDEST, false)?;
    let mut width = WIDEST;
    // Each further layer halves the channels but the last, which only doubles the resolution.
    let plain = DOUBLINGS.end().saturating_sub(doublings);
    for place in 0..plain + doublings {
        if place + 1 < plain + doublings {
            width /= 2;
        }
        x = layer(b, x, width, place >= plain)?;
    }
    b.conv(x, Conv2d::new(width, classes, 3).with_bias())
}

/// Channels of the generator's layers, and the number of doublings from which a layer doubles the resolution.
const GENERATOR: [(usize, usize); 13] = {
    const NEVER: usize = usize::MAX;
    [
        (WIDEST, NEVER),
        (WIDEST, NEVER),
        (512, 6),
        (512, NEVER),
        (256, 5),
        (128, NEVER),
        (64, 4),
        (64, NEVER),
        (32, 3),
        (32, NEVER),
        (16, 0),
        (32, NEVER),
        (16, 0),
    ]
};

/// Fourteen layers, the last through a hyperbolic tangent: one map per channel.
pub fn generator(b: &mut GraphBuilder, features: NodeId, channels: usize, doublings: usize) -> Result<NodeId, Error> {
    let mut x = features;
    for (width, from) in GENERATOR {
        x = layer(b, x, width, doublings >= from)?;
    }
    let c_in = b.shape(x).channels();
    let x = b.conv(x, Conv2d::new(c_in, channels, 3).with_bias())?;
    Ok(b.tanh(x))
}

/// Convolution with bias, transposed if it doubles the resolution; batch norm; leaky ReLU.
fn layer(b: &mut GraphBuilder, x: NodeId, c_out: usize, doubles: bool) -> Result<NodeId, Error> {
    let c_in = b.shape(x).channels();
    let x = if doubles {
        b.conv_transpose(x, ConvTranspose2d { c_in, c_out, kernel: 3, stride: 2, padding: 1, output_padding: 1 })?
    } else {
        b.conv(x, Conv2d::new(c_in, c_out, 3).with_bias())?
    };
    let x = b.batch_norm(x)?;
    b.leaky_relu(x, SLOPE)
}

/// The critic of the tasks `normal` and `autoencoder`: reads image and output, `[6, side, side]`, and gives one logit per
/// sample, high for the true output.
///
/// # Conventions
/// In the reference every convolution but the last is under spectral normalisation (its weight divided by its largest
/// singular value, one power iteration a step); a graph has the bare weights.
///
/// # Errors
/// [`Error::Shape`] if the side is 0.
pub fn discriminator(side: usize) -> Result<Graph, Error> {
    let mut b = GraphBuilder::new(6, side, side);
    let mut x = b.input();
    for (c_in, c_out, kernel, stride) in
        [(6, 64, 5, 4), (64, 128, 5, 4), (128, 256, 5, 4), (256, 256, 3, 1), (256, 512, 3, 1), (512, 512, 3, 1)]
    {
        x = b.conv(x, Conv2d::new(c_in, c_out, kernel).with_stride(stride).with_bias())?;
        x = b.leaky_relu(x, SLOPE)?;
    }
    let score = b.conv(x, Conv2d::new(512, 1, 3).with_bias())?;
    let logit = b.global_avg_pool(score)?;
    Ok(b.finish(score, logit))
}
