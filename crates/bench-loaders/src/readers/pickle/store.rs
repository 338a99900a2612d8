use std::collections::HashMap;
use std::sync::Arc;

use super::array::{ArrayObject, Dtype};
use super::{Problem, Value};

/// A value on the stack or in a container.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Val {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    EmptyTuple,
    Text(u32),
    Atom(u32),
    Object(u32),
}

/// Number of an object in a [`Store`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectId(pub(super) u32);

/// Something small that outlives every dropped region.
#[derive(Clone, Debug)]
pub enum Atom {
    /// Module and name, as texts.
    Global(u32, u32),
    Dtype(Dtype),
}

/// A call that was not carried out.
#[derive(Debug)]
pub struct CallObject {
    pub callable: Val,
    pub args: Val,
    /// Keyword arguments, states (`BUILD`) and items that were added later.
    pub later: Vec<Val>,
}

#[derive(Debug)]
pub enum Object {
    Tuple(Box<[Val]>),
    List(Vec<Val>),
    Dict(Vec<(Val, Val)>),
    Set(Vec<Val>),
    Bytes(Box<[u8]>),
    /// An integer beyond 64 bits, little-endian two's complement.
    Long(Box<[u8]>),
    /// `bytes` longer than the limit: how long.
    Skipped(u64),
    /// A number that is in the memo.
    Boxed(Val),
    Array(Box<ArrayObject>),
    Call(Box<CallObject>),
    /// What a handler has taken away: its token.
    Taken(u32),
}

impl Object {
    /// Memory it takes, roughly.
    fn size(&self) -> usize {
        const VAL: usize = size_of::<Val>();
        size_of::<Self>()
            + match self {
                Self::Tuple(items) => VAL * items.len(),
                Self::List(items) | Self::Set(items) => VAL * items.capacity(),
                Self::Dict(items) => 2 * VAL * items.capacity(),
                Self::Bytes(bytes) | Self::Long(bytes) => bytes.len(),
                Self::Array(array) => size_of::<ArrayObject>() + size_of::<usize>() * array.shape.len(),
                Self::Call(call) => size_of::<CallObject>() + VAL * call.later.capacity(),
                Self::Skipped(_) | Self::Boxed(_) | Self::Taken(_) => 0,
            }
    }
}

/// Everything that has been read and not been dropped.
#[derive(Debug)]
pub struct Store {
    texts: Vec<Arc<str>>,
    text_ids: HashMap<Arc<str>, u32>,
    atoms: Vec<Atom>,
    global_ids: HashMap<(u32, u32), u32>,
    /// Objects of before the last drop that are still there.
    old: HashMap<u32, Object>,
    /// Objects since then; the first has the number `region_start`.
    region: Vec<Object>,
    region_start: u32,
    /// Memory of the objects in the region, and of everything else.
    region_memory: usize,
    other_memory: usize,
    limit: usize,
}

/// Numbers have to fit into the memo's 30 bits.
const MAX_ID: u32 = (1 << 30) - 1;
/// What a text or a table entry costs beside its contents.
const TEXT_OVERHEAD: usize = 96;
const OLD_OVERHEAD: usize = 32;

