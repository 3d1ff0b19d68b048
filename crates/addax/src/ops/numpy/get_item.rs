//! Indexing: `x[key]` with whole numbers, slices, `None` and `...`.

use crate::class::Field;
use crate::ops;
use crate::ops::argument::Given;
use crate::ops::axes::from_front;
use addax_core::ops::Slice;
use addax_core::{Dim, Error, Result, Tensor};
use serde_json::{Value as Json, json};
use std::ops::{Range, RangeFrom, RangeFull, RangeTo};

ops! {
    table TABLE in "keras.src.ops.numpy";

    /// Part of a tensor as Python's `x[key]` takes it: `ops::get_item(&x, (.., 1.., -1))`.
    GetItem get_item(x: Tensor, key: Key = Key(vec![Item::NewAxis])) = indexed(&x, &key.0);
}

/// A place in a [`Key`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Item {
    /// One index, whose axis goes; negative ones count from the end.
    At(isize),
    /// Python's `start:stop:step`.
    Slice {
        /// The first index.
        start: Option<isize>,
        /// One past the last index.
        stop: Option<isize>,
        /// How far from one to the next; negative goes backwards.
        step: Option<isize>,
    },
    /// A new axis of length 1 (Python's `None`).
    NewAxis,
    /// All axes that nobody else speaks of (Python's `...`).
    Ellipsis,
}

/// What stands between the brackets of `x[…]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Key(pub Vec<Item>);

macro_rules! items {
    ($($from:ty: |$x:ident| $start:expr, $stop:expr;)*) => {$(
        impl From<$from> for Item {
            fn from($x: $from) -> Item { Item::Slice { start: $start, stop: $stop, step: None } }
        }
    )*};
}
items! {
    RangeFull: |_x| None, None;
    Range<isize>: |x| Some(x.start), Some(x.end);
    RangeFrom<isize>: |x| Some(x.start), None;
    RangeTo<isize>: |x| None, Some(x.end);
}

impl From<isize> for Item {
    fn from(at: isize) -> Item {
        Item::At(at)
    }
}

impl<T: Into<Item>> Given<Key> for T {
    fn given(self) -> Key {
        Key(vec![self.into()])
    }
}

macro_rules! tuples {
    ($($($t:ident)*;)*) => {$(
        #[allow(non_snake_case)]
        impl<$($t: Into<Item>),*> Given<Key> for ($($t,)*) {
            fn given(self) -> Key { let ($($t,)*) = self; Key(vec![$($t.into()),*]) }
        }
    )*};
}
tuples! { A B; A B C; A B C D; A B C D E; }

impl Field for Key {
    fn to_json(&self) -> Json {
        match &self.0[..] {
            [one] => written(one),
            many => Json::Array(many.iter().map(written).collect()),
        }
    }

    fn from_json(json: &Json) -> Result<Self> {
        match json {
            Json::Array(list) => list.iter().map(read).collect::<Result<_>>().map(Key),
            one => Ok(Key(vec![read(one)?])),
        }
    }
}

fn written(item: &Item) -> Json {
    match item {
        Item::At(i) => json!(i),
        Item::Slice { start, stop, step } => {
            json!({"class_name": "__slice__", "config": {"start": start, "stop": stop, "step": step}})
        }
        Item::NewAxis => Json::Null,
        Item::Ellipsis => json!({"class_name": "__ellipsis__", "config": {}}),
    }
}

fn read(json: &Json) -> Result<Item> {
    match (json, json.get("class_name").and_then(Json::as_str)) {
        (Json::Null, _) => Ok(Item::NewAxis),
        (_, Some("__ellipsis__")) => Ok(Item::Ellipsis),
        (_, Some("__slice__")) => {
            let part = |name: &str| {
                json.get("config").and_then(|c| c.get(name)).map_or(Ok(None), Option::<isize>::from_json)
            };
            Ok(Item::Slice { start: part("start")?, stop: part("stop")?, step: part("step")? })
        }
        _ => isize::from_json(json).map(Item::At),
    }
}

/// Along one axis: where it begins, where it ends, how far from one to the next, and whether it is turned around then.
struct Cut {
    start: usize,
    limit: Dim,
    stride: usize,
    turned: bool,
}

const WHOLE: Cut = Cut { start: 0, limit: Dim::UNKNOWN, stride: 1, turned: false };

