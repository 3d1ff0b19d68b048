//! Vectors of float32, one trait for every instruction set; the set is chosen once, at run time.
//!
//! A kernel is one generic text, `#[inline(always)]`, over [`Simd`]; [`instances!`](crate::instances) makes its thin
//! instances, one per instruction set, and a function that picks among them. Every instance computes the same bits:
//! all have a fused multiply-add, and the order of operations is that of the text.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "aarch64")]
mod neon;
mod plain;

#[cfg(target_arch = "x86_64")]
pub use avx2::Avx2;
#[cfg(target_arch = "x86_64")]
pub use avx512::Avx512;
#[cfg(target_arch = "aarch64")]
pub use neon::Neon;
pub use plain::Plain;

use std::sync::OnceLock;

/// The bits of √½: where [`Simd::split`] parts one exponent from the next.
const SPLIT: i32 = 0x3f35_04f3;

/// Vectors of float32 and what can be done with them.
///
/// # Safety
/// Every method may only be called where the instruction set is present: inside an instance made by `instances!`.
/// Pointers must be valid for the lanes that are read or written.
#[allow(missing_docs, clippy::missing_safety_doc)]
pub unsafe trait Simd: Copy {
    /// A vector of floats.
    type V: Copy;
    /// A truth value per lane.
    type M: Copy;
    /// Floats per vector.
    const LANES: usize;
    /// Rows of a matrix kernel's block of two vectors: as many as the registers hold.
    const ROWS: usize;

    unsafe fn splat(x: f32) -> Self::V;
    unsafe fn load(p: *const f32) -> Self::V;
    unsafe fn store(p: *mut f32, v: Self::V);
    /// The first `n` lanes; the others are 0.
    unsafe fn load_n(p: *const f32, n: usize) -> Self::V;
    /// Writes the first `n` lanes.
    unsafe fn store_n(p: *mut f32, v: Self::V, n: usize);
    unsafe fn add(a: Self::V, b: Self::V) -> Self::V;
    unsafe fn sub(a: Self::V, b: Self::V) -> Self::V;
    unsafe fn mul(a: Self::V, b: Self::V) -> Self::V;
    unsafe fn div(a: Self::V, b: Self::V) -> Self::V;
    /// a · b + c with one rounding.
    unsafe fn fma(a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    unsafe fn sqrt(a: Self::V) -> Self::V;
    /// a if a > b, else b; so `b` where one is NaN.
    unsafe fn max(a: Self::V, b: Self::V) -> Self::V;
    /// a if a < b, else b; so `b` where one is NaN.
    unsafe fn min(a: Self::V, b: Self::V) -> Self::V;
    unsafe fn floor(a: Self::V) -> Self::V;
    /// Nearest integer, halves to even.
    unsafe fn round(a: Self::V) -> Self::V;
    unsafe fn and(a: Self::V, b: Self::V) -> Self::V;
    unsafe fn or(a: Self::V, b: Self::V) -> Self::V;
    unsafe fn xor(a: Self::V, b: Self::V) -> Self::V;
    unsafe fn eq(a: Self::V, b: Self::V) -> Self::M;
    unsafe fn lt(a: Self::V, b: Self::V) -> Self::M;
    unsafe fn le(a: Self::V, b: Self::V) -> Self::M;
    /// a where the mask holds, b elsewhere.
    unsafe fn select(m: Self::M, a: Self::V, b: Self::V) -> Self::V;
    /// 2ⁿ from an integral n in [-126, 127].
    unsafe fn exp2i(n: Self::V) -> Self::V;
    /// Transposes 8 × 8: eight floats at each of eight rows become eight rows at `to`, `ld` apart, written in order.
    unsafe fn transpose8(rows: &[*const f32; 8], to: *mut f32, ld: usize) {
        for column in 0..8 {
            for (r, row) in rows.iter().enumerate() {
                // SAFETY: the caller's contract.
                unsafe { *to.add(column * ld + r) = *row.add(column) };
            }
        }
    }
    /// Asks for the cache line at `p` before it is written; any address will do.
    #[inline(always)]
    unsafe fn prefetch(p: *const f32) {
        let _ = p;
    }
    /// For positive normal x: its exponent e as a float, and its mantissa m in [√½, √2), with x = m · 2ᵉ.
    unsafe fn split(x: Self::V) -> (Self::V, Self::V);
}

/// The instruction sets, from plain to wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Isa {
    /// No vectors.
    Plain,
    /// 128 bits, on ARM.
    Neon,
    /// 256 bits, with fused multiply-add.
    Avx2,
    /// 512 bits.
    Avx512,
}

