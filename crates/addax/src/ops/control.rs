//! The ops of Keras that take functions: loops, choices, maps. They are functions only: a file of Keras would hold
//! Python code where the function stands, so they are no nodes of a model that is saved.

use super::axes::from_front;
use addax_core::{DType, Error, Result, Tensor};

/// The function of each row, its results as rows: `keras.ops.map`.
///
/// ```
/// use addax::{Tensor, Value, ops};
/// let x = Tensor::from(Value::new([2, 2], vec![1f32, 2.0, 3.0, 4.0])?);
/// let y = ops::map(|row| vec![row[0].sum(&[0])], &[&x]).remove(0);
/// assert_eq!(y.to_value()?, Value::from(vec![3f32, 7.0]));
/// # Ok::<(), addax::Error>(())
/// ```
pub fn map(f: impl FnOnce(&[Tensor]) -> Vec<Tensor>, xs: &[&Tensor]) -> Vec<Tensor> {
    Tensor::scan(&[], xs, None, false, |_, x| (Vec::new(), f(x))).1
}

/// The function of each row, as [`map`]: rows are computed one after another (`keras.ops.vectorized_map`).
pub fn vectorized_map(f: impl FnOnce(&[Tensor]) -> Vec<Tensor>, elements: &[&Tensor]) -> Vec<Tensor> {
    map(f, elements)
}

/// Goes along the first axis with a state: `f(state, rows)` gives the next state and a row of each result
/// (`keras.ops.scan`). With `length` there need be no rows.
///
/// ```
/// use addax::{Tensor, Value, ops};
/// let x = Tensor::from(Value::from(vec![1f32, 2.0, 3.0]));
/// let (last, _) = ops::scan(|c, x| (vec![&c[0] + &x[0]], vec![]), &[&Tensor::scalar(0f32)], &[&x], None, false);
/// assert_eq!(last[0].to_value()?, Value::scalar(6f32));
/// # Ok::<(), addax::Error>(())
/// ```
pub fn scan(
    f: impl FnOnce(&[Tensor], &[Tensor]) -> (Vec<Tensor>, Vec<Tensor>),
    init: &[&Tensor],
    xs: &[&Tensor],
    length: Option<usize>,
    reverse: bool,
) -> (Vec<Tensor>, Vec<Tensor>) {
    Tensor::scan(init, xs, length, reverse, f)
}

/// All of `f(x₀, x₁)`, `f(f(x₀, x₁), x₂)`, … along an axis, for an associative function of pieces of it, which works
/// element by element along the axis (`keras.ops.associative_scan`): each round puts together what lies twice as far
/// apart as in the round before.
///
/// ```
/// use addax::{Tensor, Value, ops};
/// let x = Tensor::from(Value::from(vec![1f32, 2.0, 3.0, 4.0]));
/// let y = ops::associative_scan(|a, b| vec![&a[0] * &b[0]], &[&x], false, 0)?;
/// assert_eq!(y[0].to_value()?, Value::from(vec![1f32, 2.0, 6.0, 24.0]));
/// # Ok::<(), addax::Error>(())
/// ```
pub fn associative_scan(
    f: impl Fn(&[Tensor], &[Tensor]) -> Vec<Tensor>,
    elems: &[&Tensor],
    reverse: bool,
    axis: isize,
) -> Result<Vec<Tensor>> {
    let first = elems.first().ok_or_else(|| Error::value("elems").expected("at least one tensor"))?;
    let axis = from_front(axis, first.check()?.rank())?;
    let n = first.dim(axis as isize).known();
    let n = n.ok_or_else(|| Error::value("elems").expected("a known length").got(first.shape()))?;
    if let Some(other) = elems.iter().find(|x| x.dim(axis as isize) != n) {
        return Err(Error::value("elems")
            .expected(format_args!("length {n} along axis {axis}"))
            .got(other.shape()));
    }
    let turned = |x: &Tensor| if reverse { x.reverse(&[axis]) } else { x.clone() };
    let mut all: Vec<Tensor> = elems.iter().map(|x| turned(x)).collect();
    let mut far = 1;
    while far < n {
        let part = |from: usize, to: usize| {
            all.iter().map(|x| x.slice_axis(axis, from, to)).collect::<Vec<Tensor>>()
        };
        let (done, rest) = (part(0, far), f(&part(0, n - far), &part(far, n)));
        if rest.len() != all.len() {
            return Err(Error::value("f").expected(format_args!("{} results", all.len())).got(rest.len()));
        }
        all = done.iter().zip(&rest).map(|(a, b)| Tensor::concatenate(&[a, b], axis)).collect();
        far *= 2;
    }
    all.iter().map(|x| turned(x).check().cloned()).collect()
}

