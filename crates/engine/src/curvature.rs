use netgraph::{Node, NodeId, Op};
use tch::{Kind, Tensor, no_grad};

use crate::network::{BatchNorm, Slots, Value};
use crate::{Error, Network, Norm};

/// What is known of a scalar `L` of the logits after a forward pass in [`Norm::Train`] and a backward pass, both of which can
/// still be differentiated.
#[derive(Debug)]
pub struct FirstOrder<'a> {
    /// What went in.
    pub images: &'a Tensor,
    /// Outputs by node, as taps got them; `None` where there are none.
    pub outputs: &'a [Option<Tensor>],
    /// Gradient of `L` with respect to the output of every node of [`Network::bending`]; `None` is zero.
    pub cotangents: &'a [Option<Tensor>],
    /// Direction `v` by layer, of the shape of its weight; `None` is zero.
    pub direction: &'a [Option<Tensor>],
}

/// The sweep from the images to the logits along `v`.
struct Sweep<'a> {
    network: &'a Network<'a>,
    known: &'a FirstOrder<'a>,
    /// Derivative of each node's output along `v`; `None` is zero.
    tangents: Vec<Option<Value>>,
    /// Scalars whose gradients, added, are those of `L`'s derivative along `v`.
    scalars: Vec<Tensor>,
    /// By layer and output channel: weight times the part of `H v` that comes from the tangents of its inputs.
    sums: Vec<Option<Tensor>>,
}

impl Network<'_> {
    /// Nodes whose output is not a piecewise linear function of their inputs and weights.
    #[must_use]
    pub fn bending(&self) -> Vec<NodeId> {
        let bends = |node: &Node| {
            node.live && matches!(node.op, Op::Conv2d(_) | Op::Linear(_) | Op::BatchNorm2d(_) | Op::Tanh | Op::Sigmoid | Op::Scale)
        };
        self.graph.nodes().iter().enumerate().filter(|(_, node)| bends(node)).map(|(id, _)| id).collect()
    }

    /// `w * (H v)` summed over the weights of each output channel `[c_out]`, by layer; `None` where it is zero. `H` is the
    /// Hessian of `L` with respect to the weights of the live layers, `hessian_of_loss` its product with a tangent of the logits.
    ///
    /// Costs four convolution passes where differentiating a backward pass costs six and a slow batch norm: `v` is carried
    /// forward once (Pearlmutter, "Fast Exact Multiplication by the Hessian", Neural Computation 1994), what bends there goes
    /// back through the graph of the forward pass that is there already, and the products with `w` are products of maps, since
    /// a convolution is linear in `w`.
    ///
    /// # Errors
    /// [`Error::Torch`], also those of `hessian_of_loss`.
    ///
    /// # Panics
    /// If outputs, cotangents and direction are of another network.
    pub fn curvature<E: From<Error>>(
        &self,
        known: &FirstOrder,
        hessian_of_loss: &dyn Fn(&Tensor) -> Result<Option<Tensor>, E>,
    ) -> Result<Vec<Option<Tensor>>, E> {
        let n = self.graph.nodes().len();
        let sums = self.layers.iter().map(|_| None).collect();
        let mut sweep = Sweep { network: self, known, tangents: (0..n).map(|_| None).collect(), scalars: Vec::new(), sums };
        for (id, node) in self.graph.nodes().iter().enumerate().filter(|(_, node)| node.live) {
            sweep.tangents[id] = sweep.tangent(id, node);
            for &done in self.last_use[id].iter().filter(|&&done| done != self.graph.output()) {
                sweep.tangents[done] = None;
            }
        }
        let output = self.graph.output();
        if let (Some(tangent), Some(logits)) = (&sweep.tangents[output], &known.outputs[output])
            && let Some(source) = hessian_of_loss(tangent.one())?
        {
            sweep.scalars.push(self.inner(&source, logits));
        }
        Ok(sweep.back()?)
    }

    /// Sum of products.
    fn inner(&self, a: &Tensor, b: &Tensor) -> Tensor {
        // Along the memory, so that nothing is copied.
        let flat = |tensor: &Tensor| match tensor.dim() {
            4 if self.placement.channels_last => tensor.permute([0, 2, 3, 1]).reshape([-1]),
            _ => tensor.reshape([-1]),
        };
        flat(a).dot(&flat(b))
    }
}

