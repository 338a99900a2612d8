use super::calls;
use super::input::Input;
use super::memo::Memo;
use super::opcode as op;
use super::store::{Object, ObjectId, Store, Val};
use super::{Document, Handler, Limits, PickleError, Problem};

/// Longest module or class name.
const MAX_NAME: usize = 1 << 12;
/// Longest integer in bytes.
const MAX_INTEGER: usize = 1 << 12;

/// The pickle machine: a stack, marks in it, and a memo. It has no recursion anywhere.
pub struct Machine<'a, I, H> {
    input: I,
    handler: &'a mut H,
    limits: &'a Limits,
    store: Store,
    stack: Vec<Val>,
    marks: Vec<usize>,
    /// The last mark: values below it are out of reach until it is gone.
    floor: usize,
    memo: Memo,
}

impl<'a, I: Input, H: Handler> Machine<'a, I, H> {
    pub fn new(input: I, limits: &'a Limits, handler: &'a mut H) -> Self {
        let store = Store::new(limits.memory);
        Self { input, handler, limits, store, stack: Vec::new(), marks: Vec::new(), floor: 0, memo: Memo::default() }
    }

    /// Reads one pickle.
    pub fn run(mut self) -> Result<Document, PickleError> {
        let located = |offset, opcode, problem| PickleError { offset, opcode, problem };
        let start = self.input.position();
        let first = self.input.byte().map_err(|problem| located(start, "PROTO", problem))?;
        self.protocol(first).map_err(|problem| located(start, "PROTO", problem))?;
        loop {
            let offset = self.input.position();
            let opcode = self.input.byte().map_err(|problem| located(offset, "end", problem))?;
            if opcode == op::STOP {
                let root = self.last().map_err(|problem| located(offset, "STOP", problem))?;
                return Ok(Document { store: self.store, root, end: self.input.position() });
            }
            self.step(opcode).map_err(|problem| located(offset, op::name(opcode), problem))?;
        }
    }

    fn protocol(&mut self, first: u8) -> Result<(), Problem> {
        if first != op::PROTO {
            return Err(Problem::wrong("a pickle of protocol 2 to 5, which starts with PROTO", op::name(first)));
        }
        match self.input.byte()? {
            2..=5 => Ok(()),
            other => Err(Problem::wrong("protocol 2 to 5", other.to_string())),
        }
    }

    /// What is left when the pickle ends.
    fn last(&mut self) -> Result<Val, Problem> {
        match (self.stack.as_slice(), self.marks.as_slice()) {
            (&[root], []) => Ok(root),
            (stack, _) => Err(Problem::wrong("one value at the end", format!("{} and {} marks", stack.len(), self.marks.len()))),
        }
    }

    #[inline]
    fn step(&mut self, opcode: u8) -> Result<(), Problem> {
        match opcode {
            op::BINFLOAT => {
                let value = f64::from_be_bytes(self.input.array()?);
                self.push(Val::Float(value))
            }
            op::BININT1 => {
                let value = self.input.byte()?;
                self.push(Val::Int(value.into()))
            }
            op::BININT2 => {
                let value = u16::from_le_bytes(self.input.array()?);
                self.push(Val::Int(value.into()))
            }
            op::BININT => {
                let value = i32::from_le_bytes(self.input.array()?);
                self.push(Val::Int(value.into()))
            }
            op::SHORT_BINUNICODE => {
                let n = self.input.byte()?;
                self.text(n.into())
            }
            op::BINUNICODE => {
                let n = u32::from_le_bytes(self.input.array()?);
                self.text(n.into())
            }
            op::BINUNICODE8 => {
                let n = u64::from_le_bytes(self.input.array()?);
                self.text(n)
            }
            op::BINGET => {
                let index = self.input.byte()?;
                self.recall(index.into())
            }
            op::LONG_BINGET => {
                let index = u32::from_le_bytes(self.input.array()?);
                self.recall(index)
            }
            op::MEMOIZE => self.remember(self.memo.filled()),
            op::BINPUT => {
                let index = self.input.byte()?;
                self.remember(index.into())
            }
            op::LONG_BINPUT => {
                let index = u32::from_le_bytes(self.input.array()?);
                self.remember(index)
            }
            op::NONE => self.push(Val::None),
            op::NEWTRUE => self.push(Val::Bool(true)),
            op::NEWFALSE => self.push(Val::Bool(false)),
            op::MARK => self.mark(),
            _ => self.rare(opcode),
        }
    }

