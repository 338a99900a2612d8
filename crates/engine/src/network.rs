use std::borrow::Cow;
use std::collections::HashMap;

use netgraph::{Graph, Module, ModuleId, Node, NodeId, Op, Pool, Shape};
use tch::{Device, Kind, Tensor, no_grad};

use crate::init::values;
use crate::{Parameters, Placement, Slot};

/// What batch norms do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Norm {
    /// Normalise by the batch's own mean and biased variance.
    Train,
    /// As [`Norm::Train`], and the running statistics move ([`Network::running_variances`]).
    Tracked,
    /// Each sample by its own mean and biased variance: what [`Norm::Train`] does with batches of one.
    Instance,
    /// Normalise by the running statistics.
    Eval,
    /// Nothing: input is output.
    Identity,
}

impl Norm {
    /// `train`, `instance`, `eval` or `identity`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Train | Self::Tracked => "train",
            Self::Instance => "instance",
            Self::Eval => "eval",
            Self::Identity => "identity",
        }
    }
}

/// Which parameters ask for a gradient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Trainable {
    /// None.
    Nothing,
    /// Weights of live convolutions and linear layers.
    #[default]
    Layers,
    /// Every parameter of a live operation, batch norms and biases included.
    Everything,
}

/// A convolution or linear layer with its weight; several convolutions if they were fused. Operations that share their
/// modules are one layer.
#[derive(Debug)]
pub struct Layer {
    /// Modules along the first dimension of the weight, in this order.
    pub modules: Vec<ModuleId>,
    /// `[c_out of all modules, c_in, k, k]` or `[n_out, n_in]`; asks for a gradient where the layer is live.
    pub weight: Tensor,
    pub(crate) bias: Option<Tensor>,
}

impl Layer {
    /// Layer number `k` of a model of which only parameters are known.
    pub(crate) fn bare(k: usize, weight: Tensor) -> Self {
        Self { modules: vec![k], weight, bias: None }
    }
}

#[derive(Debug)]
pub(crate) struct BatchNorm {
    pub(crate) weight: Tensor,
    bias: Tensor,
    mean: Tensor,
    variance: Tensor,
    pub(crate) eps: f64,
    momentum: f64,
    /// Number of modules along the channels.
    parts: i64,
}

/// An operation as soon as its output is there.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a> {
    /// Position in the graph that runs.
    pub id: NodeId,
    /// The operation.
    pub node: &'a Node,
    /// Its first input, if it has one.
    pub input: Option<&'a Tensor>,
    /// Its output, `[batch, ...]`.
    pub output: &'a Tensor,
}

/// Result of a forward pass.
#[derive(Debug)]
pub struct Forward {
    /// `[batch, classes]`, or maps `[batch, channels, h, w]` of a pixel decoder; times 2 to the power `exponent`.
    pub logits: Tensor,
    /// 0, unless the network ran rescaled ([`Network::forward_rescaled`]).
    pub exponent: i32,
    /// Maps before global average pooling or the decoder, `[batch, c, h, w]`.
    pub features: Tensor,
}

impl BatchNorm {
    fn apply(&self, input: &Tensor, norm: Norm) -> Tensor {
        let (weight, bias) = (Some(&self.weight), Some(&self.bias));
        let running = (Some(&self.mean), Some(&self.variance));
        match norm {
            Norm::Identity => input.shallow_clone(),
            Norm::Train => input.batch_norm(weight, bias, None, None, true, 0.0, self.eps, true),
            Norm::Tracked => input.batch_norm(weight, bias, running.0, running.1, true, self.momentum, self.eps, true),
            Norm::Eval => input.batch_norm(weight, bias, running.0, running.1, false, 0.0, self.eps, true),
            // One group a channel; unlike libtorch's instance norm it keeps the channels-last layout.
            Norm::Instance => input.group_norm(input.size()[1], weight, bias, self.eps, true),
        }
    }
}

/// A parameter that asks for a gradient.
#[derive(Debug)]
pub struct Trained {
    /// Weight or bias.
    pub slot: Slot,
    /// Its values.
    pub tensor: Tensor,
}

#[derive(Debug)]
pub(crate) enum Slots {
    Nothing,
    Layer(usize),
    Transposed { weight: Tensor, bias: Tensor },
    Norm(usize),
    Pool(DepthwisePool),
}