/// An expression with the token of a set.
macro_rules! token {
    ($isa:expr, $s:ident => $body:expr) => {
        match $isa {
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => {
                type $s = Avx512;
                $body
            }
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => {
                type $s = Avx2;
                $body
            }
            #[cfg(target_arch = "aarch64")]
            Isa::Neon => {
                type $s = Neon;
                $body
            }
            _ => {
                type $s = Plain;
                $body
            }
        }
    };
}

impl Isa {
    /// The sets that this processor has.
    pub fn available() -> Vec<Isa> {
        let mut all = vec![Isa::Plain];
        #[cfg(target_arch = "aarch64")]
        all.push(Isa::Neon);
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                all.push(Isa::Avx2);
                let wide = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq");
                if wide && is_x86_feature_detected!("avx512vl") && is_x86_feature_detected!("avx512bw") {
                    all.push(Isa::Avx512);
                }
            }
        }
        all
    }

    /// Floats per vector.
    pub fn lanes(self) -> usize {
        token!(self, S => S::LANES)
    }

    /// Rows of a matrix kernel's block of two vectors.
    pub fn rows(self) -> usize {
        token!(self, S => S::ROWS)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Isa::Plain => "plain",
            Isa::Neon => "neon",
            Isa::Avx2 => "avx2",
            Isa::Avx512 => "avx512",
        }
    }

    /// The best set of this processor, or the one that the variable `ADDAX_ISA` names if it is there.
    pub fn best() -> Isa {
        static BEST: OnceLock<Isa> = OnceLock::new();
        *BEST.get_or_init(|| {
            let all = Isa::available();
            let wanted = std::env::var("ADDAX_ISA").ok();
            let named = all.iter().copied().find(|isa| wanted.as_deref() == Some(isa.name()));
            named.or(all.last().copied()).unwrap_or(Isa::Plain)
        })
    }
}

/// Makes the instances of a generic kernel: `fn name(isa, arguments…) -> result` picks the one of `isa`.
///
/// The kernel is an `unsafe fn kernel<S: Simd>(arguments…) -> result` marked `#[inline(always)]`.
#[macro_export]
macro_rules! instances {
    ($(#[$doc:meta])* $vis:vis unsafe fn $name:ident = $kernel:ident $(<$($c:tt),*>)? ($($arg:ident: $ty:ty),* $(,)?) $(-> $ret:ty)?) => {
        $(#[$doc])*
        ///
        /// # Safety
        /// The processor must have `isa`, and the arguments must satisfy the kernel's contract.
        #[allow(clippy::too_many_arguments)]
        $vis unsafe fn $name(isa: $crate::simd::Isa, $($arg: $ty),*) $(-> $ret)? {
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bw,avx2,fma")]
            #[allow(clippy::too_many_arguments)]
            unsafe fn avx512($($arg: $ty),*) $(-> $ret)? {
                // SAFETY: this function has the features of the set; the rest is the caller's contract.
                unsafe { $kernel::<$crate::simd::Avx512 $($(, $c)*)?>($($arg),*) }
            }
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma")]
            #[allow(clippy::too_many_arguments)]
            unsafe fn avx2($($arg: $ty),*) $(-> $ret)? {
                // SAFETY: as above.
                unsafe { $kernel::<$crate::simd::Avx2 $($(, $c)*)?>($($arg),*) }
            }
            // SAFETY: the caller vouches for the set and for the arguments.
            unsafe {
                match isa {
                    #[cfg(target_arch = "x86_64")]
                    $crate::simd::Isa::Avx512 => avx512($($arg),*),
                    #[cfg(target_arch = "x86_64")]
                    $crate::simd::Isa::Avx2 => avx2($($arg),*),
                    #[cfg(target_arch = "aarch64")]
                    $crate::simd::Isa::Neon => $kernel::<$crate::simd::Neon $($(, $c)*)?>($($arg),*),
                    _ => $kernel::<$crate::simd::Plain $($(, $c)*)?>($($arg),*),
                }
            }
        }
    };
}
