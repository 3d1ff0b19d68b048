//! The innermost product: a block of C in registers, summed over k.

use crate::simd::Simd;
use std::mem::MaybeUninit;

/// The most rows of a block, over all instruction sets.
pub const MOST_ROWS: usize = 12;

/// The most floats of a block.
const MOST: usize = MOST_ROWS * 2 * 16;

/// `c[i][j] (+)= Σₖ a[i][k] · b[k][j]` for MR rows and NV vectors of columns.
///
/// Element (i, k) of A lies at `i + k · a_stride` if TOGETHER (columns of A, or a packed panel), else at
/// `i · a_stride + k`. Each element of C is one chain of fused multiply-adds over increasing k, begun at 0; with `add`
/// the sum is then added to what C holds. So an element depends neither on the block's shape nor on its place.
///
/// # Safety
/// Behind the pointers lie k · strides elements of A, `k` rows of B at stride `ldb` and MR rows of C at stride
/// `ldc`, each of NV vectors.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
pub unsafe fn block<S: Simd, const MR: usize, const NV: usize, const TOGETHER: bool>(
    k: usize,
    a: *const f32,
    a_stride: usize,
    b: *const f32,
    ldb: usize,
    c: *mut f32,
    ldc: usize,
    add: bool,
) {
    // SAFETY: the caller's contract.
    unsafe {
        let mut sums = [[S::splat(0.0); NV]; MR];
        (0..MR).for_each(|i| S::prefetch(c.wrapping_add(i * ldc)));
        let mut row = b;
        for p in 0..k {
            let mut columns = [S::splat(0.0); NV];
            for (v, column) in columns.iter_mut().enumerate() {
                *column = S::load(row.add(v * S::LANES));
            }
            for (i, sum) in sums.iter_mut().enumerate() {
                let at = if TOGETHER { p * a_stride + i } else { i * a_stride + p };
                let x = S::splat(*a.add(at));
                for v in 0..NV {
                    sum[v] = S::fma(x, columns[v], sum[v]);
                }
            }
            row = row.add(ldb);
        }
        for (i, sum) in sums.iter().enumerate() {
            for (v, s) in sum.iter().enumerate() {
                let to = c.add(i * ldc + v * S::LANES);
                S::store(to, if add { S::add(S::load(to), *s) } else { *s });
            }
        }
    }
}

/// What all blocks of a strip have in common: `NV` vectors of columns, of which `width` floats are C's.
#[derive(Clone, Copy)]
pub struct Strip {
    /// Terms.
    pub k: usize,
    /// The strip of B: all `NV` vectors can be read.
    pub b: *const f32,
    /// Floats between its rows.
    pub ldb: usize,
    /// Floats of a row of C that are written.
    pub width: usize,
    /// Row stride of C.
    pub ldc: usize,
    /// Whether to add to C.
    pub add: bool,
}

/// A block of `rows` rows, at most `S::ROWS` of them.
///
/// # Safety
/// As [`block`], but only `width` columns of C are touched.
#[inline(always)]
pub unsafe fn rows<S: Simd, const NV: usize, const TOGETHER: bool>(
    s: &Strip,
    rows: usize,
    a: *const f32,
    a_stride: usize,
    c: *mut f32,
) {
    let whole = s.width == NV * S::LANES;
    let mut aside = MaybeUninit::<[f32; MOST]>::uninit();
    let aside = aside.as_mut_ptr().cast::<f32>();
    let (to, ldc, add) = if whole { (c, s.ldc, s.add) } else { (aside, NV * S::LANES, false) };
    macro_rules! of {
        ($($n:literal)*) => {
            match rows {
                // SAFETY: the caller's contract; what stands aside has room for the largest block.
                $($n if $n <= S::ROWS => unsafe {
                    block::<S, $n, NV, TOGETHER>(s.k, a, a_stride, s.b, s.ldb, to, ldc, add)
                },)*
                _ => {}
            }
        };
    }
    of!(1 2 3 4 5 6 7 8 9 10 11 12);
    if whole {
        return;
    }
    for i in 0..rows {
        for j in 0..s.width {
            // SAFETY: row i and column j lie in C and in the block that was written aside.
            unsafe {
                let (to, x) = (c.add(i * s.ldc + j), *aside.add(i * NV * S::LANES + j));
                *to = if s.add { *to + x } else { x };
            }
        }
    }
}

/// One or two rows, `NV` whole vectors of columns.
///
/// # Safety
/// As [`rows`].
#[inline(always)]
pub unsafe fn few<S: Simd, const MR: usize, const NV: usize, const TOGETHER: bool>(
    s: &Strip,
    a: *const f32,
    a_stride: usize,
    c: *mut f32,
) {
    // SAFETY: the caller's contract.
    unsafe { block::<S, MR, NV, TOGETHER>(s.k, a, a_stride, s.b, s.ldb, c, s.ldc, s.add) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instances;
    use crate::simd::Isa;

    /// The heights that only wide sets use, on any set.
    #[inline(always)]
    unsafe fn tall_<S: Simd>(rows: usize, k: usize, a: *const f32, b: *const f32, c: *mut f32) {
        let ld = 2 * S::LANES;
        macro_rules! of {
            ($($n:literal)*) => {
                match rows {
                    // SAFETY: the caller's contract.
                    $($n => unsafe { block::<S, $n, 2, true>(k, a, $n, b, ld, c, ld, false) },)*
                    _ => {}
                }
            };
        }
        of!(7 8 9 10 11 12);
    }
    instances! {
        unsafe fn tall = tall_(rows: usize, k: usize, a: *const f32, b: *const f32, c: *mut f32)
    }

    #[test]
    fn tall_blocks_are_products() {
        const K: usize = 5;
        for isa in Isa::available() {
            for rows in 7..=MOST_ROWS {
                let n = 2 * isa.lanes();
                let (a, b): (Vec<f32>, Vec<f32>) =
                    ((0..rows * K).map(|i| i as f32).collect(), (0..K * n).map(|i| (i % 7) as f32).collect());
                let mut c = vec![0f32; rows * n];
                // SAFETY: the vectors have the sizes of the panel, the strip and the block.
                unsafe { tall(isa, rows, K, a.as_ptr(), b.as_ptr(), c.as_mut_ptr()) };
                for (i, j) in (0..rows).flat_map(|i| (0..n).map(move |j| (i, j))) {
                    let want: f32 = (0..K).map(|p| a[p * rows + i] * b[p * n + j]).sum();
                    assert_eq!(c[i * n + j], want, "{isa:?} {rows} {i} {j}");
                }
            }
        }
    }
}
