//! Connectionist temporal classification: sequences of labels without an alignment.

use crate::activations::functions::log_softmax_along;
use crate::losses::ctc_log_loss;
use crate::ops;
use crate::ops::core::whole;
use crate::ops::numpy::precise;
use addax_core::ops::{Reduction, ScatterKind};
use addax_core::{DType, Dim, Error, Result, Tensor};

ops! {
    table TABLE in "keras.src.ops.nn";

    /// `-log` of the probability of each target over all alignments: targets `(batch, labels)`, logits
    /// `(batch, steps, classes)`, and how many of both count; `mask_index` is the class of the blank.
    CTCLoss ctc_loss(target: Tensor, output: Tensor, target_length: Tensor, output_length: Tensor)[; mask_index: usize = 0] =
        missed(&target, &precise(&output), &target_length, &output_length, mask_index);
    /// The likeliest labels of each sequence, ended by -1: `(paths, batch, steps)` and their scores `(batch, paths)`.
    CTCDecode ctc_decode(inputs: Tensor, sequence_lengths: Tensor)
        [; strategy: String = "greedy".to_string(), beam_width: usize = 100, top_paths: usize = 1, merge_repeated: bool = true,
        mask_index: Option<usize> = Some(0)] -> Result<Vec<Tensor>> =
        Decoder::new(&precise(&inputs), &whole(&sequence_lengths), mask_index).and_then(|d| match strategy.as_str() {
            "greedy" => d.greedy(merge_repeated),
            "beam_search" => d.beams(beam_width, top_paths),
            other => Err(Error::unknown("strategy", other, ["greedy", "beam_search"])),
        });
}

/// No label.
const NONE: f64 = -1.0;

fn missed(target: &Tensor, output: &Tensor, labels: &Tensor, steps: &Tensor, blank: usize) -> Result<Tensor> {
    if output.rank() != 3 || target.rank() != 2 {
        let got = format!("{} and {}", target.shape(), output.shape());
        return Err(Error::value("ctc_loss")
            .expected("(batch, labels) and (batch, steps, classes)")
            .got(got));
    }
    if output.shape().known().is_none() || target.shape().known().is_none() {
        return Ok(output.sum(&[1, 2]));
    }
    ctc_log_loss(target, output, &whole(labels), Some(&whole(steps)), blank)
}

/// Logits `(batch, steps, classes)` to be read as labels.
struct Decoder<'a> {
    logits: &'a Tensor,
    /// Whether a step is past the end, `(batch, steps)`.
    over: Tensor,
    blank: usize,
    sizes: [Dim; 3],
}

