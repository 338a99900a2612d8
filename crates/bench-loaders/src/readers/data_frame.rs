//! Data frames of pandas, as pickles hold them.

use super::pickle::{Problem, Value};

/// Columns of numbers of a data frame, by name, in its order.
///
/// Reads the layout of pandas 1.3 and later (protocol 4): the frame's state holds a `BlockManager` whose arguments are
/// blocks, each an array `[columns, rows]` with the columns it stands for, and the two axes, of which the first names the
/// columns. Columns that are no numbers are left out. Nothing is called: the calls in the pickle are read as data.
///
/// # Errors
/// [`Problem`] with what was expected.
pub fn columns(frame: Value<'_>) -> Result<Vec<(String, Vec<f64>)>, Problem> {
    let state = called(frame, "DataFrame")?.later().next().ok_or_else(|| frame.wrong("a data frame with its state"))?;
    let manager = called(state.require("_mgr")?, "BlockManager")?.args;
    let mut parts = manager.sequence()?;
    let (Some(blocks), Some(axes)) = (parts.next(), parts.next()) else { return Err(manager.wrong("blocks and axes")) };
    let axis = axes.sequence()?.next().ok_or_else(|| axes.wrong("two axes"))?;
    let mut arguments = called(axis, "_new_Index")?.args.sequence()?;
    let index = arguments.nth(1).ok_or_else(|| axis.wrong("an index with its data"))?;
    let names = index.require("data")?.array()?.objects()?.map(Value::text).collect::<Result<Vec<_>, _>>()?;
    let mut columns: Vec<Option<Vec<f64>>> = names.iter().map(|_| None).collect();
    for block in blocks.sequence()? {
        place(block, &mut columns)?;
    }
    let named = names.iter().zip(columns).filter_map(|(name, column)| Some(((*name).to_owned(), column?)));
    Ok(named.collect())
}

/// Puts the rows of a block's array where they belong.
fn place(block: Value<'_>, columns: &mut [Option<Vec<f64>>]) -> Result<(), Problem> {
    let call = block.call().ok_or_else(|| block.wrong("a block of a data frame"))?;
    let mut arguments = call.args.sequence()?;
    let (Some(values), Some(places)) = (arguments.next(), arguments.next()) else {
        return Err(call.args.wrong("the values of a block and their places"));
    };
    let values = values.array()?;
    let (Ok(numbers), &[n_columns, n_rows], false) = (values.numbers(), values.shape(), values.fortran_order()) else { return Ok(()) };
    let places = slice(places)?;
    if places.len() != n_columns {
        return Err(Problem::wrong(format!("{n_columns} places of a block's columns"), places.len().to_string()));
    }
    for (k, at) in places.into_iter().enumerate() {
        let column = columns.get_mut(at).ok_or_else(|| Problem::wrong("a column of the frame", format!("column {at}")))?;
        if column.replace(numbers[k * n_rows..(k + 1) * n_rows].to_vec()).is_some() {
            return Err(Problem::wrong("one block for each column", format!("two for column {at}")));
        }
    }
    Ok(())
}

/// The numbers of `slice(start, stop, step)`; no frame here has more than a thousand columns.
fn slice(value: Value<'_>) -> Result<Vec<usize>, Problem> {
    const MOST: usize = 1_000;
    let wrong = || value.wrong("a slice of columns");
    let numbers = called(value, "slice")?.args.sequence()?.map(Value::integer).collect::<Result<Vec<_>, _>>()?;
    let numbers: Vec<usize> = numbers.into_iter().map(usize::try_from).collect::<Result<_, _>>().map_err(|_| wrong())?;
    match *numbers {
        [start, stop, step] if step > 0 && stop <= MOST => Ok((start..stop).step_by(step).collect()),
        _ => Err(wrong()),
    }
}

/// A call of something of that name.
fn called<'a>(value: Value<'a>, name: &str) -> Result<super::pickle::Call<'a>, Problem> {
    value
        .call()
        .filter(|call| call.callable.global().is_some_and(|global| global.1 == name))
        .ok_or_else(|| value.wrong(format!("a {name}")))
}
