use tch::{Device, Kind, Tensor};

use crate::Error;

/// Floating-point type of weights, activations and gradients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum DType {
    /// 32 bits.
    #[default]
    F32,
    /// 64 bits.
    F64,
    /// Convolutions and linear layers in bfloat16 (8 bits of precision), everything else and all stored values in f32.
    Bf16Mixed,
}

impl DType {
    /// Every dtype.
    pub const ALL: [Self; 3] = [Self::F32, Self::F64, Self::Bf16Mixed];

    /// `f32`, `f64` or `bf16-mixed`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::Bf16Mixed => "bf16-mixed",
        }
    }

    /// The dtype of that name.
    ///
    /// # Errors
    /// [`Error::Unknown`].
    pub fn parse(name: &str) -> Result<Self, Error> {
        let known = || Self::ALL.map(Self::name).join(", ");
        Self::ALL.into_iter().find(|d| d.name() == name).ok_or_else(|| Error::Unknown { what: "dtype", got: name.into(), known: known() })
    }

    /// libtorch's name for the type of stored values.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            Self::F32 | Self::Bf16Mixed => Kind::Float,
            Self::F64 => Kind::Double,
        }
    }
}

/// Where tensors live and in which type and layout.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placement {
    /// Device of every tensor.
    pub device: Device,
    /// Type of every tensor.
    pub dtype: DType,
    /// Whether maps and kernels are laid out channels-last (`[batch, h, w, c]` in memory).
    pub channels_last: bool,
}

impl Default for Placement {
    fn default() -> Self {
        Self::new(Device::Cpu, DType::F32)
    }
}

impl Placement {
    /// The fastest layout for a device and dtype: channels-last in f32. libtorch's f64 convolutions on the CPU know only
    /// the plain layout and would copy back and forth.
    #[must_use]
    pub const fn new(device: Device, dtype: DType) -> Self {
        Self { device, dtype, channels_last: !matches!(dtype, DType::F64) }
    }

    /// A tensor of these values (flat, row-major) and shape, rounded to the dtype.
    ///
    /// # Errors
    /// [`Error::Batch`] if the number of values is not the shape's, [`Error::Torch`] if there is no memory for it.
    pub fn tensor(&self, values: &[f64], shape: &[i64]) -> Result<Tensor, Error> {
        let expected = shape.iter().product::<i64>() as usize;
        if expected != values.len() {
            return Err(Error::Batch { shape: shape.to_vec(), expected, got: values.len() });
        }
        Ok(self.relayout(&Tensor::f_from_slice(values)?.f_view(shape)?.f_to_kind(self.dtype.kind())?.f_to_device(self.device)?))
    }

    /// Class labels on the device.
    ///
    /// # Errors
    /// [`Error::Torch`] if there is no memory for it.
    pub fn labels(&self, labels: &[i64]) -> Result<Tensor, Error> {
        Ok(Tensor::f_from_slice(labels)?.f_to_device(self.device)?)
    }

    /// An operand of a convolution or linear layer: rounded to bfloat16 in mixed precision, else as it is.
    pub(crate) fn round(&self, tensor: &Tensor) -> Tensor {
        if self.dtype == DType::Bf16Mixed { tensor.to_kind(Kind::BFloat16) } else { tensor.shallow_clone() }
    }

    /// The same four-dimensional tensor in this layout. tch has no memory-format argument; permuting there and back does it.
    pub fn relayout(&self, tensor: &Tensor) -> Tensor {
        if self.channels_last && tensor.dim() == 4 {
            tensor.permute([0, 2, 3, 1]).contiguous().permute([0, 3, 1, 2])
        } else {
            tensor.contiguous()
        }
    }
}

/// The device of that name: `cpu`, `cuda` or `cuda:N`.
///
/// # Errors
/// [`Error::Device`] for a name that is none, and for a CUDA device that this libtorch or this machine does not have.
pub fn parse_device(name: &str) -> Result<Device, Error> {
    let wrong = |reason: String| Error::Device { device: name.into(), reason };
    let number = match name {
        "cpu" => return Ok(Device::Cpu),
        "cuda" => Ok(0),
        _ => name.strip_prefix("cuda:").unwrap_or("none").parse::<usize>(),
    };
    let number = number.map_err(|_| wrong("no such device".into()))?;
    let found = tch::Cuda::device_count();
    if found <= number as i64 {
        return Err(wrong(format!("this libtorch sees {found} CUDA devices")));
    }
    Ok(Device::Cuda(number))
}

