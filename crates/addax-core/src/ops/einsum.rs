//! Einstein's summation over any number of tensors, as sums, products and transposes of other ops.

use super::DotGeneral;
use crate::error::{Error, Result};
use crate::shape::{Dim, Shape};
use crate::tensor::Tensor;

/// The label of an axis: a letter, or an axis of the ellipsis counted from its end.
type Label = u32;

/// Axes of an ellipsis have labels beyond every letter.
const ELLIPSIS: Label = 0x11_0000;

/// A tensor whose axes have labels.
struct Labelled {
    tensor: Tensor,
    labels: Vec<Label>,
}

impl Tensor {
    /// Einstein's summation: `einsum("abc,cd->abd", &[&x, &w])`. Letters that are left out of the result are summed;
    /// without `->` the result has the letters that occur once, sorted. `...` stands for any axes, which broadcast; a
    /// letter twice in one operand takes its diagonal.
    ///
    /// ```
    /// use addax_core::{DType, Tensor};
    /// let (x, w) = (Tensor::full(DType::F32, [5, 2, 3], 1.0), Tensor::full(DType::F32, [3, 4], 2.0));
    /// let y = Tensor::einsum("abc,cd->abd", &[&x, &w]);
    /// assert_eq!((y.shape().to_string(), y.to_value().unwrap().to_f64()[0]), ("(5, 2, 4)".to_string(), 6.0));
    /// ```
    pub fn einsum(equation: &str, operands: &[&Tensor]) -> Tensor {
        Tensor::from_result(|| {
            einsum(equation, operands).map_err(|e| e.at(format_args!("einsum \"{equation}\"")))
        })
    }
}

fn einsum(equation: &str, operands: &[&Tensor]) -> Result<Tensor> {
    let equation: String = equation.chars().filter(|c| !c.is_whitespace()).collect();
    let (left, right) = match equation.split_once("->") {
        Some((left, right)) => (left, Some(right)),
        None => (equation.as_str(), None),
    };
    let terms: Vec<&str> = left.split(',').collect();
    if terms.len() != operands.len() {
        return Err(Error::value("operands").expected(terms.len()).got(operands.len()));
    }
    let mut parts = Vec::new();
    for (term, tensor) in terms.iter().zip(operands) {
        let labels = labels(term, Some(tensor.check()?.rank()))?;
        parts.push(diagonal(Labelled { tensor: (*tensor).clone(), labels })?);
    }
    let open = parts
        .iter()
        .flat_map(|p| &p.labels)
        .filter(|l| **l >= ELLIPSIS)
        .max()
        .map_or(0, |l| l - ELLIPSIS + 1);
    let output = match right {
        Some(text) => labels(text, Some(text.chars().filter(|c| *c != '.').count() + open as usize))?,
        None => implicit(left, open),
    };
    if let Some(l) = output.iter().find(|l| !parts.iter().any(|p| p.labels.contains(l))) {
        return Err(Error::value("result").expected("letters of the operands").got(shown(*l)));
    }
    let mut parts = parts.into_iter();
    let mut sum = parts.next().ok_or_else(|| Error::value("operands").expected("at least one"))?;
    let mut rest: Vec<Labelled> = parts.collect();
    while !rest.is_empty() {
        let next = rest.remove(0);
        // What a later operand or the result asks for is kept.
        let kept = |l: &Label| output.contains(l) || rest.iter().any(|p| p.labels.contains(l));
        sum = join(sum, next, &kept)?;
    }
    let sum = reduce(sum, &|l| output.contains(l));
    let order: Vec<usize> = output.iter().filter_map(|l| sum.labels.iter().position(|m| m == l)).collect();
    Ok(if order.is_sorted() { sum.tensor } else { sum.tensor.transpose(&order) })
}

fn shown(label: Label) -> String {
    char::from_u32(label).map_or("an axis of ...".to_string(), |c| format!("\"{c}\""))
}

