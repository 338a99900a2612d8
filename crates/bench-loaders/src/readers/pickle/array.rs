use super::store::{Atom, Object, Store, Val};
use super::{Problem, Value};

/// Type of the elements of a `NumPy` array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dtype {
    /// `f` float, `i` signed, `u` unsigned, `b` boolean, `O` object, `S` bytes, `U` text, `V` anything.
    pub kind: u8,
    /// Bytes of an element (for `U`: code points).
    pub size: u32,
    /// Whether the bytes of an element are in big-endian order.
    pub big_endian: bool,
}

impl Dtype {
    /// Reads `f8`, `<i4`, `|b1`, `O8`, ...
    pub(super) fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix(['<', '>', '|', '=']).unwrap_or(text);
        let big_endian = text.starts_with('>');
        let (&kind, digits) = rest.as_bytes().split_first()?;
        let size = std::str::from_utf8(digits).ok()?.parse().ok()?;
        let fits = match kind {
            b'f' => matches!(size, 2 | 4 | 8),
            b'i' | b'u' => matches!(size, 1 | 2 | 4 | 8),
            b'b' => size == 1,
            b'O' => size == 8 || size == 4,
            b'S' | b'U' | b'V' => digits.iter().all(u8::is_ascii_digit),
            _ => false,
        };
        fits.then_some(Self { kind, size, big_endian })
    }

    /// One element as a number on the stack.
    pub(super) fn scalar(self, bytes: &[u8]) -> Option<Val> {
        if bytes.len() != self.size as usize {
            return None;
        }
        match self.kind {
            b'f' if self.size > 2 => Some(Val::Float(self.float(bytes))),
            b'i' => Some(Val::Int(self.int(bytes))),
            b'u' => i64::try_from(self.int(bytes) as u64 & (u64::MAX >> (64 - 8 * self.size))).ok().map(Val::Int),
            b'b' => Some(Val::Bool(bytes[0] != 0)),
            _ => None,
        }
    }

    /// Sign-extended; at most eight bytes.
    fn int(self, bytes: &[u8]) -> i64 {
        let mut eight = [0; 8];
        eight[..bytes.len()].copy_from_slice(bytes);
        if self.big_endian {
            eight[..bytes.len()].reverse();
        }
        let unused = 64 - 8 * bytes.len() as u32;
        i64::from_le_bytes(eight) << unused >> unused
    }

    /// Four or eight bytes.
    fn float(self, bytes: &[u8]) -> f64 {
        let bits = self.int(bytes);
        if bytes.len() == 4 { f64::from(f32::from_bits(bits as u32)) } else { f64::from_bits(bits as u64) }
    }

    fn name(self) -> String {
        format!("{}{}{}", if self.big_endian { ">" } else { "" }, char::from(self.kind), self.size)
    }
}

/// An array as the pickle holds it.
#[derive(Debug)]
pub struct ArrayObject {
    pub shape: Vec<usize>,
    pub dtype: Dtype,
    pub fortran: bool,
    /// Bytes, or a list of the elements for `O`.
    pub data: Val,
}

/// A `NumPy` array.
#[derive(Clone, Copy, Debug)]
pub struct Array<'a> {
    store: &'a Store,
    array: &'a ArrayObject,
}

impl<'a> Array<'a> {
    pub(super) fn new(store: &'a Store, array: &'a ArrayObject) -> Self {
        Self { store, array }
    }