/// An average pooling as a convolution of each channel with ones, and a division by the number of pixels under the window: on
/// the CPU oneDNN does this in less than half the time of libtorch's own pooling, forward and backward.
#[derive(Debug)]
pub(crate) struct DepthwisePool {
    /// Ones, `[c, 1, k, k]`.
    weight: Tensor,
    /// One over the number of pixels under each window, `[1, 1, h, w]`.
    share: Tensor,
}

impl DepthwisePool {
    fn new(pool: Pool, channels: usize, (h, w): (usize, usize), placement: Placement) -> Self {
        let options = (placement.dtype.kind(), placement.device);
        let (k, side) = (pool.kernel as i64, |n: usize| [n as i64; 2]);
        let ones = Tensor::ones([1, 1, h as i64, w as i64], options);
        let window = Tensor::ones([1, 1, k, k], options);
        let count = ones.conv2d(&window, None::<&Tensor>, side(pool.stride), side(pool.padding), [1, 1], 1);
        let weight = placement.relayout(&Tensor::ones([channels as i64, 1, k, k], options));
        Self { weight, share: placement.relayout(&count.reciprocal()) }
    }

    fn apply(&self, pool: Pool, input: &Tensor) -> Tensor {
        let side = |n: usize| [n as i64; 2];
        let groups = self.weight.size()[0];
        input.conv2d(&self.weight, None::<&Tensor>, side(pool.stride), side(pool.padding), [1, 1], groups).g_mul_(&self.share)
    }
}

/// A graph with its parameters on a device.
///
/// Live layers ask for gradients; what leads nowhere (`live == false` after [`netgraph::passes`]) runs without.
#[derive(Debug)]
pub struct Network<'g> {
    pub(crate) graph: Cow<'g, Graph>,
    pub(crate) placement: Placement,
    pub(crate) slots: Vec<Slots>,
    pub(crate) layers: Vec<Layer>,
    /// One for all operations that share its modules, so that its running statistics see what each of them sees.
    pub(crate) norms: Vec<BatchNorm>,
    pub(crate) last_use: Vec<Vec<NodeId>>,
}

/// Value of a node: one tensor, or the parts of a split.
pub(crate) enum Value {
    One(Tensor),
    Parts(Vec<Tensor>),
}

/// Activations of a rescaled pass are kept below this, 2^256, by dividing by 2^[`SHRINK`].
const LARGEST: f64 = 1.157_920_892_373_162e77;
const SHRINK: i32 = 256;

impl Value {
    /// Largest absolute value; 0 for the parts of a split, whose whole has been looked at.
    fn magnitude(&self) -> f64 {
        match self {
            Self::One(tensor) => tensor.detach().abs().max().double_value(&[]),
            Self::Parts(_) => 0.0,
        }
    }

    fn shrink(&mut self) {
        let scale = 2f64.powi(-SHRINK);
        match self {
            Self::One(tensor) => *tensor = &*tensor * scale,
            Self::Parts(parts) => parts.iter_mut().for_each(|part| *part = &*part * scale),
        }
    }

    pub(crate) fn one(&self) -> &Tensor {
        match self {
            Self::One(tensor) => tensor,
            Self::Parts(_) => unreachable!("only Op::Part reads a split"),
        }
    }

    fn part(&self, k: usize) -> &Tensor {
        match self {
            Self::Parts(parts) => &parts[k],
            Self::One(_) => unreachable!("Op::Part reads a split"),
        }
    }
}

impl Network<'static> {
    /// The same as [`Network::new`] for a graph of its own.
    ///
    /// # Panics
    /// As [`Network::new`].
    #[must_use]
    pub fn owning(graph: Graph, parameters: &dyn Parameters, placement: Placement, trainable: Trainable) -> Self {
        Self::of(Cow::Owned(graph), parameters, placement, trainable)
    }
}

impl<'g> Network<'g> {
    /// Makes the parameter tensors of every node of `graph`.
    ///
    /// # Panics
    /// If libtorch has no memory for them.
    pub fn new(graph: &'g Graph, parameters: &dyn Parameters, placement: Placement, trainable: Trainable) -> Self {
        Self::of(Cow::Borrowed(graph), parameters, placement, trainable)
    }

