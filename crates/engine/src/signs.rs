use tch::{Device, Kind, Tensor};

/// Kernel between samples of how many ReLU inputs agree in sign: `K[i][j]` = number of units where both are positive or
/// both are not. Equal to `sum of c c^T + (1 - c)(1 - c)^T` over ReLUs, since that counts agreeing bits; here it is the
/// number of units minus the Hamming distance of packed codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignKernel {
    batch: usize,
    units: u64,
    /// Hamming distances, row-major, upper triangle filled.
    distances: Vec<u64>,
}

impl SignKernel {
    /// No ReLU seen yet.
    #[must_use]
    pub fn new(batch: usize) -> Self {
        Self { batch, units: 0, distances: vec![0; batch * batch] }
    }

    /// Counts one ReLU by its input or its output (both are positive for the same units), `[batch, ...]`, `multiplicity`
    /// times. From another device than the CPU only the kernel is copied.
    pub fn push(&mut self, activation: &Tensor, multiplicity: usize) {
        let units = activation.numel() / self.batch;
        self.units += (units * multiplicity) as u64;
        if activation.device() == Device::Cpu {
            // Channels-last maps are dense as they lie; the order of units is free as long as samples share it.
            let dense = if activation.dim() == 4 { activation.detach().permute([0, 2, 3, 1]) } else { activation.detach() };
            let dense = if dense.is_contiguous() { dense } else { activation.detach().contiguous() };
            let (batch, weight, distances) = (self.batch, multiplicity as u64, &mut self.distances);
            match dense.kind() {
                Kind::Float => add_distances(view::<f32>(&dense), batch, weight, distances),
                Kind::Double => add_distances(view::<f64>(&dense), batch, weight, distances),
                _ => add_distances(view::<f64>(&dense.to_kind(Kind::Double)), batch, weight, distances),
            }
        } else {
            self.push_by_product(activation, multiplicity);
        }
    }

    /// The same by matrix products, for devices without cheap bit operations: counts below 2^24 are exact in f32, so
    /// units go in chunks of that size, summed in f64.
    fn push_by_product(&mut self, activation: &Tensor, multiplicity: usize) {
        const CHUNK: i64 = 1 << 23;
        let codes = activation.detach().reshape([self.batch as i64, -1]).gt(0.0);
        let n = self.batch as i64;
        let mut distances = Tensor::zeros([n, n], (Kind::Double, activation.device()));
        for chunk in codes.split(CHUNK, 1) {
            let c = chunk.to_kind(Kind::Float);
            let both = c.matmul(&c.transpose(0, 1)).to_kind(Kind::Double);
            let ones = both.diagonal(0, 0, 1);
            distances += ones.unsqueeze(0) + ones.unsqueeze(1) - 2.0 * both;
        }
        let mut flat = vec![0.0f64; self.batch * self.batch];
        distances.to_device(Device::Cpu).contiguous().copy_data(&mut flat, self.batch * self.batch);
        for (i, row) in flat.chunks(self.batch).enumerate() {
            for (j, distance) in row.iter().enumerate().skip(i + 1) {
                self.distances[i * self.batch + j] += *distance as u64 * multiplicity as u64;
            }
        }
    }

    /// Number of samples.
    #[must_use]
    pub const fn batch(&self) -> usize {
        self.batch
    }

    /// Units seen, with multiplicity: the diagonal of the kernel.
    #[must_use]
    pub const fn units(&self) -> u64 {
        self.units
    }

    /// The kernel, row-major `[batch, batch]`, whole numbers.
    #[must_use]
    pub fn kernel(&self) -> Vec<f64> {
        let n = self.batch;
        let at = |i: usize, j: usize| self.distances[i.min(j) * n + i.max(j)];
        (0..n * n).map(|k| (self.units - at(k / n, k % n)) as f64).collect()
    }

    /// Number of samples that differ from one another in some unit.
    #[must_use]
    pub fn distinct(&self) -> usize {
        let n = self.batch;
        (0..n).filter(|&j| (0..j).all(|i| self.distances[i * n + j] > 0)).count()
    }

