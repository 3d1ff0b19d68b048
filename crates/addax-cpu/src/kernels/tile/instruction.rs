//! The instructions of fused loops: one tight loop over a tile each, for every instruction set.

use super::Fold;
use super::sink::fold_row;
use crate::kernels::math;
use crate::simd::{Isa, Simd};
use addax_core::ops::{Binary, Direction, Unary};
use std::marker::PhantomData;

/// Arguments of an instruction, at most.
pub const ARITY: usize = 5;

/// An instruction over a tile: `dst[i] = f(a[i], b[i], …)` for i in 0..`rows · width`.
///
/// `table` holds pointers; `at` says which of them are the target and the arguments. A scalar argument points at one
/// float. The target may be the same memory as an argument, never shifted against it.
pub type Instruction = unsafe fn(table: *const *mut u8, at: &[u8; ARITY + 1], rows: usize, width: usize);

/// What one lane computes.
trait Lanes {
    /// How many arguments it has.
    const ARITY: usize;

    /// # Safety
    /// See [`Simd`].
    unsafe fn lanes<S: Simd>(x: [S::V; ARITY]) -> S::V;
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
    /// The elements of each row put together: one result per row.
    RowFold(Fold),
    /// An element per row, for each index of its row.
    Expand,
    /// A chain of the others, with the same roundings: one walk over the tile instead of several.
    Chain(Chain),
}

/// Frequent chains of instructions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Chain {
    /// `relu(a + b)`
    AddRelu,
    /// `exp(a - b)`
    SubtractExp,
    /// `a > b ? c : d`
    SelectGreater,
    /// `(b - a) · c + a`: a running average.
    Average,
    /// `(b² - a) · c + a`: a running average of squares.
    AverageSquare,
    /// `a - b · c / (√d + e)`: Adam's step.
    AdamStep,
}

/// Whether an argument is one number for the whole tile.
pub type Scalars = [bool; ARITY];

/// A loop over a tile, for any instruction set.
trait Walk {
    /// # Safety
    /// See [`Instruction`] and [`Simd`].
    unsafe fn walk<S: Simd>(table: *const *mut u8, at: &[u8; ARITY + 1], rows: usize, width: usize);
}

/// Lane by lane; bit i of SCALARS says that argument i is a scalar.
struct Elementwise<O, const SCALARS: u8>(PhantomData<O>);

impl<O: Lanes, const SCALARS: u8> Walk for Elementwise<O, SCALARS> {
    #[inline(always)]
    unsafe fn walk<S: Simd>(table: *const *mut u8, at: &[u8; ARITY + 1], rows: usize, width: usize) {
        // SAFETY: rows · width floats lie behind each pointer, one behind scalars.
        unsafe {
            let n = rows * width;
            let dst: *mut f32 = pointer(table, at, 0);
            let mut from = [dst.cast_const(); ARITY];
            let mut x = [S::splat(0.0); ARITY];
            for i in 0..O::ARITY {
                from[i] = pointer(table, at, i + 1);
                if SCALARS >> i & 1 == 1 {
                    x[i] = S::splat(*from[i]);
                }
            }
            let mut i = 0;
            while i + S::LANES <= n {
                for (j, x) in x.iter_mut().enumerate().take(O::ARITY) {
                    if SCALARS >> j & 1 == 0 {
                        *x = S::load(from[j].add(i));
                    }
                }
                S::store(dst.add(i), O::lanes::<S>(x));
                i += S::LANES;
            }
            if i < n {
                for (j, x) in x.iter_mut().enumerate().take(O::ARITY) {
                    if SCALARS >> j & 1 == 0 {
                        *x = S::load_n(from[j].add(i), n - i);
                    }
                }
                S::store_n(dst.add(i), O::lanes::<S>(x), n - i);
            }
        }
    }
}