    fn of(graph: Cow<'g, Graph>, parameters: &dyn Parameters, placement: Placement, trainable: Trainable) -> Self {
        let (slots, layers, norms) = Self::place(&graph, parameters, placement, trainable);
        let last_use = last_use(&graph);
        Self { graph, placement, slots, layers, norms, last_use }
    }

    /// Parameter tensors of every node.
    fn place(
        graph: &Graph,
        parameters: &dyn Parameters,
        placement: Placement,
        trainable: Trainable,
    ) -> (Vec<Slots>, Vec<Layer>, Vec<BatchNorm>) {
        let numbers = graph.tensor_numbers();
        let everything = trainable == Trainable::Everything;
        let tensor = |modules: &[ModuleId], slot: Slot| -> Tensor {
            let flat: Vec<f64> = modules.iter().flat_map(|&id| values(parameters, graph, &numbers, id, slot)).collect();
            Tensor::from_slice(&flat).to_kind(placement.dtype.kind()).to_device(placement.device)
        };
        let weight = |modules: &[ModuleId], trained: bool| -> Tensor {
            let mut shape: Vec<i64> = graph.modules()[modules[0]].weight_shape().iter().map(|&n| n as i64).collect();
            shape[0] *= modules.len() as i64;
            placement.relayout(&tensor(modules, Slot::Weight).view(shape.as_slice())).set_requires_grad(trained)
        };
        let (mut layers, mut norms): (Vec<Layer>, Vec<BatchNorm>) = (Vec::new(), Vec::new());
        // Places of the modules among the layers or the batch norms.
        let mut placed: HashMap<&[ModuleId], usize> = HashMap::new();
        let mut slots = Vec::with_capacity(graph.nodes().len());
        for node in graph.nodes() {
            slots.push(match &node.op {
                Op::Conv2d(_) | Op::Linear(_) => {
                    let modules = match &node.op {
                        Op::Conv2d(modules) => modules.as_slice(),
                        Op::Linear(module) => std::slice::from_ref(module),
                        _ => unreachable!("matched above"),
                    };
                    let layer = *placed.entry(modules).or_insert_with(|| {
                        let has_bias = graph.modules()[modules[0]].n_biases() > 0;
                        let bias = has_bias.then(|| tensor(modules, Slot::Bias));
                        layers.push(Layer { modules: modules.to_vec(), weight: weight(modules, false), bias });
                        layers.len() - 1
                    });
                    if node.live {
                        let _ = layers[layer].weight.set_requires_grad(trainable >= Trainable::Layers);
                        if let Some(bias) = &layers[layer].bias {
                            let _ = bias.set_requires_grad(everything);
                        }
                    }
                    Slots::Layer(layer)
                }
                Op::ConvTranspose2d(module) => {
                    let modules = std::slice::from_ref(module);
                    let trained = everything && node.live;
                    Slots::Transposed { weight: weight(modules, trained), bias: tensor(modules, Slot::Bias).set_requires_grad(trained) }
                }
                Op::BatchNorm2d(modules) => {
                    let Module::BatchNorm2d(norm) = &graph.modules()[modules[0]] else { unreachable!("a batch norm names batch norms") };
                    let place = *placed.entry(modules).or_insert_with(|| {
                        norms.push(BatchNorm {
                            weight: tensor(modules, Slot::Weight),
                            bias: tensor(modules, Slot::Bias),
                            mean: tensor(modules, Slot::RunningMean),
                            variance: tensor(modules, Slot::RunningVariance),
                            eps: norm.eps,
                            momentum: norm.momentum,
                            parts: modules.len() as i64,
                        });
                        norms.len() - 1
                    });
                    if node.live {
                        let BatchNorm { weight, bias, .. } = &norms[place];
                        let _ = (weight.set_requires_grad(everything), bias.set_requires_grad(everything));
                    }
                    Slots::Norm(place)
                }
                // libtorch's f64 convolutions don't go to oneDNN, and a GPU's own pooling is fast.
                Op::AvgPool2d(pool) if placement.channels_last && placement.device == Device::Cpu => match graph.node(node.inputs[0]).shape
                {
                    Shape::Map { c, h, w } => Slots::Pool(DepthwisePool::new(*pool, c, (h, w), placement)),
                    Shape::Vector(_) => Slots::Nothing,
                },
                _ => Slots::Nothing,
            });
        }
        (slots, layers, norms)
    }

