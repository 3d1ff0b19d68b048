//! Connectionist temporal classification: sequences without an alignment (Graves et al. 2006).

use super::{Labels, Loss, loss_arguments, loss_class};
use crate::activations::log_softmax;
use addax_core::{DType, Error, Result, Tensor};

loss_class! {
    /// `-log` of the probability of the target sequence over all alignments; class 0 is the blank, targets are ended by
    /// zeros: `(batch, labels)` against logits `(batch, steps, classes)`
    CTC ["ctc"] "ctc" {} {} {}
}

/// The logarithm of nothing, as a finite number.
const NEVER: f64 = -1e5;

/// `log(exp a + exp b)`
fn log_add(a: &Tensor, b: &Tensor) -> Tensor {
    a.maximum(b) + (a - b).abs().negate().exp().log1p()
}

/// The logarithms of the probabilities of having come so far: after a blank, having emitted the first n labels (`blank`,
/// `[batch, labels + 1]`), or just having emitted the nth (`label`, `[batch, labels]`).
struct Forward {
    blank: Tensor,
    label: Tensor,
}

impl Forward {
    fn start(like: &Tensor, batch: usize, labels: usize) -> Forward {
        let full = |n: usize, x: f64| Tensor::full(like.dtype(), [batch, n], x);
        let blank = Tensor::concatenate(&[&full(1, 0.0), &full(labels, NEVER)], 1);
        Forward { blank, label: full(labels, NEVER) }
    }

    /// Adds, in logarithms, what comes from the labels to all but the first of the blanks.
    fn with(blank: &Tensor, added: &Tensor, labels: usize) -> Tensor {
        let rest = log_add(&blank.slice_axis(1, 1, labels + 1), added);
        Tensor::concatenate(&[&blank.slice_axis(1, 0, 1), &rest], 1)
    }

    /// One step of time: log-probabilities of the labels `[batch, labels]` and of the blank `[batch, 1]`.
    fn step(&self, emit: &Tensor, blank: &Tensor, repeated: &Tensor, labels: usize) -> Forward {
        // From a label to the next without a blank between, unless both are the same.
        let free = Self::with(&self.blank, &(&self.label + repeated * NEVER), labels);
        let label = log_add(&(free.slice_axis(1, 0, labels) + emit), &(&self.label + emit));
        let waited = &self.label + blank + (1.0 - repeated) * NEVER;
        Forward { blank: Self::with(&(free + blank), &waited, labels), label }
    }

    /// The next state of the sequences that go on.
    fn unless(&self, goes_on: &Tensor, next: Forward) -> Forward {
        let chosen = |a: &Tensor, b: &Tensor| goes_on.broadcast_in_dim(a.shape(), &[0]).select(b, a);
        Forward { blank: chosen(&self.blank, &next.blank), label: chosen(&self.label, &next.label) }
    }
}

/// `-log` of the probability of each target: targets `(batch, labels)`, logits `(batch, steps, classes)`, how many labels
/// count and how many steps (all, if not given), `(batch,)` each, and the class of the blank.
pub(crate) fn ctc_log_loss(
    t: &Tensor,
    p: &Tensor,
    length: &Tensor,
    counted: Option<&Tensor>,
    blank: usize,
) -> Result<Tensor> {
    let [batch, steps, classes] = sizes::<3>(p, "logits of shape (batch, steps, classes)")?;
    let [_, labels] = sizes::<2>(t, "targets of shape (batch, labels)")?;
    if blank >= classes {
        return Err(Error::value("CTC").expected(format_args!("a blank below {classes}")).got(blank));
    }
    let (t, log) = (t.cast(DType::I32), log_softmax(p));
    let shape = [batch, classes, labels];
    let places = Tensor::iota(DType::I32, shape, 1);
    let chosen = t.expand_dims(1).broadcast_to(shape).equal(&places).cast(log.dtype());
    let emit = log.matmul(&chosen);
    let next = t.pad(&[0, -1], &[0, 1], 0.0);
    let repeated = t.equal(&next).cast(log.dtype());
    let before_end =
        Tensor::iota(DType::I32, [batch, labels], 1).lt(&Tensor::constant(DType::I32, labels as f64 - 1.0));
    let repeated = before_end.select(&repeated, &repeated.filled(0.0));
    let mut state = Forward::start(&log, batch, labels);
    for i in 0..steps {
        let blank = log.slice(&[0, i, blank], &[batch, i + 1, blank + 1], &[1, 1, 1]).reshape([batch, 1]);
        let emitted = emit.slice_axis(1, i, i + 1).reshape([batch, labels]);
        let next = state.step(&emitted, &blank, &repeated, labels);
        state = match counted {
            Some(counted) => state.unless(&counted.gt(&counted.filled(i as f64)), next),
            None => next,
        };
    }
    let last = Forward::with(&state.blank, &state.label, labels);
    let at_end = Tensor::iota(DType::I32, [batch, labels + 1], 1)
        .equal(&length.cast(DType::I32).broadcast_in_dim([batch, labels + 1], &[0]));
    Ok(at_end.select(&last, &last.filled(0.0)).sum(&[1]).negate())
}

impl Loss for CTC {
    fn per_sample(&self, t: &Tensor, p: &Tensor) -> Tensor {
        Tensor::from_result(|| {
            let zero = Tensor::constant(t.dtype(), 0.0);
            let length = t.not_equal(&zero).cast(DType::I32).sum(&[1]);
            ctc_log_loss(t, p, &length, None, 0)
        })
    }

    loss_arguments!();

    fn labels(&self) -> Labels {
        Labels::Sequences
    }
}

fn sizes<const N: usize>(x: &Tensor, wanted: &str) -> Result<[usize; N]> {
    let error = |got| Error::value("CTC").expected(wanted).got(got);
    let shape = x.check()?.shape();
    <[usize; N]>::try_from(shape.concrete()?).map_err(|_| error(&shape))
}

#[cfg(test)]
mod tests {
    use super::*;
    use addax_core::Value;
    use addax_core::testing::check_first_gradient;

    #[test]
    fn two_steps_and_one_label_by_hand() {
        // Alignments of "a" over two steps: a-, -a, aa.
        let (blank, a) = (0.4f64.ln(), 0.6f64.ln());
        let logits = Value::new([1, 2, 2], vec![blank as f32, a as f32, blank as f32, a as f32]).unwrap();
        let t = Tensor::from(Value::new([1, 1], vec![1i32]).unwrap());
        let got = CTC::new().per_sample(&t, &Tensor::from(logits)).to_value().unwrap().to_f64()[0];
        assert!((got + (0.24 * 2.0 + 0.36f64).ln()).abs() < 1e-5, "{got}");
    }

    #[test]
    fn gradients_match_finite_differences() {
        let t = Tensor::from(Value::new([2, 3], vec![1i32, 1, 2, 2, 0, 0]).unwrap());
        let f = |x: &[Tensor]| CTC::new().per_sample(&t, &x[0]);
        check_first_gradient("CTC", f, &[(&[2, 6, 3], (-1.0, 1.0))]);
    }
}
