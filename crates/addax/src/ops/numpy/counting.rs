//! How often something is there, and where. Where the shape of the result depends on the numbers they must be known:
//! such an op computes, but is no node of a model.

use crate::ops;
use crate::ops::operand::float;
use addax_core::{DType, Dim, Error, Result, Tensor, Value};

ops! {
    table TABLE in "keras.src.ops.numpy";

    /// How often each whole number from 0 on occurs, or the sum of its weights; of each row where there are rows.
    Bincount bincount(x: Tensor)
        [; weights: Option<ops::Listed> = None, minlength: usize = 0]{ sparse: bool = false } =
        occurrences(&x, weights, minlength, sparse);
    /// How many elements fall between neighbouring edges, and the edges.
    Histogram histogram(x: Tensor)[; bins: usize = 10, range: Option<Vec<f64>> = None] -> Result<Vec<Tensor>> =
        bars(&float(&ops::ravel(&x)), bins, range);
    /// The indices of all elements that are not 0, along each axis.
    Nonzero nonzero(x: Tensor) -> Result<Vec<Tensor>> = not_zero(&x);
    /// The different elements in rising order; with the place of the first of each, the place of each element among
    /// them, and how often each occurs, if that is asked.
    Unique unique(x: Tensor)[
        ; sorted: bool = true, return_index: bool = false, return_inverse: bool = false, return_counts: bool = false
    ]{ axis: Option<isize> = None, size: Option<usize> = None, fill_value: Option<ops::Number> = None } -> Result<Vec<Tensor>> =
        different(&x, [return_index, return_inverse, return_counts], axis, size, fill_value);
}

/// The numbers of a tensor, which must be there.
fn numbers(x: &Tensor) -> Result<Value> {
    x.value()?.cloned().ok_or_else(|| {
        Error::value("the shape of the result depends on the numbers")
            .hint("That cannot be a node of a model.")
    })
}

fn occurrences(x: &Tensor, weights: Option<ops::Listed>, least: usize, sparse: bool) -> Result<Tensor> {
    if sparse {
        return Err(Error::unsupported("sparse tensors"));
    }
    let x = ops::core::whole(x);
    if !matches!(x.rank(), 1 | 2) {
        return Err(Error::value("x").expected("a vector, or rows").got(x.shape()));
    }
    let most = numbers(&x)?.to_i64().into_iter().max().map_or(0, |m| m.saturating_add(1).max(0));
    let count = usize::try_from(most).unwrap_or(0).max(least);
    let weights = weights.map(|w| w.tensor()).transpose()?;
    let dtype = weights.as_ref().map_or(DType::I32, Tensor::dtype);
    let each = x.one_hot(count, -1, dtype);
    let each = match weights {
        Some(w) if w.shape() == x.shape() => each * w.expand_dims(-1),
        Some(w) => {
            return Err(Error::value("weights")
                .expected(format_args!("the shape {}", x.shape()))
                .got(w.shape()));
        }
        None => each,
    };
    Ok(each.sum(&[x.rank() - 1]))
}

fn bars(x: &Tensor, bins: usize, range: Option<Vec<f64>>) -> Result<Vec<Tensor>> {
    if !(1..1 << 24).contains(&bins) {
        return Err(Error::value("bins").expected("1 to 2^24").got(bins));
    }
    let number = |t: f64| Tensor::constant(x.dtype(), t);
    let (low, high) = match range.as_deref() {
        Some([low, high]) => (number(*low), number(*high)),
        Some(other) => {
            return Err(Error::value("range").expected("two numbers").got(format_args!("{other:?}")));
        }
        None => (x.min(&[0]), x.max(&[0])),
    };
    // Around a single number the bars are 1 wide together.
    let alike = low.equal(&high).cast(x.dtype()) * 0.5;
    let (low, high) = (low - &alike, high + &alike);
    let edges = ops::linspace(&low, &high, bins + 1)?.swap_remove(0);
    let place = edges.le(&x.expand_dims(-1)).cast(DType::I32).sum(&[1]);
    let place = x.equal(&high).select(&place.filled(bins as f64), &place);
    let inside = x.ge(&low).and(&x.le(&high)).cast(x.dtype());
    let counts = ((&place - 1.0).one_hot(bins, -1, x.dtype()) * inside.expand_dims(-1)).sum(&[0]);
    Ok(vec![counts, edges])
}