    /// The graph that runs.
    #[must_use]
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// Convolutions and linear layers in execution order.
    #[must_use]
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// Every parameter that asks for a gradient, weights before biases, in execution order.
    #[must_use]
    pub fn trained(&self) -> Vec<Trained> {
        let mut trained = Vec::new();
        // Both are placed in execution order.
        let (mut n_layers, mut n_norms) = (0, 0);
        for slot in &self.slots {
            let (weight, bias) = match slot {
                Slots::Layer(place) if *place == n_layers => {
                    n_layers += 1;
                    (&self.layers[*place].weight, self.layers[*place].bias.as_ref())
                }
                Slots::Norm(place) if *place == n_norms => {
                    n_norms += 1;
                    (&self.norms[*place].weight, Some(&self.norms[*place].bias))
                }
                Slots::Transposed { weight, bias } => (weight, Some(bias)),
                Slots::Layer(_) | Slots::Norm(_) | Slots::Nothing | Slots::Pool(_) => continue,
            };
            let both = [(Slot::Weight, Some(weight)), (Slot::Bias, bias)];
            trained.extend(both.into_iter().filter_map(|(slot, tensor)| {
                let tensor = tensor.filter(|t| t.requires_grad())?.shallow_clone();
                Some(Trained { slot, tensor })
            }));
        }
        trained
    }

    /// Mean over channels of the running variance of each batch norm, in f64, on the device.
    #[must_use]
    pub fn running_variances(&self) -> Vec<Tensor> {
        let mean = |norm: &BatchNorm| {
            norm.variance.to_kind(Kind::Double).reshape([norm.parts, -1]).mean_dim([1i64].as_slice(), false, None::<Kind>)
        };
        self.norms.iter().map(mean).collect()
    }

    /// Running mean and variance of each batch norm, `[channels]` each, in execution order; they share the network's memory.
    #[must_use]
    pub fn running_statistics(&self) -> Vec<Tensor> {
        self.norms.iter().flat_map(|norm| [norm.mean.shallow_clone(), norm.variance.shallow_clone()]).collect()
    }

    /// Gives every batch norm this momentum: the share of a batch in its running statistics.
    pub fn set_norm_momentum(&mut self, momentum: f64) {
        for norm in &mut self.norms {
            norm.momentum = momentum;
        }
    }

    /// Runs a batch `[batch, c, h, w]`. `tap` sees every node's output as soon as it is there (not those of splits); what
    /// it does not keep is freed after its last use. Dead nodes run without gradient.
    ///
    /// # Panics
    /// If the batch does not have the graph's input shape, or libtorch runs out of memory.
    pub fn forward(&self, images: &Tensor, norm: Norm, tap: &mut dyn FnMut(Moment)) -> Forward {
        self.walk(images, norm, tap, false)
    }

    /// The same without batch norms and without overflow: whenever an activation grows beyond 2^256, all that are still
    /// needed are divided by a power of two, which [`Forward::exponent`] counts. Exact, and so is the gradient but for that
    /// power, since every operation here but the hyperbolic tangent and the logistic function (which get their true arguments) and the biases (which
    /// are divided too) is linear in its input's scale.
    ///
    /// # Panics
    /// As [`Network::forward`].
    pub fn forward_rescaled(&self, images: &Tensor) -> Forward {
        self.walk(images, Norm::Identity, &mut |_| {}, true)
    }

    fn walk(&self, images: &Tensor, norm: Norm, tap: &mut dyn FnMut(Moment), rescale: bool) -> Forward {
        let mut exponent = 0;
        let mut state: Vec<Option<Value>> = Vec::with_capacity(self.graph.nodes().len());
        let mut features = None;
        for (id, node) in self.graph.nodes().iter().enumerate() {
            let run = || self.run(id, node, &state, images, norm, exponent);
            let value = if node.live { run() } else { no_grad(run) };
            if let Value::One(output) = &value {
                let input = node.inputs.first().and_then(|&i| match alive(&state, i) {
                    Value::One(input) => Some(input),
                    Value::Parts(_) => None,
                });
                tap(Moment { id, node, input, output });
                if id == self.graph.features() {
                    features = Some(output.shallow_clone());
                }
            }
            state.push(Some(value));
            for &done in &self.last_use[id] {
                state[done] = None;
            }
            if rescale && state[id].as_ref().is_some_and(|value| value.magnitude() > LARGEST) {
                state.iter_mut().flatten().for_each(Value::shrink);
                exponent += SHRINK;
            }
        }
        let logits = alive(&state, self.graph.output()).one().shallow_clone();
        Forward { logits, exponent, features: features.expect("the feature map is a node of its own graph") }
    }

