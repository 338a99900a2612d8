use super::Problem;
use super::store::{Store, Val};

const CHUNK: usize = 1024;

/// What a pickle may refer back to: four bytes an entry, in chunks, since a large benchmark has a hundred million.
#[derive(Default)]
pub struct Memo {
    chunks: Vec<Option<Box<[u32; CHUNK]>>>,
    filled: u32,
}

const KIND: u32 = 30;
const TEXT: u32 = 1 << KIND;
const ATOM: u32 = 2 << KIND;
const OBJECT: u32 = 3 << KIND;
const ID: u32 = TEXT - 1;
const NONE: u32 = 1;
const FALSE: u32 = 2;
const TRUE: u32 = 3;
const EMPTY_TUPLE: u32 = 4;

impl Memo {
    /// Number of entries, which is where `MEMOIZE` puts the next.
    pub fn filled(&self) -> u32 {
        self.filled
    }

    pub fn put(&mut self, index: u32, value: Val, store: &mut Store) -> Result<(), Problem> {
        let entry = match value {
            Val::None => NONE,
            Val::Bool(false) => FALSE,
            Val::Bool(true) => TRUE,
            Val::EmptyTuple => EMPTY_TUPLE,
            Val::Text(id) => TEXT | id,
            Val::Atom(id) => ATOM | id,
            Val::Object(id) => OBJECT | id,
            // No pickler of Python remembers numbers, except those that `NumPy` scalars have become.
            Val::Int(_) | Val::Float(_) => OBJECT | store.boxed(value)?,
        };
        let chunk = index as usize / CHUNK;
        if chunk >= self.chunks.len() {
            store.charge((chunk + 1 - self.chunks.len()) * size_of::<usize>())?;
            self.chunks.resize_with(chunk + 1, || None);
        }
        if self.chunks[chunk].is_none() {
            store.charge(CHUNK * size_of::<u32>())?;
        }
        let slot = &mut self.chunks[chunk].get_or_insert_with(|| Box::new([0; CHUNK]))[index as usize % CHUNK];
        self.filled += u32::from(*slot == 0);
        *slot = entry;
        Ok(())
    }

    pub fn get(&self, index: u32, store: &Store) -> Result<Val, Problem> {
        let chunk = self.chunks.get(index as usize / CHUNK).and_then(Option::as_ref);
        let entry = chunk.map_or(0, |chunk| chunk[index as usize % CHUNK]);
        let id = entry & ID;
        Ok(match entry {
            0 => return Err(Problem::wrong("an entry of the memo", format!("number {index}, which has not been set"))),
            NONE => Val::None,
            FALSE => Val::Bool(false),
            TRUE => Val::Bool(true),
            EMPTY_TUPLE => Val::EmptyTuple,
            _ if entry >= OBJECT => store.unboxed(id),
            _ if entry >= ATOM => Val::Atom(id),
            _ => Val::Text(id),
        })
    }
}