/// The labels of a term; `rank` says how many axes `...` stands for.
fn labels(term: &str, rank: Option<usize>) -> Result<Vec<Label>> {
    let (before, after) = term.split_once("...").map_or((term, None), |(b, a)| (b, Some(a)));
    let letters = |text: &str| -> Result<Vec<Label>> {
        let wrong = |c: char| {
            Error::value("equation").expected("letters, commas, ... and ->").got(format!("\"{c}\""))
        };
        text.chars().map(|c| if c.is_alphabetic() { Ok(c as Label) } else { Err(wrong(c)) }).collect()
    };
    let (mut all, tail) = (letters(before)?, letters(after.unwrap_or_default())?);
    let rank = rank.unwrap_or(all.len() + tail.len());
    let named = all.len() + tail.len();
    if named > rank || (after.is_none() && named != rank) {
        return Err(Error::value(format!("operand \"{term}\""))
            .expected(format_args!("{named} axes"))
            .got(rank));
    }
    if after.is_some() {
        // Counted from the end, as ellipses of different ranks broadcast.
        all.extend((0..(rank - named) as Label).rev().map(|i| ELLIPSIS + i));
    }
    all.extend(tail);
    Ok(all)
}

/// The result of an equation without `->`.
fn implicit(left: &str, open: Label) -> Vec<Label> {
    let mut letters: Vec<char> = left.chars().filter(|c| c.is_alphabetic()).collect();
    letters.sort_unstable();
    let once = letters.iter().filter(|c| letters.iter().filter(|d| d == c).count() == 1).map(|c| *c as Label);
    (0..open).rev().map(|i| ELLIPSIS + i).chain(once).collect()
}

/// Axes with the same label become one: everything off the diagonal is set to zero and summed away.
fn diagonal(mut part: Labelled) -> Result<Labelled> {
    while let Some((i, j)) = twins(&part.labels) {
        let (x, shape) = (&part.tensor, part.tensor.shape());
        if !shape.dims()[i].fits(shape.dims()[j]) {
            return Err(Error::value(format!("axes {}", shown(part.labels[i])))
                .expected("the same length")
                .got(format_args!("{shape}")));
        }
        let place = |axis| Tensor::iota(crate::DType::I32, &shape, axis);
        let kept = place(i).equal(&place(j)).select(x, &x.filled(0.0));
        part.tensor = kept.sum(&[j]);
        part.labels.remove(j);
    }
    Ok(part)
}

fn twins(labels: &[Label]) -> Option<(usize, usize)> {
    let later = |i: usize| labels[i + 1..].iter().position(|l| *l == labels[i]).map(|j| (i, i + 1 + j));
    (0..labels.len()).find_map(later)
}

/// Sums away the axes that nobody asks for.
fn reduce(part: Labelled, kept: &dyn Fn(&Label) -> bool) -> Labelled {
    let gone: Vec<usize> = (0..part.labels.len()).filter(|i| !kept(&part.labels[*i])).collect();
    if gone.is_empty() {
        return part;
    }
    let labels = part.labels.into_iter().filter(|l| kept(l)).collect();
    Labelled { tensor: part.tensor.sum(&gone), labels }
}

/// The product of two operands, summed over the labels that both have and nobody else asks for.
fn join(a: Labelled, b: Labelled, kept: &dyn Fn(&Label) -> bool) -> Result<Labelled> {
    let a = reduce(a, &|l| kept(l) || b.labels.contains(l));
    let b = reduce(b, &|l| kept(l) || a.labels.contains(l));
    let (a, b) = broadcast(a, b)?;
    let (mut dot, mut labels) = (
        DotGeneral { lhs_batch: vec![], rhs_batch: vec![], lhs_contract: vec![], rhs_contract: vec![] },
        Vec::new(),
    );
    for (i, l) in a.labels.iter().enumerate() {
        let Some(j) = b.labels.iter().position(|m| m == l) else { continue };
        if kept(l) {
            dot.lhs_batch.push(i);
            dot.rhs_batch.push(j);
            labels.push(*l);
        } else {
            dot.lhs_contract.push(i);
            dot.rhs_contract.push(j);
        }
    }
    labels.extend(a.labels.iter().filter(|l| !b.labels.contains(l)));
    labels.extend(b.labels.iter().filter(|l| !a.labels.contains(l)));
    Ok(Labelled { tensor: a.tensor.dot_general(&b.tensor, dot), labels })
}