impl<'a> Sweep<'a> {
    /// Derivative of a node's output along `v`.
    fn tangent(&mut self, id: NodeId, node: &Node) -> Option<Value> {
        let network = self.network;
        match (&node.op, &network.slots[id]) {
            (Op::Input | Op::Zeros, _) => None,
            (Op::Conv2d(_) | Op::Linear(_), Slots::Layer(layer)) => self.through_layer(id, node, *layer),
            _ if node.inputs.iter().all(|&input| self.tangents[input].is_none()) => None,
            (Op::BatchNorm2d(_), Slots::Norm(place)) => Some(Value::One(self.through_norm(id, node, &network.norms[*place]))),
            (Op::ConvTranspose2d(module), Slots::Transposed { weight, .. }) => {
                Some(Value::One(no_grad(|| network.conv_transposed(*module, self.moved(node, 0), weight, None))))
            }
            (Op::Relu, _) => Some(Value::One(no_grad(|| self.output(id).threshold_backward(self.moved(node, 0), 0.0)))),
            (Op::LeakyRelu(slope), _) => Some(Value::One(no_grad(|| {
                let tangent = self.moved(node, 0);
                (tangent * slope.value()).where_self(&self.input(node).le(0.0), tangent)
            }))),
            (Op::Tanh, _) => {
                let (output, tangent) = (self.output(id).detach(), self.moved(node, 0));
                let slope = -output.square() + 1.0;
                if let Some(cotangent) = &self.known.cotangents[id] {
                    let bend = cotangent * &output * &slope * tangent * -2.0;
                    self.scalars.push(network.inner(&bend, self.input(node)));
                }
                Some(Value::One(slope * self.moved(node, 0)))
            }
            (Op::Sigmoid, _) => {
                let (output, tangent) = (self.output(id).detach(), self.moved(node, 0));
                let slope = (-&output + 1.0) * &output;
                if let Some(cotangent) = &self.known.cotangents[id] {
                    let bend = cotangent * (&output * -2.0 + 1.0) * &slope * tangent;
                    self.scalars.push(network.inner(&bend, self.input(node)));
                }
                Some(Value::One(slope * self.moved(node, 0)))
            }
            (Op::Scale, _) => Some(Value::One(self.through_scale(id, node))),
            (Op::MaxPool2d(pool), _) => Some(Value::One(no_grad(|| {
                let side = |n: usize| [n as i64; 2];
                let input = self.input(node);
                let (_, chosen) = input.max_pool2d_with_indices(side(pool.kernel), side(pool.stride), side(pool.padding), [1, 1], false);
                self.moved(node, 0).flatten(2, -1).gather(2, &chosen.flatten(2, -1), false).view_as(&chosen)
            }))),
            // Linear in its inputs.
            _ => Some(no_grad(|| {
                for &input in node.inputs.iter().filter(|&&input| !matches!(network.graph.node(input).op, Op::Split(_))) {
                    if self.tangents[input].is_none() {
                        self.tangents[input] = self.known.outputs[input].as_ref().map(|output| Value::One(output.zeros_like()));
                    }
                }
                network.run(id, node, &self.tangents, self.known.images, Norm::Train, 0)
            })),
        }
    }

    fn through_layer(&mut self, id: NodeId, node: &Node, layer: usize) -> Option<Value> {
        let network = self.network;
        // What the loss doesn't depend on.
        let cotangent = self.known.cotangents[id].as_ref()?;
        let through = |tangent: &Value| no_grad(|| network.layer_output(node, tangent.one(), &network.layers[layer].weight, None));
        let of_input = self.tangents[node.inputs[0]].as_ref().map(through);
        if let Some(part) = &of_input {
            self.add_to_sum(layer, &no_grad(|| by_channel(&(part * cotangent))));
        }
        let of_weight = self.known.direction[layer].as_ref().map(|direction| {
            let part = network.layer_output(node, self.input(node), direction, None);
            if part.requires_grad() {
                self.scalars.push(network.inner(cotangent, &part));
            }
            part.detach()
        });
        match (of_input, of_weight) {
            (Some(a), Some(b)) => Some(Value::One(no_grad(|| a + b))),
            (one, other) => one.or(other).map(Value::One),
        }
    }

    /// `d(x g) = dx g + x dg`, one `g` a channel; the gradients of the product turn with the other factor.
    fn through_scale(&mut self, id: NodeId, node: &Node) -> Tensor {
        let (x, gate) = (self.input(node), self.output(node.inputs[1]));
        let tangent_of = |k: usize| self.tangents[node.inputs[k]].as_ref().map(Value::one);
        let (dx, d_gate) = (tangent_of(0), tangent_of(1));
        let tangent = no_grad(|| match (dx.map(|dx| dx * gate), d_gate.map(|d_gate| x * d_gate)) {
            (Some(a), Some(b)) => a + b,
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => x.zeros_like(),
        });
        let mut scalars = Vec::new();
        if let Some(cotangent) = &self.known.cotangents[id] {
            if let Some(d_gate) = d_gate.filter(|_| x.requires_grad()) {
                scalars.push(self.network.inner(&no_grad(|| cotangent * d_gate), x));
            }
            if let Some(dx) = dx.filter(|_| gate.requires_grad()) {
                let of_gate = no_grad(|| (cotangent * dx).sum_dim_intlist([2i64, 3].as_slice(), true, None::<Kind>));
                scalars.push(self.network.inner(&of_gate, gate));
            }
        }
        self.scalars.extend(scalars);
        tangent
    }