    /// Whether the kernel has no inverse: two samples agree everywhere, or so few units differ that the samples' codes depend on each
    /// other. Decided exactly: elimination in floats would leave rounding noise in the place of zero.
    #[must_use]
    pub fn is_singular(&self) -> bool {
        /// A Mersenne prime. A determinant other than 0 is a multiple of it by chance only, once in 2^61.
        const PRIME: u64 = (1 << 61) - 1;
        // 2^61 is 1 modulo the prime: what is above 61 bits is added instead of dividing.
        let times = |a: u64, b: u64| {
            let product = u128::from(a) * u128::from(b);
            let folded = (product as u64 & PRIME) + (product >> 61) as u64;
            if folded >= PRIME { folded - PRIME } else { folded }
        };
        let n = self.batch;
        let at = |i: usize, j: usize| self.distances[i.min(j) * n + i.max(j)];
        let mut m: Vec<u64> = (0..n * n).map(|k| (self.units - at(k / n, k % n)) % PRIME).collect();
        for k in 0..n {
            let Some(pivot) = (k..n).find(|&i| m[i * n + k] != 0) else { return true };
            for j in k..n {
                m.swap(k * n + j, pivot * n + j);
            }
            // Rows times the pivot instead of a division: no inverse is needed to see a zero.
            for i in k + 1..n {
                let (pivot, factor) = (m[k * n + k], m[i * n + k]);
                for j in k + 1..n {
                    let (own, other) = (times(m[i * n + j], pivot), times(m[k * n + j], factor));
                    m[i * n + j] = if own >= other { own - other } else { own + (PRIME - other) };
                }
            }
        }
        false
    }

    /// `ln |det K|` by LU in f64; `None` where the kernel is singular or empty.
    #[must_use]
    pub fn log_abs_determinant(&self) -> Option<f64> {
        if self.is_singular() {
            return None;
        }
        let n = self.batch;
        let mut m = self.kernel();
        let mut log = 0.0;
        for k in 0..n {
            let pivot = (k..n).max_by(|&a, &b| m[a * n + k].abs().total_cmp(&m[b * n + k].abs()))?;
            if m[pivot * n + k] == 0.0 {
                return None;
            }
            for j in 0..n {
                m.swap(k * n + j, pivot * n + j);
            }
            log += m[k * n + k].abs().ln();
            for i in k + 1..n {
                let factor = m[i * n + k] / m[k * n + k];
                for j in k + 1..n {
                    m[i * n + j] -= factor * m[k * n + j];
                }
            }
        }
        (n > 0).then_some(log)
    }
}

/// The elements of a dense CPU tensor.
fn view<T: tch::kind::Element>(tensor: &Tensor) -> &[T] {
    debug_assert!(tensor.is_contiguous() && tensor.device() == Device::Cpu && tensor.kind() == T::KIND);
    // SAFETY: the callers matched the kind and made the tensor contiguous on the CPU, so `data_ptr` points at `numel`
    // initialised elements of `T`, which live and stay unchanged as long as the borrow of `tensor`.
    unsafe { std::slice::from_raw_parts(tensor.data_ptr().cast::<T>(), tensor.numel()) }
}

/// Adds for every pair of samples in how many of their values the signs differ, `weight` times.
fn add_distances<T: Copy + PartialOrd + Default>(values: &[T], batch: usize, weight: u64, distances: &mut [u64]) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("popcnt") && is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has the features that the function is compiled for, as just asked.
        unsafe { add_distances_x86(values, batch, weight, distances) };
        return;
    }
    add_distances_portable(values, batch, weight, distances);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "popcnt,avx2")]
fn add_distances_x86<T: Copy + PartialOrd + Default>(values: &[T], batch: usize, weight: u64, distances: &mut [u64]) {
    add_distances_portable(values, batch, weight, distances);
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "so that the caller's target features reach the loop")]
fn add_distances_portable<T: Copy + PartialOrd + Default>(values: &[T], batch: usize, weight: u64, distances: &mut [u64]) {
    let units = values.len() / batch;
    let words = units.div_ceil(64);
    let mut codes = vec![0u64; batch * words];
    for (sample, code) in values.chunks_exact(units.max(1)).zip(codes.chunks_exact_mut(words.max(1))) {
        pack(sample, code);
    }
    for i in 0..batch {
        let a = &codes[i * words..(i + 1) * words];
        for j in i + 1..batch {
            let b = &codes[j * words..(j + 1) * words];
            let distance: u64 = a.iter().zip(b).map(|(x, y)| u64::from((x ^ y).count_ones())).sum();
            distances[i * batch + j] += distance * weight;
        }
    }
}