impl Store {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            texts: Vec::new(),
            text_ids: HashMap::new(),
            atoms: Vec::new(),
            global_ids: HashMap::new(),
            old: HashMap::new(),
            region: Vec::new(),
            region_start: 0,
            region_memory: 0,
            other_memory: 0,
            limit,
        }
    }

    /// A handle to a value.
    pub(super) fn value(&self, val: Val) -> Value<'_> {
        Value::new(self, val)
    }

    /// The object of a number, as a value.
    pub fn object_value(&self, id: ObjectId) -> Value<'_> {
        Value::new(self, Val::Object(id.0))
    }

    /// Bytes of memory in use, as counted against the limit.
    pub fn memory(&self) -> usize {
        self.region_memory + self.other_memory
    }

    fn check(&self) -> Result<(), Problem> {
        if self.memory() > self.limit { Err(Problem::Memory { limit: self.limit }) } else { Ok(()) }
    }

    /// Counts memory that is about to be used outside of objects.
    pub(super) fn charge(&mut self, bytes: usize) -> Result<(), Problem> {
        self.other_memory = self.other_memory.saturating_add(bytes);
        self.check()
    }

    fn charge_region(&mut self, bytes: usize) -> Result<(), Problem> {
        self.region_memory = self.region_memory.saturating_add(bytes);
        self.check()
    }

    /// Whether so many bytes could still be had.
    pub(super) fn affords(&self, bytes: usize) -> Result<(), Problem> {
        if bytes > self.limit.saturating_sub(self.memory()) { Err(Problem::Memory { limit: self.limit }) } else { Ok(()) }
    }

    pub(super) fn intern(&mut self, text: &str) -> Result<Val, Problem> {
        if let Some(&id) = self.text_ids.get(text) {
            return Ok(Val::Text(id));
        }
        self.charge(TEXT_OVERHEAD + text.len())?;
        let id = next_id(self.texts.len())?;
        let text: Arc<str> = text.into();
        self.texts.push(Arc::clone(&text));
        self.text_ids.insert(text, id);
        Ok(Val::Text(id))
    }

    pub(super) fn text(&self, id: u32) -> &str {
        self.texts.get(id as usize).map_or("", |text| text)
    }

    pub(super) fn global(&mut self, module: u32, name: u32) -> Result<Val, Problem> {
        if let Some(&id) = self.global_ids.get(&(module, name)) {
            return Ok(Val::Atom(id));
        }
        let atom = self.atom(Atom::Global(module, name))?;
        if let Val::Atom(id) = atom {
            self.global_ids.insert((module, name), id);
        }
        Ok(atom)
    }

    pub(super) fn atom(&mut self, atom: Atom) -> Result<Val, Problem> {
        self.charge(TEXT_OVERHEAD)?;
        let id = next_id(self.atoms.len())?;
        self.atoms.push(atom);
        Ok(Val::Atom(id))
    }

    pub(super) fn get_atom(&self, id: u32) -> Option<&Atom> {
        self.atoms.get(id as usize)
    }

    pub(super) fn get_atom_mut(&mut self, id: u32) -> Option<&mut Atom> {
        self.atoms.get_mut(id as usize)
    }

    pub(super) fn add(&mut self, object: Object) -> Result<Val, Problem> {
        self.charge_region(object.size())?;
        let id = next_id(self.region_start as usize + self.region.len())?;
        self.region.push(object);
        Ok(Val::Object(id))
    }

    /// Number of an object that holds a number, for the memo.
    pub(super) fn boxed(&mut self, val: Val) -> Result<u32, Problem> {
        let id = self.region_start + self.region.len() as u32;
        self.add(Object::Boxed(val))?;
        Ok(id)
    }

    pub(super) fn unboxed(&self, id: u32) -> Val {
        match self.object(id) {
            Some(Object::Boxed(val)) => *val,
            _ => Val::Object(id),
        }
    }

    /// `None` if it has been dropped.
    #[inline]
    pub(super) fn object(&self, id: u32) -> Option<&Object> {
        match id.checked_sub(self.region_start) {
            Some(at) => self.region.get(at as usize),
            None => self.old.get(&id),
        }
    }

    pub(super) fn object_mut(&mut self, id: u32) -> Option<&mut Object> {
        match id.checked_sub(self.region_start) {
            Some(at) => self.region.get_mut(at as usize),
            None => self.old.get_mut(&id),
        }
    }

    /// Changes an object and counts by how much it has grown.
    pub(super) fn change<T>(&mut self, id: u32, change: impl FnOnce(&mut Object) -> T) -> Result<T, Problem> {
        let object = self.object_mut(id).ok_or_else(|| Problem::wrong("an object", DROPPED))?;
        let before = object.size();
        let result = change(object);
        let after = object.size();
        self.charge_region(after.saturating_sub(before))?;
        Ok(result)
    }

    /// Takes a dictionary away, but nothing that it refers to. What is left of it is `token` ([`Value::token`]).
    pub fn replace(&mut self, dictionary: ObjectId, token: u32) {
        if let Some(object) = self.object_mut(dictionary.0) {
            *object = Object::Taken(token);
        }
    }

    /// Takes a dictionary away, with everything that was made after it: whatever is in it, if it was made for it. What is
    /// left of it is `token` ([`Value::token`]). A reference to a dropped object from elsewhere is an error for whoever
    /// follows it, which no benchmark's writer makes: an architecture shares nothing but texts with the next.
    ///
    /// # Errors
    /// [`Problem::Memory`].
    pub fn take(&mut self, dictionary: ObjectId, token: u32) -> Result<(), Problem> {
        let next = self.region_start as usize + self.region.len();
        let Some(at) = dictionary.0.checked_sub(self.region_start) else {
            // A dictionary of before the last drop: only itself can go.
            if let Some(object) = self.old.get_mut(&dictionary.0) {
                *object = Object::Taken(token);
            }
            return Ok(());
        };
        for (id, object) in (self.region_start..).zip(self.region.drain(..).take(at as usize)) {
            self.other_memory += object.size() + OLD_OVERHEAD;
            self.old.insert(id, object);
        }
        self.old.insert(dictionary.0, Object::Taken(token));
        self.other_memory += size_of::<Object>() + OLD_OVERHEAD;
        self.region_start = next_id(next)?;
        self.region_memory = 0;
        self.check()
    }
}

/// What stands in an error for an object that is no longer there.
pub const DROPPED: &str = "an object of a part of the file that was read and dropped before";

fn next_id(len: usize) -> Result<u32, Problem> {
    u32::try_from(len)
        .ok()
        .filter(|id| *id <= MAX_ID)
        .ok_or_else(|| Problem::Unsupported(format!("more than {MAX_ID} objects are not supported")))
}