fn not_zero(x: &Tensor) -> Result<Vec<Tensor>> {
    let value = numbers(x)?;
    let strides = addax_core::strides(value.shape());
    let found: Vec<usize> =
        value.to_f64().iter().enumerate().filter(|(_, v)| **v != 0.0).map(|(i, _)| i).collect();
    let along = |axis: usize| {
        found.iter().map(|i| (i / strides[axis] % value.shape()[axis]) as i32).collect::<Vec<i32>>()
    };
    Ok((0..value.rank()).map(|axis| Tensor::new(Value::from(along(axis)))).collect())
}

fn different(
    x: &Tensor,
    [index, inverse, counts]: [bool; 3],
    axis: Option<isize>,
    size: Option<usize>,
    fill: Option<ops::Number>,
) -> Result<Vec<Tensor>> {
    let own = x.shape();
    let (x, along) = ops::axes::flat_unless(x, axis)?;
    let front = ops::moved(&x, &[along as isize], &[0])?;
    let value = numbers(&front)?;
    let (rows, width) = (value.rows(), value.len() / value.rows().max(1));
    let (exact, rounded) = (value.to_i64(), value.to_f64());
    let row = |i: usize| i * width..(i + 1) * width;
    let order = |a: usize, b: usize| match value.dtype().is_float() {
        true => {
            let pairs = rounded[row(a)].iter().zip(&rounded[row(b)]);
            pairs.map(|(p, q)| p.total_cmp(q)).find(|o| o.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
        }
        false => exact[row(a)].cmp(&exact[row(b)]),
    };
    let mut sorted: Vec<usize> = (0..rows).collect();
    sorted.sort_by(|a, b| order(*a, *b));
    let mut first: Vec<usize> = Vec::new();
    let (mut place, mut times) = (vec![0i32; rows], Vec::new());
    for i in sorted {
        if first.last().is_none_or(|f| order(*f, i).is_ne()) {
            first.push(i);
            times.push(0i32);
        }
        place[i] = first.len() as i32 - 1;
        *times.last_mut().ok_or_else(|| Error::value("unique"))? += 1;
    }
    let wanted = size.unwrap_or(first.len());
    if wanted >= 1 << 31 {
        return Err(Error::value("size").expected("less than 2^31").got(wanted));
    }
    first.truncate(wanted);
    times.truncate(wanted);
    let missing = wanted - first.len();
    let mut found = Tensor::new(value.take_rows(&first)?);
    if missing > 0 {
        let mut dims: Vec<Dim> = value.shape().iter().map(|d| Dim::new(*d)).collect();
        dims[0] = Dim::new(missing);
        let filler = match fill {
            Some(number) => number.0.cast(value.dtype()).broadcast_to(dims),
            None if first.is_empty() => Tensor::full(value.dtype(), dims, 0.0),
            None => found.slice_axis(0, 0, 1).broadcast_to(dims),
        };
        found = Tensor::concatenate(&[&found, &filler], 0);
        let again = first.first().copied().unwrap_or(0);
        first.extend(std::iter::repeat_n(again, missing));
        times.extend(std::iter::repeat_n(0, missing));
    }
    let list = |v: Vec<i32>| Tensor::new(Value::from(v));
    let mut all = vec![ops::moved(&found, &[0], &[along as isize])?];
    if index {
        all.push(list(first.iter().map(|i| *i as i32).collect()));
    }
    if inverse {
        // Of a tensor taken as one row the places stand as its elements did.
        all.push(if axis.is_none() { list(place).reshape(own) } else { list(place) });
    }
    if counts {
        all.push(list(times));
    }
    Ok(all)
}