    fn rare(&mut self, opcode: u8) -> Result<(), Problem> {
        match opcode {
            op::PROTO => self.protocol(opcode),
            // Frames help to read ahead; what is in them is a pickle without them.
            op::FRAME => self.input.skip(8),
            op::POP => {
                if self.stack.len() == self.floor && !self.marks.is_empty() {
                    self.unmark().map(drop)
                } else {
                    self.pop().map(drop)
                }
            }
            op::POP_MARK => {
                let start = self.unmark()?;
                self.stack.truncate(start);
                Ok(())
            }
            op::DUP => {
                let top = self.top()?;
                self.push(top)
            }
            op::LONG1 => {
                let n = self.input.byte()?;
                self.integer(n.into())
            }
            op::LONG4 => {
                let n = u32::from_le_bytes(self.input.array()?);
                self.integer(n as usize)
            }
            op::SHORT_BINBYTES => {
                let n = self.input.byte()?;
                self.bytes(n.into())
            }
            op::BINBYTES => {
                let n = u32::from_le_bytes(self.input.array()?);
                self.bytes(n.into())
            }
            op::BINBYTES8 | op::BYTEARRAY8 => {
                let n = u64::from_le_bytes(self.input.array()?);
                self.bytes(n)
            }
            op::SHORT_BINSTRING => {
                let n = self.input.byte()?;
                self.old_string(n.into())
            }
            op::BINSTRING => {
                let n = u32::from_le_bytes(self.input.array()?);
                self.old_string(n.into())
            }
            op::GLOBAL => {
                let (module, name) = (self.line()?, self.line()?);
                self.global(module, name)
            }
            op::STACK_GLOBAL => {
                let (name, module) = (self.pop()?, self.pop()?);
                self.global(module, name)
            }
            op::REDUCE => {
                let (args, callable) = (self.pop()?, self.pop()?);
                let result = calls::reduce(&mut self.store, callable, args)?;
                self.push(result)
            }
            op::NEWOBJ => {
                let (args, class) = (self.pop()?, self.pop()?);
                let result = calls::new_object(&mut self.store, class, args, None)?;
                self.push(result)
            }
            op::NEWOBJ_EX => {
                let (keywords, args, class) = (self.pop()?, self.pop()?, self.pop()?);
                let result = calls::new_object(&mut self.store, class, args, Some(keywords))?;
                self.push(result)
            }
            op::BUILD => {
                let (state, target) = (self.pop()?, self.top()?);
                calls::build(&mut self.store, target, state)
            }
            op::BINPERSID => {
                let id = self.pop()?;
                let value = calls::persistent(&mut self.store, id)?;
                self.push(value)
            }
            _ => self.container(opcode),
        }
    }

    fn container(&mut self, opcode: u8) -> Result<(), Problem> {
        match opcode {
            op::EMPTY_TUPLE => self.push(Val::EmptyTuple),
            op::EMPTY_LIST => self.add(Object::List(Vec::new())),
            op::EMPTY_DICT => self.add(Object::Dict(Vec::new())),
            op::EMPTY_SET => self.add(Object::Set(Vec::new())),
            op::TUPLE1 => self.tuple(1),
            op::TUPLE2 => self.tuple(2),
            op::TUPLE3 => self.tuple(3),
            op::TUPLE | op::LIST | op::FROZENSET => {
                let start = self.unmark()?;
                let items = &self.stack[start..];
                self.store.affords(size_of_val(items))?;
                let object = match opcode {
                    op::TUPLE if items.is_empty() => None,
                    op::TUPLE => Some(Object::Tuple(items.into())),
                    op::LIST => Some(Object::List(items.into())),
                    _ => Some(Object::Set(items.into())),
                };
                self.stack.truncate(start);
                match object {
                    Some(object) => self.add(object),
                    None => self.push(Val::EmptyTuple),
                }
            }
            op::DICT => {
                let start = self.unmark()?;
                let dictionary = self.store.add(Object::Dict(Vec::new()))?;
                self.set_items(dictionary, start)?;
                self.push(dictionary)
            }
            op::APPEND => {
                let start = self.stack.len().saturating_sub(1);
                self.extend(start)
            }
            op::APPENDS | op::ADDITEMS => {
                let start = self.unmark()?;
                self.extend(start)
            }
            op::SETITEM => {
                let start = self.stack.len().saturating_sub(2);
                let target = self.below(start)?;
                self.set_items(target, start)
            }
            op::SETITEMS => {
                let start = self.unmark()?;
                let target = self.below(start)?;
                self.set_items(target, start)
            }
            _ => Err(Problem::Unsupported(match op::name(opcode) {
                op::NO_OPCODE => format!("0x{opcode:02x} is no opcode"),
                name => format!("the opcode {name} (0x{opcode:02x}) is not read by this program"),
            })),
        }
    }