/// Bit `k` of word `w`: whether value `64 w + k` is positive.
#[inline(always)]
#[expect(clippy::inline_always, reason = "as above")]
fn pack<T: Copy + PartialOrd + Default>(values: &[T], code: &mut [u64]) {
    let (whole, rest) = values.as_chunks::<64>();
    for (chunk, word) in whole.iter().zip(&mut *code) {
        // To bytes first, which vector instructions do; then eight of them to a byte: the product moves byte k's bit to bit 56 + k,
        // where no other lands.
        let bytes = chunk.map(|value| u8::from(value > T::default()));
        let (eights, _) = bytes.as_chunks::<8>();
        *word = eights
            .iter()
            .enumerate()
            .fold(0, |bits, (k, eight)| bits | (u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * k));
    }
    if let Some(last) = code.get_mut(whole.len()) {
        *last = rest.iter().enumerate().fold(0, |bits, (k, value)| bits | u64::from(*value > T::default()) << k);
    }
}

#[cfg(test)]
mod tests {
    use netgraph::rng::Stream;

    use super::*;

    fn noise(shape: &[i64], stream: u64) -> Tensor {
        let n = shape.iter().product::<i64>() as u64;
        let values: Vec<f32> = (0..n).map(|i| Stream::new(3, stream).normal(i) as f32).collect();
        Tensor::from_slice(&values).view(shape)
    }

    #[test]
    fn bits_products_and_the_definition_agree() {
        let [mut by_bits, mut of_doubles, mut portable, mut by_product] = [(); 4].map(|()| SignKernel::new(5));
        let mut by_definition = vec![0.0; 25];
        for (stream, multiplicity) in [(1, 1), (2, 3)] {
            let x = noise(&[5, 3, 7, 9], stream);
            let channels_last = x.permute([0, 2, 3, 1]).contiguous().permute([0, 3, 1, 2]);
            by_bits.push(if stream == 1 { &x } else { &channels_last }, multiplicity);
            of_doubles.push(&x.to_kind(Kind::Double), multiplicity);
            add_distances_portable(view::<f32>(&x), 5, multiplicity as u64, &mut portable.distances);
            by_product.push_by_product(&x, multiplicity);
            for kernel in [&mut portable, &mut by_product] {
                kernel.units += 3 * 7 * 9 * multiplicity as u64;
            }
            let c = x.reshape([5, -1]).gt(0.0).to_kind(Kind::Double);
            let not: Tensor = 1.0 - &c;
            let k = (c.matmul(&c.transpose(0, 1)) + not.matmul(&not.transpose(0, 1))) * multiplicity as f64;
            for (i, value) in by_definition.iter_mut().enumerate() {
                *value += k.double_value(&[i as i64 / 5, i as i64 % 5]);
            }
        }
        for kernel in [by_bits, of_doubles, portable, by_product] {
            assert_eq!(kernel.kernel(), by_definition);
        }
    }

    #[test]
    fn more_samples_than_units_tell_apart_have_no_determinant() {
        // All four codes of two units: the kernel has rank 3, and elimination in floats finds -34.66.
        let x = Tensor::from_slice(&[-1.0, -1.0, -1.0, 1.0, 1.0, -1.0, 1.0, 1.0]).view([4, 2]);
        let mut kernel = SignKernel::new(4);
        kernel.push(&x, 1);
        assert_eq!((kernel.distinct(), kernel.is_singular(), kernel.log_abs_determinant()), (4, true, None));
        // A unit more tells the fourth apart.
        kernel.push(&Tensor::from_slice(&[-1.0, -1.0, -1.0, 1.0]).view([4, 1]), 1);
        let determinant = kernel.log_abs_determinant();
        assert!(!kernel.is_singular() && determinant.is_some_and(f64::is_finite), "{determinant:?}");
        for (samples, units, singular) in [(32, 20, true), (32, 200, false), (64, 64, false), (66, 64, true)] {
            let mut kernel = SignKernel::new(samples);
            kernel.push(&noise(&[samples as i64, units], 5), 1);
            assert_eq!(kernel.is_singular(), singular, "{samples} samples, {units} units");
        }
    }

    #[test]
    fn identical_samples_have_no_determinant() {
        let x = noise(&[1, 2, 4, 4], 1);
        let mut kernel = SignKernel::new(2);
        kernel.push(&Tensor::cat(&[&x, &x], 0), 1);
        assert_eq!(kernel.log_abs_determinant(), None);
    }

    #[test]
    fn the_determinant_of_two_samples_is_that_of_the_formula() {
        let mut kernel = SignKernel::new(2);
        kernel.push(&Tensor::from_slice(&[1.0f64, 1.0, -1.0, 1.0, -1.0, -1.0]).view([2, 3]), 1);
        // K = [[3, 2], [2, 3]], determinant 5.
        assert_eq!(kernel.kernel(), [3.0, 2.0, 2.0, 3.0]);
        assert!((kernel.log_abs_determinant().unwrap() - 5f64.ln()).abs() < 1e-15);
    }
}
