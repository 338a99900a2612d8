use super::Problem;
use super::array::{ArrayObject, Dtype, array_of, array_state, dtype_of};
use super::store::{Atom, CallObject, Object, Store, Val};
use super::value::dotted;

/// Modules and names whose calls may stand in a file, as [`super::Call`]s. (Calls that are data are not among them.)
const KEPT: &[&str] = &["numpy", "pandas", "torch", "collections", "functools.partial", "builtins.slice", "__builtin__.slice"];

/// What a call of a class or function is, without calling anything.
pub fn reduce(store: &mut Store, callable: Val, args: Val) -> Result<Val, Problem> {
    let arguments: Vec<Val> = match tuple(store, args) {
        // No call that is data has more arguments; others keep theirs where they are.
        Some(items) => items.iter().copied().take(8).collect(),
        None => return Err(Problem::wrong("a tuple of arguments", store.value(args).describe())),
    };
    let Some((module, name)) = store.value(callable).global() else {
        return if store.value(callable).call().is_some() {
            call(store, callable, args)
        } else {
            Err(Problem::wrong("something to call", store.value(callable).describe()))
        };
    };
    let wrong = |store: &Store| Problem::wrong(format!("the arguments of {}", name_of(store, callable)), store.value(args).describe());
    match (module, name, arguments.as_slice()) {
        ("collections", "OrderedDict", []) | ("collections", "defaultdict", [] | [_]) | ("builtins" | "__builtin__", "dict", []) => {
            store.add(Object::Dict(Vec::new()))
        }
        ("collections", "OrderedDict", [items]) => {
            let pairs = pairs(store, *items)?.ok_or_else(|| wrong(store))?;
            store.add(Object::Dict(pairs))
        }
        ("builtins" | "__builtin__", "set" | "frozenset", items) if items.len() < 2 => {
            let items = copied(store, items)?.ok_or_else(|| wrong(store))?;
            store.add(Object::Set(items))
        }
        ("builtins" | "__builtin__", "list", items) if items.len() < 2 => {
            let items = copied(store, items)?.ok_or_else(|| wrong(store))?;
            store.add(Object::List(items))
        }
        ("builtins" | "__builtin__", "bytearray" | "bytes", []) => store.add(Object::Bytes(Box::default())),
        ("builtins" | "__builtin__", "bytearray", [bytes]) if store.value(*bytes).bytes().is_ok() => Ok(*bytes),
        ("builtins" | "__builtin__", "bytearray", [text, encoding]) | ("_codecs", "encode", [text, encoding]) => {
            let bytes = latin1(store, *text, *encoding).ok_or_else(|| wrong(store))?;
            store.affords(bytes.len())?;
            store.add(Object::Bytes(bytes))
        }
        ("numpy", "dtype", [text, ..]) => {
            let dtype = store.value(*text).text().ok().and_then(Dtype::parse).ok_or_else(|| wrong(store))?;
            store.atom(Atom::Dtype(dtype))
        }
        ("numpy.core.multiarray" | "numpy._core.multiarray", "scalar", [dtype, bytes]) => {
            let dtype = dtype_of(store, *dtype).ok_or_else(|| wrong(store))?;
            let bytes = store.value(*bytes).bytes().map_err(|_| wrong(store))?;
            dtype.scalar(bytes).ok_or_else(|| wrong(store))
        }
        ("numpy.core.multiarray" | "numpy._core.multiarray", "_reconstruct", [_, _, _]) => {
            // Empty until its state comes.
            let dtype = Dtype { kind: b'V', size: 0, big_endian: false };
            store.add(Object::Array(Box::new(ArrayObject { shape: vec![0], dtype, fortran: false, data: Val::None })))
        }
        ("numpy.core.numeric" | "numpy._core.numeric", "_frombuffer", [data, dtype, shape, order]) => {
            let fortran = store.value(*order).text().is_ok_and(|order| order == "F");
            let array = array_of(store, *shape, *dtype, fortran, *data).ok_or_else(|| wrong(store))?;
            store.add(Object::Array(Box::new(array)))
        }
        _ => call(store, callable, args),
    }
}

/// `cls.__new__(cls, *args)`, perhaps with keywords.
pub fn new_object(store: &mut Store, class: Val, args: Val, keywords: Option<Val>) -> Result<Val, Problem> {
    if keywords.is_none() && store.value(class).global() == Some(("collections", "OrderedDict")) {
        return reduce(store, class, args);
    }
    if store.value(class).global().is_none() {
        return Err(Problem::wrong("a class", store.value(class).describe()));
    }
    let object = call(store, class, args)?;
    if let (Val::Object(id), Some(keywords)) = (object, keywords) {
        add_later(store, id, &[keywords])?;
    }
    Ok(object)
}