    #[inline]
    fn push(&mut self, val: Val) -> Result<(), Problem> {
        if self.stack.len() == self.stack.capacity() {
            let more = self.stack.capacity().max(64);
            self.store.charge(more * size_of::<Val>())?;
            self.stack.reserve_exact(more);
        }
        self.stack.push(val);
        Ok(())
    }

    fn pop(&mut self) -> Result<Val, Problem> {
        if self.stack.len() <= self.floor {
            return Err(empty());
        }
        self.stack.pop().ok_or_else(empty)
    }

    #[inline]
    fn top(&self) -> Result<Val, Problem> {
        self.below(self.stack.len())
    }

    /// The value below a place of the stack.
    #[inline]
    fn below(&self, place: usize) -> Result<Val, Problem> {
        if place <= self.floor {
            return Err(empty());
        }
        self.stack.get(place - 1).copied().ok_or_else(empty)
    }

    fn add(&mut self, object: Object) -> Result<(), Problem> {
        let value = self.store.add(object)?;
        self.push(value)
    }

    fn mark(&mut self) -> Result<(), Problem> {
        if self.marks.len() == self.marks.capacity() {
            let more = self.marks.capacity().max(16);
            self.store.charge(more * size_of::<usize>())?;
            self.marks.reserve_exact(more);
        }
        self.floor = self.stack.len();
        self.marks.push(self.floor);
        Ok(())
    }

    /// Removes the last mark; what was above it starts there.
    fn unmark(&mut self) -> Result<usize, Problem> {
        let start = self.marks.pop().ok_or_else(|| Problem::wrong("a mark", "none"))?;
        self.floor = self.marks.last().copied().unwrap_or(0);
        Ok(start)
    }

    #[inline]
    fn remember(&mut self, index: u32) -> Result<(), Problem> {
        let top = self.top()?;
        self.memo.put(index, top, &mut self.store)
    }

    #[inline]
    fn recall(&mut self, index: u32) -> Result<(), Problem> {
        let value = self.memo.get(index, &self.store)?;
        self.push(value)
    }

    #[inline]
    fn text(&mut self, n: u64) -> Result<(), Problem> {
        let n = self.length(n)?;
        let text = self.input.take(n)?;
        let text = std::str::from_utf8(text).map_err(|_| Problem::wrong("a text in UTF-8", "other bytes"))?;
        let value = self.store.intern(text)?;
        self.push(value)
    }

    /// A length that memory could be had for.
    #[inline]
    fn length(&self, n: u64) -> Result<usize, Problem> {
        let n = usize::try_from(n).unwrap_or(usize::MAX);
        if let Some(rest) = self.input.remaining()
            && n as u64 > rest
        {
            return Err(Problem::Truncated { expected: format!("{n} more bytes") });
        }
        self.store.affords(n)?;
        Ok(n)
    }

    fn bytes(&mut self, n: u64) -> Result<(), Problem> {
        if n > self.limits.longest_bytes as u64 {
            self.input.skip(n)?;
            return self.add(Object::Skipped(n));
        }
        let n = self.length(n)?;
        let bytes = self.input.take(n)?;
        let object = Object::Bytes(bytes.into());
        self.add(object)
    }

