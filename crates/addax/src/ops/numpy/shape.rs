//! The same elements in another shape or order.

use crate::ops;
use crate::ops::axes::{Axes, Several, from_front, in_order};
use addax_core::{Dim, Error, Result, Shape, Tensor};

ops! {
    table TABLE in "keras.src.ops.numpy";

    /// The same elements, in row-major order, in another shape; one length may be -1, which is found out.
    Reshape reshape(x: Tensor)[newshape: Several] = resolved(&x.shape(), &newshape.list()).map(|s| x.reshape(s));
    /// All elements in one axis.
    Ravel ravel(x: Tensor) = resolved(&x.shape(), &[-1]).map(|s| x.reshape(s));
    /// The axes in another order; backwards where none is given.
    Transpose transpose(x: Tensor)[; axes: Option<Vec<isize>> = None] = transposed(&x, axes);
    /// Two axes change places.
    Swapaxes swapaxes(x: Tensor)[axis1: isize, axis2: isize] = swapped(&x, axis1, axis2);
    /// Axes move to other places, the others keep their order.
    Moveaxis moveaxis(x: Tensor)[source: Several, destination: Several] =
        moved(&x, &source.list(), &destination.list());
    /// New axes of length 1 at these places of the result.
    ExpandDims expand_dims(x: Tensor)[axis: Several] = expanded(&x, &axis.list());
    /// Without the axes of length 1: all of them, or those named.
    Squeeze squeeze(x: Tensor)[; axis: Axes = Axes::All] = squeezed(&x, &axis);
    /// Repeated along axes of length 1 and new axes in front until it has the shape.
    BroadcastTo broadcast_to(x: Tensor)[shape: Vec<usize>] = x.broadcast_to(Shape::from(shape));
    /// The elements in opposite order along axes.
    Flip flip(x: Tensor)[; axis: Axes = Axes::All] = axis.of(x.rank()).map(|axes| x.reverse(&axes));
    /// The rows in opposite order: along axis 1.
    Fliplr fliplr(x: Tensor) = from_front(1, x.rank()).map(|a| x.reverse(&[a]));
    /// The columns in opposite order: along axis 0.
    Flipud flipud(x: Tensor) = from_front(0, x.rank()).map(|a| x.reverse(&[a]));
    /// Turned by `k` times 90 degrees in the plane of two axes.
    Rot90 rot90(array: Tensor)[; k: isize = 1, axes: Vec<isize> = vec![0, 1]] = turned(&array, k, &axes);
    /// Elements moved along axes; what falls off one end comes back at the other.
    Roll roll(x: Tensor)[shift: Several; axis: Axes = Axes::All] = rolled(&x, &shift, &axis);
    /// The whole repeated along each axis.
    Tile tile(x: Tensor)[repeats: Several] = tiled(&x, &repeats.list());
    /// Each element repeated, or each slice of an axis.
    Repeat repeat(x: Tensor)[repeats: Several; axis: Option<isize> = None] = repeated(&x, &repeats, axis);
}

/// The shape that is asked for, with -1 found out where all lengths are known.
pub(in crate::ops) fn resolved(from: &Shape, to: &[isize]) -> Result<Shape> {
    let wrong =
        || Error::value("shape").expected(format_args!("one that holds {from}")).got(format_args!("{to:?}"));
    let known = to.iter().filter(|d| **d != -1).map(|d| usize::try_from(*d).map_err(|_| wrong()));
    let rest = known.clone().try_fold(1usize, |n, d| n.checked_mul(d?).ok_or_else(wrong))?;
    let open = to.iter().filter(|d| **d == -1).count();
    let found = match (open, from.size()) {
        (0, Some(n)) if n != rest => return Err(wrong()),
        (0, _) => Dim::UNKNOWN,
        (1, None) => Dim::UNKNOWN,
        (1, Some(n)) if rest > 0 && n % rest == 0 => Dim::new(n / rest),
        _ => return Err(wrong()),
    };
    Ok(to.iter().map(|d| usize::try_from(*d).map_or(found, Dim::new)).collect::<Vec<Dim>>().into())
}

