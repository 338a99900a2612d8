use crate::{BatchNorm2d, Conv2d, ConvTranspose2d, Error, Graph, Linear, Module, ModuleId, Node, NodeId, Op, Pool, Shape, Slope};

/// PyTorch's defaults of a batch norm.
const EPS: f64 = 1e-5;
const MOMENTUM: f64 = 0.1;

/// Builds a [`Graph`] operation by operation; modules are numbered in the order in which they are added.
#[derive(Clone, Debug)]
pub struct GraphBuilder {
    modules: Vec<Module>,
    nodes: Vec<Node>,
    /// The module that is asked for next, while modules are shared.
    shared: Option<ModuleId>,
    blocks: Vec<NodeId>,
    containers: Vec<(NodeId, usize)>,
    registered: Vec<NodeId>,
}

impl GraphBuilder {
    /// A graph that reads images `[channels, height, width]`.
    #[must_use]
    pub fn new(channels: usize, height: usize, width: usize) -> Self {
        let shape = Shape::Map { c: channels, h: height, w: width };
        Self {
            modules: Vec::new(),
            shared: None,
            blocks: Vec::new(),
            containers: Vec::new(),
            registered: vec![0],
            nodes: vec![Node { op: Op::Input, inputs: Vec::new(), shape, live: true, multiplicity: 1 }],
        }
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

    /// Number of modules so far.
    #[must_use]
    pub fn n_modules(&self) -> usize {
        self.modules.len()
    }

    /// Runs `build` with the modules from number `first` on, in their order, in place of new ones: the same weights serve
    /// another input.
    ///
    /// # Errors
    /// [`Error::Shared`] if `build` asks for another module than the one whose turn it is, and the errors of `build`.
    pub fn sharing<T>(&mut self, first: ModuleId, build: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        let outer = self.shared.replace(first);
        let built = build(self);
        self.shared = outer;
        built
    }

    /// Convolution.
    ///
    /// # Errors
    /// [`Error::Shape`] if the input is not a map of `c_in` channels at least as large as the kernel, or the groups don't divide the channels.
    pub fn conv(&mut self, input: NodeId, conv: Conv2d) -> Result<NodeId, Error> {
        let expected = || format!("a map of {} channels, with padding at least {} pixels wide", conv.c_in, conv.kernel);
        let (c, h, w) = self.map(input, "a convolution", expected)?;
        if c != conv.c_in || conv.groups == 0 || !conv.c_in.is_multiple_of(conv.groups) || !conv.c_out.is_multiple_of(conv.groups) {
            return Err(Error::Shape { op: "a convolution", expected: expected(), got: self.shape(input) });
        }
        let (h, w) = self.window(input, "a convolution", (h, w), (conv.kernel, conv.stride, conv.padding), expected)?;
        let module = self.module(Module::Conv2d(conv))?;
        Ok(self.push(Op::Conv2d(vec![module]), vec![input], Shape::Map { c: conv.c_out, h, w }))
    }

    /// Transposed convolution.
    ///
    /// # Errors
    /// [`Error::Shape`] if the input is not a map of `c_in` channels, or nothing is left of the output.
    pub fn conv_transpose(&mut self, input: NodeId, conv: ConvTranspose2d) -> Result<NodeId, Error> {
        let expected = || format!("a map of {} channels", conv.c_in);
        let (c, h, w) = self.map(input, "a transposed convolution", expected)?;
        match (c == conv.c_in, conv.output_side(h), conv.output_side(w)) {
            (true, Some(h), Some(w)) => {
                let module = self.module(Module::ConvTranspose2d(conv))?;
                Ok(self.push(Op::ConvTranspose2d(module), vec![input], Shape::Map { c: conv.c_out, h, w }))
            }
            _ => Err(Error::Shape { op: "a transposed convolution", expected: expected(), got: self.shape(input) }),
        }
    }

    /// Batch normalisation with PyTorch's default epsilon and momentum.
    ///
    /// # Errors
    /// [`Error::Shape`] if the input is not a map.
    pub fn batch_norm(&mut self, input: NodeId) -> Result<NodeId, Error> {
        self.batch_norm_with(input, EPS, MOMENTUM)
    }

    /// Batch normalisation.
    ///
    /// # Errors
    /// [`Error::Shape`] if the input is not a map.
    pub fn batch_norm_with(&mut self, input: NodeId, eps: f64, momentum: f64) -> Result<NodeId, Error> {
        let (channels, ..) = self.map(input, "a batch norm", || "a map".into())?;
        let module = self.module(Module::BatchNorm2d(BatchNorm2d { channels, eps, momentum }))?;
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

    /// Rectified linear unit with a slope for negative inputs.
    ///
    /// # Errors
    /// [`Error::Shape`] if the input is not a map.
    pub fn leaky_relu(&mut self, input: NodeId, slope: Slope) -> Result<NodeId, Error> {
        self.map(input, "a leaky ReLU", || "a map".into())?;
        Ok(self.push(Op::LeakyRelu(slope), vec![input], self.shape(input)))
    }

    /// Hyperbolic tangent.
    pub fn tanh(&mut self, input: NodeId) -> NodeId {
        self.push(Op::Tanh, vec![input], self.shape(input))
    }

    /// Squeeze-and-excitation (Hu, Shen and Sun, CVPR 2018): the mean of each channel over all positions through a convolution to `squeezed`
    /// channels, a ReLU and a convolution back, each with a batch norm and no bias, gives the factor of the channel between 0 and 1.
    ///
    /// # Errors
    /// [`Error::Shape`] if the input is not a square map.
    pub fn squeeze_excite(&mut self, input: NodeId, squeezed: usize, (eps, momentum): (f64, f64)) -> Result<NodeId, Error> {
        let (channels, h, w) = self.map(input, "squeeze-and-excitation", || "a square map".into())?;
        if h != w {
            return Err(Error::Shape { op: "squeeze-and-excitation", expected: "a square map".into(), got: self.shape(input) });
        }
        let mut gate = self.avg_pool(input, Pool { kernel: h, stride: h, padding: 0 })?;
        gate = self.conv(gate, Conv2d::new(channels, squeezed, 1))?;
        gate = self.batch_norm_with(gate, eps, momentum)?;
        gate = self.relu(gate)?;
        gate = self.conv(gate, Conv2d::new(squeezed, channels, 1))?;
        gate = self.batch_norm_with(gate, eps, momentum)?;
        gate = self.push(Op::Sigmoid, vec![gate], self.shape(gate));
        Ok(self.push(Op::Scale, vec![input, gate], self.shape(input)))
    }

    /// Average pooling that leaves padded pixels out of the mean.
    ///
    /// # Errors
    /// [`Error::Shape`] if the input is not a map at least as large as the window.
    pub fn avg_pool(&mut self, input: NodeId, pool: Pool) -> Result<NodeId, Error> {
        self.pool(input, pool, "an average pooling", Op::AvgPool2d(pool))
    }

    /// Maximum pooling.
    ///
    /// # Errors
    /// [`Error::Shape`] if the input is not a map at least as large as the window.
    pub fn max_pool(&mut self, input: NodeId, pool: Pool) -> Result<NodeId, Error> {
        self.pool(input, pool, "a maximum pooling", Op::MaxPool2d(pool))
    }

    fn pool(&mut self, input: NodeId, pool: Pool, name: &'static str, op: Op) -> Result<NodeId, Error> {
        let expected = || format!("a map, with padding at least {} pixels wide", pool.kernel);
        let (c, h, w) = self.map(input, name, expected)?;
        let (h, w) = self.window(input, name, (h, w), (pool.kernel, pool.stride, pool.padding), expected)?;
        Ok(self.push(op, vec![input], Shape::Map { c, h, w }))
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
        let module = self.module(Module::Linear(Linear { n_in, n_out }))?;
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

    /// Channels of all maps one after the other; one map alone is left as it is.
    ///
    /// # Errors
    /// [`Error::Concat`] if there are no maps or their sides differ.
    pub fn concat(&mut self, maps: Vec<NodeId>) -> Result<NodeId, Error> {
        let shapes: Vec<Shape> = maps.iter().map(|&m| self.shape(m)).collect();
        let sides = |shape: Shape| if let Shape::Map { h, w, .. } = shape { Some((h, w)) } else { None };
        match shapes.first().and_then(|&first| sides(first)) {
            Some(_) if maps.len() == 1 => Ok(maps[0]),
            Some((h, w)) if shapes.iter().all(|&s| sides(s) == Some((h, w))) => {
                let c = shapes.iter().map(|s| s.channels()).sum();
                Ok(self.push(Op::Concat, maps, Shape::Map { c, h, w }))
            }
            _ => Err(Error::Concat { got: shapes.iter().map(Shape::to_string).collect::<Vec<_>>().join(", ") }),
        }
    }

    /// A run of channels; all of them are the input itself.
    ///
    /// # Errors
    /// [`Error::Shape`] if the input is not a map with these channels.
    pub fn slice(&mut self, input: NodeId, start: usize, channels: usize) -> Result<NodeId, Error> {
        let expected = || format!("a map of at least {} channels", start.saturating_add(channels));
        let (c, h, w) = self.map(input, "a slice", expected)?;
        match start.checked_add(channels) {
            Some(end) if end <= c && channels == c => Ok(input),
            Some(end) if end <= c && channels > 0 => {
                Ok(self.push(Op::Slice { start, channels }, vec![input], Shape::Map { c: channels, h, w }))
            }
            _ => Err(Error::Shape { op: "a slice", expected: expected(), got: self.shape(input) }),
        }
    }

    /// The map one pixel up and left; zeros enter at the right and the bottom.
    ///
    /// # Errors
    /// [`Error::Shape`] if the input is not a map.
    pub fn shift(&mut self, input: NodeId) -> Result<NodeId, Error> {
        self.map(input, "a shift", || "a map".into())?;
        Ok(self.push(Op::Shift, vec![input], self.shape(input)))
    }

    /// Every pixel whose coordinates are multiples of `stride`; at stride 1 the input itself.
    ///
    /// # Errors
    /// [`Error::Shape`] if the input is not a map or `stride` is 0.
    pub fn subsample(&mut self, input: NodeId, stride: usize) -> Result<NodeId, Error> {
        let (c, h, w) = self.map(input, "a subsampling", || "a map".into())?;
        match stride {
            0 => Err(Error::Shape { op: "a subsampling", expected: "a stride of at least 1".into(), got: self.shape(input) }),
            1 => Ok(input),
            _ => {
                let shape = Shape::Map { c, h: h.div_ceil(stride), w: w.div_ceil(stride) };
                Ok(self.push(Op::Subsample(stride), vec![input], shape))
            }
        }
    }

    /// The input times zero.
    pub fn times_zero(&mut self, input: NodeId) -> NodeId {
        self.push(Op::TimesZero, vec![input], self.shape(input))
    }

    /// Zeros that read nothing.
    pub fn zeros(&mut self, shape: Shape) -> NodeId {
        self.push(Op::Zeros, Vec::new(), shape)
    }

    /// Number of nodes so far, which is the next one.
    #[must_use]
    pub fn n_nodes(&self) -> usize {
        self.nodes.len()
    }

    /// Makes the nodes from `later` on run before those from `earlier` on, of which they read none. Modules keep their numbers
    /// and nodes their place in the order of registration. Gives the place of a node after that.
    ///
    /// # Panics
    /// If a node that shall run earlier reads one that then runs later.
    pub fn run_before(&mut self, later: NodeId, earlier: NodeId) -> impl Fn(NodeId) -> NodeId + use<> {
        let n = self.nodes.len();
        let moved = move |node: NodeId| match node {
            _ if node < earlier => node,
            _ if node < later => node + (n - later),
            _ => node - (later - earlier),
        };
        self.nodes[earlier..].rotate_left(later - earlier);
        for (place, node) in self.nodes.iter_mut().enumerate().skip(earlier) {
            for input in &mut node.inputs {
                *input = moved(*input);
                assert!(*input < place, "node {place} reads node {input}, which would run later");
            }
        }
        let others = self.blocks.iter_mut().chain(&mut self.registered).chain(self.containers.iter_mut().map(|(node, _)| node));
        for node in others {
            *node = moved(*node);
        }
        moved
    }

    /// Puts `first` before all other nodes from `since` on in the order of registration ([`Graph::registered`]).
    pub fn register_first(&mut self, since: NodeId, first: &[NodeId]) {
        self.registered[since..].sort_by_key(|node| !first.contains(node));
    }

    /// Marks the end of a block ([`Graph::blocks`]).
    pub fn end_block(&mut self, node: NodeId) {
        self.blocks.push(node);
    }

    /// Says that a node is also the output of so many modules around it ([`Graph::containers`]).
    pub fn ends_containers(&mut self, node: NodeId, count: usize) {
        self.containers.push((node, count));
    }

    /// The graph with this feature map and this output: logits, or maps of a pixel decoder.
    #[must_use]
    pub fn finish(self, features: NodeId, output: NodeId) -> Graph {
        let Self { modules, nodes, blocks, containers, registered, .. } = self;
        Graph { modules, nodes, features, output, blocks, containers, registered }
    }

    fn module(&mut self, module: Module) -> Result<ModuleId, Error> {
        let Some(id) = self.shared else {
            self.modules.push(module);
            return Ok(self.modules.len() - 1);
        };
        if self.modules.get(id) != Some(&module) {
            let expected = self.modules.get(id).map_or_else(|| "no further module".into(), |m| format!("{m:?}"));
            return Err(Error::Shared { module: id, expected, got: format!("{module:?}") });
        }
        self.shared = Some(id + 1);
        Ok(id)
    }

    fn push(&mut self, op: Op, inputs: Vec<NodeId>, shape: Shape) -> NodeId {
        self.nodes.push(Node { op, inputs, shape, live: true, multiplicity: 1 });
        self.registered.push(self.nodes.len() - 1);
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

    #[test]
    fn a_concatenation_adds_channels_and_refuses_other_sides() {
        let mut b = GraphBuilder::new(3, 8, 8);
        let x = b.conv(0, Conv2d::new(3, 5, 3)).unwrap();
        let both = b.concat(vec![0, x]).unwrap();
        assert_eq!(b.shape(both), Shape::Map { c: 8, h: 8, w: 8 });
        assert_eq!(b.concat(vec![x]).unwrap(), x);
        let half = b.subsample(x, 2).unwrap();
        assert!(b.concat(vec![x, half]).is_err() && b.concat(vec![]).is_err());
    }

    #[test]
    fn a_slice_stays_within_the_channels() {
        let mut b = GraphBuilder::new(3, 8, 8);
        let slice = b.slice(0, 1, 2).unwrap();
        assert_eq!(b.shape(slice).channels(), 2);
        assert_eq!(b.slice(0, 0, 3).unwrap(), 0);
        for (start, channels) in [(2, 2), (0, 4), (0, 0), (usize::MAX, 2)] {
            assert!(b.slice(0, start, channels).is_err(), "{start} {channels}");
        }
    }

    #[test]
    fn squeeze_and_excitation_keeps_the_map_and_its_gate_has_one_pixel() {
        let mut b = GraphBuilder::new(8, 6, 6);
        let x = b.squeeze_excite(0, 2, (1e-3, 0.1)).unwrap();
        assert_eq!(b.shape(x), b.shape(0));
        let graph = b.finish(x, x);
        // Two convolutions of 16 weights, batch norms of 2 and 8 channels.
        assert_eq!((graph.n_params(), graph.flops()), (2 * 16 + 2 * 2 + 2 * 8, 2 * 16));
        assert!(GraphBuilder::new(8, 6, 4).squeeze_excite(0, 2, (1e-3, 0.1)).is_err());
    }

    #[test]
    fn shared_modules_serve_again_and_count_once() {
        let mut b = GraphBuilder::new(6, 8, 8);
        let encode = |b: &mut GraphBuilder, x| b.conv(x, Conv2d::new(3, 4, 3)).and_then(|x| b.batch_norm(x));
        let tiles = [b.slice(0, 0, 3).unwrap(), b.slice(0, 3, 3).unwrap()];
        let first = encode(&mut b, tiles[0]).unwrap();
        let second = b.sharing(0, |b| encode(b, tiles[1])).unwrap();
        let wrong = b.sharing(0, |b| b.conv(tiles[0], Conv2d::new(3, 5, 3)));
        assert!(matches!(wrong, Err(Error::Shared { module: 0, .. })), "{wrong:?}");
        let features = b.concat(vec![first, second]).unwrap();
        let graph = b.finish(features, features);
        assert_eq!((graph.modules().len(), graph.n_params()), (2, 3 * 4 * 9 + 8));
        assert_eq!(graph.flops(), 2 * 3 * 4 * 9 * 64);
    }

    #[test]
    fn a_branch_can_run_before_another_and_modules_keep_their_numbers() {
        let mut b = GraphBuilder::new(3, 8, 8);
        let x = b.relu(b.input()).unwrap();
        let main = b.n_nodes();
        let first = b.conv(x, Conv2d::new(3, 5, 3)).unwrap();
        let second = b.relu(first).unwrap();
        let side = b.n_nodes();
        let shortcut = b.conv(x, Conv2d::new(3, 5, 1)).unwrap();
        b.end_block(second);
        b.ends_containers(shortcut, 1);
        let moved = b.run_before(side, main);
        assert_eq!([x, first, second, shortcut].map(&moved), [x, main + 1, main + 2, main]);
        let sum = b.add(vec![moved(shortcut), moved(second)]).unwrap();
        let graph = b.finish(sum, sum);
        assert_eq!((graph.node(main).op.clone(), graph.node(main + 1).op.clone()), (Op::Conv2d(vec![1]), Op::Conv2d(vec![0])));
        assert_eq!(
            (&graph.node(main + 2).inputs, graph.blocks(), graph.containers()),
            (&vec![main + 1], &[main + 2][..], &[(main, 1)][..])
        );
        // The input, the ReLU, the main path, the shortcut, the sum.
        assert_eq!(graph.registered(), [0, x, main + 1, main + 2, main, sum]);
    }

    #[test]
    fn a_transposed_convolution_of_stride_two_doubles_the_sides() {
        let mut b = GraphBuilder::new(3, 8, 8);
        let conv = ConvTranspose2d { c_in: 3, c_out: 5, kernel: 3, stride: 2, padding: 1, output_padding: 1 };
        let x = b.conv_transpose(0, conv).unwrap();
        assert_eq!(b.shape(x), Shape::Map { c: 5, h: 16, w: 16 });
        assert_eq!(b.finish(x, x).n_params(), 3 * 5 * 9 + 5);
    }
}
