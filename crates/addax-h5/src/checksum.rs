//! The two checksums of the format: Jenkins's lookup3 over metadata, Fletcher's over chunks.

/// Whether a checksum matches. Every one does for a fuzzer, which would else never get past the first flipped bit.
pub(crate) fn same(computed: u32, stored: u32) -> bool {
    cfg!(fuzzing) || computed == stored
}

/// Bob Jenkins's `lookup3` hash (`hashlittle`, with 0 as the initial value), public domain, 2006.
pub(crate) fn lookup3(bytes: &[u8]) -> u32 {
    let word = |b: &[u8]| b.iter().rev().fold(0u32, |n, x| n << 8 | u32::from(*x));
    let start = 0xdead_beef_u32.wrapping_add(bytes.len() as u32);
    let [mut a, mut b, mut c] = [start; 3];
    let mut rest = bytes;
    while rest.len() > 12 {
        let (block, after) = rest.split_at(12);
        a = a.wrapping_add(word(&block[..4]));
        b = b.wrapping_add(word(&block[4..8]));
        c = c.wrapping_add(word(&block[8..]));
        [a, b, c] = mix([a, b, c]);
        rest = after;
    }
    if rest.is_empty() {
        return c;
    }
    let mut last = [0; 12];
    last[..rest.len()].copy_from_slice(rest);
    a = a.wrapping_add(word(&last[..4]));
    b = b.wrapping_add(word(&last[4..8]));
    c = c.wrapping_add(word(&last[8..]));
    finish([a, b, c])
}

fn mix([mut a, mut b, mut c]: [u32; 3]) -> [u32; 3] {
    for turns in [[4, 6, 8], [16, 19, 4]] {
        a = a.wrapping_sub(c) ^ c.rotate_left(turns[0]);
        c = c.wrapping_add(b);
        b = b.wrapping_sub(a) ^ a.rotate_left(turns[1]);
        a = a.wrapping_add(c);
        c = c.wrapping_sub(b) ^ b.rotate_left(turns[2]);
        b = b.wrapping_add(a);
    }
    [a, b, c]
}

fn finish([mut a, mut b, mut c]: [u32; 3]) -> u32 {
    let stir = |x: u32, y: u32, turn: u32| (x ^ y).wrapping_sub(y.rotate_left(turn));
    c = stir(c, b, 14);
    a = stir(a, c, 11);
    b = stir(b, a, 25);
    c = stir(c, b, 16);
    a = stir(a, c, 4);
    b = stir(b, a, 14);
    stir(c, b, 24)
}

/// Fletcher's checksum of 32 bits over big-endian words of 16, an odd byte at the end counting as the high half.
pub(crate) fn fletcher32(bytes: &[u8]) -> u32 {
    let (mut low, mut high) = (0u32, 0u32);
    // As many words as can be added before the sums must be folded.
    for block in bytes.chunks(720) {
        for pair in block.chunks(2) {
            low += u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0));
            high += low;
        }
        low = (low & 0xffff) + (low >> 16);
        high = (high & 0xffff) + (high >> 16);
    }
    low = (low & 0xffff) + (low >> 16);
    high = (high & 0xffff) + (high >> 16);
    high << 16 | low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lookup3_gives_the_values_of_its_author() {
        assert_eq!(lookup3(b""), 0xdead_beef);
        assert_eq!(lookup3(b"Four score and seven years ago"), 0x1777_0551);
    }

    #[test]
    fn fletcher_of_words_by_hand() {
        // Sums 0x0102, then 0x0102 + 0x0304; the second sum adds the first ones up.
        assert_eq!(fletcher32(&[1, 2, 3, 4]), (0x0102 + 0x0406) << 16 | 0x0406);
        assert_eq!(fletcher32(&[1]), 0x0100_0100);
    }
}