impl<'a> Decoder<'a> {
    fn new(logits: &'a Tensor, lengths: &Tensor, blank: Option<usize>) -> Result<Decoder<'a>> {
        let shape = logits.shape();
        let [batch, steps, classes] = *shape.dims() else {
            return Err(Error::value("inputs").expected("(batch, steps, classes)").got(&shape));
        };
        let (Some(t), Some(c)) = (steps.known(), classes.known()) else {
            return Err(Error::value("inputs").expected("known numbers of steps and classes").got(&shape));
        };
        let blank = blank.unwrap_or(c.saturating_sub(1));
        if t == 0 || blank >= c {
            return Err(Error::value("mask_index")
                .expected(format_args!("below {c}, at least 1 step"))
                .got(blank));
        }
        let count = Tensor::iota(DType::I32, [batch, steps], 1);
        let over = count.ge(&lengths.cast(DType::I32).broadcast_in_dim([batch, steps], &[0]));
        Ok(Decoder { logits, over, blank, sizes: [batch, steps, classes] })
    }

    /// The likeliest class of each step; the score is minus the sum of their logits.
    fn greedy(&self, merge_repeated: bool) -> Result<Vec<Tensor>> {
        let [batch, steps, _] = self.sizes;
        let best = self.logits.argmax(-1);
        let blank = best.filled(self.blank as f64);
        let mut labels = self.over.select(&blank, &best);
        let score = self.logits.max(&[2]);
        let score = self.over.select(&score.filled(0.0), &score).sum(&[1]).negate().expand_dims(1);
        if merge_repeated {
            let before = labels.pad(&[0, 1], &[0, -1], NONE);
            labels = labels.equal(&before).select(&blank, &labels);
        }
        let empty = labels.equal(&blank);
        let labels = empty.select(&labels.filled(NONE), &labels);
        let place = Tensor::iota(DType::I32, [batch, steps], 1);
        let last = place.filled(steps.known().unwrap_or(0) as f64);
        let order = empty.select(&last, &place).argsort(1, false);
        Ok(vec![labels.take_along_axis(&order, 1).expand_dims(0), score])
    }

    fn beams(&self, width: usize, top: usize) -> Result<Vec<Tensor>> {
        let [batch, steps, classes] = self.sizes;
        let (t, c) = (steps.known().unwrap_or(0), classes.known().unwrap_or(0));
        let rows = width.checked_mul(2).and_then(|n| n.checked_mul(c)).filter(|n| *n < 1 << 20);
        let rows = rows.filter(|_| width > 0 && (1..=2 * width).contains(&top));
        let rows = rows.ok_or_else(|| {
            Error::value("beam_width")
                .expected("at least top_paths, and fewer than 2^19 / classes")
                .got(width)
        })?;
        let Some(b) = batch.known() else {
            let score = self.logits.max(&[1, 2]).expand_dims(1).broadcast_to([batch, Dim::new(top)]);
            let paths = self.over.cast(DType::I32).expand_dims(0).broadcast_to([Dim::new(top), batch, steps]);
            return Ok(vec![paths, score]);
        };
        // As in Keras the classes stand the other way round, which decides between equal scores.
        let logits = log_softmax_along(self.logits, &[2]).reverse(&[2]);
        let search = Search { batch: b, steps: t, classes: c, blank: c - 1 - self.blank, width, rows };
        let first = search.start(&logits.slice_axis(1, 0, 1).squeeze(1));
        let rest = |x: &Tensor| {
            x.slice_axis(1, 1, t).transpose(&(if x.rank() == 3 { vec![1, 0, 2] } else { vec![1, 0] }))
        };
        let (last, _) = Tensor::scan(
            &[&first.paths, &first.scores, &first.masked],
            &[&rest(&logits), &rest(&self.over)],
            None,
            false,
            |state, now| {
                let before =
                    Beams { paths: state[0].clone(), scores: state[1].clone(), masked: state[2].clone() };
                let after = search.step(&before, &now[0]);
                (before.unless(&now[1], &after), Vec::new())
            },
        );
        let [paths, scores, _] = &last[..] else { return Err(Error::value("ctc_decode").expected("beams")) };
        let (paths, place) = search.distinct(paths, 2 * width);
        let scores = search.merged(&place, &scores.take_along_axis(&place.order, 1), 2 * width);
        let order = scores.argsort(1, false).slice_axis(1, 2 * width - top, 2 * width).reverse(&[1]);
        let paths = search.picked(&paths, &order, top);
        let none = paths.equal(&paths.filled(NONE));
        let labels = none.select(&paths, &((paths.filled((c - 1) as f64)) - &paths));
        Ok(vec![labels.transpose(&[1, 0, 2]), scores.take_along_axis(&order, 1)])
    }
}

/// Labels read so far, their scores, and whether the last step was a blank: `(batch, 2 · width, …)`, first those that
/// ended with a label, then those that ended with a blank.
struct Beams {
    paths: Tensor,
    scores: Tensor,
    masked: Tensor,
}

impl Beams {
    /// As it was where the sequence is over, else as it is after the step.
    fn unless(&self, over: &Tensor, after: &Beams) -> Vec<Tensor> {
        let pairs =
            [(&self.paths, &after.paths), (&self.scores, &after.scores), (&self.masked, &after.masked)];
        pairs.map(|(old, new)| over.broadcast_in_dim(old.shape(), &[0]).select(old, new)).to_vec()
    }
}

/// Where rows go when equal ones become one: their order, and the place of each in that order.
struct Places {
    order: Tensor,
    rank: Tensor,
}

struct Search {
    batch: usize,
    steps: usize,
    classes: usize,
    blank: usize,
    width: usize,
    /// How many paths one step makes.
    rows: usize,
}

impl Search {
    /// The likeliest classes of the first step.
    fn start(&self, logits: &Tensor) -> Beams {
        let (many, all) = (self.classes.min(self.width), 2 * self.width);
        let best = logits.argsort(1, false).slice_axis(1, self.classes - many, self.classes);
        let label = self.unblanked(&best);
        let rest = [0, (all - many) as isize];
        let scores = logits.take_along_axis(&best, 1).pad(&[0, 0], &rest, f64::NEG_INFINITY);
        let label = label.pad(&[0, 0], &rest, NONE);
        let paths = label.expand_dims(2).pad(&[0, 0, 0], &[0, 0, self.steps as isize - 1], NONE);
        let masked = label.equal(&label.filled(NONE));
        Beams { paths, scores, masked }
    }

    /// Classes, the blank as no label.
    fn unblanked(&self, classes: &Tensor) -> Tensor {
        classes.equal(&classes.filled(self.blank as f64)).select(&classes.filled(NONE), classes)
    }

