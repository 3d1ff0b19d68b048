//! The Mersenne Twister and NumPy's shuffle on it, so that a `random_state` orders rows as in scikit-learn.
//!
//! M. Matsumoto, T. Nishimura: Mersenne Twister. ACM TOMACS 8 (1998).

const N: usize = 624;
const M: usize = 397;

/// NumPy's `RandomState`.
#[derive(Clone)]
pub struct RandomState {
    state: [u32; N],
    next: usize,
}

impl RandomState {
    /// Seeded as `numpy.random.RandomState(seed)`.
    pub fn new(seed: u32) -> RandomState {
        let mut state = [0u32; N];
        state[0] = seed;
        for i in 1..N {
            let last = state[i - 1];
            state[i] = 1_812_433_253u32.wrapping_mul(last ^ (last >> 30)).wrapping_add(i as u32);
        }
        RandomState { state, next: N }
    }

    fn refill(&mut self) {
        for i in 0..N {
            let y = (self.state[i] & 0x8000_0000) | (self.state[(i + 1) % N] & 0x7fff_ffff);
            let odd = if y & 1 == 1 { 0x9908_b0df } else { 0 };
            self.state[i] = self.state[(i + M) % N] ^ (y >> 1) ^ odd;
        }
        self.next = 0;
    }

    /// The next 32 bits.
    pub fn bits(&mut self) -> u32 {
        if self.next == N {
            self.refill();
        }
        let mut y = self.state[self.next];
        self.next += 1;
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c_5680;
        y ^= (y << 15) & 0xefc6_0000;
        y ^ (y >> 18)
    }

    /// Uniform in `0..=max` by masked rejection, as NumPy's legacy shuffle draws.
    pub fn interval(&mut self, max: u32) -> u32 {
        if max == 0 {
            return 0;
        }
        let mask = u32::MAX >> max.leading_zeros();
        loop {
            let value = self.bits() & mask;
            if value <= max {
                return value;
            }
        }
    }

    /// Uniform in [0, 1) with 53 random bits, as `RandomState.random_sample`.
    pub fn uniform(&mut self) -> f64 {
        let (high, low) = (u64::from(self.bits() >> 5), u64::from(self.bits() >> 6));
        (high * 67_108_864 + low) as f64 / 9_007_199_254_740_992.0
    }

    /// So many different numbers below `n`, as scikit-learn's `sample_without_replacement` draws them.
    pub fn sample(&mut self, n: usize, count: usize) -> Vec<usize> {
        let ratio = if n > 0 { count as f64 / n as f64 } else { 1.0 };
        let mut drawn: Vec<usize> = Vec::with_capacity(count.min(n));
        if ratio < 0.01 {
            while drawn.len() < count {
                let next = self.interval(n as u32 - 1) as usize;
                if !drawn.contains(&next) {
                    drawn.push(next);
                }
            }
        } else if ratio < 0.99 {
            drawn = self.permutation(n);
            drawn.truncate(count);
        } else {
            // A reservoir: those after the first `count` take the place of a random one.
            drawn.extend(0..count.min(n));
            for i in count..n {
                let place = self.interval(i as u32) as usize;
                if place < count {
                    drawn[place] = i;
                }
            }
        }
        drawn
    }

    /// Puts the items into a random order, as `RandomState.shuffle`.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.interval(i as u32) as usize);
        }
    }

    /// A random order of `0..n`, as `RandomState.permutation`.
    pub fn permutation(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        self.shuffle(&mut order);
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permutations_are_those_of_numpy() {
        // numpy.random.RandomState(0).permutation(10)
        assert_eq!(RandomState::new(0).permutation(10), [2, 8, 4, 9, 1, 6, 7, 3, 0, 5]);
        // numpy.random.RandomState(42).permutation(10)
        assert_eq!(RandomState::new(42).permutation(10), [8, 1, 5, 0, 7, 2, 9, 4, 3, 6]);
    }
}
