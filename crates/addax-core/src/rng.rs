//! Counter-based random numbers: every draw is a pure function of (key, counter), never of shared state.
//!
//! Philox4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3. SC 2011).

/// Ten rounds of Philox on a 128-bit counter under a 64-bit key.
///
/// ```
/// // The known answer of Random123 for counter 0 and key 0.
/// assert_eq!(addax_core::rng::philox([0; 4], [0; 2]), [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
/// ```
#[inline]
pub fn philox(mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    for _ in 0..10 {
        let a = u64::from(counter[0]) * 0xD251_1F53;
        let b = u64::from(counter[2]) * 0xCD9E_8D57;
        counter = [
            (b >> 32) as u32 ^ counter[1] ^ key[0],
            b as u32,
            (a >> 32) as u32 ^ counter[3] ^ key[1],
            a as u32,
        ];
        key = [key[0].wrapping_add(0x9E37_79B9), key[1].wrapping_add(0xBB67_AE85)];
    }
    counter
}

/// 32 random bits for element `index` of draw `counter` under `key`: block `index / 4`, word `index % 4`.
/// The block number fills counter words 0 and 1, the draw's counter words 2 and 3.
#[inline]
pub fn bits_at(key: [u32; 2], counter: [u32; 2], index: u64) -> u32 {
    let block = index / 4;
    philox([block as u32, (block >> 32) as u32, counter[0], counter[1]], key)[(index % 4) as usize]
}

/// A uniform number in [0, 1) with 24 random bits, exact in float32.
#[inline]
pub fn unit_f32(bits: u32) -> f32 {
    (bits >> 8) as f32 * (1.0 / 16_777_216.0)
}

/// A stream of random numbers for work on the host: shuffles, splits, initial weights.
///
/// The same `(seed, stream)` gives the same numbers everywhere.
///
/// ```
/// use addax_core::rng::Rng;
/// let (mut a, mut b) = (Rng::new(7, 0), Rng::new(7, 0));
/// assert_eq!(a.permutation(5), b.permutation(5));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rng {
    key: [u32; 2],
    stream: [u32; 2],
    next: u64,
}

impl Rng {
    /// A stream of its own for each `stream` number of a seed.
    pub fn new(seed: u64, stream: u64) -> Rng {
        Rng {
            key: [seed as u32, (seed >> 32) as u32],
            stream: [stream as u32, (stream >> 32) as u32],
            next: 0,
        }
    }

    /// How many 32-bit words were drawn so far; with [`Rng::skip_to`], all that a checkpoint needs.
    pub fn position(&self) -> u64 {
        self.next
    }

    /// Goes to a position.
    pub fn skip_to(&mut self, position: u64) {
        self.next = position;
    }

    /// The next 32 bits.
    pub fn bits(&mut self) -> u32 {
        let x = bits_at(self.key, self.stream, self.next);
        self.next += 1;
        x
    }

    /// The next 64 bits.
    pub fn bits64(&mut self) -> u64 {
        // Two words of one block are drawn at once.
        let word = (self.next % 4) as usize;
        let (high, low) = if word < 3 {
            let block = self.next / 4;
            self.next += 2;
            let counter = [block as u32, (block >> 32) as u32, self.stream[0], self.stream[1]];
            let words = philox(counter, self.key);
            (words[word], words[word + 1])
        } else {
            (self.bits(), self.bits())
        };
        u64::from(high) << 32 | u64::from(low)
    }

    /// Uniform in [0, 1) with 53 random bits.
    pub fn uniform(&mut self) -> f64 {
        (self.bits64() >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }

    /// Uniform in `0..n` without bias (Lemire's method); 0 for `n == 0`.
    pub fn below(&mut self, n: u64) -> u64 {
        if n == 0 {
            return 0;
        }
        loop {
            let wide = u128::from(self.bits64()) * u128::from(n);
            // The remainder below n decides, and is rarely needed.
            if wide as u64 >= n || wide as u64 >= n.wrapping_neg() % n {
                return (wide >> 64) as u64;
            }
        }
    }

    /// Standard normal (Box and Muller; the second of the pair is not kept, so a draw is two words of 64 bits).
    pub fn normal(&mut self) -> f64 {
        let (u, v) = (1.0 - self.uniform(), self.uniform());
        (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    }

    /// A random order of `0..n` (Fisher and Yates).
    pub fn permutation(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        self.shuffle(&mut order);
        order
    }

    /// Puts the items into a random order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i as u64 + 1) as usize);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_known_answers_of_random123() {
        let ones = [u32::MAX; 4];
        assert_eq!(philox(ones, [u32::MAX; 2]), [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
        let pi = [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344];
        assert_eq!(
            philox(pi, [0xa409_3822, 0x299f_31d0]),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }

    #[test]
    fn two_words_at_once_are_two_words() {
        for start in 0..6 {
            let (mut a, mut b) = (Rng::new(5, 2), Rng::new(5, 2));
            a.skip_to(start);
            b.skip_to(start);
            assert_eq!(a.bits64(), u64::from(b.bits()) << 32 | u64::from(b.bits()));
            assert_eq!(a.position(), b.position());
        }
    }

    #[test]
    fn normal_has_mean_zero_and_deviation_one() {
        let mut r = Rng::new(3, 1);
        let v: Vec<f64> = (0..20_000).map(|_| r.normal()).collect();
        let mean = v.iter().sum::<f64>() / 2e4;
        let var = v.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 2e4;
        assert!(mean.abs() < 0.03 && (var - 1.0).abs() < 0.05, "{mean} {var}");
    }
}
