//! Elementwise ops of any element type, one plain loop each: counters, keys, labels, doubles. Floats of 32 bits run in
//! fused loops instead.

use addax_core::ops::{Binary, Direction, Unary};
use addax_core::{DType, Element, with_element};

/// An operand: its first element, and 1 to walk on or 0 to stay.
#[derive(Clone, Copy)]
pub struct Operand {
    /// The first element.
    pub pointer: *const u8,
    /// Elements per step.
    pub step: usize,
}

impl Operand {
    /// # Safety
    /// The operand holds the element.
    #[inline(always)]
    unsafe fn get<T: Copy>(self, i: usize) -> T {
        // SAFETY: the caller's contract.
        unsafe { *self.pointer.cast::<T>().add(i * self.step) }
    }
}

/// `out[i] = f(a[i])`
#[inline(always)]
unsafe fn map<T: Copy, R>(n: usize, a: Operand, out: *mut u8, f: impl Fn(T) -> R) {
    let walk = |step: usize| {
        let a = Operand { step, ..a };
        // SAFETY: the caller's contract.
        (0..n).for_each(|i| unsafe { *out.cast::<R>().add(i) = f(a.get(i)) });
    };
    // Steps that the compiler knows become vectors.
    if a.step == 1 { walk(1) } else { walk(0) }
}

/// `out[i] = f(a[i], b[i])`
#[inline(always)]
unsafe fn zip<T: Copy, R>(n: usize, a: Operand, b: Operand, out: *mut u8, f: impl Fn(T, T) -> R) {
    let walk = |x: usize, y: usize| {
        let (a, b) = (Operand { step: x, ..a }, Operand { step: y, ..b });
        // SAFETY: the caller's contract.
        (0..n).for_each(|i| unsafe { *out.cast::<R>().add(i) = f(a.get(i), b.get(i)) });
    };
    match (a.step, b.step) {
        (1, 1) => walk(1, 1),
        (1, _) => walk(1, 0),
        (_, 1) => walk(0, 1),
        _ => walk(0, 0),
    }
}

/// `out[i] = op(a[i])`
///
/// # Safety
/// The operands hold `n` elements of `dtype`, or one if they stay; `out` holds `n`.
pub unsafe fn unary(op: Unary, dtype: DType, n: usize, a: Operand, out: *mut u8) {
    let whole = !dtype.is_float() && dtype != DType::Bool;
    with_element!(dtype, T => {
        // SAFETY: the caller's contract.
        unsafe {
            map::<T, T>(n, a, out, |x| match op.eval_i64(x.to_i64()) {
                Some(y) if whole => T::from_i64(y),
                _ => T::from_f64(op.eval_f64(x.to_f64())),
            });
        }
    });
}

/// The frequent ops have loops of their own.
macro_rules! frequent {
    ($op:expr, $n:expr, $a:expr, $b:expr, $out:expr; $T:ty; $($name:ident => $f:expr),*) => {
        match $op {
            $(Binary::$name => {
                // SAFETY: the caller's contract.
                unsafe { zip::<$T, $T>($n, $a, $b, $out, $f) };
                return;
            })*
            _ => {}
        }
    };
}

/// `out[i] = op(a[i], b[i])`
///
/// # Safety
/// As [`unary`].
pub unsafe fn binary(op: Binary, dtype: DType, n: usize, a: Operand, b: Operand, out: *mut u8) {
    macro_rules! float {
        ($T:ty) => {
            frequent!(op, n, a, b, out; $T; Add => |x, y| x + y, Subtract => |x, y| x - y,
                Multiply => |x, y| x * y, Divide => |x, y| x / y)
        };
    }
    macro_rules! integer {
        ($T:ty) => {
            frequent!(op, n, a, b, out; $T; Add => <$T>::wrapping_add, Subtract => <$T>::wrapping_sub,
                Multiply => <$T>::wrapping_mul, And => |x, y| x & y, Or => |x, y| x | y, Xor => |x, y| x ^ y)
        };
    }
    match dtype {
        DType::F64 => float!(f64),
        DType::F32 => float!(f32),
        DType::I64 => integer!(i64),
        DType::I32 => integer!(i32),
        DType::U32 => integer!(u32),
        DType::U8 => integer!(u8),
        _ => {}
    }
    // A logical shift must not see the sign bits that widening brings in.
    let mask = if op == Binary::ShiftRightLogical && dtype.size() < 8 {
        (1i64 << (8 * dtype.size())) - 1
    } else {
        -1
    };
    let double = dtype.is_float() || dtype == DType::Bool;
    with_element!(dtype, T => {
        // SAFETY: the caller's contract.
        unsafe {
            zip::<T, T>(n, a, b, out, |x, y| if double {
                T::from_f64(op.eval_f64(x.to_f64(), y.to_f64()))
            } else {
                T::from_i64(op.eval_i64(x.to_i64() & mask, y.to_i64()))
            });
        }
    });
}

/// `out[i] = a[i] ⋈ b[i]`
///
/// # Safety
/// As [`unary`], with one byte per result.
pub unsafe fn compare(direction: Direction, dtype: DType, n: usize, a: Operand, b: Operand, out: *mut u8) {
    with_element!(dtype, T => {
        // SAFETY: the caller's contract.
        unsafe {
            match direction {
                Direction::Eq => zip::<T, bool>(n, a, b, out, |x, y| x == y),
                Direction::Ne => zip::<T, bool>(n, a, b, out, |x, y| x != y),
                Direction::Lt => zip::<T, bool>(n, a, b, out, |x, y| x.lt(&y)),
                Direction::Le => zip::<T, bool>(n, a, b, out, |x, y| x <= y),
                Direction::Gt => zip::<T, bool>(n, a, b, out, |x, y| x.gt(&y)),
                Direction::Ge => zip::<T, bool>(n, a, b, out, |x, y| x >= y),
            }
        }
    });
}

/// `out[i] = if p[i] { a[i] } else { b[i] }`
///
/// # Safety
/// As [`unary`], with one byte per element of `p`.
pub unsafe fn select(dtype: DType, n: usize, p: Operand, a: Operand, b: Operand, out: *mut u8) {
    with_element!(dtype, T => for i in 0..n {
        // SAFETY: the caller's contract.
        unsafe { *out.cast::<T>().add(i) = if p.get::<u8>(i) != 0 { a.get::<T>(i) } else { b.get::<T>(i) } }
    });
}

/// `out[i] = a[i]` in another element type.
///
/// # Safety
/// As [`unary`], each side with its own element type.
pub unsafe fn convert(from: DType, to: DType, n: usize, a: Operand, out: *mut u8) {
    let integral = to.is_int() && !from.is_float();
    with_element!(from, F => with_element!(to, T => {
        // SAFETY: the caller's contract.
        unsafe {
            if integral {
                map::<F, T>(n, a, out, |x| <T as Element>::from_i64(x.to_i64()));
            } else {
                map::<F, T>(n, a, out, |x| <T as Element>::from_f64(x.to_f64()));
            }
        }
    }));
}
