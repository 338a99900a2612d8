use super::array::dtype_of;
use super::store::{Atom, DROPPED, Object, Store, Val};
use super::{Array, ObjectId, Problem};

/// A handle to a value of a pickle. Its methods give the data it is, or a [`Problem`] that says what it is instead; a call,
/// which is never carried out, is refused by name.
#[derive(Clone, Copy)]
pub struct Value<'a> {
    store: &'a Store,
    val: Val,
}

/// A call that was not carried out.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// What would be called: a class or function ([`Value::global`]) or the result of another call.
    pub callable: Value<'a>,
    /// Its arguments, a tuple.
    pub args: Value<'a>,
    store: &'a Store,
    later: &'a [Val],
}

impl<'a> Call<'a> {
    /// What came after the arguments, in order: keyword arguments, the state that `__setstate__` would get, items added to
    /// the object.
    pub fn later(&self) -> impl ExactSizeIterator<Item = Value<'a>> + use<'a> {
        let store = self.store;
        self.later.iter().map(move |&val| Value { store, val })
    }
}

impl<'a> Value<'a> {
    pub(super) fn new(store: &'a Store, val: Val) -> Self {
        Self { store, val }
    }

    fn object(self) -> Option<&'a Object> {
        if let Val::Object(id) = self.val { self.store.object(id) } else { None }
    }

    /// Number of the object that it is, if it is one (numbers, texts and names are not).
    pub fn id(self) -> Option<ObjectId> {
        if let Val::Object(id) = self.val { Some(ObjectId(id)) } else { None }
    }

    /// What it is, in words.
    pub fn describe(self) -> String {
        match self.val {
            Val::None => "None".into(),
            Val::Bool(value) => if value { "True" } else { "False" }.into(),
            Val::Int(value) => value.to_string(),
            Val::Float(value) => format!("{value:?}"),
            Val::EmptyTuple => "a tuple of 0".into(),
            Val::Text(id) => format!("`{}`", crate::error::excerpt(self.store.text(id))),
            Val::Atom(_) => self.global().map_or_else(|| "a dtype".into(), |(module, name)| format!("the name {}", dotted(module, name))),
            Val::Object(_) => match self.object() {
                None => DROPPED.into(),
                Some(Object::Tuple(items)) => format!("a tuple of {}", items.len()),
                Some(Object::List(items)) => format!("a list of {}", items.len()),
                Some(Object::Dict(items)) => format!("a dictionary of {}", items.len()),
                Some(Object::Set(items)) => format!("a set of {}", items.len()),
                Some(Object::Bytes(bytes)) => format!("{} bytes", bytes.len()),
                Some(Object::Long(bytes)) => format!("an integer of {} bytes", bytes.len()),
                Some(Object::Skipped(n)) => format!("{n} bytes, which were passed over"),
                Some(Object::Boxed(val)) => Value { store: self.store, val: *val }.describe(),
                Some(Object::Array(array)) => format!("an array of the shape {:?}", array.shape),
                Some(Object::Call(_)) => format!("a call of {}", self.call_name()),
                Some(Object::Taken(_)) => "something that has been read already".into(),
            },
        }
    }

    /// The problem that it is not what was expected; for a call, that it is refused.
    pub fn wrong(self, expected: impl Into<String>) -> Problem {
        if self.call().is_some() { Problem::Refused { name: self.call_name() } } else { Problem::wrong(expected, self.describe()) }
    }

    /// Name of what the call would call: of the innermost callable.
    fn call_name(self) -> String {
        let mut value = self;
        // A callable that is itself a call was there before it, so this ends.
        while let Some(call) = value.call() {
            value = call.callable;
        }
        value.global().map_or_else(|| value.describe(), |(module, name)| dotted(module, name))
    }

    /// Whether it is `None`.
    pub fn is_none(self) -> bool {
        self.val == Val::None
    }

    /// A boolean.
    ///
    /// # Errors
    /// [`Problem`] if it is something else; so for the methods below.
    pub fn boolean(self) -> Result<bool, Problem> {
        if let Val::Bool(value) = self.val { Ok(value) } else { Err(self.wrong("a boolean")) }
    }

    /// An integer of 64 bits.
    #[expect(clippy::missing_errors_doc, reason = "said above")]
    pub fn integer(self) -> Result<i64, Problem> {
        if let Val::Int(value) = self.val { Ok(value) } else { Err(self.wrong("an integer")) }
    }

    /// A float, or an integer as one. May be infinite or NaN.
    #[expect(clippy::missing_errors_doc, reason = "said above")]
    pub fn number(self) -> Result<f64, Problem> {
        match self.val {
            Val::Float(value) => Ok(value),
            Val::Int(value) => Ok(value as f64),
            _ => Err(self.wrong("a number")),
        }
    }

    /// A text.
    #[expect(clippy::missing_errors_doc, reason = "said above")]
    pub fn text(self) -> Result<&'a str, Problem> {
        if let Val::Text(id) = self.val { Ok(self.store.text(id)) } else { Err(self.wrong("a text")) }
    }

    /// `bytes`, `bytearray`, or a text of Python 2.
    #[expect(clippy::missing_errors_doc, reason = "said above")]
    pub fn bytes(self) -> Result<&'a [u8], Problem> {
        match (self.val, self.object()) {
            (Val::Text(id), _) => Ok(self.store.text(id).as_bytes()),
            (_, Some(Object::Bytes(bytes))) => Ok(bytes),
            _ => Err(self.wrong("bytes")),
        }
    }

    /// An integer of any size: little-endian two's complement.
    #[expect(clippy::missing_errors_doc, reason = "said above")]
    pub fn long(self) -> Result<Vec<u8>, Problem> {
        match (self.val, self.object()) {
            (Val::Int(value), _) => Ok(value.to_le_bytes().into()),
            (_, Some(Object::Long(bytes))) => Ok(bytes.to_vec()),
            _ => Err(self.wrong("an integer")),
        }
    }

    /// Items of a list, tuple or set.
    #[expect(clippy::missing_errors_doc, reason = "said above")]
    pub fn sequence(self) -> Result<impl ExactSizeIterator<Item = Self> + DoubleEndedIterator + use<'a>, Problem> {
        let items: &'a [Val] = match (self.val, self.object()) {
            (Val::EmptyTuple, _) => &[],
            (_, Some(Object::Tuple(items))) => items,
            (_, Some(Object::List(items) | Object::Set(items))) => items,
            _ => return Err(self.wrong("a list")),
        };
        let store = self.store;
        Ok(items.iter().map(move |&val| Self { store, val }))
    }

    /// Items of a dictionary in the order of the file; a repeated key comes again.
    #[expect(clippy::missing_errors_doc, reason = "said above")]
    pub fn items(self) -> Result<impl ExactSizeIterator<Item = (Self, Self)> + DoubleEndedIterator + use<'a>, Problem> {
        let Some(Object::Dict(items)) = self.object() else { return Err(self.wrong("a dictionary")) };
        let store = self.store;
        Ok(items.iter().map(move |&(key, value)| (Self { store, val: key }, Self { store, val: value })))
    }

    /// The value of a text key of a dictionary: the last, if it is repeated. Looks at every item.
    #[expect(clippy::missing_errors_doc, reason = "said above")]
    pub fn get(self, key: &str) -> Result<Option<Self>, Problem> {
        let is_key = |item: &(Self, Self)| matches!(item.0.val, Val::Text(id) if self.store.text(id) == key);
        Ok(self.items()?.rev().find(is_key).map(|(_, value)| value))
    }

    /// The value of a text key that has to be there.
    #[expect(clippy::missing_errors_doc, reason = "said above")]
    pub fn require(self, key: &str) -> Result<Self, Problem> {
        self.get(key)?.ok_or_else(|| Problem::wrong(format!("the key `{key}`"), format!("{} without it", self.describe())))
    }

    /// A `NumPy` array.
    #[expect(clippy::missing_errors_doc, reason = "said above")]
    pub fn array(self) -> Result<Array<'a>, Problem> {
        match self.object() {
            Some(Object::Array(array)) => Ok(Array::new(self.store, array)),
            _ => Err(self.wrong("an array")),
        }
    }

    /// The call that it is, if it is one.
    pub fn call(self) -> Option<Call<'a>> {
        let store = self.store;
        match self.object() {
            Some(Object::Call(call)) => Some(Call {
                callable: Value { store, val: call.callable },
                args: Value { store, val: call.args },
                store,
                later: &call.later,
            }),
            _ => None,
        }
    }

    /// Module and name, if it is a class or a function.
    pub fn global(self) -> Option<(&'a str, &'a str)> {
        let Val::Atom(id) = self.val else { return None };
        match self.store.get_atom(id)? {
            Atom::Global(module, name) => Some((self.store.text(*module), self.store.text(*name))),
            Atom::Dtype(_) => None,
        }
    }

    /// The dtype that it is, if it is one.
    pub fn dtype(self) -> Option<super::Dtype> {
        dtype_of(self.store, self.val)
    }

    /// The token of what a handler has taken away.
    pub fn token(self) -> Option<u32> {
        if let Some(Object::Taken(token)) = self.object() { Some(*token) } else { None }
    }

    /// A number that is the same for equal texts of one document, for comparing and for tables.
    pub fn text_id(self) -> Option<u32> {
        if let Val::Text(id) = self.val { Some(id) } else { None }
    }
}

impl std::fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.describe())
    }
}

/// Name of a class or function as Python writes it.
pub fn dotted(module: &str, name: &str) -> String {
    let full = format!("{module}.{name}");
    crate::error::excerpt(full.strip_prefix('.').unwrap_or(&full))
}
