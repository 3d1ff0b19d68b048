//! Uniform random numbers: Philox4x32-10 over many blocks at once, by the rule of `addax_core::rng`.

use crate::instances;
use crate::simd::Simd;
use addax_core::rng::{bits_at, unit_f32};

/// Blocks computed side by side; the compiler makes vectors of them.
const SIDE: usize = 16;

/// Element `i` of the draw is word `i % 4` of block `i / 4`.
// The set only tells the compiler which vectors it may use.
// Lanes by number, four words at once, are what becomes vectors.
#[allow(clippy::extra_unused_type_parameters, clippy::needless_range_loop)]
#[inline(always)]
unsafe fn uniform_<S: Simd>(key: [u32; 2], counter: [u32; 2], n: usize, out: *mut f32) {
    let full = n / (4 * SIDE);
    for group in 0..full {
        let mut words: [[u32; SIDE]; 4] = [[0; SIDE], [0; SIDE], [counter[0]; SIDE], [counter[1]; SIDE]];
        for lane in 0..SIDE {
            let block = (group * SIDE + lane) as u64;
            (words[0][lane], words[1][lane]) = (block as u32, (block >> 32) as u32);
        }
        rounds(&mut words, key);
        for lane in 0..SIDE {
            for (w, word) in words.iter().enumerate() {
                // SAFETY: 4 · SIDE numbers per group lie below n.
                unsafe { *out.add((group * SIDE + lane) * 4 + w) = unit_f32(word[lane]) };
            }
        }
    }
    for i in full * 4 * SIDE..n {
        // SAFETY: i is below n.
        unsafe { *out.add(i) = unit_f32(bits_at(key, counter, i as u64)) };
    }
}

#[allow(clippy::needless_range_loop)]
#[inline(always)]
fn rounds(words: &mut [[u32; SIDE]; 4], mut key: [u32; 2]) {
    for _ in 0..10 {
        for lane in 0..SIDE {
            let a = u64::from(words[0][lane]) * 0xD251_1F53;
            let b = u64::from(words[2][lane]) * 0xCD9E_8D57;
            let (one, three) = (words[1][lane], words[3][lane]);
            words[0][lane] = (b >> 32) as u32 ^ one ^ key[0];
            words[1][lane] = b as u32;
            words[2][lane] = (a >> 32) as u32 ^ three ^ key[1];
            words[3][lane] = a as u32;
        }
        key = [key[0].wrapping_add(0x9E37_79B9), key[1].wrapping_add(0xBB67_AE85)];
    }
}

instances! {
    /// `n` uniform numbers in [0, 1).
    pub unsafe fn uniform = uniform_(key: [u32; 2], counter: [u32; 2], n: usize, out: *mut f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::Isa;

    #[test]
    fn every_set_draws_the_numbers_of_the_rule() {
        for isa in Isa::available() {
            for n in [0, 1, 63, 64, 65, 1000] {
                let mut out = vec![0f32; n];
                // SAFETY: the vector holds n numbers; the set is available.
                unsafe { uniform(isa, [7, 8], [9, 10], n, out.as_mut_ptr()) };
                let want: Vec<f32> = (0..n).map(|i| unit_f32(bits_at([7, 8], [9, 10], i as u64))).collect();
                assert!(out == want, "{isa:?} {n}");
            }
        }
    }
}