    pub(crate) fn run(&self, id: NodeId, node: &Node, state: &[Option<Value>], images: &Tensor, norm: Norm, exponent: i32) -> Value {
        let input = |k: usize| alive(state, node.inputs[k]).one();
        let kind = self.placement.dtype.kind();
        // Activations are divided by 2^exponent, so a bias must be, too.
        let scaled = |bias: &Tensor| if exponent == 0 { self.placement.round(bias) } else { bias * 2f64.powi(-exponent) };
        Value::One(match (&node.op, &self.slots[id]) {
            (Op::Conv2d(_) | Op::Linear(_), Slots::Layer(layer)) => {
                let Layer { weight, bias, .. } = &self.layers[*layer];
                self.layer_output(node, input(0), weight, bias.as_ref().map(scaled))
            }
            (Op::ConvTranspose2d(module), Slots::Transposed { weight, bias }) => {
                self.conv_transposed(*module, input(0), weight, Some(scaled(bias)))
            }
            (Op::BatchNorm2d(_), Slots::Norm(place)) => self.norms[*place].apply(input(0), norm),
            (Op::Relu, _) => input(0).relu(),
            (Op::LeakyRelu(slope), _) => {
                // tch has no slope argument; a factor without gradient gives PyTorch's own derivative, at 0 too.
                let factor = no_grad(|| input(0).ones_like().where_self(&input(0).gt(0.0), &input(0).full_like(slope.value())));
                input(0) * factor
            }
            (Op::Tanh, _) if exponent == 0 => input(0).tanh(),
            (Op::Tanh, _) => {
                let scale = 2f64.powi(-exponent.min(1_000));
                (input(0) / scale).tanh() * scale
            }
            (Op::Sigmoid, _) if exponent == 0 => input(0).sigmoid(),
            (Op::Sigmoid, _) => {
                let scale = 2f64.powi(-exponent.min(1_000));
                (input(0) / scale).sigmoid() * scale
            }
            (Op::Scale, _) if exponent == 0 => input(0) * input(1),
            // Both factors are divided, so the product would be twice.
            (Op::Scale, _) => input(0) * (input(1) * 2f64.powi(exponent.min(1_000))),
            (Op::AvgPool2d(pool), Slots::Pool(depthwise)) => depthwise.apply(*pool, input(0)),
            (Op::AvgPool2d(pool), _) => {
                let side = |n: usize| [n as i64; 2];
                input(0).avg_pool2d(side(pool.kernel), side(pool.stride), side(pool.padding), false, false, None::<i64>)
            }
            (Op::MaxPool2d(pool), _) => {
                let side = |n: usize| [n as i64; 2];
                input(0).max_pool2d(side(pool.kernel), side(pool.stride), side(pool.padding), [1, 1], false)
            }
            (Op::Concat, _) => {
                let maps: Vec<&Tensor> = (0..node.inputs.len()).map(input).collect();
                Tensor::cat(&maps, 1)
            }
            (Op::Slice { start, channels }, _) => input(0).narrow(1, *start as i64, *channels as i64),
            (Op::Shift, _) => {
                let map = input(0).constant_pad_nd([0, 1, 0, 1]);
                let [h, w] = [map.size()[2] - 1, map.size()[3] - 1];
                map.narrow(2, 1, h).narrow(3, 1, w)
            }
            (Op::Subsample(stride), _) => {
                let step = *stride as i64;
                input(0).slice(2, None, None, step).slice(3, None, None, step)
            }
            (Op::GlobalAvgPool, _) => input(0).mean_dim([2i64, 3].as_slice(), false, kind),
            (Op::TimesZero, _) => input(0) * 0.0,
            (Op::Add, _) => {
                // The running sum is this node's own, so adding to it in place overwrites nothing that autograd keeps.
                let mut sum = input(0).shallow_clone();
                for k in 1..node.inputs.len() {
                    sum = if k == 1 { sum + input(k) } else { sum.g_add_(input(k)) };
                }
                sum
            }
            (Op::Zeros, _) => {
                let mut shape = vec![images.size()[0]];
                match node.shape {
                    netgraph::Shape::Map { c, h, w } => shape.extend([c as i64, h as i64, w as i64]),
                    netgraph::Shape::Vector(n) => shape.push(n as i64),
                }
                Tensor::zeros(shape.as_slice(), (kind, self.placement.device))
            }
            (Op::Split(sizes), _) => {
                let sizes: Vec<i64> = sizes.iter().map(|&n| n as i64).collect();
                return Value::Parts(input(0).split_with_sizes(sizes.as_slice(), 1));
            }
            (Op::Part(part), _) => alive(state, node.inputs[0]).part(*part).shallow_clone(),
            (Op::Input, _) => images.shallow_clone(),
            (Op::Conv2d(_) | Op::ConvTranspose2d(_) | Op::Linear(_) | Op::BatchNorm2d(_), _) => {
                unreachable!("`new` gave every module its slot")
            }
        })
    }

