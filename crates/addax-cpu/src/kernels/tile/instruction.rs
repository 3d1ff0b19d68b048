//! The instructions of fused loops: one tight loop over a tile each, for every instruction set.

use crate::kernels::math;
use crate::simd::{Isa, Simd};
use addax_core::ops::{Binary, Direction, Unary};

/// An instruction over a tile: `dst[i] = f(a[i], b[i], c[i])` for i in 0..n.
///
/// A scalar argument points at one float. `dst` may be the same memory as an argument, never shifted against it.
pub type Instruction = unsafe fn(dst: *mut u8, a: *const u8, b: *const u8, c: *const u8, n: usize);

/// What one lane computes.
trait Lanes {
    /// # Safety
    /// See [`Simd`].
    unsafe fn lanes<S: Simd>(a: S::V, b: S::V, c: S::V) -> S::V;
}

/// What an instruction does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TileOp {
    /// One argument.
    Unary(Unary),
    /// Two arguments.
    Binary(Binary),
    /// Two arguments; 1 where it holds, 0 elsewhere.
    Compare(Direction),
    /// `a` not 0 ? `b` : `c`
    Select,
    /// `a · b + c`, rounded once.
    Fma,
    /// `c - a · b`, rounded once.
    NegatedFma,
    /// The argument.
    Copy,
    /// Bytes 0 and 1 to floats.
    FromBool,
    /// Floats to bytes: 0 where 0, else 1.
    ToBool,
    /// 1 where the argument is not 0.
    NotZero,
}

/// Whether an argument is one number for the whole tile.
pub type Scalars = [bool; 3];

