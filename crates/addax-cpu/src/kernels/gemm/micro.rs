//! The innermost product: a block of C in registers, summed over k.

use crate::simd::Simd;

/// `c[i][j] (+)= Σₖ a[i][k] · b[k][j]` for MR rows and NV vectors of columns; the last vector has `last` lanes.
///
/// Element (i, k) of A lies at `i + k · a_stride` if TOGETHER (columns of A, or a packed panel), else at
/// `i · a_stride + k`. Each element of C is one chain of fused multiply-adds over increasing k, begun at 0; with `add` the sum is then added
/// to what C holds. So an element depends neither on the block's shape nor on its place.
///
/// # Safety
/// Behind the pointers lie k · strides elements of A, `k` rows of B at stride `ldb` and MR rows of C at stride
/// `ldc`, each of the columns that are read or written.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
pub unsafe fn block<S: Simd, const MR: usize, const NV: usize, const TOGETHER: bool, const PARTIAL: bool>(
    k: usize,
    a: *const f32,
    a_stride: usize,
    b: *const f32,
    ldb: usize,
    c: *mut f32,
    ldc: usize,
    last: usize,
    add: bool,
) {
    // SAFETY: the caller's contract.
    unsafe {
        let mut sums = [[S::splat(0.0); NV]; MR];
        let mut row = b;
        for p in 0..k {
            let mut columns = [S::splat(0.0); NV];
            for (v, column) in columns.iter_mut().enumerate() {
                *column = if PARTIAL && v == NV - 1 {
                    S::load_n(row.add(v * S::LANES), last)
                } else {
                    S::load(row.add(v * S::LANES))
                };
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
                if PARTIAL && v == NV - 1 {
                    let s = if add { S::add(S::load_n(to, last), *s) } else { *s };
                    S::store_n(to, s, last);
                } else {
                    let s = if add { S::add(S::load(to), *s) } else { *s };
                    S::store(to, s);
                }
            }
        }
    }
}

/// A panel of up to `rows` rows by all `n` columns, block by block.
///
/// # Safety
/// As [`block`], for all of the panel.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
pub unsafe fn panel<S: Simd, const TOGETHER: bool>(
    rows: usize,
    n: usize,
    k: usize,
    a: *const f32,
    a_stride: usize,
    b: *const f32,
    ldb: usize,
    c: *mut f32,
    ldc: usize,
    add: bool,
) {
    macro_rules! columns {
        ($mr:literal, $a:expr, $c:expr) => {{
            let mut j = 0;
            // SAFETY: the caller's contract; j stays below n.
            unsafe {
                while j + 2 * S::LANES <= n {
                    block::<S, $mr, 2, TOGETHER, false>(
                        k,
                        $a,
                        a_stride,
                        b.add(j),
                        ldb,
                        $c.add(j),
                        ldc,
                        S::LANES,
                        add,
                    );
                    j += 2 * S::LANES;
                }
                let rest = n - j;
                if rest > S::LANES {
                    block::<S, $mr, 2, TOGETHER, true>(
                        k,
                        $a,
                        a_stride,
                        b.add(j),
                        ldb,
                        $c.add(j),
                        ldc,
                        rest - S::LANES,
                        add,
                    );
                } else if rest == S::LANES {
                    block::<S, $mr, 1, TOGETHER, false>(
                        k,
                        $a,
                        a_stride,
                        b.add(j),
                        ldb,
                        $c.add(j),
                        ldc,
                        rest,
                        add,
                    );
                } else if rest > 0 {
                    block::<S, $mr, 1, TOGETHER, true>(
                        k,
                        $a,
                        a_stride,
                        b.add(j),
                        ldb,
                        $c.add(j),
                        ldc,
                        rest,
                        add,
                    );
                }
            }
        }};
    }
    let mut i = 0;
    while i < rows {
        // SAFETY: row i lies in the panel.
        let (a, c) = unsafe { (a.add(if TOGETHER { i } else { i * a_stride }), c.add(i * ldc)) };
        match rows - i {
            8.. if S::SUMS >= 16 => {
                columns!(8, a, c);
                i += 8;
            }
            6.. => {
                columns!(6, a, c);
                i += 6;
            }
            4.. => {
                columns!(4, a, c);
                i += 4;
            }
            2.. => {
                columns!(2, a, c);
                i += 2;
            }
            _ => {
                columns!(1, a, c);
                i += 1;
            }
        }
    }
}