fn transposed(x: &Tensor, axes: Option<Vec<isize>>) -> Result<Tensor> {
    let order = match axes {
        Some(axes) => in_order(&axes, x.rank())?,
        None => (0..x.rank()).rev().collect(),
    };
    Ok(x.transpose(&order))
}

fn swapped(x: &Tensor, axis1: isize, axis2: isize) -> Result<Tensor> {
    let mut order: Vec<usize> = (0..x.rank()).collect();
    order.swap(from_front(axis1, x.rank())?, from_front(axis2, x.rank())?);
    Ok(x.transpose(&order))
}

pub(in crate::ops) fn moved(x: &Tensor, source: &[isize], destination: &[isize]) -> Result<Tensor> {
    let (from, to) = (in_order(source, x.rank())?, in_order(destination, x.rank())?);
    if from.len() != to.len() {
        return Err(Error::value("destination").expected(format_args!("{} axes", from.len())).got(to.len()));
    }
    let mut rest = (0..x.rank()).filter(|a| !from.contains(a));
    let place = |i: usize| to.iter().position(|t| *t == i).map(|p| from[p]);
    let order: Vec<usize> = (0..x.rank()).filter_map(|i| place(i).or_else(|| rest.next())).collect();
    Ok(x.transpose(&order))
}

fn expanded(x: &Tensor, axes: &[isize]) -> Result<Tensor> {
    let mut places = in_order(axes, x.rank() + axes.len())?;
    places.sort_unstable();
    let mut dims = x.shape().dims().to_vec();
    places.into_iter().for_each(|p| dims.insert(p, Dim::new(1)));
    Ok(x.reshape(dims))
}

fn squeezed(x: &Tensor, axis: &Axes) -> Result<Tensor> {
    let shape = x.shape();
    let axes = match axis {
        Axes::All => (0..x.rank()).filter(|a| shape.dims()[*a] == 1usize).collect(),
        named => named.of(x.rank())?,
    };
    if let Some(a) = axes.iter().find(|a| shape.dims()[**a].known().is_some_and(|n| n != 1)) {
        return Err(Error::value("axis").expected(format_args!("an axis of length 1 of {shape}")).got(a));
    }
    let kept = (0..x.rank()).filter(|a| !axes.contains(a)).map(|a| shape.dims()[a]);
    Ok(x.reshape(kept.collect::<Vec<Dim>>()))
}

fn turned(x: &Tensor, k: isize, axes: &[isize]) -> Result<Tensor> {
    let plane = in_order(axes, x.rank())?;
    let [a, b] = plane[..] else {
        return Err(Error::value("axes").expected("two axes").got(axes.len()));
    };
    let across = |x: &Tensor| {
        let mut order: Vec<usize> = (0..x.rank()).collect();
        order.swap(a, b);
        x.transpose(&order)
    };
    Ok(match k.rem_euclid(4) {
        0 => x.clone(),
        1 => across(&x.reverse(&[b])),
        2 => x.reverse(&[a, b]),
        _ => across(x).reverse(&[b]),
    })
}

fn rolled(x: &Tensor, shift: &Several, axis: &Axes) -> Result<Tensor> {
    let axes = match axis {
        Axes::All => {
            let flat = ravel(x);
            let rolled = rolled(&flat, shift, &Axes::One(0))?;
            return Ok(rolled.reshape(x.shape()));
        }
        Axes::One(a) => vec![from_front(*a, x.rank())?],
        Axes::Several(list) => list.iter().map(|a| from_front(*a, x.rank())).collect::<Result<_>>()?,
    };
    let shifts = shift.list();
    let n = axes.len().max(shifts.len());
    if ![1, n].contains(&axes.len()) || ![1, n].contains(&shifts.len()) {
        return Err(Error::value("shift").expected(format_args!("{} numbers", axes.len())).got(shifts.len()));
    }
    let steps = (0..n).map(|i| (axes[i.min(axes.len() - 1)], shifts[i.min(shifts.len() - 1)]));
    Ok(steps.fold(x.clone(), |x, (axis, shift)| rolled_along(&x, axis, shift)))
}

