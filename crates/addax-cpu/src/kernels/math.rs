//! Elementary functions on vectors of float32. Bounds are in units in the last place, against double precision,
//! tested over dense grids for every instruction set. The polynomials for exp, log, tanh and erf are those of the
//! Cephes library (S. L. Moshier), single precision.

// The published digits stay, also where float32 keeps fewer or a constant is near.
#![allow(clippy::excessive_precision, clippy::approx_constant)]

use crate::simd::Simd;

/// c₀xⁿ + … + cₙ by Horner's rule.
#[inline(always)]
unsafe fn polynomial<S: Simd>(x: S::V, coefficients: &[f32]) -> S::V {
    // SAFETY: the caller's contract.
    unsafe {
        let mut y = S::splat(coefficients[0]);
        for c in &coefficients[1..] {
            y = S::fma(y, x, S::splat(*c));
        }
        y
    }
}

/// (exp(r) - 1 - r) / r² for |r| ≤ ½ ln 2.
const EXP: [f32; 6] =
    [1.987_569_1e-4, 1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 5.000_000_1e-1];

const LN2_HIGH: f32 = 0.693_359_4;
const LN2_LOW: f32 = -2.121_944_4e-4;

/// eˣ, within 1.5 ulp; 0 and infinity beyond the range, NaN for NaN.
///
/// # Safety
/// See [`Simd`].
#[inline(always)]
pub unsafe fn exp<S: Simd>(x: S::V) -> S::V {
    // SAFETY: the caller's contract.
    unsafe {
        let x = S::min(S::splat(89.0), S::max(S::splat(-105.0), x));
        let n = S::round(S::mul(x, S::splat(std::f32::consts::LOG2_E)));
        let r = S::fma(n, S::splat(-LN2_HIGH), x);
        let r = S::fma(n, S::splat(-LN2_LOW), r);
        let p = polynomial::<S>(r, &EXP);
        let y = S::add(S::fma(p, S::mul(r, r), r), S::splat(1.0));
        // Two factors, since 2ⁿ itself may overflow or be denormal where the result is not.
        let half = S::floor(S::mul(n, S::splat(0.5)));
        S::mul(S::mul(y, S::exp2i(half)), S::exp2i(S::sub(n, half)))
    }
}

/// eˣ - 1, within 3 ulp, exact near 0.
///
/// # Safety
/// See [`Simd`].
#[inline(always)]
pub unsafe fn expm1<S: Simd>(x: S::V) -> S::V {
    // SAFETY: the caller's contract.
    unsafe {
        let p = polynomial::<S>(x, &EXP);
        let near = S::fma(p, S::mul(x, x), x);
        let far = S::sub(exp::<S>(x), S::splat(1.0));
        S::select(S::lt(abs::<S>(x), S::splat(0.34)), near, far)
    }
}

/// |x|
///
/// # Safety
/// See [`Simd`].
#[inline(always)]
pub unsafe fn abs<S: Simd>(x: S::V) -> S::V {
    // SAFETY: the caller's contract.
    unsafe { S::and(x, S::splat(f32::from_bits(0x7fff_ffff))) }
}

/// ln x, within 1.5 ulp; -∞ at 0, NaN below.
///
/// # Safety
/// See [`Simd`].
#[inline(always)]
pub unsafe fn log<S: Simd>(x: S::V) -> S::V {
    const P: [f32; 9] = [
        7.037_683_6e-2,
        -1.151_461e-1,
        1.167_699_9e-1,
        -1.242_014_1e-1,
        1.424_932_3e-1,
        -1.666_805_8e-1,
        2.000_071_5e-1,
        -2.499_999_4e-1,
        3.333_333_1e-1,
    ];
    // SAFETY: the caller's contract.
    unsafe {
        let small = S::lt(x, S::splat(f32::MIN_POSITIVE));
        let scaled = S::select(small, S::mul(x, S::splat(8_388_608.0)), x);
        let (e, m) = S::split(scaled);
        let e = S::sub(e, S::select(small, S::splat(23.0), S::splat(0.0)));
        let f = S::sub(m, S::splat(1.0));
        let z = S::mul(f, f);
        let y = S::mul(S::mul(polynomial::<S>(f, &P), f), z);
        let y = S::fma(e, S::splat(LN2_LOW), y);
        let y = S::fma(z, S::splat(-0.5), y);
        let y = S::fma(e, S::splat(LN2_HIGH), S::add(f, y));
        let infinite = S::splat(f32::INFINITY);
        let y = S::select(S::lt(x, infinite), y, x);
        let y = S::select(S::eq(x, S::splat(0.0)), S::splat(f32::NEG_INFINITY), y);
        S::select(S::lt(x, S::splat(0.0)), S::splat(f32::NAN), y)
    }
}