/// The pointer of the target (0) or of an argument (from 1).
#[inline(always)]
unsafe fn pointer<T>(table: *const *mut u8, at: &[u8; ARITY + 1], i: usize) -> *mut T {
    // SAFETY: the table has an entry for each number in `at`.
    unsafe { (*table.add(usize::from(at[i]))).cast() }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bw,avx2,fma")]
unsafe fn walk_avx512<W: Walk>(table: *const *mut u8, at: &[u8; ARITY + 1], rows: usize, width: usize) {
    // SAFETY: the features are those of the set.
    unsafe { W::walk::<crate::simd::Avx512>(table, at, rows, width) }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn walk_avx2<W: Walk>(table: *const *mut u8, at: &[u8; ARITY + 1], rows: usize, width: usize) {
    // SAFETY: the features are those of the set.
    unsafe { W::walk::<crate::simd::Avx2>(table, at, rows, width) }
}

fn instance<W: Walk>(isa: Isa) -> Instruction {
    match isa {
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 => walk_avx512::<W>,
        #[cfg(target_arch = "x86_64")]
        Isa::Avx2 => walk_avx2::<W>,
        #[cfg(target_arch = "aarch64")]
        Isa::Neon => W::walk::<crate::simd::Neon>,
        _ => W::walk::<crate::simd::Plain>,
    }
}

/// The instance for some combination of scalars, out of those that are listed.
macro_rules! among {
    ($o:ty, $isa:expr, $scalars:expr; $($mask:literal)*) => {
        match mask($scalars) & ((1 << <$o>::ARITY) - 1) {
            $($mask => Some(instance::<Elementwise<$o, $mask>>($isa)),)*
            _ => None,
        }
    };
}

fn mask(scalars: Scalars) -> u8 {
    scalars.iter().rev().fold(0, |m, s| m << 1 | u8::from(*s))
}

fn one<O: Lanes>(isa: Isa, scalars: Scalars) -> Option<Instruction> {
    among!(O, isa, scalars; 0b0 0b1)
}

fn two<O: Lanes>(isa: Isa, scalars: Scalars) -> Option<Instruction> {
    among!(O, isa, scalars; 0b00 0b01 0b10 0b11)
}

/// The first argument is an array.
fn three<O: Lanes>(isa: Isa, scalars: Scalars) -> Option<Instruction> {
    among!(O, isa, scalars; 0b000 0b010 0b100 0b110)
}

macro_rules! lanes {
    ($($name:ident($($x:ident),*) = |$s:ident| $body:expr;)*) => {$(
        struct $name;
        impl Lanes for $name {
            const ARITY: usize = [$(stringify!($x)),*].len();
            #[inline(always)]
            unsafe fn lanes<$s: Simd>(x: [$s::V; ARITY]) -> $s::V {
                let [$($x,)* ..] = x;
                // SAFETY: the caller's contract.
                unsafe { $body }
            }
        }
    )*};
}

lanes! {
    Copy(a) = |S| S::or(a, a);
    Abs(a) = |S| math::abs::<S>(a);
    Negate(a) = |S| S::xor(a, S::splat(-0.0));
    Sign(a) = |S| S::select(
        S::lt(S::splat(0.0), math::abs::<S>(a)), S::or(S::and(a, S::splat(-0.0)), S::splat(1.0)), a
    );
    Exp(a) = |S| math::exp::<S>(a);
    Expm1(a) = |S| math::expm1::<S>(a);
    Log(a) = |S| math::log::<S>(a);
    Log1p(a) = |S| math::log1p::<S>(a);
    Sqrt(a) = |S| S::sqrt(a);
    Rsqrt(a) = |S| S::div(S::splat(1.0), S::sqrt(a));
    Tanh(a) = |S| math::tanh::<S>(a);
    Logistic(a) = |S| math::logistic::<S>(a);
    Erf(a) = |S| math::erf::<S>(a);
    Floor(a) = |S| S::floor(a);
    Ceil(a) = |S| S::xor(S::floor(S::xor(a, S::splat(-0.0))), S::splat(-0.0));
    Round(a) = |S| S::round(a);
    Relu(a) = |S| S::max(S::splat(0.0), a);
    Not(a) = |S| S::select(S::eq(a, S::splat(0.0)), S::splat(1.0), S::splat(0.0));
    NotZero(a) = |S| S::select(S::eq(a, S::splat(0.0)), S::splat(0.0), S::splat(1.0));
    Add(a, b) = |S| S::add(a, b);
    Subtract(a, b) = |S| S::sub(a, b);
    Multiply(a, b) = |S| S::mul(a, b);
    Divide(a, b) = |S| S::div(a, b);
    // The instruction gives its second argument when one is NaN: that is the NaN unless it is the first.
    Maximum(a, b) = |S| S::select(S::eq(a, a), S::max(a, b), a);
    Minimum(a, b) = |S| S::select(S::eq(a, a), S::min(a, b), a);
    And(a, b) = |S| S::and(a, b);
    Or(a, b) = |S| S::or(a, b);
    Xor(a, b) = |S| S::xor(a, b);
    Equal(a, b) = |S| S::select(S::eq(a, b), S::splat(1.0), S::splat(0.0));
    NotEqual(a, b) = |S| S::select(S::eq(a, b), S::splat(0.0), S::splat(1.0));
    Less(a, b) = |S| S::select(S::lt(a, b), S::splat(1.0), S::splat(0.0));
    LessEqual(a, b) = |S| S::select(S::le(a, b), S::splat(1.0), S::splat(0.0));
    Greater(a, b) = |S| S::select(S::lt(b, a), S::splat(1.0), S::splat(0.0));
    GreaterEqual(a, b) = |S| S::select(S::le(b, a), S::splat(1.0), S::splat(0.0));
    Select(a, b, c) = |S| S::select(S::eq(a, S::splat(0.0)), c, b);
    Fma(a, b, c) = |S| S::fma(a, b, c);
    NegatedFma(a, b, c) = |S| S::fma(S::xor(a, S::splat(-0.0)), b, c);
    AddRelu(a, b) = |S| S::max(S::splat(0.0), S::add(a, b));
    SubtractExp(a, b) = |S| math::exp::<S>(S::sub(a, b));
    SelectGreater(a, b, c, d) = |S| S::select(S::lt(b, a), c, d);
    Average(a, b, c) = |S| S::fma(S::sub(b, a), c, a);
    AverageSquare(a, b, c) = |S| S::fma(S::sub(S::mul(b, b), a), c, a);
    AdamStep(a, b, c, d, e) = |S| S::sub(a, S::div(S::mul(b, c), S::add(S::sqrt(d), e)));
}

/// The instruction of an elementwise op with one argument, if it has one here.
pub fn unary(op: Unary) -> Option<fn(Isa, Scalars) -> Option<Instruction>> {
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
pub fn binary(op: Binary) -> Option<fn(Isa, Scalars) -> Option<Instruction>> {
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
        Binary::Power => power,
        _ => return None,
    })
}

impl TileOp {
    /// The loop for some arguments; `None` if this combination of scalars has none.
    pub fn instruction(self, isa: Isa, scalars: Scalars) -> Option<Instruction> {
        match self {
            TileOp::Unary(op) => unary(op)?(isa, scalars),
            TileOp::Binary(op) => binary(op)?(isa, scalars),
            TileOp::Compare(Direction::Eq) => two::<Equal>(isa, scalars),
            TileOp::Compare(Direction::Ne) => two::<NotEqual>(isa, scalars),
            TileOp::Compare(Direction::Lt) => two::<Less>(isa, scalars),
            TileOp::Compare(Direction::Le) => two::<LessEqual>(isa, scalars),
            TileOp::Compare(Direction::Gt) => two::<Greater>(isa, scalars),
            TileOp::Compare(Direction::Ge) => two::<GreaterEqual>(isa, scalars),
            TileOp::Select => three::<Select>(isa, scalars),
            TileOp::Fma => three::<Fma>(isa, scalars),
            TileOp::NegatedFma => three::<NegatedFma>(isa, scalars),
            TileOp::Copy => one::<Copy>(isa, scalars),
            TileOp::NotZero => one::<NotZero>(isa, scalars),
            TileOp::FromBool => Some(instance::<FromBool>(isa)),
            TileOp::ToBool => Some(instance::<ToBool>(isa)),
            TileOp::RowFold(Fold::Sum) => Some(instance::<FoldRows<0>>(isa)),
            TileOp::RowFold(Fold::Max) => Some(instance::<FoldRows<1>>(isa)),
            TileOp::RowFold(Fold::Min) => Some(instance::<FoldRows<2>>(isa)),
            TileOp::Expand => Some(instance::<Expand>(isa)),
            TileOp::Chain(chain) => match chain {
                Chain::AddRelu => among!(AddRelu, isa, scalars; 0b00),
                Chain::SubtractExp => among!(SubtractExp, isa, scalars; 0b00 0b10),
                Chain::SelectGreater => among!(SelectGreater, isa, scalars; 0b1010),
                Chain::Average => among!(Average, isa, scalars; 0b100),
                Chain::AverageSquare => among!(AverageSquare, isa, scalars; 0b100),
                Chain::AdamStep => among!(AdamStep, isa, scalars; 0b10100),
            },
        }
    }
}

macro_rules! walks {
    ($($(#[$doc:meta])* $name:ident $(<const $c:ident>)? = |$s:ident, $table:ident, $at:ident, $rows:ident, $width:ident| $body:expr;)*) => {$(
        $(#[$doc])*
        struct $name $(<const $c: u8>)?;
        impl $(<const $c: u8>)? Walk for $name $(<$c>)? {
            #[inline(always)]
            unsafe fn walk<$s: Simd>($table: *const *mut u8, $at: &[u8; ARITY + 1], $rows: usize, $width: usize) {
                // SAFETY: what an instruction's contract says lies behind its pointers.
                unsafe { $body }
            }
        }
    )*};
}

walks! {
    /// Bytes to floats.
    FromBool = |S, table, at, rows, width| {
        let (dst, a) = (pointer::<f32>(table, at, 0), pointer::<u8>(table, at, 1));
        (0..rows * width).for_each(|i| *dst.add(i) = f32::from(*a.add(i)));
    };
    /// Floats to bytes.
    ToBool = |S, table, at, rows, width| {
        let (dst, a) = (pointer::<u8>(table, at, 0), pointer::<f32>(table, at, 1));
        (0..rows * width).for_each(|i| *dst.add(i) = u8::from(*a.add(i) != 0.0));
    };
    /// A float per row to the whole row.
    Expand = |S, table, at, rows, width| {
        let (dst, a) = (pointer::<f32>(table, at, 0), pointer::<f32>(table, at, 1));
        (0..rows).for_each(|r| std::slice::from_raw_parts_mut(dst.add(r * width), width).fill(*a.add(r)));
    };
    /// Each row put together.
    FoldRows<const FOLD> = |S, table, at, rows, width| {
        let fold = [Fold::Sum, Fold::Max, Fold::Min][usize::from(FOLD)];
        let (dst, a) = (pointer::<f32>(table, at, 0), pointer::<f32>(table, at, 1));
        (0..rows).for_each(|r| *dst.add(r) = fold_row::<S>(a.add(r * width), width, fold));
    };
    /// Powers go through double precision: exp(b · ln a) in single would lose what b magnifies. Bit i of SCALARS as
    /// for the others.
    Power<const SCALARS> = |S, table, at, rows, width| {
        let (dst, a, b) = (pointer::<f32>(table, at, 0), pointer::<f32>(table, at, 1), pointer::<f32>(table, at, 2));
        let (x, y) = (usize::from(SCALARS & 1 == 0), usize::from(SCALARS & 2 == 0));
        (0..rows * width).for_each(|i| *dst.add(i) = f64::from(*a.add(i * x)).powf(f64::from(*b.add(i * y))) as f32);
    };
}

fn power(isa: Isa, scalars: Scalars) -> Option<Instruction> {
    Some(match scalars {
        [false, false, ..] => instance::<Power<0>>(isa),
        [true, false, ..] => instance::<Power<1>>(isa),
        [false, true, ..] => instance::<Power<2>>(isa),
        [true, true, ..] => instance::<Power<3>>(isa),
    })
}