    /// Output of a convolution or linear layer with this weight and bias, the bias in the type of the operands.
    pub(crate) fn layer_output(&self, node: &Node, input: &Tensor, weight: &Tensor, bias: Option<Tensor>) -> Tensor {
        let (input, weight) = (self.placement.round(input), self.placement.round(weight));
        let output = match &node.op {
            Op::Conv2d(modules) => {
                let Module::Conv2d(conv) = &self.graph.modules()[modules[0]] else { unreachable!("a convolution names convolutions") };
                let (stride, padding) = (conv.stride as i64, conv.padding as i64);
                input.conv2d(&weight, bias, [stride; 2], [padding; 2], [1, 1], conv.groups as i64)
            }
            Op::Linear(_) => input.linear(&weight, bias),
            _ => unreachable!("only convolutions and linear layers are layers"),
        };
        output.to_kind(self.placement.dtype.kind())
    }

    /// Output of a transposed convolution with this weight and bias, the bias in the type of the operands.
    pub(crate) fn conv_transposed(&self, module: ModuleId, input: &Tensor, weight: &Tensor, bias: Option<Tensor>) -> Tensor {
        let Module::ConvTranspose2d(conv) = &self.graph.modules()[module] else { unreachable!("a transposed convolution names one") };
        let pair = |n: usize| [n as i64; 2];
        let (stride, padding, more) = (pair(conv.stride), pair(conv.padding), pair(conv.output_padding));
        let (input, weight) = (self.placement.round(input), self.placement.round(weight));
        input.conv_transpose2d(&weight, bias, stride, padding, more, 1, [1, 1]).to_kind(self.placement.dtype.kind())
    }

    /// Gradient of a scalar with respect to the weight of every live layer, `None` for the others (their gradient is zero),
    /// in the order of [`Network::layers`]. With `keep_graph` the same forward pass can be differentiated again.
    ///
    /// # Errors
    /// [`crate::Error::Torch`] if the scalar does not depend on a live weight.
    pub fn gradients(&self, scalar: &Tensor, keep_graph: bool) -> Result<Vec<Option<Tensor>>, crate::Error> {
        let weights: Vec<&Tensor> = self.layers.iter().map(|l| &l.weight).filter(|w| w.requires_grad()).collect();
        let mut gradients = Tensor::f_run_backward(&[scalar], &weights, keep_graph, false)?.into_iter();
        Ok(self.layers.iter().map(|l| if l.weight.requires_grad() { gradients.next().filter(Tensor::defined) } else { None }).collect())
    }
}

/// A value that somebody still reads.
fn alive(state: &[Option<Value>], id: NodeId) -> &Value {
    state[id].as_ref().expect("a value lives until its last use")
}

/// For each node, the values nobody reads after it.
fn last_use(graph: &Graph) -> Vec<Vec<NodeId>> {
    let mut last_use = vec![Vec::new(); graph.nodes().len()];
    for (id, readers) in graph.consumers().iter().enumerate() {
        if id != graph.output() {
            last_use[readers.last().copied().unwrap_or(id)].push(id);
        }
    }
    last_use
}