/// ln(1 + x), within 3 ulp, exact near 0.
///
/// # Safety
/// See [`Simd`].
#[inline(always)]
pub unsafe fn log1p<S: Simd>(x: S::V) -> S::V {
    // SAFETY: the caller's contract.
    unsafe {
        // ln u is corrected by what was lost in u = 1 + x.
        let one = S::splat(1.0);
        let u = S::add(one, x);
        let lost = S::sub(x, S::sub(u, one));
        let y = S::add(log::<S>(u), S::div(lost, u));
        let regular = S::lt(abs::<S>(u), S::splat(f32::INFINITY));
        let y = S::select(S::eq(u, one), x, S::select(regular, y, log::<S>(u)));
        S::select(S::eq(u, S::splat(0.0)), S::splat(f32::NEG_INFINITY), y)
    }
}

/// tanh x, within 2.5 ulp.
///
/// # Safety
/// See [`Simd`].
#[inline(always)]
pub unsafe fn tanh<S: Simd>(x: S::V) -> S::V {
    const P: [f32; 5] = [-5.704_988_7e-3, 2.063_908_9e-2, -5.373_971_6e-2, 1.333_144_2e-1, -3.333_328e-1];
    // SAFETY: the caller's contract.
    unsafe {
        let a = abs::<S>(x);
        let sign = S::and(x, S::splat(-0.0));
        let z = S::mul(x, x);
        let near = S::fma(S::mul(polynomial::<S>(z, &P), z), x, x);
        let e = exp::<S>(S::add(a, a));
        let far = S::sub(S::splat(1.0), S::div(S::splat(2.0), S::add(e, S::splat(1.0))));
        S::select(S::lt(a, S::splat(0.625)), near, S::or(far, sign))
    }
}

/// 1 / (1 + e⁻ˣ), within 2.5 ulp.
///
/// # Safety
/// See [`Simd`].
#[inline(always)]
pub unsafe fn logistic<S: Simd>(x: S::V) -> S::V {
    // SAFETY: the caller's contract.
    unsafe {
        let t = exp::<S>(S::or(x, S::splat(-0.0)));
        let top = S::select(S::lt(x, S::splat(0.0)), t, S::splat(1.0));
        S::div(top, S::add(t, S::splat(1.0)))
    }
}