    /// Length of each dimension.
    pub fn shape(&self) -> &'a [usize] {
        &self.array.shape
    }

    /// Type of the elements.
    pub fn dtype(&self) -> Dtype {
        self.array.dtype
    }

    /// Whether the first index runs fastest in the data. (Otherwise the last does.)
    pub fn fortran_order(&self) -> bool {
        self.array.fortran
    }

    /// Number of elements: the product of the shape.
    ///
    /// # Errors
    /// [`Problem::Wrong`] if that is no number of this machine.
    pub fn count(&self) -> Result<usize, Problem> {
        let product = self.shape().iter().try_fold(1_usize, |product, n| product.checked_mul(*n));
        product.ok_or_else(|| Problem::wrong("an array", format!("one of the impossible shape {:?}", self.shape())))
    }

    /// The elements as they are in memory, in the data's order.
    ///
    /// # Errors
    /// [`Problem::Wrong`] if their number is not that of the shape, or they are objects.
    pub fn bytes(&self) -> Result<&'a [u8], Problem> {
        let bytes = self.store.value(self.array.data).bytes()?;
        let width = self.dtype().size as usize * if self.dtype().kind == b'U' { 4 } else { 1 };
        let expected = self.count()?.checked_mul(width);
        if self.dtype().kind == b'O' || expected != Some(bytes.len()) {
            let got = format!("{} bytes of {} with the shape {:?}", bytes.len(), self.dtype().name(), self.shape());
            return Err(Problem::wrong("the elements of an array", got));
        }
        Ok(bytes)
    }

    /// Bytes of an array of `u1`, in the data's order.
    ///
    /// # Errors
    /// [`Problem::Wrong`] for another type.
    pub fn u8s(&self) -> Result<&'a [u8], Problem> {
        match self.dtype() {
            Dtype { kind: b'u', size: 1, .. } => self.bytes(),
            other => Err(Problem::wrong("an array of u1", format!("one of {}", other.name()))),
        }
    }

    /// Floats, integers or booleans as `f64`, in the data's order. 64-bit integers beyond 2^53 are rounded.
    ///
    /// # Errors
    /// [`Problem::Wrong`] for another type, half precision included.
    pub fn numbers(&self) -> Result<Vec<f64>, Problem> {
        let dtype = self.dtype();
        match dtype.kind {
            b'f' if dtype.size > 2 => self.map(|bytes| dtype.float(bytes)),
            b'i' => self.map(|bytes| dtype.int(bytes) as f64),
            b'u' => self.map(|bytes| (dtype.int(bytes) as u64 & (u64::MAX >> (64 - 8 * dtype.size))) as f64),
            b'b' => self.map(|bytes| f64::from(u8::from(bytes[0] != 0))),
            _ => Err(Problem::wrong("an array of numbers", format!("one of {}", dtype.name()))),
        }
    }

    /// Signed integers, unsigned ones of at most 32 bits, or booleans, in the data's order.
    ///
    /// # Errors
    /// [`Problem::Wrong`] for another type.
    pub fn integers(&self) -> Result<Vec<i64>, Problem> {
        let dtype = self.dtype();
        match (dtype.kind, dtype.size) {
            (b'i', _) => self.map(|bytes| dtype.int(bytes)),
            (b'u', 1 | 2 | 4) => self.map(|bytes| dtype.int(bytes) & (i64::MAX >> (63 - 8 * dtype.size))),
            (b'b', _) => self.map(|bytes| i64::from(bytes[0] != 0)),
            _ => Err(Problem::wrong("an array of integers", format!("one of {}", dtype.name()))),
        }
    }

    /// Elements of an array of objects, in the data's order.
    ///
    /// # Errors
    /// [`Problem::Wrong`] for another type or a number of elements that is not the shape's.
    pub fn objects(&self) -> Result<impl ExactSizeIterator<Item = Value<'a>> + use<'a>, Problem> {
        if self.dtype().kind != b'O' {
            return Err(Problem::wrong("an array of objects", format!("one of {}", self.dtype().name())));
        }
        let elements = self.store.value(self.array.data).sequence()?;
        if elements.len() != self.count()? {
            let got = format!("{} with the shape {:?}", elements.len(), self.shape());
            return Err(Problem::wrong("the elements of an array", got));
        }
        Ok(elements)
    }

    fn map<T>(&self, element: impl Fn(&[u8]) -> T) -> Result<Vec<T>, Problem> {
        Ok(self.bytes()?.chunks_exact(self.dtype().size as usize).map(element).collect())
    }
}

/// The dtype that a value is.
pub fn dtype_of(store: &Store, val: Val) -> Option<Dtype> {
    match val {
        Val::Atom(id) => match store.get_atom(id)? {
            Atom::Dtype(dtype) => Some(*dtype),
            Atom::Global(..) => None,
        },
        _ => None,
    }
}

/// The state of an array, `(version, shape, dtype, fortran, data)`.
pub fn array_state(store: &Store, state: &[Val]) -> Option<ArrayObject> {
    let [_, shape, dtype, fortran, data] = *state else { return None };
    array_of(store, shape, dtype, matches!(fortran, Val::Bool(true) | Val::Int(1)), data)
}

pub fn array_of(store: &Store, shape: Val, dtype: Val, fortran: bool, data: Val) -> Option<ArrayObject> {
    /// `NumPy` has no more.
    const MAX_DIMENSIONS: usize = 64;
    let dimensions: &[Val] = match shape {
        Val::EmptyTuple => &[],
        Val::Object(id) => match store.object(id)? {
            Object::Tuple(items) => items,
            _ => return None,
        },
        // Protocol 5 may write one dimension as a number.
        Val::Int(_) => &[shape],
        _ => return None,
    };
    if dimensions.len() > MAX_DIMENSIONS {
        return None;
    }
    let length = |val: &Val| if let Val::Int(n) = *val { usize::try_from(n).ok() } else { None };
    let shape = dimensions.iter().map(length).collect::<Option<_>>()?;
    Some(ArrayObject { shape, dtype: dtype_of(store, dtype)?, fortran, data })
}
