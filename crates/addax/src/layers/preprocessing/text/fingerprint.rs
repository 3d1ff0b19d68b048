//! Hashes of text, the same on every machine: FarmHash's fingerprint (Pike and Alakuijala 2014) and SipHash-2-4
//! (Aumasson and Bernstein 2012).

const K0: u64 = 0xc3a5_c85c_97cb_3127;
const K1: u64 = 0xb492_b66f_be98_f273;
const K2: u64 = 0x9ae1_6a3b_2f90_404f;

fn word(s: &[u8], at: usize) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&s[at..at + 8]);
    u64::from_le_bytes(bytes)
}

fn half(s: &[u8], at: usize) -> u64 {
    let mut bytes = [0; 4];
    bytes.copy_from_slice(&s[at..at + 4]);
    u64::from(u32::from_le_bytes(bytes))
}

fn mixed(x: u64) -> u64 {
    x ^ (x >> 47)
}

fn joined(u: u64, v: u64, by: u64) -> u64 {
    let a = mixed((u ^ v).wrapping_mul(by));
    mixed((v ^ a).wrapping_mul(by)).wrapping_mul(by)
}

/// FarmHash's fingerprint of 64 bits.
pub(super) fn fingerprint(s: &[u8]) -> u64 {
    let by = K2.wrapping_add((s.len() as u64).wrapping_mul(2));
    match s.len() {
        0 => K2,
        1..=3 => {
            let n = s.len();
            let y = u64::from(s[0]) + (u64::from(s[n >> 1]) << 8);
            let z = n as u64 + (u64::from(s[n - 1]) << 2);
            mixed(y.wrapping_mul(K2) ^ z.wrapping_mul(K0)).wrapping_mul(K2)
        }
        n @ 4..=7 => joined((n as u64).wrapping_add(half(s, 0) << 3), half(s, n - 4), by),
        n @ 8..=16 => {
            let (a, b) = (word(s, 0).wrapping_add(K2), word(s, n - 8));
            let c = b.rotate_right(37).wrapping_mul(by).wrapping_add(a);
            let d = a.rotate_right(25).wrapping_add(b).wrapping_mul(by);
            joined(c, d, by)
        }
        17..=32 => {
            let (y, z) = ends(s, K1, by);
            joined(y, z, by)
        }
        33..=64 => medium(s, by),
        _ => long(s),
    }
}

/// Both ends of a text of 17 bytes at least.
fn ends(s: &[u8], first: u64, by: u64) -> (u64, u64) {
    let n = s.len();
    let (a, b) = (word(s, 0).wrapping_mul(first), word(s, 8));
    let (c, d) = (word(s, n - 8).wrapping_mul(by), word(s, n - 16).wrapping_mul(K2));
    let y = a.wrapping_add(b).rotate_right(43).wrapping_add(c.rotate_right(30)).wrapping_add(d);
    (y, a.wrapping_add(b.wrapping_add(K2).rotate_right(18)).wrapping_add(c))
}

fn medium(s: &[u8], by: u64) -> u64 {
    let n = s.len();
    let (y, z) = ends(s, K2, by);
    let z = joined(y, z, by);
    let (e, f) = (word(s, 16).wrapping_mul(by), word(s, 24));
    let g = y.wrapping_add(word(s, n - 32)).wrapping_mul(by);
    let h = z.wrapping_add(word(s, n - 24)).wrapping_mul(by);
    let a = word(s, 0).wrapping_mul(K2);
    let u = e.wrapping_add(f).rotate_right(43).wrapping_add(g.rotate_right(30)).wrapping_add(h);
    let v = e.wrapping_add(f.wrapping_add(a).rotate_right(18)).wrapping_add(g);
    joined(u, v, by)
}

/// 32 bytes mixed into a pair.
fn weak(s: &[u8], at: usize, a: u64, b: u64) -> (u64, u64) {
    let [w, x, y, z] = [0, 8, 16, 24].map(|i| word(s, at + i));
    let a = a.wrapping_add(w);
    let b = b.wrapping_add(a).wrapping_add(z).rotate_right(21);
    let sum = a.wrapping_add(x).wrapping_add(y);
    (sum.wrapping_add(z), b.wrapping_add(sum.rotate_right(44)).wrapping_add(a))
}