/// Axes of the ellipsis that both have get the same length: an axis of 1 is repeated.
fn broadcast(a: Labelled, b: Labelled) -> Result<(Labelled, Labelled)> {
    let grown = |x: &Labelled, other: &Labelled| {
        let other_dims = other.tensor.shape();
        let dims: Vec<Dim> = x
            .labels
            .iter()
            .zip(x.tensor.shape().dims())
            .map(|(l, d)| match other.labels.iter().position(|m| m == l) {
                Some(j) if *l >= ELLIPSIS && *d == 1usize => other_dims.dims()[j],
                _ => *d,
            })
            .collect();
        let shape = Shape::from(dims);
        if shape == x.tensor.shape() { x.tensor.clone() } else { x.tensor.broadcast_to(shape) }
    };
    let (ta, tb) = (grown(&a, &b), grown(&b, &a));
    let (ta, tb) = (ta.check()?.clone(), tb.check()?.clone());
    Ok((Labelled { tensor: ta, labels: a.labels }, Labelled { tensor: tb, labels: b.labels }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;
    use crate::testing::check_gradient;

    fn numbers(shape: &[usize]) -> Tensor {
        let n: usize = shape.iter().product();
        Tensor::from(Value::new(shape, (0..n).map(|i| (i as f64 * 0.7).sin()).collect::<Vec<f64>>()).unwrap())
    }

    fn close(a: &Tensor, b: &Tensor) {
        assert_eq!(a.shape(), b.shape());
        let (a, b) = (a.to_value().unwrap().to_f64(), b.to_value().unwrap().to_f64());
        assert!(a.iter().zip(&b).all(|(x, y)| (x - y).abs() < 1e-12), "{a:?} {b:?}");
    }

    #[test]
    fn equations_are_the_products_they_spell() {
        let (a, b) = (numbers(&[2, 3, 4]), numbers(&[4, 5]));
        close(&Tensor::einsum("abc,cd->abd", &[&a, &b]), &a.matmul(&b));
        close(&Tensor::einsum("abc,cd->dab", &[&a, &b]), &a.matmul(&b).transpose(&[2, 0, 1]));
        close(&Tensor::einsum("...c,cd", &[&a, &b]), &a.matmul(&b));
        close(&Tensor::einsum("abc->b", &[&a]), &a.sum(&[0, 2]));
        close(&Tensor::einsum("ba", &[&b]), &b.transpose(&[1, 0]));
        let (x, y) = (numbers(&[1, 3, 2]), numbers(&[4, 2, 3]));
        close(&Tensor::einsum("...ij,...jk->...ik", &[&x, &y]), &x.broadcast_to([4, 3, 2]).matmul(&y));
        let s = numbers(&[3, 3]);
        close(
            &Tensor::einsum("ii->i", &[&s]),
            &Tensor::from(Value::from((0..3).map(|i| (i as f64 * 2.8).sin()).collect::<Vec<_>>())),
        );
        let z = numbers(&[5, 6]);
        close(
            &Tensor::einsum("ac,cd,de->ae", &[&numbers(&[2, 4]), &b, &z]),
            &numbers(&[2, 4]).matmul(&b).matmul(&z),
        );
        close(
            &Tensor::einsum("a,b->ab", &[&numbers(&[2]), &numbers(&[3])]),
            &numbers(&[2]).expand_dims(1).matmul(&numbers(&[3]).expand_dims(0)),
        );
    }

    #[test]
    fn gradients_match_finite_differences() {
        let heads = |x: &[Tensor]| Tensor::einsum("btd,dhk->bthk", &[&x[0], &x[1]]);
        check_gradient("heads", heads, &[(&[2, 3, 4], (-1.0, 1.0)), (&[4, 2, 3], (-1.0, 1.0))]);
        let scores = |x: &[Tensor]| Tensor::einsum("bqhk,bthk->bhqt", &[&x[0], &x[1]]);
        check_gradient("scores", scores, &[(&[2, 3, 2, 2], (-1.0, 1.0)), (&[2, 4, 2, 2], (-1.0, 1.0))]);
    }

    #[test]
    fn mistakes_are_named() {
        let a = numbers(&[2, 3]);
        let error = |e: &str| Tensor::einsum(e, &[&a]).check().unwrap_err().to_string();
        assert_eq!(error("abc->a"), "einsum \"abc->a\" > operand \"abc\": expected 3 axes, got 2");
        assert_eq!(error("ab->c"), "einsum \"ab->c\" > result: expected letters of the operands, got \"c\"");
        assert_eq!(error("ab,bc->c"), "einsum \"ab,bc->c\" > operands: expected 2, got 1");
        assert!(error("a1").contains("got \"1\""));
    }
}
