//! Reads mutants of the fixtures for a while: `mutate SECONDS [SEED]`. A panic, or a mutant that takes longer than
//! five seconds, is written to a file and ends the run with an error.
//!
//! With `RUSTFLAGS="--cfg fuzzing"` checksums match whatever they are, and mutants get deeper. Memory is bounded from
//! outside: `ulimit -v`.

#[path = "../tests/it/exhaust.rs"]
mod exhaust;

use flate2::read::ZlibDecoder;
use std::io::Read;
use std::path::Path;
use std::time::{Duration, Instant};

/// Numbers that look random: SplitMix64.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
}

/// The fixtures, and a small file of this crate's own writer.
fn seeds() -> std::io::Result<Vec<Vec<u8>>> {
    let mut seeds = Vec::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut paths: Vec<_> = std::fs::read_dir(folder)?.flatten().map(|e| e.path()).collect();
    paths.sort();
    for path in paths.iter().filter(|p| p.to_string_lossy().ends_with(".h5.z")) {
        let mut bytes = Vec::new();
        ZlibDecoder::new(std::fs::File::open(path)?).read_to_end(&mut bytes)?;
        seeds.push(bytes);
    }
    Ok(seeds)
}

/// A number that tells on careless code: edges, addresses in the file, what stood there and a bit more.
fn number(dice: &mut Dice, old: u64, len: usize) -> u64 {
    let edges =
        [0, 1, 2, 8, 255, 256, 65_535, 1 << 31, (1 << 32) - 1, 1 << 40, 1 << 63, u64::MAX - 7, u64::MAX];
    match dice.below(6) {
        0 | 1 => edges[dice.below(edges.len())],
        2 => dice.below(len) as u64,
        3 => (dice.below(len) as u64) & !7,
        4 => old.wrapping_add(dice.below(17) as u64).wrapping_sub(8),
        _ => old ^ 1 << dice.below(64),
    }
}

/// Changes one place of `bytes`, most often one that is not empty.
fn mutate(bytes: &mut Vec<u8>, dice: &mut Dice) {
    let mut at = dice.below(bytes.len());
    for _ in 0..20 {
        if bytes.get(at).is_some_and(|b| *b != 0) {
            break;
        }
        at = dice.below(bytes.len());
    }
    match dice.below(10) {
        0 => bytes.truncate(at),
        1 => {
            let (from, n) = (dice.below(bytes.len()), 1 << dice.below(8));
            let part: Vec<u8> = bytes.iter().skip(from).take(n).copied().collect();
            bytes.iter_mut().skip(at).zip(part).for_each(|(b, new)| *b = new);
        }
        2..=4 => {
            let width = [1, 2, 4, 8][dice.below(4)];
            let start = if dice.below(2) == 0 { at } else { at & !(width - 1) };
            let old = bytes.iter().skip(start).take(width).rev().fold(0, |n, b| n << 8 | u64::from(*b));
            let new = number(dice, old, bytes.len()).to_le_bytes();
            bytes.iter_mut().skip(start).zip(&new[..width]).for_each(|(b, new)| *b = *new);
        }
        _ => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = match dice.below(3) {
                    0 => dice.next() as u8,
                    1 => *byte ^ 1 << dice.below(8),
                    _ => byte.wrapping_add(dice.below(5) as u8).wrapping_sub(2),
                };
            }
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let seconds = arguments.next().map_or(Ok(10), |s| s.parse())?;
    let mut dice = Dice(arguments.next().map_or(Ok(1), |s| s.parse())?);
    let seeds = seeds()?;
    let start = Instant::now();
    let (mut runs, mut opened, mut longest) = (0u64, 0u64, Duration::ZERO);
    while start.elapsed() < Duration::from_secs(seconds) {
        let mut mutant = seeds[dice.below(seeds.len())].clone();
        for _ in 0..1 << dice.below(5) {
            mutate(&mut mutant, &mut dice);
        }
        let begun = Instant::now();
        let answer = std::panic::catch_unwind(|| exhaust::exhaust(&mutant));
        let took = begun.elapsed();
        if answer.is_err() || took > Duration::from_secs(5) {
            let path = std::env::temp_dir().join(format!("addax-h5-mutant-{runs}.h5"));
            std::fs::write(&path, &mutant)?;
            return Err(format!("{}: {took:?}", path.display()).into());
        }
        runs += 1;
        opened += u64::from(matches!(answer, Ok(Ok(_))));
        longest = longest.max(took);
    }
    println!("{runs} mutants, {opened} of them could be opened, the slowest took {longest:?}");
    Ok(())
}