fn long(s: &[u8]) -> u64 {
    const SEED: u64 = 81;
    let mut x = SEED;
    let mut y = SEED.wrapping_mul(K1).wrapping_add(113);
    let mut z = mixed(y.wrapping_mul(K2).wrapping_add(113)).wrapping_mul(K2);
    let (mut v, mut w) = ((0u64, 0u64), (0u64, 0u64));
    x = x.wrapping_mul(K2).wrapping_add(word(s, 0));
    let blocks = (s.len() - 1) / 64;
    for at in (0..blocks).map(|i| i * 64) {
        x = x
            .wrapping_add(y)
            .wrapping_add(v.0)
            .wrapping_add(word(s, at + 8))
            .rotate_right(37)
            .wrapping_mul(K1);
        y = y.wrapping_add(v.1).wrapping_add(word(s, at + 48)).rotate_right(42).wrapping_mul(K1);
        x ^= w.1;
        y = y.wrapping_add(v.0).wrapping_add(word(s, at + 40));
        z = z.wrapping_add(w.0).rotate_right(33).wrapping_mul(K1);
        v = weak(s, at, v.1.wrapping_mul(K1), x.wrapping_add(w.0));
        w = weak(s, at + 32, z.wrapping_add(w.1), y.wrapping_add(word(s, at + 16)));
        (z, x) = (x, z);
    }
    let by = K1.wrapping_add((z & 0xff) << 1);
    let at = s.len() - 64;
    w.0 = w.0.wrapping_add((s.len() as u64 - 1) & 63);
    v.0 = v.0.wrapping_add(w.0);
    w.0 = w.0.wrapping_add(v.0);
    x = x.wrapping_add(y).wrapping_add(v.0).wrapping_add(word(s, at + 8)).rotate_right(37).wrapping_mul(by);
    y = y.wrapping_add(v.1).wrapping_add(word(s, at + 48)).rotate_right(42).wrapping_mul(by);
    x ^= w.1.wrapping_mul(9);
    y = y.wrapping_add(v.0.wrapping_mul(9)).wrapping_add(word(s, at + 40));
    z = z.wrapping_add(w.0).rotate_right(33).wrapping_mul(by);
    v = weak(s, at, v.1.wrapping_mul(by), x.wrapping_add(w.0));
    w = weak(s, at + 32, z.wrapping_add(w.1), y.wrapping_add(word(s, at + 16)));
    (z, x) = (x, z);
    let first = joined(v.0, w.0, by).wrapping_add(mixed(y).wrapping_mul(K0)).wrapping_add(z);
    joined(first, joined(v.1, w.1, by).wrapping_add(x), by)
}

/// Two fingerprints as one, their order counting.
pub(super) fn fingerprints_joined(a: u64, b: u64) -> u64 {
    const MUL: u64 = 0xc6a4_a793_5bd1_e995;
    let inner = mixed(b.wrapping_mul(MUL)).wrapping_mul(MUL);
    let result = ((a ^ MUL) ^ inner).wrapping_mul(MUL);
    mixed(mixed(result).wrapping_mul(MUL))
}

/// SipHash with two rounds for each word and four at the end.
pub(super) fn keyed(s: &[u8], [k0, k1]: [u64; 2]) -> u64 {
    let mut v = [
        k0 ^ 0x736f_6d65_7073_6575,
        k1 ^ 0x646f_7261_6e64_6f6d,
        k0 ^ 0x6c79_6765_6e65_7261,
        k1 ^ 0x7465_6462_7974_6573,
    ];
    let chunks = s.chunks_exact(8);
    let mut last = (s.len() as u64) << 56;
    chunks.remainder().iter().enumerate().for_each(|(i, b)| last |= u64::from(*b) << (8 * i));
    for m in chunks.map(|c| word(c, 0)).chain([last]) {
        v[3] ^= m;
        rounds(&mut v, 2);
        v[0] ^= m;
    }
    v[2] ^= 0xff;
    rounds(&mut v, 4);
    v[0] ^ v[1] ^ v[2] ^ v[3]
}

fn rounds(v: &mut [u64; 4], count: usize) {
    for _ in 0..count {
        v[0] = v[0].wrapping_add(v[1]);
        v[1] = v[1].rotate_left(13) ^ v[0];
        v[0] = v[0].rotate_left(32);
        v[2] = v[2].wrapping_add(v[3]);
        v[3] = v[3].rotate_left(16) ^ v[2];
        v[0] = v[0].wrapping_add(v[3]);
        v[3] = v[3].rotate_left(21) ^ v[0];
        v[2] = v[2].wrapping_add(v[1]);
        v[1] = v[1].rotate_left(17) ^ v[2];
        v[2] = v[2].rotate_left(32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of TensorFlow's hash buckets, which Keras's layers stand on.
    #[test]
    fn hashes_are_those_that_files_were_made_with() {
        let text = |n: usize| (0..n).map(|i| b'a' + (i % 26) as u8).collect::<Vec<u8>>();
        let known = [
            (0, 0x9ae1_6a3b_2f90_404f),
            (3, 0x24a5_b3a0_74e7_f369),
            (6, 0xc329_379e_6a03_c2cd),
            (12, 0x4ec7_3f47_499f_33db),
            (25, 0x61c0_61f2_fe32_8c6b),
            (50, 0x60b7_a847_b28d_3c0a),
            (100, 0xd4d4_1791_9b0a_94e2),
            (140, 0xc640_42ca_185b_d720),
        ];
        for (n, hash) in known {
            assert_eq!(fingerprint(&text(n)), hash, "{n} bytes");
        }
        let buckets = ["", "a", "hello world"].map(|t| keyed(t.as_bytes(), [3, 9]) % (1 << 40));
        assert_eq!(buckets, [965_638_985_468, 242_527_616_566, 593_751_091_293]);
    }
}