fn rolled_along(x: &Tensor, axis: usize, shift: isize) -> Tensor {
    // An axis of unknown length keeps its length, whatever the numbers.
    let Some(n) = x.dim(axis as isize).known().filter(|n| *n > 0) else { return x.clone() };
    match shift.rem_euclid(n as isize) as usize {
        0 => x.clone(),
        s => Tensor::concatenate(&[&x.slice_axis(axis, n - s, n), &x.slice_axis(axis, 0, n - s)], axis),
    }
}

/// A whole number of times, or an error.
pub(in crate::ops) fn times(n: isize) -> Result<usize> {
    usize::try_from(n).map_err(|_| Error::value("repeats").expected("a whole number").got(n))
}

fn tiled(x: &Tensor, repeats: &[isize]) -> Result<Tensor> {
    let rank = x.rank().max(repeats.len());
    let repeats = repeats.iter().map(|n| times(*n)).collect::<Result<Vec<usize>>>()?;
    let repeats = [vec![1; rank - repeats.len()], repeats].concat();
    let lengths = [&vec![Dim::new(1); rank - x.rank()][..], x.shape().dims()].concat();
    // Each axis splits in two, of which the first is repeated.
    let split: Vec<Dim> = lengths.iter().flat_map(|d| [Dim::new(1), *d]).collect();
    let grown: Vec<Dim> = lengths.iter().zip(&repeats).flat_map(|(d, n)| [Dim::new(*n), *d]).collect();
    let joined = lengths.iter().zip(&repeats).map(|(d, n)| longer(*d, *n)).collect::<Result<Vec<Dim>>>()?;
    Ok(x.reshape(split).broadcast_to(grown).reshape(joined))
}

fn longer(d: Dim, n: usize) -> Result<Dim> {
    match d.known() {
        None => Ok(if n == 1 { d } else { Dim::UNKNOWN }),
        Some(d) => {
            d.checked_mul(n).map(Dim::new).ok_or_else(|| Error::value("repeats").expected("less").got(n))
        }
    }
}

fn repeated(x: &Tensor, repeats: &Several, axis: Option<isize>) -> Result<Tensor> {
    let (x, axis) = ops::axes::flat_unless(x, axis)?;
    let counts = match repeats {
        Several::Each(list) if list.len() > 1 => {
            list.iter().map(|n| times(*n)).collect::<Result<Vec<usize>>>()?
        }
        one => {
            let n = times(one.list().first().copied().unwrap_or(1))?;
            let mut dims = x.shape().dims().to_vec();
            dims[axis] = longer(dims[axis], n)?;
            let mut grown = x.shape().dims().to_vec();
            grown.insert(axis + 1, Dim::new(n));
            return Ok(x.expand_dims(axis as isize + 1).broadcast_to(grown).reshape(dims));
        }
    };
    if x.dim(axis as isize).known().is_some_and(|n| n != counts.len()) {
        let wanted = format!("{} numbers", x.dim(axis as isize));
        return Err(Error::value("repeats").expected(wanted).got(counts.len()));
    }
    let pieces = counts.iter().enumerate().filter(|(_, n)| **n > 0).map(|(i, n)| {
        let mut shape = x.shape().dims().to_vec();
        shape[axis] = Dim::new(*n);
        x.slice_axis(axis, i, i + 1).broadcast_to(shape)
    });
    let pieces: Vec<Tensor> = pieces.collect();
    if pieces.is_empty() {
        Ok(x.slice_axis(axis, 0, 0))
    } else {
        Ok(Tensor::concatenate(&pieces.iter().collect::<Vec<_>>(), axis))
    }
}
