use crate::{BatchNorm2d, Conv2d, Error, Graph, Linear, Module, Node, NodeId, Op, Pool, Shape};

/// Batch-norm epsilon of every network here (PyTorch's default).
const EPS: f64 = 1e-5;

/// Builds a [`Graph`] operation by operation; modules are numbered in the order in which they are added.
#[derive(Clone, Debug)]
pub struct GraphBuilder {
    modules: Vec<Module>,
    nodes: Vec<Node>,
}

impl GraphBuilder {
    /// A graph that reads images `[channels, height, width]`.
    #[must_use]
    pub fn new(channels: usize, height: usize, width: usize) -> Self {
        let shape = Shape::Map { c: channels, h: height, w: width };
        Self { modules: Vec::new(), nodes: vec![Node { op: Op::Input, inputs: Vec::new(), shape, live: true, multiplicity: 1 }] }
    }

    /// The node of the images.
    #[must_use]
    pub const fn input(&self) -> NodeId {
        0
    }

    /// Shape of a node.
    #[must_use]
    pub fn shape(&self, node: NodeId) -> Shape {
        self.nodes[node].shape
    }

    /// Convolution without bias.
    ///
    /// # Errors
    /// [`Error::Shape`] if the input is not a map of `c_in` channels at least as large as the kernel.
    pub fn conv(&mut self, input: NodeId, conv: Conv2d) -> Result<NodeId, Error> {
        let expected = || format!("a map of {} channels, with padding at least {} pixels wide", conv.c_in, conv.kernel);
        let (c, h, w) = self.map(input, "a convolution", expected)?;
        if c != conv.c_in {
            return Err(Error::Shape { op: "a convolution", expected: expected(), got: self.shape(input) });
        }
        let (h, w) = self.window(input, "a convolution", (h, w), (conv.kernel, conv.stride, conv.padding), expected)?;
        let module = self.module(Module::Conv2d(conv));
        Ok(self.push(Op::Conv2d(vec![module]), vec![input], Shape::Map { c: conv.c_out, h, w }))
    }

    /// Batch normalisation with PyTorch's default epsilon.
    ///
    /// # Errors
    /// [`Error::Shape`] if the input is not a map.
    pub fn batch_norm(&mut self, input: NodeId) -> Result<NodeId, Error> {
        let (channels, ..) = self.map(input, "a batch norm", || "a map".into())?;
        let module = self.module(Module::BatchNorm2d(BatchNorm2d { channels, eps: EPS }));
        Ok(self.push(Op::BatchNorm2d(vec![module]), vec![input], self.shape(input)))
    }

    /// Rectified linear unit.
    ///
    /// # Errors
    /// [`Error::Shape`] if the input is not a map.
    pub fn relu(&mut self, input: NodeId) -> Result<NodeId, Error> {
        self.map(input, "a ReLU", || "a map".into())?;
        Ok(self.push(Op::Relu, vec![input], self.shape(input)))
    }

    /// Average pooling that leaves padded pixels out of the mean.
    ///
    /// # Errors
    /// [`Error::Shape`] if the input is not a map at least as large as the window.
    pub fn avg_pool(&mut self, input: NodeId, pool: Pool) -> Result<NodeId, Error> {
        let expected = || format!("a map, with padding at least {} pixels wide", pool.kernel);
        let (c, h, w) = self.map(input, "an average pooling", expected)?;
        let (h, w) = self.window(input, "an average pooling", (h, w), (pool.kernel, pool.stride, pool.padding), expected)?;
        Ok(self.push(Op::AvgPool2d(pool), vec![input], Shape::Map { c, h, w }))
    }

    /// Mean over all positions.
    ///
    /// # Errors
    /// [`Error::Shape`] if the input is not a map.
    pub fn global_avg_pool(&mut self, input: NodeId) -> Result<NodeId, Error> {
        let (c, ..) = self.map(input, "a global average pooling", || "a map".into())?;
        Ok(self.push(Op::GlobalAvgPool, vec![input], Shape::Vector(c)))
    }