/// A persistent id, which `torch` uses for storages.
pub fn persistent(store: &mut Store, id: Val) -> Result<Val, Problem> {
    let (Val::Text(module), Val::Text(name)) = (store.intern("")?, store.intern("persistent id")?) else { return Ok(Val::None) };
    let callable = store.global(module, name)?;
    let args = store.add(Object::Tuple(Box::new([id])))?;
    keep(store, callable, args)
}

/// Gives an object its state.
pub fn build(store: &mut Store, target: Val, state: Val) -> Result<(), Problem> {
    if let Val::Atom(id) = target {
        // (version, byte order, ...)
        let order = tuple(store, state).and_then(|items| items.get(1).copied()).map(|order| store.value(order));
        let big_endian = order.and_then(|order| order.text().ok()) == Some(">");
        return match store.get_atom_mut(id) {
            Some(Atom::Dtype(dtype)) => {
                dtype.big_endian = big_endian;
                Ok(())
            }
            _ => Err(Problem::wrong("an object that takes a state", store.value(target).describe())),
        };
    }
    let Val::Object(id) = target else { return Err(Problem::wrong("an object that takes a state", store.value(target).describe())) };
    match store.object(id) {
        Some(Object::Array(_)) => {
            let array = tuple(store, state).and_then(|items| array_state(store, items));
            let array = array.ok_or_else(|| Problem::wrong("the state of an array", store.value(state).describe()))?;
            store.change(id, |object| *object = Object::Array(Box::new(array)))
        }
        Some(Object::Call(_)) => add_later(store, id, &[state]),
        Some(Object::Dict(_)) => Ok(()),
        _ => Err(Problem::wrong("an object that takes a state", store.value(target).describe())),
    }
}

/// Keeps what is added to the result of a call.
pub fn add_later(store: &mut Store, id: u32, values: &[Val]) -> Result<(), Problem> {
    store.change(id, |object| {
        if let Object::Call(call) = object {
            call.later.extend_from_slice(values);
        }
    })
}

fn call(store: &mut Store, callable: Val, args: Val) -> Result<Val, Problem> {
    // A call of the result of a kept call (a partial) is as harmless: neither is carried out.
    if let Some((module, name)) = store.value(callable).global() {
        let full = format!("{module}.{name}");
        let kept = |known: &str| full.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        if !KEPT.iter().any(|known| kept(known)) {
            return Err(Problem::Refused { name: dotted(module, name) });
        }
    }
    keep(store, callable, args)
}

fn keep(store: &mut Store, callable: Val, args: Val) -> Result<Val, Problem> {
    store.add(Object::Call(Box::new(CallObject { callable, args, later: Vec::new() })))
}

fn name_of(store: &Store, callable: Val) -> String {
    store.value(callable).global().map_or_else(String::new, |(module, name)| dotted(module, name))
}

fn tuple(store: &Store, val: Val) -> Option<&[Val]> {
    match val {
        Val::EmptyTuple => Some(&[]),
        Val::Object(id) => match store.object(id)? {
            Object::Tuple(items) => Some(items),
            _ => None,
        },
        _ => None,
    }
}

fn sequence(store: &Store, val: Val) -> Option<&[Val]> {
    match val {
        Val::Object(id) => match store.object(id)? {
            Object::List(items) | Object::Set(items) => Some(items),
            _ => tuple(store, val),
        },
        _ => tuple(store, val),
    }
}

/// A copy of the items of the only argument.
fn copied(store: &Store, argument: &[Val]) -> Result<Option<Vec<Val>>, Problem> {
    let Some(items) = argument.first() else { return Ok(Some(Vec::new())) };
    let Some(items) = sequence(store, *items) else { return Ok(None) };
    store.affords(size_of_val(items))?;
    Ok(Some(items.to_vec()))
}

fn pairs(store: &Store, items: Val) -> Result<Option<Vec<(Val, Val)>>, Problem> {
    let Some(items) = sequence(store, items) else { return Ok(None) };
    store.affords(2 * size_of_val(items))?;
    let pair = |item: &Val| sequence(store, *item).and_then(|pair| if let [key, value] = *pair { Some((key, value)) } else { None });
    Ok(items.iter().map(pair).collect())
}

/// How protocol 2 writes bytes: as a text of code points below 256.
fn latin1(store: &Store, text: Val, encoding: Val) -> Option<Box<[u8]>> {
    if !matches!(store.value(encoding).text(), Ok("latin1" | "latin-1")) {
        return None;
    }
    store.value(text).text().ok()?.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect()
}