    /// What Python 2 wrote for a text or for bytes.
    fn old_string(&mut self, n: u64) -> Result<(), Problem> {
        if n > 255 {
            return self.bytes(n);
        }
        let bytes = self.input.take(n as usize)?;
        let value = match std::str::from_utf8(bytes) {
            Ok(text) => self.store.intern(text)?,
            Err(_) => self.store.add(Object::Bytes(bytes.into()))?,
        };
        self.push(value)
    }

    fn integer(&mut self, n: usize) -> Result<(), Problem> {
        if n > MAX_INTEGER {
            return Err(Problem::wrong(format!("an integer of at most {MAX_INTEGER} bytes"), format!("one of {n}")));
        }
        let bytes = self.input.take(n)?;
        if n > 8 {
            let object = Object::Long(bytes.into());
            return self.add(object);
        }
        let negative = bytes.last().is_some_and(|byte| byte & 0x80 != 0);
        let mut eight = [if negative { 0xff } else { 0 }; 8];
        eight[..n].copy_from_slice(bytes);
        self.push(Val::Int(i64::from_le_bytes(eight)))
    }

    /// A line of text.
    fn line(&mut self) -> Result<Val, Problem> {
        let mut bytes = Vec::new();
        loop {
            match self.input.byte()? {
                b'\n' => break,
                _ if bytes.len() == MAX_NAME => return Err(Problem::wrong("a name", format!("one of more than {MAX_NAME} bytes"))),
                byte => bytes.push(byte),
            }
        }
        let text = std::str::from_utf8(&bytes).map_err(|_| Problem::wrong("a name in UTF-8", "other bytes"))?;
        self.store.intern(text)
    }

    fn global(&mut self, module: Val, name: Val) -> Result<(), Problem> {
        let (Val::Text(module_id), Val::Text(name_id)) = (module, name) else {
            let got = format!("{} and {}", self.store.value(module).describe(), self.store.value(name).describe());
            return Err(Problem::wrong("the name of a module and a name in it", got));
        };
        let value = self.store.global(module_id, name_id)?;
        self.push(value)
    }

    fn tuple(&mut self, n: usize) -> Result<(), Problem> {
        let start = self.stack.len().checked_sub(n).filter(|start| *start >= self.floor).ok_or_else(empty)?;
        let object = Object::Tuple(self.stack[start..].into());
        self.stack.truncate(start);
        self.add(object)
    }

    /// Adds the values from `start` on to the list or set below them.
    fn extend(&mut self, start: usize) -> Result<(), Problem> {
        let target = self.below(start)?;
        let items = &self.stack[start..];
        let Val::Object(id) = target else { return Err(self.store.value(target).wrong("a list")) };
        self.store.affords(2 * size_of_val(items))?;
        match self.store.object(id) {
            Some(Object::List(_) | Object::Set(_)) => self.store.change(id, |object| {
                if let Object::List(list) | Object::Set(list) = object {
                    list.extend_from_slice(items);
                }
            })?,
            Some(Object::Call(_)) => calls::add_later(&mut self.store, id, items)?,
            _ => return Err(self.store.value(target).wrong("a list")),
        }
        self.stack.truncate(start);
        Ok(())
    }

    /// Puts keys and values from `start` on into a dictionary.
    fn set_items(&mut self, target: Val, start: usize) -> Result<(), Problem> {
        let items = &self.stack[start..];
        if !items.len().is_multiple_of(2) {
            return Err(Problem::wrong("keys with values", format!("{} items", items.len())));
        }
        let Val::Object(id) = target else { return Err(self.store.value(target).wrong("a dictionary")) };
        self.store.affords(2 * size_of_val(items))?;
        match self.store.object(id) {
            Some(Object::Dict(_)) => self.store.change(id, |object| {
                if let Object::Dict(dictionary) = object {
                    dictionary.extend(items.chunks_exact(2).map(|pair| (pair[0], pair[1])));
                }
            })?,
            Some(Object::Call(_)) => {
                calls::add_later(&mut self.store, id, items)?;
                self.stack.truncate(start);
                return Ok(());
            }
            _ => return Err(self.store.value(target).wrong("a dictionary")),
        }
        self.stack.truncate(start);
        self.handler.closed(&mut self.store, ObjectId(id))
    }
}

fn empty() -> Problem {
    Problem::wrong("a value", "an empty stack")
}
