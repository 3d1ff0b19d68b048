//! Sums and extremes of segments, and overlapping pieces of sequences.

use crate::ops;
use addax_core::ops::Reduction;
use addax_core::{Dim, Error, Result, Tensor, Value};

ops! {
    table TABLE in "keras.src.ops.math";

    /// The sum of the rows of each segment.
    SegmentSum segment_sum(data: Tensor, segment_ids: Tensor)[; num_segments: Option<usize> = None]{ sorted: bool = false } =
        by_segment(&data, &segment_ids, num_segments, Reduction::Sum);
    /// The product of the rows of each segment.
    SegmentProd segment_prod(data: Tensor, segment_ids: Tensor)[; num_segments: Option<usize> = None]{ sorted: bool = false } =
        by_segment(&data, &segment_ids, num_segments, Reduction::Product);
    /// The largest of the rows of each segment.
    SegmentMax segment_max(data: Tensor, segment_ids: Tensor)[; num_segments: Option<usize> = None]{ sorted: bool = false } =
        by_segment(&data, &segment_ids, num_segments, Reduction::Max);
    /// The smallest of the rows of each segment.
    SegmentMin segment_min(data: Tensor, segment_ids: Tensor)[; num_segments: Option<usize> = None]{ sorted: bool = false } =
        by_segment(&data, &segment_ids, num_segments, Reduction::Min);
    /// Pieces of the last axis of one length, each so far behind the one before.
    ExtractSequences extract_sequences(x: Tensor)[sequence_length: usize, sequence_stride: usize] =
        pieces(&x, sequence_length, sequence_stride);
}

fn by_segment(data: &Tensor, ids: &Tensor, count: Option<usize>, kind: Reduction) -> Result<Tensor> {
    let ids = ops::core::whole(ids);
    let count = match (count, ids.value()?) {
        (Some(n), _) => n,
        (None, Some(known)) => {
            known.to_i64().into_iter().max().map_or(0, |m| usize::try_from(m + 1).unwrap_or(0))
        }
        (None, None) => {
            return Err(Error::value("num_segments")
                .expected("a number")
                .hint("A shape cannot wait for the segments."));
        }
    };
    Ok(data.segment_reduce(kind, &ids, count))
}

/// Piece `i` of the last axis: elements `i · stride ..` of the given length.
pub(in crate::ops) fn pieces(x: &Tensor, length: usize, stride: usize) -> Result<Tensor> {
    if length == 0 || stride == 0 || x.rank() == 0 {
        return Err(Error::value("sequence")
            .expected("a length and a stride of at least 1")
            .got(format_args!("{length} and {stride}")));
    }
    let Some(n) = x.dim(-1).known() else {
        let lead = (0..x.rank() - 1).map(|a| x.dim(a as isize));
        return Ok(x.reshape(lead.chain([Dim::UNKNOWN, Dim::new(length)]).collect::<Vec<Dim>>()));
    };
    let count = n
        .checked_sub(length)
        .map(|rest| rest / stride + 1)
        .ok_or_else(|| Error::value("sequence_length").expected(format_args!("at most {n}")).got(length))?;
    let places = count.checked_mul(length).filter(|k| *k < 1 << 28);
    places.ok_or_else(|| Error::value("sequence_stride").expected("fewer pieces").got(count))?;
    let at = (0..count).flat_map(|i| (0..length).map(move |j| (i * stride + j) as i32)).collect::<Vec<i32>>();
    Ok(x.take(&Tensor::new(Value::new([count, length], at)?), -1))
}
