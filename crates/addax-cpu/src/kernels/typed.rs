//! Elementwise ops of any element type, one plain loop each: counters, keys, labels. Floats of 32 bits run in
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
    unsafe fn get<T: Element>(self, i: usize) -> T {
        // SAFETY: the caller's contract.
        unsafe { *self.pointer.cast::<T>().add(i * self.step) }
    }
}

/// `out[i] = op(a[i])`
///
/// # Safety
/// The operands hold `n` elements of `dtype`, or one if they stay; `out` holds `n`.
pub unsafe fn unary(op: Unary, dtype: DType, n: usize, a: Operand, out: *mut u8) {
    with_element!(dtype, T => for i in 0..n {
        // SAFETY: the caller's contract.
        unsafe {
            let x = a.get::<T>(i);
            let y = match op.eval_i64(x.to_i64()) {
                Some(y) if !dtype.is_float() && dtype != DType::Bool => T::from_i64(y),
                _ => T::from_f64(op.eval_f64(x.to_f64())),
            };
            *out.cast::<T>().add(i) = y;
        }
    });
}

/// `out[i] = op(a[i], b[i])`
///
/// # Safety
/// As [`unary`].
pub unsafe fn binary(op: Binary, dtype: DType, n: usize, a: Operand, b: Operand, out: *mut u8) {
    // A logical shift must not see the sign bits that widening brings in.
    let mask = if op == Binary::ShiftRightLogical && dtype.size() < 8 {
        (1i64 << (8 * dtype.size())) - 1
    } else {
        -1
    };
    with_element!(dtype, T => for i in 0..n {
        // SAFETY: the caller's contract.
        unsafe {
            let (x, y) = (a.get::<T>(i), b.get::<T>(i));
            let z = if dtype.is_float() || dtype == DType::Bool {
                T::from_f64(op.eval_f64(x.to_f64(), y.to_f64()))
            } else {
                T::from_i64(op.eval_i64(x.to_i64() & mask, y.to_i64()))
            };
            *out.cast::<T>().add(i) = z;
        }
    });
}

/// `out[i] = a[i] ⋈ b[i]`
///
/// # Safety
/// As [`unary`], with one byte per result.
pub unsafe fn compare(direction: Direction, dtype: DType, n: usize, a: Operand, b: Operand, out: *mut u8) {
    with_element!(dtype, T => for i in 0..n {
        // SAFETY: the caller's contract.
        unsafe { *out.add(i) = u8::from(direction.holds(a.get::<T>(i), b.get::<T>(i))) }
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
    with_element!(from, F => with_element!(to, T => for i in 0..n {
        // SAFETY: the caller's contract.
        unsafe {
            let x = a.get::<F>(i);
            let y = if integral { <T as Element>::from_i64(x.to_i64()) } else { <T as Element>::from_f64(x.to_f64()) };
            *out.cast::<T>().add(i) = y;
        }
    }));
}
