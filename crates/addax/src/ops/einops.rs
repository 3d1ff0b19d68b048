//! Keras's `keras.ops.einops`: axes rearranged as a pattern says.

use super::OpDef;
use crate::arguments::{Argument, Arguments};
use crate::class::Field;
use crate::ops;
use addax_core::{Dim, Error, Result, Tensor};

ops! {
    table TABLE in "keras.src.ops.einops";

    /// Axes in another order, split and joined as the pattern says: `"b (h w) c -> b h w c"` with `h = 4`.
    Rearrange rearrange(tensor: Tensor, pattern: String, axes_lengths: Lengths) = rearranged(&tensor, &pattern, &axes_lengths.0);
}

pub(super) const TABLES: &[&[OpDef]] = &[TABLE];

/// Lengths of axes by name.
#[derive(Clone, Debug)]
pub struct Lengths(pub Vec<(String, usize)>);

impl ops::CallArgument for Lengths {
    const NAMED: bool = true;

    fn read(_: &Argument<Tensor>) -> Result<Self> {
        Err(Error::type_("axes_lengths").expected("lengths by name"))
    }

    fn take(arguments: &Arguments<Tensor>, signature: &[&str], _: &str, _: Option<Self>) -> Result<Self> {
        let more = arguments.named.iter().filter(|(n, _)| !signature.contains(&n.as_str()));
        let length = |(name, given): &(String, Argument<Tensor>)| match given {
            Argument::Plain(json) => Ok((name.clone(), usize::from_json(json).map_err(|e| e.at(name))?)),
            _ => Err(Error::type_(name).expected("a length").got("a tensor")),
        };
        more.map(length).collect::<Result<_>>().map(Lengths)
    }
}

impl<const N: usize> ops::Given<Lengths> for [(&str, usize); N] {
    fn given(self) -> Lengths {
        Lengths(self.iter().map(|(n, d)| (n.to_string(), *d)).collect())
    }
}

/// One side of a pattern: groups of names.
fn groups(side: &str) -> Result<Vec<Vec<&str>>> {
    let wrong = || {
        Error::value("pattern").expected("names in groups, as in \"b (h w) c\"").got(format!("\"{side}\""))
    };
    let (mut all, mut open): (Vec<Vec<&str>>, Option<Vec<&str>>) = (Vec::new(), None);
    let mut rest = side.trim();
    while let Some(first) = rest.chars().next() {
        match first {
            '(' if open.is_none() => open = Some(Vec::new()),
            ')' => all.push(open.take().ok_or_else(wrong)?),
            c if c.is_whitespace() => {}
            c if c.is_alphanumeric() || c == '_' => {
                let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
                match &mut open {
                    Some(group) => group.push(&rest[..end]),
                    None => all.push(vec![&rest[..end]]),
                }
                rest = &rest[end..];
                continue;
            }
            _ => return Err(wrong()),
        }
        rest = &rest[first.len_utf8()..];
    }
    if open.is_some() { Err(wrong()) } else { Ok(all) }
}

/// The product of lengths, unknown where one is.
fn product(dims: impl IntoIterator<Item = Dim>) -> Result<Dim> {
    dims.into_iter().try_fold(Dim::new(1), |n, d| match (n.known(), d.known()) {
        (Some(n), Some(d)) => {
            n.checked_mul(d).map(Dim::new).ok_or_else(|| Error::value("pattern").expected("smaller lengths"))
        }
        _ => Ok(Dim::UNKNOWN),
    })
}

fn rearranged(x: &Tensor, pattern: &str, told: &[(String, usize)]) -> Result<Tensor> {
    let wrong = |what: String| Error::value("pattern").expected(what).got(format!("\"{pattern}\""));
    let (left, right) = pattern.split_once("->").ok_or_else(|| wrong("an arrow".to_string()))?;
    let (left, right) = (groups(left)?, groups(right)?);
    if left.len() != x.rank() {
        return Err(wrong(format!("{} groups on the left", x.rank())));
    }
    let mut names: Vec<&str> = Vec::new();
    let mut lengths: Vec<Dim> = Vec::new();
    for (group, whole) in left.iter().zip(x.shape().dims()) {
        let of = |name: &&str| told.iter().find(|(n, _)| n == name).map(|(_, d)| Dim::new(*d));
        let known = product(group.iter().filter_map(of))?;
        let open: Vec<&&str> = group.iter().filter(|n| of(n).is_none()).collect();
        let rest = match (whole.known(), known.known()) {
            (Some(n), Some(k)) if k > 0 && n % k == 0 => Dim::new(n / k),
            (None, _) => Dim::UNKNOWN,
            _ => return Err(wrong(format!("lengths that divide {whole}"))),
        };
        if open.len() > 1 || (open.is_empty() && rest.known().is_some_and(|n| n != 1)) {
            return Err(wrong(format!("lengths for all but one of {group:?}")));
        }
        for name in group {
            names.push(name);
            lengths.push(of(name).unwrap_or(rest));
        }
    }
    let place = |name: &&str| {
        names.iter().position(|n| n == name).ok_or_else(|| wrong(format!("\"{name}\" on the left")))
    };
    let order = right.iter().flatten().map(place).collect::<Result<Vec<usize>>>()?;
    let joined = right.iter().map(|group| {
        product(group.iter().map(|n| place(n).map(|i| lengths[i])).collect::<Result<Vec<Dim>>>()?)
    });
    let joined = joined.collect::<Result<Vec<Dim>>>()?;
    Ok(x.reshape(lengths).transpose(&order).reshape(joined))
}

#[cfg(test)]
mod tests {
    use super::*;
    use addax_core::DType;

    #[test]
    fn patterns_split_and_join_axes() {
        let x = Tensor::full(DType::F32, [2, 12, 3], 0.0);
        let shape = |pattern: &str, lengths: &[(&str, usize)]| {
            let lengths = lengths.iter().map(|(n, d)| (n.to_string(), *d)).collect::<Vec<_>>();
            rearranged(&x, pattern, &lengths)
                .and_then(|y| Ok(y.check()?.shape().to_string()))
                .map_err(|e| e.to_string())
        };
        assert_eq!(shape("b (h w) c -> b c h w", &[("w", 4)]).unwrap(), "(2, 3, 3, 4)");
        assert_eq!(shape("b n c -> (b n c)", &[]).unwrap(), "(72,)");
        assert!(shape("b n -> n b", &[]).unwrap_err().contains("3 groups on the left"));
        assert!(shape("b (h w) c -> b h w c", &[]).unwrap_err().contains("all but one"));
        assert!(shape("b (h w) c -> b h w d", &[("h", 3)]).unwrap_err().contains("\"d\" on the left"));
        assert!(shape("b (n c -> b", &[]).unwrap_err().contains("names in groups"));
    }
}