/// The error function, within 3 ulp.
///
/// # Safety
/// See [`Simd`].
#[inline(always)]
pub unsafe fn erf<S: Simd>(x: S::V) -> S::V {
    const T: [f32; 7] = [
        7.853_861_4e-5,
        -8.010_194e-4,
        5.188_327_7e-3,
        -2.685_381e-2,
        1.128_358_5e-1,
        -3.761_262_6e-1,
        1.128_379_2,
    ];
    const P: [f32; 9] = [
        2.326_82e-2,
        -1.387_039_4e-1,
        3.687_424_7e-1,
        -5.824_733e-1,
        6.210_004_6e-1,
        -4.944_515e-1,
        3.404_88e-1,
        -2.741_127e-1,
        5.638_259_4e-1,
    ];
    const R: [f32; 8] = [
        -10.477_664,
        12.977_2,
        -7.495_518_7,
        2.921_019,
        -1.015_265_3,
        4.218_463_4e-1,
        -2.820_767_4e-1,
        5.641_895e-1,
    ];
    // SAFETY: the caller's contract.
    unsafe {
        let a = S::min(S::splat(10.0), abs::<S>(x));
        let z = S::mul(x, x);
        let near = S::mul(x, polynomial::<S>(z, &T));
        let q = S::div(S::splat(1.0), a);
        let y = S::mul(q, q);
        let p = S::select(S::lt(a, S::splat(2.0)), polynomial::<S>(y, &P), polynomial::<S>(y, &R));
        let square = S::mul(a, a);
        let tail = S::mul(S::mul(exp::<S>(S::xor(square, S::splat(-0.0))), q), p);
        let far = S::or(S::sub(S::splat(1.0), tail), S::and(x, S::splat(-0.0)));
        let y = S::select(S::lt(a, S::splat(1.0)), near, far);
        S::select(S::eq(x, x), y, x)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instances;
    use crate::simd::Isa;

    macro_rules! over_slices {
        ($($name:ident: $f:ident, $bound:literal, $lo:literal .. $hi:literal, $exact:expr;)*) => {$(
            mod $name {
                use super::*;
                #[inline(always)]
                unsafe fn all<S: Simd>(x: &[f32], y: &mut [f32]) {
                    let mut i = 0;
                    while i < x.len() {
                        let n = S::LANES.min(x.len() - i);
                        // SAFETY: n lanes lie within both slices.
                        unsafe { S::store_n(y.as_mut_ptr().add(i), $f::<S>(S::load_n(x.as_ptr().add(i), n)), n) };
                        i += n;
                    }
                }
                instances! { pub unsafe fn run = all(x: &[f32], y: &mut [f32]) }

                #[test]
                fn is_within_its_bound() {
                    let mut x: Vec<f32> = (0..200_001).map(|i| $lo + ($hi - $lo) * (i as f32 / 200_000.0)).collect();
                    x.extend([0.0, -0.0, 1e-30, -1e-30, 1e-40, f32::INFINITY, f32::NEG_INFINITY, f32::NAN, 1e30, -1e30, 1e-3, -1e-3]);
                    let mut first: Option<Vec<f32>> = None;
                    for isa in Isa::available() {
                        let mut y = vec![0f32; x.len()];
                        // SAFETY: the set is available.
                        unsafe { run(isa, &x, &mut y) };
                        for (x, y) in x.iter().zip(&y) {
                            let want = ($exact)(f64::from(*x));
                            let ulps = distance(*y, want);
                            assert!(ulps <= $bound, "{}({x}) is {y}, wanted {want}: {ulps} ulp", stringify!($f));
                        }
                        let same = first.get_or_insert_with(|| y.clone());
                        assert!(same.iter().zip(&y).all(|(a, b)| a.to_bits() == b.to_bits() || a.is_nan()), "{isa:?} differs");
                    }
                }
            }
        )*};
    }

    fn distance(got: f32, want: f64) -> f64 {
        let nearest = want as f32;
        if got.is_nan() || want.is_nan() {
            return if got.is_nan() == want.is_nan() { 0.0 } else { f64::INFINITY };
        }
        if got == nearest {
            return 0.0;
        }
        let step = f64::from(f32::from_bits(nearest.abs().to_bits().max(0x0080_0000) + 1))
            - f64::from(nearest.abs().max(f32::MIN_POSITIVE));
        (f64::from(got) - want).abs() / step
    }

    over_slices! {
        exp_: exp, 1.5, -104.0f32 .. 89.0f32, f64::exp;
        expm1_: expm1, 4.0, -20.0f32 .. 20.0f32, f64::exp_m1;
        log_: log, 1.5, 1e-6f32 .. 1000.0f32, f64::ln;
        log1p_: log1p, 3.0, -0.999f32 .. 100.0f32, f64::ln_1p;
        tanh_: tanh, 2.5, -10.0f32 .. 10.0f32, f64::tanh;
        logistic_: logistic, 2.5, -87.0f32 .. 30.0f32, |x: f64| 1.0 / (1.0 + (-x).exp());
        erf_: erf, 3.0, -5.0f32 .. 5.0f32, addax_core::numeric::erf;
    }
}
