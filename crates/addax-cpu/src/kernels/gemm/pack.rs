//! Packing: operands of a product copied into the order in which the innermost loop reads them.

use crate::instances;
use crate::simd::Simd;

/// Copies an `m` × `k` piece of A into panels of `MR` rows: element (i, p) of a panel at `p · MR + i`.
///
/// # Safety
/// `a` holds the piece at the given strides, `out` holds `m` rounded up to `MR`, times `k`, floats.
pub unsafe fn rows<const MR: usize>(m: usize, k: usize, a: *const f32, rs: isize, cs: isize, out: *mut f32) {
    let mut i = 0;
    while i < m {
        let height = MR.min(m - i);
        // SAFETY: the panel begins inside `out`; i and p lie inside the piece.
        unsafe {
            let panel = out.add(i * k);
            let from = a.offset(i as isize * rs);
            if rs == 1 {
                for p in 0..k {
                    panel.add(p * MR).copy_from_nonoverlapping(from.offset(p as isize * cs), height);
                }
            } else {
                for r in 0..height {
                    let row = from.offset(r as isize * rs);
                    for p in 0..k {
                        *panel.add(p * MR + r) = *row.offset(p as isize * cs);
                    }
                }
            }
        }
        i += MR;
    }
}

/// Transposes `rows` × `columns` (row stride `from_ld`) into `columns` × `rows` (row stride `to_ld`).
// The set only tells the compiler which shuffles it may use.
#[allow(clippy::extra_unused_type_parameters)]
#[inline(always)]
unsafe fn transpose_<S: Simd>(
    rows: usize,
    columns: usize,
    from: *const f32,
    from_ld: usize,
    to: *mut f32,
    to_ld: usize,
) {
    const B: usize = 8;
    let (full_rows, full_columns) = (rows / B * B, columns / B * B);
    // SAFETY: all indices lie inside the two matrices.
    unsafe {
        for i in (0..full_rows).step_by(B) {
            for j in (0..full_columns).step_by(B) {
                // A block of fixed size, which the compiler turns into shuffles of registers.
                let mut block = [[0f32; B]; B];
                for (r, line) in block.iter_mut().enumerate() {
                    *line = from.add((i + r) * from_ld + j).cast::<[f32; B]>().read_unaligned();
                }
                for c in 0..B {
                    let line = block.map(|row| row[c]);
                    to.add((j + c) * to_ld + i).cast::<[f32; B]>().write_unaligned(line);
                }
            }
        }
        for i in 0..rows {
            let first = if i < full_rows { full_columns } else { 0 };
            for j in first..columns {
                *to.add(j * to_ld + i) = *from.add(i * from_ld + j);
            }
        }
    }
}

instances! {
    /// Transposes a matrix; the two must not overlap.
    pub unsafe fn transpose = transpose_(rows: usize, columns: usize, from: *const f32, from_ld: usize, to: *mut f32, to_ld: usize)
}