#[inline(always)]
unsafe fn tile<S: Simd, O: Lanes, const A: bool, const B: bool, const C: bool>(
    dst: *mut u8,
    a: *const u8,
    b: *const u8,
    c: *const u8,
    n: usize,
) {
    let (dst, a, b, c) = (dst.cast::<f32>(), a.cast::<f32>(), b.cast::<f32>(), c.cast::<f32>());
    // SAFETY: the caller gives n floats behind each pointer, one behind scalars.
    unsafe {
        let (sa, sb, sc) = (S::splat(*a), S::splat(*b), S::splat(*c));
        let mut i = 0;
        while i + S::LANES <= n {
            let x = if A { sa } else { S::load(a.add(i)) };
            let y = if B { sb } else { S::load(b.add(i)) };
            let z = if C { sc } else { S::load(c.add(i)) };
            S::store(dst.add(i), O::lanes::<S>(x, y, z));
            i += S::LANES;
        }
        if i < n {
            let m = n - i;
            let x = if A { sa } else { S::load_n(a.add(i), m) };
            let y = if B { sb } else { S::load_n(b.add(i), m) };
            let z = if C { sc } else { S::load_n(c.add(i), m) };
            S::store_n(dst.add(i), O::lanes::<S>(x, y, z), m);
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bw,avx2,fma")]
unsafe fn tile_avx512<O: Lanes, const A: bool, const B: bool, const C: bool>(
    dst: *mut u8,
    a: *const u8,
    b: *const u8,
    c: *const u8,
    n: usize,
) {
    // SAFETY: the features are those of the set.
    unsafe { tile::<crate::simd::Avx512, O, A, B, C>(dst, a, b, c, n) }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn tile_avx2<O: Lanes, const A: bool, const B: bool, const C: bool>(
    dst: *mut u8,
    a: *const u8,
    b: *const u8,
    c: *const u8,
    n: usize,
) {
    // SAFETY: the features are those of the set.
    unsafe { tile::<crate::simd::Avx2, O, A, B, C>(dst, a, b, c, n) }
}

fn instance<O: Lanes, const A: bool, const B: bool, const C: bool>(isa: Isa) -> Instruction {
    match isa {
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 => tile_avx512::<O, A, B, C>,
        #[cfg(target_arch = "x86_64")]
        Isa::Avx2 => tile_avx2::<O, A, B, C>,
        _ => tile::<crate::simd::Plain, O, A, B, C>,
    }
}

fn one<O: Lanes>(isa: Isa, scalars: Scalars) -> Instruction {
    if scalars[0] { instance::<O, true, true, true>(isa) } else { instance::<O, false, true, true>(isa) }
}

fn two<O: Lanes>(isa: Isa, scalars: Scalars) -> Instruction {
    match (scalars[0], scalars[1]) {
        (false, false) => instance::<O, false, false, true>(isa),
        (false, true) => instance::<O, false, true, true>(isa),
        (true, false) => instance::<O, true, false, true>(isa),
        (true, true) => instance::<O, true, true, true>(isa),
    }
}

fn three<O: Lanes>(isa: Isa, scalars: Scalars) -> Option<Instruction> {
    Some(match scalars {
        [false, false, false] => instance::<O, false, false, false>(isa),
        [false, true, false] => instance::<O, false, true, false>(isa),
        [false, false, true] => instance::<O, false, false, true>(isa),
        [false, true, true] => instance::<O, false, true, true>(isa),
        _ => return None,
    })
}

macro_rules! lanes {
    ($($name:ident = |$s:ident, $a:ident, $b:ident, $c:ident| $body:expr;)*) => {$(
        struct $name;
        impl Lanes for $name {
            #[inline(always)]
            unsafe fn lanes<$s: Simd>($a: $s::V, $b: $s::V, $c: $s::V) -> $s::V {
                let _ = ($b, $c);
                // SAFETY: the caller's contract.
                unsafe { $body }
            }
        }
    )*};
}

lanes! {
    Copy = |S, a, b, c| S::or(a, a);
    Abs = |S, a, b, c| math::abs::<S>(a);
    Negate = |S, a, b, c| S::xor(a, S::splat(-0.0));
    Sign = |S, a, b, c| S::select(
        S::lt(S::splat(0.0), math::abs::<S>(a)), S::or(S::and(a, S::splat(-0.0)), S::splat(1.0)), a
    );
    Exp = |S, a, b, c| math::exp::<S>(a);
    Expm1 = |S, a, b, c| math::expm1::<S>(a);
    Log = |S, a, b, c| math::log::<S>(a);
    Log1p = |S, a, b, c| math::log1p::<S>(a);
    Sqrt = |S, a, b, c| S::sqrt(a);
    Rsqrt = |S, a, b, c| S::div(S::splat(1.0), S::sqrt(a));
    Tanh = |S, a, b, c| math::tanh::<S>(a);
    Logistic = |S, a, b, c| math::logistic::<S>(a);
    Erf = |S, a, b, c| math::erf::<S>(a);
    Floor = |S, a, b, c| S::floor(a);
    Ceil = |S, a, b, c| S::xor(S::floor(S::xor(a, S::splat(-0.0))), S::splat(-0.0));
    Round = |S, a, b, c| S::round(a);
    Relu = |S, a, b, c| S::max(S::splat(0.0), a);
    Not = |S, a, b, c| S::select(S::eq(a, S::splat(0.0)), S::splat(1.0), S::splat(0.0));
    NotZero = |S, a, b, c| S::select(S::eq(a, S::splat(0.0)), S::splat(0.0), S::splat(1.0));
    Add = |S, a, b, c| S::add(a, b);
    Subtract = |S, a, b, c| S::sub(a, b);
    Multiply = |S, a, b, c| S::mul(a, b);
    Divide = |S, a, b, c| S::div(a, b);
    // The instruction gives its second argument when one is NaN: that is the NaN unless it is the first.
    Maximum = |S, a, b, c| S::select(S::eq(a, a), S::max(a, b), a);
    Minimum = |S, a, b, c| S::select(S::eq(a, a), S::min(a, b), a);
    And = |S, a, b, c| S::and(a, b);
    Or = |S, a, b, c| S::or(a, b);
    Xor = |S, a, b, c| S::xor(a, b);
    Equal = |S, a, b, c| S::select(S::eq(a, b), S::splat(1.0), S::splat(0.0));
    NotEqual = |S, a, b, c| S::select(S::eq(a, b), S::splat(0.0), S::splat(1.0));
    Less = |S, a, b, c| S::select(S::lt(a, b), S::splat(1.0), S::splat(0.0));
    LessEqual = |S, a, b, c| S::select(S::le(a, b), S::splat(1.0), S::splat(0.0));
    Greater = |S, a, b, c| S::select(S::lt(b, a), S::splat(1.0), S::splat(0.0));
    GreaterEqual = |S, a, b, c| S::select(S::le(b, a), S::splat(1.0), S::splat(0.0));
    Select = |S, a, b, c| S::select(S::eq(a, S::splat(0.0)), c, b);
    Fma = |S, a, b, c| S::fma(a, b, c);
    NegatedFma = |S, a, b, c| S::fma(S::xor(a, S::splat(-0.0)), b, c);
}

/// The instruction of an elementwise op with one argument, if it has one here.
pub fn unary(op: Unary) -> Option<fn(Isa, Scalars) -> Instruction> {
    Some(match op {
        Unary::Abs => one::<Abs>,
        Unary::Negate => one::<Negate>,
        Unary::Sign => one::<Sign>,
        Unary::Exp => one::<Exp>,
        Unary::Expm1 => one::<Expm1>,
        Unary::Log => one::<Log>,
        Unary::Log1p => one::<Log1p>,
        Unary::Sqrt => one::<Sqrt>,
        Unary::Rsqrt => one::<Rsqrt>,
        Unary::Tanh => one::<Tanh>,
        Unary::Logistic => one::<Logistic>,
        Unary::Erf => one::<Erf>,
        Unary::Floor => one::<Floor>,
        Unary::Ceil => one::<Ceil>,
        Unary::Round => one::<Round>,
        Unary::Relu => one::<Relu>,
        Unary::Not => one::<Not>,
        _ => return None,
    })
}

/// The instruction of an elementwise op with two arguments, if it has one here.
pub fn binary(op: Binary) -> Option<fn(Isa, Scalars) -> Instruction> {
    Some(match op {
        Binary::Add => two::<Add>,
        Binary::Subtract => two::<Subtract>,
        Binary::Multiply => two::<Multiply>,
        Binary::Divide => two::<Divide>,
        Binary::Maximum => two::<Maximum>,
        Binary::Minimum => two::<Minimum>,
        Binary::And => two::<And>,
        Binary::Or => two::<Or>,
        Binary::Xor => two::<Xor>,
        Binary::Power => |_, scalars| power_instance(scalars),
        _ => return None,
    })
}

impl TileOp {
    /// The loop for some arguments; `None` if this combination of scalars has none.
    pub fn instruction(self, isa: Isa, scalars: Scalars) -> Option<Instruction> {
        Some(match self {
            TileOp::Unary(op) => unary(op)?(isa, scalars),
            TileOp::Binary(op) => binary(op)?(isa, scalars),
            TileOp::Compare(Direction::Eq) => two::<Equal>(isa, scalars),
            TileOp::Compare(Direction::Ne) => two::<NotEqual>(isa, scalars),
            TileOp::Compare(Direction::Lt) => two::<Less>(isa, scalars),
            TileOp::Compare(Direction::Le) => two::<LessEqual>(isa, scalars),
            TileOp::Compare(Direction::Gt) => two::<Greater>(isa, scalars),
            TileOp::Compare(Direction::Ge) => two::<GreaterEqual>(isa, scalars),
            TileOp::Select => three::<Select>(isa, scalars)?,
            TileOp::Fma => three::<Fma>(isa, scalars)?,
            TileOp::NegatedFma => three::<NegatedFma>(isa, scalars)?,
            TileOp::Copy => one::<Copy>(isa, scalars),
            TileOp::NotZero => one::<NotZero>(isa, scalars),
            TileOp::FromBool => from_bool,
            TileOp::ToBool => to_bool,
        })
    }
}

unsafe fn from_bool(dst: *mut u8, a: *const u8, _: *const u8, _: *const u8, n: usize) {
    for i in 0..n {
        // SAFETY: n bytes and n floats, by the contract of an instruction.
        unsafe { *dst.cast::<f32>().add(i) = f32::from(*a.add(i)) }
    }
}

unsafe fn to_bool(dst: *mut u8, a: *const u8, _: *const u8, _: *const u8, n: usize) {
    for i in 0..n {
        // SAFETY: n floats and n bytes, by the contract of an instruction.
        unsafe { *dst.add(i) = u8::from(*a.cast::<f32>().add(i) != 0.0) }
    }
}

fn power_instance(scalars: Scalars) -> Instruction {
    match (scalars[0], scalars[1]) {
        (false, false) => power::<1, 1>,
        (false, true) => power::<1, 0>,
        (true, false) => power::<0, 1>,
        (true, true) => power::<0, 0>,
    }
}

/// Powers go through double precision: exp(b · ln a) in single would lose what b magnifies.
unsafe fn power<const A: usize, const B: usize>(
    dst: *mut u8,
    a: *const u8,
    b: *const u8,
    _: *const u8,
    n: usize,
) {
    let (dst, a, b) = (dst.cast::<f32>(), a.cast::<f32>(), b.cast::<f32>());
    for i in 0..n {
        // SAFETY: n floats behind each pointer, one behind scalars, by the contract of an instruction.
        unsafe { *dst.add(i) = f64::from(*a.add(i * A)).powf(f64::from(*b.add(i * B))) as f32 }
    }
}
