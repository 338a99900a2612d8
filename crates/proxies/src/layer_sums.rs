use netgraph::ModuleId;
use tch::{Kind, Tensor};

/// Sums over the weights of each layer, in canonical order, although several layers may lie in one tensor (fused) and dead
/// ones have none. Sums are f64 and stay on the device until one transfer at the end.
#[derive(Debug, Default)]
pub struct LayerSums<const K: usize> {
    modules: Vec<ModuleId>,
    sums: Vec<[Tensor; K]>,
}

impl<const K: usize> LayerSums<K> {
    /// Adds a layer: K quantities of its weight's shape. Fused modules lie along the first dimension, in equal shares.
    pub fn push(&mut self, modules: &[ModuleId], quantities: [Tensor; K]) {
        let rows = modules.len() as i64;
        self.sums.push(quantities.map(|q| q.reshape([rows, -1]).sum_dim_intlist([1i64].as_slice(), false, Kind::Double)));
        self.modules.extend_from_slice(modules);
    }

    /// The sums of each module of `order`; 0 where none was pushed, the total where several were.
    #[must_use]
    pub fn finish(&self, order: &[ModuleId]) -> [Vec<f64>; K] {
        let mut of_module = vec![[0.0; K]; order.iter().max().map_or(0, |last| last + 1)];
        if !self.sums.is_empty() {
            for k in 0..K {
                let column: Vec<&Tensor> = self.sums.iter().map(|sums| &sums[k]).collect();
                for (&module, sum) in self.modules.iter().zip(to_vec(&Tensor::cat(&column, 0))) {
                    if let Some(of_module) = of_module.get_mut(module) {
                        of_module[k] += sum;
                    }
                }
            }
        }
        std::array::from_fn(|k| order.iter().map(|&module| of_module[module][k]).collect())
    }
}

/// The values of a tensor, flat, in f64.
#[must_use]
pub fn to_vec(tensor: &Tensor) -> Vec<f64> {
    let mut values = vec![0.0; tensor.numel()];
    tensor.detach().to_kind(Kind::Double).to_device(tch::Device::Cpu).contiguous().copy_data(&mut values, tensor.numel());
    values
}

/// Whether no element is NaN or infinite.
pub(crate) fn is_finite(tensor: &Tensor) -> bool {
    tensor.detach().isfinite().all().int64_value(&[]) != 0
}

/// Eigenvalues of a symmetric matrix, or of each of several `[..., n, n]`, smallest first; NaN if an entry is not finite, which LAPACK is
/// not to be asked about.
pub fn eigenvalues(matrix: &Tensor) -> Tensor {
    if is_finite(matrix) { matrix.linalg_eigvalsh("L") } else { matrix.select(-1, 0).full_like(f64::NAN) }
}

/// Singular values of a matrix, or of each of several `[..., m, n]`, largest first; NaN if an entry is not finite.
pub fn singular_values(matrix: &Tensor) -> Tensor {
    if !is_finite(matrix) {
        let size = matrix.size();
        // The shorter side is left.
        let longer = if size[size.len() - 2] < size[size.len() - 1] { -1 } else { -2 };
        return matrix.select(longer, 0).full_like(f64::NAN);
    }
    // tch's `linalg_svdvals` always passes a driver's name, which libtorch refuses on the CPU.
    let (_, values, _) = matrix.svd(true, false);
    values
}