fn indexed(x: &Tensor, key: &[Item]) -> Result<Tensor> {
    let spoken = key.iter().filter(|i| matches!(i, Item::At(_) | Item::Slice { .. })).count();
    let rest = x.rank().checked_sub(spoken).ok_or_else(|| {
        Error::value("key")
            .expected(format_args!("at most {} indices for {}", x.rank(), x.shape()))
            .got(spoken)
    })?;
    if key.iter().filter(|i| **i == Item::Ellipsis).count() > 1 {
        return Err(Error::value("key").expected("one ellipsis").got("more"));
    }
    let dims = x.shape().dims().to_vec();
    let mut cuts = Vec::new();
    // The axes of the result: one of the input's, or a new one.
    let mut kept: Vec<Option<usize>> = Vec::new();
    let mut closed = Vec::new();
    for item in key.iter().chain(if key.contains(&Item::Ellipsis) { None } else { Some(&Item::Ellipsis) }) {
        let axis = cuts.len();
        match item {
            Item::NewAxis => kept.push(None),
            Item::Ellipsis => (0..rest).for_each(|_| {
                kept.push(Some(cuts.len()));
                cuts.push(WHOLE);
            }),
            Item::At(i) => {
                cuts.push(one(*i, dims[axis]).map_err(|e| e.at(format_args!("axis {axis}")))?);
                closed.push(axis);
            }
            Item::Slice { start, stop, step } => {
                kept.push(Some(axis));
                cuts.push(range(*start, *stop, step.unwrap_or(1), dims[axis])?);
            }
        }
    }
    let taken = Tensor::apply(
        Slice {
            start: cuts.iter().map(|c| c.start).collect(),
            limit: cuts.iter().map(|c| c.limit).collect(),
            stride: cuts.iter().map(|c| c.stride).collect(),
        },
        &[x],
    );
    let turned: Vec<usize> = (0..cuts.len()).filter(|a| cuts[*a].turned).collect();
    let taken = taken.reverse(&turned).check()?.clone();
    let shape = taken.shape();
    Ok(taken.reshape(kept.iter().map(|k| k.map_or(Dim::new(1), |a| shape.dims()[a])).collect::<Vec<Dim>>()))
}

fn one(i: isize, dim: Dim) -> Result<Cut> {
    let start = match dim.known() {
        Some(n) => {
            from_front(i, n).map_err(|_| Error::value("index").expected(format_args!("below {n}")).got(i))?
        }
        // Which one it is shows when the length is known.
        None => 0,
    };
    Ok(Cut { start, limit: Dim::new(start + 1), ..WHOLE })
}

fn range(start: Option<isize>, stop: Option<isize>, step: isize, dim: Dim) -> Result<Cut> {
    if step == 0 {
        return Err(Error::value("step").expected("not 0").got(0));
    }
    let Some(n) = dim.known().map(|n| n as isize) else { return Ok(WHOLE) };
    let (low, high) = if step > 0 { (0, n) } else { (-1, n - 1) };
    let place = |i: isize| (if i < 0 { i.saturating_add(n) } else { i }).clamp(low, high);
    let (first, end) = if step > 0 { (low, high) } else { (high, low) };
    let (first, end) = (start.map_or(first, place), stop.map_or(end, place));
    let count = if step > 0 { (end - first).max(0) } else { (first - end).max(0) } as usize;
    let (size, count) = (step.unsigned_abs(), count.div_ceil(step.unsigned_abs()));
    if count == 0 {
        return Ok(Cut { limit: Dim::new(0), ..WHOLE });
    }
    let span = (count - 1) * size;
    let start = if step > 0 { first as usize } else { first as usize - span };
    Ok(Cut { start, limit: Dim::new(start + span + 1), stride: size, turned: step < 0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use addax_core::Value;

    fn numbers(n: usize) -> Tensor {
        Tensor::from(Value::from((0..n as i32).collect::<Vec<i32>>()))
    }

    #[test]
    fn slices_are_those_of_python() {
        let taken = |start, stop, step| {
            ops::get_item(numbers(5), Key(vec![Item::Slice { start, stop, step }]))
                .to_value()
                .unwrap()
                .to_i64()
        };
        assert_eq!(taken(Some(1), None, None), [1, 2, 3, 4]);
        assert_eq!(taken(Some(-2), None, None), [3, 4]);
        assert_eq!(taken(None, None, Some(-2)), [4, 2, 0]);
        assert_eq!(taken(Some(3), Some(0), Some(-1)), [3, 2, 1]);
        assert_eq!(taken(Some(-9), Some(9), Some(3)), [0, 3]);
        assert_eq!(taken(Some(4), Some(2), None), [] as [i64; 0]);
        assert_eq!(taken(None, None, Some(isize::MIN)), [4]);
    }

    #[test]
    fn keys_are_written_as_rust_writes_ranges() {
        let x = Tensor::full(addax_core::DType::F32, [2, 5, 3], 0.0);
        assert_eq!(ops::get_item(&x, (.., 1.., -1)).shape().to_string(), "(2, 4)");
        assert_eq!(ops::get_item(&x, 1).shape().to_string(), "(5, 3)");
        assert_eq!(
            ops::get_item(&x, (Item::Ellipsis, ..2, Item::NewAxis)).shape().to_string(),
            "(2, 5, 2, 1)"
        );
        let error = ops::get_item(&x, (.., 7)).to_value().unwrap_err().to_string();
        assert_eq!(error, "axis 1 > index: expected below 5, got 7");
    }
}
