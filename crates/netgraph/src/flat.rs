use crate::{Graph, Liveness, Module, Op, Pool, Shape};

impl Graph {
    /// Whether a batch norm that can influence the output reads maps that are equal at all positions whatever the image: of one
    /// pixel, or behind a pooling whose every window covers the map. Over a single image these have no variance, so in exact arithmetic such a
    /// norm gives its bias, and no gradient passes; what a program computes for that is rounding noise.
    #[must_use]
    pub fn normalises_flat_maps(&self) -> bool {
        let liveness = Liveness::of(self);
        let mut flat: Vec<bool> = Vec::with_capacity(self.nodes().len());
        for node in self.nodes() {
            let inputs = || node.inputs.iter().all(|&i| flat[i]);
            let one_pixel = matches!(node.shape, Shape::Map { h: 1, w: 1, .. });
            flat.push(
                one_pixel
                    || match &node.op {
                        Op::Zeros | Op::TimesZero => true,
                        Op::AvgPool2d(pool) | Op::MaxPool2d(pool) => inputs() || covers(*pool, self.node(node.inputs[0]).shape, node.shape),
                        Op::Conv2d(modules) => inputs() && modules.iter().all(|&m| is_pointwise(&self.modules()[m])),
                        // A transposed convolution and a shift weigh the border otherwise; vectors have no positions.
                        Op::Input | Op::ConvTranspose2d(_) | Op::Shift | Op::GlobalAvgPool | Op::Linear(_) => false,
                        _ => inputs(),
                    },
            );
        }
        let reads_flat = |(id, node): (usize, &crate::Node)| {
            matches!(node.op, Op::BatchNorm2d(_)) && liveness.is_live(id) && flat[node.inputs[0]] && !liveness.is_zero(node.inputs[0])
        };
        self.nodes().iter().enumerate().any(reads_flat)
    }
}

/// Whether every window of a pooling covers the whole map.
fn covers(pool: Pool, from: Shape, to: Shape) -> bool {
    let (Shape::Map { h, w, .. }, Shape::Map { h: rows, w: columns, .. }) = (from, to) else { return false };
    let along = |length: usize, windows: usize| {
        let last = windows.saturating_sub(1) * pool.stride;
        last <= pool.padding && pool.kernel >= length + pool.padding
    };
    along(h, rows) && along(w, columns)
}

fn is_pointwise(module: &Module) -> bool {
    matches!(module, Module::Conv2d(conv) if conv.kernel == 1 && conv.padding == 0)
}

#[cfg(test)]
mod tests {
    use crate::{Conv2d, Error, GraphBuilder, Pool};

    /// A pooling of 3 x 3 pixels on a map of that side, a convolution, a batch norm.
    fn pooled(side: usize, kernel: usize, live: bool) -> Result<bool, Error> {
        let mut b = GraphBuilder::new(3, side, side);
        let stem = b.conv(b.input(), Conv2d::new(3, 4, 3))?;
        let x = b.avg_pool(stem, Pool { kernel: 3, stride: 1, padding: 1 })?;
        let x = b.relu(x)?;
        let x = b.conv(x, Conv2d::new(4, 4, kernel))?;
        let x = b.batch_norm(x)?;
        let end = if live { b.add(vec![x, stem])? } else { stem };
        let pooled = b.global_avg_pool(end)?;
        let logits = b.linear(pooled, 10)?;
        Ok(b.finish(end, logits).normalises_flat_maps())
    }

    #[test]
    fn a_pooling_as_large_as_the_map_leaves_nothing_to_normalise() {
        // Windows of three pixels with one of padding cover a map of two.
        assert!(pooled(2, 1, true).unwrap());
        assert!(!pooled(3, 1, true).unwrap());
        // A convolution of 3 x 3 pixels sees the border.
        assert!(!pooled(2, 3, true).unwrap());
        assert!(pooled(1, 3, true).unwrap());
        assert!(!pooled(2, 1, false).unwrap());
    }
}