    /// Every path with every class behind it, equal ones put together, and the best of them.
    fn step(&self, beams: &Beams, logits: &Tensor) -> Beams {
        let (b, n, t) = (self.batch, self.rows, self.steps);
        let each = [b, 2 * self.width, self.classes];
        let paths =
            beams.paths.broadcast_in_dim([b, 2 * self.width, self.classes, t], &[0, 1, 3]).reshape([b, n, t]);
        let spread = |x: &Tensor, axes: &[usize]| x.broadcast_in_dim(each, axes).reshape([b, n]);
        let scores = spread(&beams.scores, &[0, 1]) + spread(logits, &[0, 2]);
        let label = self.unblanked(&Tensor::iota(DType::I32, each, 2).reshape([b, n]));
        let masked = label.equal(&label.filled(NONE));
        // The first free place, and the label before it.
        let at = paths.equal(&paths.filled(NONE)).cast(DType::I32).argmax(-1);
        let before = paths.take_along_axis(&(&at - 1.0).max_scalar(0.0).expand_dims(2), 2).squeeze(2);
        let before = at.equal(&at.filled(0.0)).select(&before.filled(NONE), &before);
        let again = spread(&beams.masked, &[0, 1]).not().and(&before.equal(&label));
        let label = again.select(&label.filled(NONE), &label);
        let here = Tensor::iota(DType::I32, [b, n, t], 2).equal(&at.broadcast_in_dim([b, n, t], &[0, 1]));
        let paths = here.select(&label.broadcast_in_dim([b, n, t], &[0, 1]), &paths);
        self.pruned(&paths, &scores, &masked)
    }

    fn pruned(&self, paths: &Tensor, scores: &Tensor, masked: &Tensor) -> Beams {
        let (unique, place) = self.distinct(paths, self.rows);
        let (scores, masked) =
            (scores.take_along_axis(&place.order, 1), masked.take_along_axis(&place.order, 1));
        let nothing = scores.filled(f64::NEG_INFINITY);
        let label = self.merged(&place, &masked.select(&nothing, &scores), self.rows);
        let blank = self.merged(&place, &masked.select(&scores, &nothing), self.rows);
        let total = ops::logaddexp(&label, &blank);
        let order = total.argsort(1, false).slice_axis(1, self.rows - self.width, self.rows);
        let best = self.picked(&unique, &order, self.width);
        let kept = |x: &Tensor| x.take_along_axis(&order, 1);
        let all = Tensor::iota(DType::I32, [self.batch, 2 * self.width], 1);
        Beams {
            paths: Tensor::concatenate(&[&best, &best], 1),
            scores: Tensor::concatenate(&[&kept(&label), &kept(&blank)], 1),
            masked: all.ge(&all.filled(self.width as f64)),
        }
    }

    /// The paths at the given places.
    fn picked(&self, paths: &Tensor, order: &Tensor, count: usize) -> Tensor {
        paths.take_along_axis(&order.broadcast_in_dim([self.batch, count, self.steps], &[0, 1]), 1)
    }

    /// The different ones of `n` paths in rising order, then paths without labels.
    fn distinct(&self, paths: &Tensor, n: usize) -> (Tensor, Places) {
        let order = self.sorted(paths, n);
        let sorted = self.picked(paths, &order, n);
        let before = sorted.pad(&[0, 1, 0], &[0, -1, 0], NONE - 1.0);
        let new = sorted.not_equal(&before).reduce(Reduction::Or, &[2]).cast(DType::I32);
        let rank = new.cumulative(Reduction::Sum, 1, false) - 1.0;
        let places = Places { order, rank };
        let unique =
            sorted.filled(NONE).scatter_at(ScatterKind::Replace, &self.indices(&places.rank, n), &sorted);
        (unique, places)
    }

    /// The order in which `n` paths rise: sorted from the last label to the first, as many at once as a number holds.
    fn sorted(&self, paths: &Tensor, n: usize) -> Tensor {
        let size = self.classes + 1;
        let together = (1..).take_while(|k| size.checked_pow(*k).is_some_and(|p| p < 1 << 31)).last();
        let together = together.unwrap_or(1) as usize;
        let mut order = Tensor::iota(DType::I32, [self.batch, n], 1);
        let mut end = self.steps;
        while end > 0 {
            let from = end.saturating_sub(together);
            let key = (from..end).fold(order.filled(0.0), |key, i| {
                key * size as f64 + (paths.slice_axis(2, i, i + 1).squeeze(2) + 1.0)
            });
            let next = key.take_along_axis(&order, 1).argsort(1, false);
            order = order.take_along_axis(&next, 1);
            end = from;
        }
        order
    }

    fn indices(&self, rank: &Tensor, n: usize) -> Tensor {
        let batch = Tensor::iota(DType::I32, [self.batch, n], 0);
        Tensor::concatenate(&[&batch.expand_dims(2), &rank.expand_dims(2)], 2)
    }

    /// `log Σ exp` of the scores of equal paths.
    fn merged(&self, places: &Places, scores: &Tensor, n: usize) -> Tensor {
        let most = scores.max(&[1]).expand_dims(1);
        let shares = (scores - &most).exp();
        let zero = shares.filled(0.0);
        zero.scatter_at(ScatterKind::Add, &self.indices(&places.rank, n), &shares).log() + most
    }
}