/// Both functions, and of each result the one that the condition asks for (`keras.ops.cond`).
///
/// ```
/// use addax::{Tensor, Value, ops};
/// let (x, small) = (Tensor::scalar(3f32), Tensor::scalar(false));
/// let y = ops::cond(&small, || vec![x.negate()], || vec![x.square()])?;
/// assert_eq!(y[0].to_value()?, Value::scalar(9f32));
/// # Ok::<(), addax::Error>(())
/// ```
pub fn cond(
    pred: &Tensor,
    true_fn: impl FnOnce() -> Vec<Tensor>,
    false_fn: impl FnOnce() -> Vec<Tensor>,
) -> Result<Vec<Tensor>> {
    chosen(&pred.cast(DType::I32), &[false_fn(), true_fn()])
}

/// A function of the operands that [`switch`] may choose.
pub type Branch<'a> = &'a dyn Fn(&[&Tensor]) -> Vec<Tensor>;

/// All branches, and of each result that of the branch with the index, the first or last where it lies outside
/// (`keras.ops.switch`).
pub fn switch(index: &Tensor, branches: &[Branch], operands: &[&Tensor]) -> Result<Vec<Tensor>> {
    let made: Vec<Vec<Tensor>> = branches.iter().map(|f| f(operands)).collect();
    chosen(index, &made)
}

fn chosen(index: &Tensor, made: &[Vec<Tensor>]) -> Result<Vec<Tensor>> {
    let [first, rest @ ..] = made else {
        return Err(Error::value("branches").expected("at least one").got(0));
    };
    if index.check()?.rank() != 0 {
        return Err(Error::value("index").expected("a scalar").got(index.shape()));
    }
    let mut all = first.clone();
    for (i, branch) in rest.iter().enumerate() {
        let here = index.gt(&index.filled(i as f64));
        let same = branch.len() == all.len() && branch.iter().zip(&all).all(|(a, b)| a.ty() == b.ty());
        if !same {
            return Err(Error::value("branches")
                .expected("results of the same types")
                .got(format_args!("{branch:?}")));
        }
        all = all.iter().zip(branch).map(|(a, b)| here.broadcast_to(a.shape()).select(b, a)).collect();
    }
    all.iter().map(|t| t.check().cloned()).collect()
}

/// The body as long as the condition holds, `maximum_iterations` times at most (`keras.ops.while_loop`). No gradient
/// flows through it.
///
/// ```
/// use addax::{Tensor, Value, ops};
/// let one = Tensor::scalar(1i32);
/// let last = ops::while_loop(|v| v[0].lt_scalar(100.0), |v| vec![&v[0] * 2.0], &[&one], Some(3));
/// assert_eq!(last[0].to_value()?, Value::scalar(8i32));
/// # Ok::<(), addax::Error>(())
/// ```
pub fn while_loop(
    cond: impl FnOnce(&[Tensor]) -> Tensor,
    body: impl FnOnce(&[Tensor]) -> Vec<Tensor>,
    loop_vars: &[&Tensor],
    maximum_iterations: Option<usize>,
) -> Vec<Tensor> {
    let Some(most) = maximum_iterations else { return Tensor::while_loop(loop_vars, cond, body) };
    let zero = Tensor::scalar(0i32);
    let with_count: Vec<&Tensor> = std::iter::once(&zero).chain(loop_vars.iter().copied()).collect();
    let more = |v: &[Tensor]| v[0].lt(&v[0].filled(most as f64)).and(&cond(&v[1..]));
    let next = |v: &[Tensor]| std::iter::once(&v[0] + 1.0).chain(body(&v[1..])).collect();
    Tensor::while_loop(&with_count, more, next).split_off(1)
}

/// `body(i, values)` for each `i` from `lower` up to `upper`, which is not among them (`keras.ops.fori_loop`).
pub fn fori_loop(
    lower: usize,
    upper: usize,
    body: impl FnOnce(&Tensor, &[Tensor]) -> Vec<Tensor>,
    init: &[&Tensor],
) -> Vec<Tensor> {
    let start = Tensor::scalar(lower as i32);
    let carries: Vec<&Tensor> = std::iter::once(&start).chain(init.iter().copied()).collect();
    let step = |v: &[Tensor], _: &[Tensor]| {
        (std::iter::once(&v[0] + 1.0).chain(body(&v[0], &v[1..])).collect(), Vec::new())
    };
    Tensor::scan(&carries, &[], Some(upper.saturating_sub(lower)), false, step).0.split_off(1)
}
