//! 8 floats in an array: for processors without a set of ours, and as the twin in tests.

use super::{SPLIT, Simd};

/// The token of no instruction set.
#[derive(Clone, Copy)]
pub struct Plain;

const N: usize = 8;
type V = [f32; N];

#[inline(always)]
fn map(a: V, f: impl Fn(f32) -> f32) -> V {
    std::array::from_fn(|i| f(a[i]))
}

#[inline(always)]
fn zip(a: V, b: V, f: impl Fn(f32, f32) -> f32) -> V {
    std::array::from_fn(|i| f(a[i], b[i]))
}

#[inline(always)]
fn bits(a: V, b: V, f: impl Fn(u32, u32) -> u32) -> V {
    zip(a, b, |x, y| f32::from_bits(f(x.to_bits(), y.to_bits())))
}

// SAFETY: only memory is unsafe here, and the trait's contract covers it.
#[allow(clippy::undocumented_unsafe_blocks)]
unsafe impl Simd for Plain {
    type V = V;
    type M = [bool; N];
    const LANES: usize = N;
    const ROWS: usize = 4;

    #[inline(always)]
    unsafe fn splat(x: f32) -> V {
        [x; N]
    }
    #[inline(always)]
    unsafe fn load(p: *const f32) -> V {
        unsafe { p.cast::<V>().read_unaligned() }
    }
    #[inline(always)]
    unsafe fn store(p: *mut f32, v: V) {
        unsafe { p.cast::<V>().write_unaligned(v) }
    }
    #[inline(always)]
    unsafe fn load_n(p: *const f32, n: usize) -> V {
        std::array::from_fn(|i| if i < n { unsafe { *p.add(i) } } else { 0.0 })
    }
    #[inline(always)]
    unsafe fn store_n(p: *mut f32, v: V, n: usize) {
        for (i, x) in v.into_iter().enumerate().take(n) {
            unsafe { *p.add(i) = x }
        }
    }
    #[inline(always)]
    unsafe fn add(a: V, b: V) -> V {
        zip(a, b, |x, y| x + y)
    }
    #[inline(always)]
    unsafe fn sub(a: V, b: V) -> V {
        zip(a, b, |x, y| x - y)
    }
    #[inline(always)]
    unsafe fn mul(a: V, b: V) -> V {
        zip(a, b, |x, y| x * y)
    }
    #[inline(always)]
    unsafe fn div(a: V, b: V) -> V {
        zip(a, b, |x, y| x / y)
    }
    #[inline(always)]
    unsafe fn fma(a: V, b: V, c: V) -> V {
        std::array::from_fn(|i| a[i].mul_add(b[i], c[i]))
    }
    #[inline(always)]
    unsafe fn sqrt(a: V) -> V {
        map(a, f32::sqrt)
    }
    #[inline(always)]
    unsafe fn max(a: V, b: V) -> V {
        zip(a, b, |x, y| if x > y { x } else { y })
    }
    #[inline(always)]
    unsafe fn min(a: V, b: V) -> V {
        zip(a, b, |x, y| if x < y { x } else { y })
    }
    #[inline(always)]
    unsafe fn floor(a: V) -> V {
        map(a, f32::floor)
    }
    #[inline(always)]
    unsafe fn round(a: V) -> V {
        map(a, f32::round_ties_even)
    }
    #[inline(always)]
    unsafe fn and(a: V, b: V) -> V {
        bits(a, b, |x, y| x & y)
    }
    #[inline(always)]
    unsafe fn or(a: V, b: V) -> V {
        bits(a, b, |x, y| x | y)
    }
    #[inline(always)]
    unsafe fn xor(a: V, b: V) -> V {
        bits(a, b, |x, y| x ^ y)
    }
    #[inline(always)]
    unsafe fn eq(a: V, b: V) -> [bool; N] {
        std::array::from_fn(|i| a[i] == b[i])
    }
    #[inline(always)]
    unsafe fn lt(a: V, b: V) -> [bool; N] {
        std::array::from_fn(|i| a[i] < b[i])
    }
    #[inline(always)]
    unsafe fn le(a: V, b: V) -> [bool; N] {
        std::array::from_fn(|i| a[i] <= b[i])
    }
    #[inline(always)]
    unsafe fn select(m: [bool; N], a: V, b: V) -> V {
        std::array::from_fn(|i| if m[i] { a[i] } else { b[i] })
    }
    #[inline(always)]
    unsafe fn exp2i(n: V) -> V {
        map(n, |x| f32::from_bits(((x as i32 + 127) as u32) << 23))
    }
    #[inline(always)]
    unsafe fn split(x: V) -> (V, V) {
        let e = x.map(|x| (x.to_bits() as i32).wrapping_sub(SPLIT) >> 23);
        let m =
            std::array::from_fn(|i| f32::from_bits((x[i].to_bits() as i32).wrapping_sub(e[i] << 23) as u32));
        (e.map(|e| e as f32), m)
    }
}