    /// With `x_hat = (x - mean) * r` and `y = scale / r * x_hat + bias`, where `scale` is `r` times the weight:
    /// `dy = scale * (dx - mean(dx) - x_hat * mean(x_hat * dx))`. The backward pass is the same map of the cotangent `g`, so its
    /// derivative along `dx` is a combination of `g`, `x_hat` and `dx` with one coefficient a channel.
    fn through_norm(&mut self, id: NodeId, node: &Node, norm: &BatchNorm) -> Tensor {
        let x = self.input(node);
        let (tangent, bend) = no_grad(|| {
            let dx = self.moved(node, 0);
            let (x_hat, _, r) = x.native_batch_norm::<&Tensor>(None, None, None, None, true, 0.0, norm.eps);
            let channels = x.size()[1];
            let (r, weight) = (r.view([1, channels, 1, 1]), norm.weight.view([1, channels, 1, 1]));
            let scale = &r * weight;
            let mean = |map: &Tensor| {
                let count = (map.numel() as i64 / channels) as f64;
                map.sum_dim_intlist([0i64, 2, 3].as_slice(), true, None::<Kind>) / count
            };
            let (dx_mean, dx_along) = (mean(dx), mean(&(&x_hat * dx)));
            let tangent = (-&scale * &dx_mean).addcmul(dx, &scale).addcmul_(&x_hat, &(-&scale * &dx_along));
            let bend = self.known.cotangents[id].as_ref().map(|g| {
                let (g_mean, g_along) = (mean(g), mean(&(&x_hat * g)));
                let both = (mean(&(g * dx)) - &dx_mean * &g_mean - &dx_along * &g_along) * &r;
                // The derivative of r along dx is -r * shrink.
                let shrink = &r * &dx_along;
                let of_g = -&shrink * &scale;
                let of_x_hat = &scale * (&shrink * &g_along * 2.0 - both);
                let of_dx = -&scale * &r * &g_along;
                let constant = &scale * (&shrink * &g_mean + &r * &g_along * &dx_mean);
                constant.addcmul(g, &of_g).addcmul_(&x_hat, &of_x_hat).addcmul_(dx, &of_dx)
            });
            (tangent, bend)
        });
        if let Some(bend) = bend.filter(|_| x.requires_grad()) {
            self.scalars.push(self.network.inner(&bend, x));
        }
        tangent
    }

    /// Goes back from all that bends to the outputs of the layers.
    fn back(mut self) -> Result<Vec<Option<Tensor>>, Error> {
        let network = self.network;
        let of_layer = |id: NodeId| match &network.slots[id] {
            Slots::Layer(layer) => Some((id, *layer, self.known.outputs[id].as_ref().filter(|output| output.requires_grad())?)),
            _ => None,
        };
        let ends: Vec<(NodeId, usize, &Tensor)> = network.bending().into_iter().filter_map(of_layer).collect();
        let scalars: Vec<&Tensor> = self.scalars.iter().filter(|scalar| scalar.requires_grad()).collect();
        if scalars.is_empty() {
            return Ok(self.sums);
        }
        let outputs: Vec<&Tensor> = ends.iter().map(|(_, _, output)| *output).collect();
        let gradients = Tensor::f_run_backward(&scalars, &outputs, true, false)?;
        for ((_, layer, output), gradient) in ends.into_iter().zip(gradients).filter(|(_, gradient)| gradient.defined()) {
            let sum = no_grad(|| match &network.layers[layer].bias {
                Some(bias) => by_channel(&(output * &gradient)) - bias * by_channel(&gradient),
                None => by_channel(&(output * gradient)),
            });
            self.add_to_sum(layer, &sum);
        }
        Ok(self.sums)
    }

    fn add_to_sum(&mut self, layer: usize, sum: &Tensor) {
        self.sums[layer] = Some(self.sums[layer].as_ref().map_or_else(|| sum.shallow_clone(), |before| before + sum));
    }

    fn output(&self, id: NodeId) -> &'a Tensor {
        self.known.outputs[id].as_ref().expect("taps saw every output")
    }

    /// Value of a node's first input.
    fn input(&self, node: &Node) -> &'a Tensor {
        self.output(node.inputs[0])
    }

    /// Tangent of input number `k`.
    fn moved(&self, node: &Node, k: usize) -> &Tensor {
        self.tangents[node.inputs[k]].as_ref().expect("looked at before").one()
    }
}

/// Sum over all but the second dimension.
fn by_channel(map: &Tensor) -> Tensor {
    let others: Vec<i64> = (0..map.dim() as i64).filter(|&d| d != 1).collect();
    map.sum_dim_intlist(others.as_slice(), false, None::<Kind>)
}