/// Makes libtorch run operations called from this thread on this thread alone. The count is kept per calling thread, so
/// every worker calls it: one single-threaded worker per core beats libtorch's own threads on networks of this size.
pub fn use_one_thread() {
    tch::set_num_threads(1);
}

/// Makes the allocator keep freed memory for the next tensor instead of handing pages back to the system, which would fault
/// them in again: one network frees and asks for the same few megabytes hundreds of times. Call it once, at the start of a
/// program, and [`give_back_memory`] between networks. On Linux the allocator is mimalloc, linked in place of glibc's for
/// libtorch as well: glibc's either gives memory back at once or has all threads wait for one lock, which takes a tenth of the
/// time of scoring and more than half of that of training small networks. Elsewhere this does nothing.
pub fn keep_freed_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        /// `mi_option_purge_delay` of `mimalloc.h`, which the bindings leave out: milliseconds before freed pages are given
        /// back. Never (-1) would keep [`give_back_memory`] from doing so, too; ten days are as good.
        const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;
        const LONG: std::ffi::c_long = 864_000_000;
        // SAFETY: it sets a number that exists in every version of the library.
        unsafe { libmimalloc_sys::mi_option_set(PURGE_DELAY, LONG) };
    }
}

/// Gives memory that this thread has freed back to the system, if the program holds more than two thirds of the machine's: a
/// large network leaves pieces of sizes that the next one has no use for. A worker calls it between networks.
pub fn give_back_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        let mut committed = 0;
        let none = std::ptr::null_mut;
        // SAFETY: sysconf reads numbers of the system, the library fills in the number whose place is named, and collecting
        // frees nothing that is in use.
        unsafe {
            let machine = libc::sysconf(libc::_SC_PHYS_PAGES).max(0) as usize * libc::sysconf(libc::_SC_PAGESIZE).max(0) as usize;
            libmimalloc_sys::mi_process_info(none(), none(), none(), none(), none(), &raw mut committed, none(), none());
            if committed > machine / 3 * 2 {
                libmimalloc_sys::mi_collect(true);
            }
        }
    }
}

/// Keeps NVIDIA's libraries from rounding f32 products to TF32, which libtorch allows in convolutions and which would change
/// scores. Call it once, first thing in `main`: the libraries read the variable when the device is first used.
///
/// # Safety
/// No other thread may be running, since this sets an environment variable.
pub unsafe fn forbid_reduced_precision() {
    // SAFETY: the caller says that this is the only thread.
    unsafe { std::env::set_var("NVIDIA_TF32_OVERRIDE", "0") };
}

/// Has MKL, libtorch's library for matrices on the CPU, add up in an order that does not depend on where in memory a matrix lies. On
/// Intel's processors it otherwise does, so that what ran before decides the last digits. A choice that is set already stays. Call it
/// once, first thing in `main`: the library reads the variable when it is first used.
///
/// # Safety
/// No other thread may be running, since this sets an environment variable.
pub unsafe fn ignore_alignment() {
    if std::env::var_os("MKL_CBWR").is_none() {
        // SAFETY: the caller says that this is the only thread.
        unsafe { std::env::set_var("MKL_CBWR", "AUTO,STRICT") };
    }
}

/// Version of libtorch that tch binds.
#[must_use]
pub const fn libtorch_version() -> &'static str {
    "2.13.0"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absent_device_is_an_error() {
        assert_eq!(parse_device("cpu").unwrap(), Device::Cpu);
        for name in ["cuda:99", "gpu", "cuda:x", ""] {
            assert!(parse_device(name).unwrap_err().to_string().contains("scripts/setup --cuda"), "{name}");
        }
    }

    #[test]
    fn a_batch_of_another_size_is_an_error() {
        assert!(Placement::default().tensor(&[0.0; 5], &[1, 3, 1, 1]).unwrap_err().to_string().contains("got 5"));
    }
}
