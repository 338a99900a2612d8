use super::calls;
use super::input::Input;
use super::literal;
use super::memo::Memo;
use super::opcode as op;
use super::stack::Stack;
use super::store::{Object, ObjectId, Store, Val};
use super::{Document, Handler, Limits, PickleError, Problem};

/// The pickle machine: a stack with marks, and a memo. It has no recursion anywhere.
pub struct Machine<'a, I, H> {
    input: I,
    handler: &'a mut H,
    limits: &'a Limits,
    store: Store,
    stack: Stack,
    memo: Memo,
}

impl<'a, I: Input, H: Handler> Machine<'a, I, H> {
    pub fn new(input: I, limits: &'a Limits, handler: &'a mut H) -> Self {
        let store = Store::new(limits.memory);
        Self { input, handler, limits, store, stack: Stack::default(), memo: Memo::default() }
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
                let root = self.stack.only().map_err(|problem| located(offset, "STOP", problem))?;
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
            op::MARK => self.stack.mark(&mut self.store),
            _ => self.rare(opcode),
        }
    }

    fn rare(&mut self, opcode: u8) -> Result<(), Problem> {
        match opcode {
            op::PROTO => self.protocol(opcode),
            // Frames help to read ahead; what is in them is a pickle without them.
            op::FRAME => self.input.skip(8),
            op::POP => self.stack.drop_last(),
            op::POP_MARK => {
                let start = self.stack.unmark()?;
                self.stack.truncate(start);
                Ok(())
            }
            op::DUP => {
                let top = self.stack.top()?;
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
                self.old_string(n)
            }
            op::GLOBAL => {
                let (module, name) = (self.name()?, self.name()?);
                self.global(module, name)
            }
            op::STACK_GLOBAL => {
                let (name, module) = (self.stack.pop()?, self.stack.pop()?);
                self.global(module, name)
            }
            op::REDUCE => {
                let (args, callable) = (self.stack.pop()?, self.stack.pop()?);
                let result = calls::reduce(&mut self.store, callable, args)?;
                self.push(result)
            }
            op::NEWOBJ => {
                let (args, class) = (self.stack.pop()?, self.stack.pop()?);
                let result = calls::new_object(&mut self.store, class, args, None)?;
                self.push(result)
            }
            op::NEWOBJ_EX => {
                let (keywords, args, class) = (self.stack.pop()?, self.stack.pop()?, self.stack.pop()?);
                let result = calls::new_object(&mut self.store, class, args, Some(keywords))?;
                self.push(result)
            }
            op::BUILD => {
                let (state, target) = (self.stack.pop()?, self.stack.top()?);
                calls::build(&mut self.store, target, state)
            }
            op::BINPERSID => {
                let id = self.stack.pop()?;
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
                let start = self.stack.unmark()?;
                let items = self.stack.from(start);
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
                let start = self.stack.unmark()?;
                let dictionary = self.store.add(Object::Dict(Vec::new()))?;
                self.set_items(dictionary, start)?;
                self.push(dictionary)
            }
            op::APPEND => {
                let start = self.stack.len().saturating_sub(1);
                self.extend(start)
            }
            op::APPENDS | op::ADDITEMS => {
                let start = self.stack.unmark()?;
                self.extend(start)
            }
            op::SETITEM => {
                let start = self.stack.len().saturating_sub(2);
                let target = self.stack.below(start)?;
                self.set_items(target, start)
            }
            op::SETITEMS => {
                let start = self.stack.unmark()?;
                let target = self.stack.below(start)?;
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
        self.stack.push(val, &mut self.store)
    }

    fn add(&mut self, object: Object) -> Result<(), Problem> {
        let value = self.store.add(object)?;
        self.push(value)
    }

    #[inline]
    fn remember(&mut self, index: u32) -> Result<(), Problem> {
        let top = self.stack.top()?;
        self.memo.put(index, top, &mut self.store)
    }

    #[inline]
    fn recall(&mut self, index: u32) -> Result<(), Problem> {
        let value = self.memo.get(index, &self.store)?;
        self.push(value)
    }

    #[inline]
    fn text(&mut self, n: u64) -> Result<(), Problem> {
        let value = literal::text(&mut self.input, &mut self.store, n)?;
        self.push(value)
    }

    fn bytes(&mut self, n: u64) -> Result<(), Problem> {
        let value = literal::bytes(&mut self.input, &mut self.store, self.limits, n)?;
        self.push(value)
    }

    fn old_string(&mut self, n: u32) -> Result<(), Problem> {
        let value = literal::old_string(&mut self.input, &mut self.store, self.limits, n.into())?;
        self.push(value)
    }

    fn integer(&mut self, n: usize) -> Result<(), Problem> {
        let value = literal::integer(&mut self.input, &mut self.store, n)?;
        self.push(value)
    }

    fn name(&mut self) -> Result<Val, Problem> {
        literal::name(&mut self.input, &mut self.store)
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
        let start = self.stack.start_of(n)?;
        let object = Object::Tuple(self.stack.from(start).into());
        self.stack.truncate(start);
        self.add(object)
    }

    /// Adds the values from `start` on to the list or set below them.
    fn extend(&mut self, start: usize) -> Result<(), Problem> {
        let target = self.stack.below(start)?;
        let items = self.stack.from(start);
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
        let items = self.stack.from(start);
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