    /// Linear layer with bias.
    ///
    /// # Errors
    /// [`Error::Shape`] if the input is not a vector.
    pub fn linear(&mut self, input: NodeId, n_out: usize) -> Result<NodeId, Error> {
        let Shape::Vector(n_in) = self.shape(input) else {
            return Err(Error::Shape { op: "a linear layer", expected: "a vector".into(), got: self.shape(input) });
        };
        let module = self.module(Module::Linear(Linear { n_in, n_out }));
        Ok(self.push(Op::Linear(module), vec![input], Shape::Vector(n_out)))
    }

    /// Sum of the terms.
    ///
    /// # Errors
    /// [`Error::Sum`] if there are no terms or their shapes differ.
    pub fn add(&mut self, terms: Vec<NodeId>) -> Result<NodeId, Error> {
        let shapes: Vec<Shape> = terms.iter().map(|&t| self.shape(t)).collect();
        match shapes.first() {
            Some(&shape) if shapes.iter().all(|s| *s == shape) => Ok(self.push(Op::Add, terms, shape)),
            _ => Err(Error::Sum { got: shapes.iter().map(Shape::to_string).collect::<Vec<_>>().join(", ") }),
        }
    }

    /// The input times zero.
    pub fn times_zero(&mut self, input: NodeId) -> NodeId {
        self.push(Op::TimesZero, vec![input], self.shape(input))
    }

    /// The graph with this feature map and these logits.
    ///
    /// # Errors
    /// [`Error::Shape`] if the output is not a vector.
    pub fn finish(self, features: NodeId, output: NodeId) -> Result<Graph, Error> {
        match self.shape(output) {
            Shape::Vector(_) => Ok(Graph { modules: self.modules, nodes: self.nodes, features, output }),
            got @ Shape::Map { .. } => Err(Error::Shape { op: "the output", expected: "a vector".into(), got }),
        }
    }

    fn module(&mut self, module: Module) -> usize {
        self.modules.push(module);
        self.modules.len() - 1
    }

    fn push(&mut self, op: Op, inputs: Vec<NodeId>, shape: Shape) -> NodeId {
        self.nodes.push(Node { op, inputs, shape, live: true, multiplicity: 1 });
        self.nodes.len() - 1
    }

    fn map(&self, input: NodeId, op: &'static str, expected: impl Fn() -> String) -> Result<(usize, usize, usize), Error> {
        match self.shape(input) {
            Shape::Map { c, h, w } => Ok((c, h, w)),
            got @ Shape::Vector(_) => Err(Error::Shape { op, expected: expected(), got }),
        }
    }

    /// Output height and width of a sliding window (`(kernel, stride, padding)`).
    fn window(
        &self,
        input: NodeId,
        op: &'static str,
        (h, w): (usize, usize),
        (kernel, stride, padding): (usize, usize, usize),
        expected: impl Fn() -> String,
    ) -> Result<(usize, usize), Error> {
        let side = |n: usize| (n + 2 * padding).checked_sub(kernel).map(|room| room / stride + 1);
        match (side(h), side(w)) {
            (Some(h), Some(w)) => Ok((h, w)),
            _ => Err(Error::Shape { op, expected: expected(), got: self.shape(input) }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_convolution_refuses_other_channels() {
        let mut b = GraphBuilder::new(3, 8, 8);
        let error = b.conv(0, Conv2d::new(4, 4, 3)).unwrap_err();
        assert!(error.to_string().contains("a map of 4 channels"), "{error}");
    }

    #[test]
    fn an_even_stride_halves_an_even_map() {
        let mut b = GraphBuilder::new(3, 8, 8);
        let x = b.conv(0, Conv2d::new(3, 5, 3).with_stride(2)).unwrap();
        assert_eq!(b.shape(x), Shape::Map { c: 5, h: 4, w: 4 });
        let x = b.avg_pool(x, Pool { kernel: 2, stride: 2, padding: 0 }).unwrap();
        assert_eq!(b.shape(x), Shape::Map { c: 5, h: 2, w: 2 });
    }

    #[test]
    fn a_sum_refuses_different_shapes() {
        let mut b = GraphBuilder::new(3, 8, 8);
        let x = b.conv(0, Conv2d::new(3, 5, 3)).unwrap();
        assert!(b.add(vec![0, x]).is_err());
        assert!(b.add(vec![]).is_err());
    }
}
