use crate::{Graph, Op};

impl Graph {
    /// Whether, with batch norms in train mode, the sum of the output over a batch does not depend on the image: every path
    /// ends in a batch norm, whose mean over batch and positions is its bias, and nothing behind it but operations that
    /// commute with that mean. With a batch of one the output itself is then constant. In exact arithmetic every derivative of
    /// that sum is zero; what a program computes for it is rounding noise.
    #[must_use]
    pub fn output_sum_is_constant(&self) -> bool {
        let mut constant: Vec<bool> = Vec::with_capacity(self.nodes().len());
        for node in self.nodes() {
            let inputs = || node.inputs.iter().all(|&i| constant[i]);
            constant.push(match &node.op {
                Op::BatchNorm2d(_) | Op::Zeros | Op::TimesZero => true,
                // A convolution or a padded pooling weighs the pixels of a border otherwise; a ReLU is not linear.
                Op::Add | Op::Concat | Op::Slice { .. } | Op::Split(_) | Op::Part(_) | Op::GlobalAvgPool | Op::Linear(_) => inputs(),
                _ => false,
            });
        }
        constant[self.output()]
    }
}

#[cfg(test)]
mod tests {
    use crate::{Conv2d, Error, GraphBuilder};

    fn ends_in_norm(relu: bool) -> Result<bool, Error> {
        let mut b = GraphBuilder::new(3, 8, 8);
        let x = b.conv(b.input(), Conv2d::new(3, 4, 3))?;
        let first = b.batch_norm(x)?;
        let second = b.conv(first, Conv2d::new(4, 4, 1))?;
        let second = b.batch_norm(second)?;
        let mut x = b.add(vec![first, second])?;
        if relu {
            x = b.relu(x)?;
        }
        let pooled = b.global_avg_pool(x)?;
        let logits = b.linear(pooled, 10)?;
        Ok(b.finish(x, logits).output_sum_is_constant())
    }

    #[test]
    fn a_sum_of_batch_norms_is_constant_until_a_relu() {
        assert!(ends_in_norm(false).unwrap());
        assert!(!ends_in_norm(true).unwrap());
    }
}
